import Hummingbird
import NIOCore
import SatchelStorage
import SatchelSync

// What devices are told without asking: server-sent events, as HTML's standard has them.
extension DeviceRoutes {
    /// Tells a device where the head is now, and then each time when it has moved, until somebody ends the line.
    func events(_ request: Request, _ context: ServerRequestContext) async throws -> Response {
        let device = try await device(of: request, context)
        let listener = try listeners.join(device: device.id.description)
        let epoch = engine.store.identity.epoch
        do {
            // Whatever is committed from here on is told, and who is locked out from here on is ended: the listener joined before.
            let head = try await engine.store.read { snapshot in
                try snapshot.requireAdmitted(device)
                return try snapshot.head().sequence
            }
            var headers: HTTPFields = [.contentType: "text/event-stream"]
            // A proxy like nginx would keep events until it has many.
            if let name = HTTPFields.Element.Name("X-Accel-Buffering") { headers[name] = "no" }
            return Response(
                status: .ok, headers: headers,
                body: ResponseBody { writer in
                    connections.beginStream()
                    defer {
                        listeners.leave(listener)
                        connections.endStream()
                    }
                    try await writer.write(HeadEvent.text(head, epoch: epoch))
                    for await _ in listener.signals {
                        try await writer.write(
                            listener.take().map { HeadEvent.text($0, epoch: epoch) } ?? HeadEvent.life)
                    }
                    try await writer.finish(nil)
                })
        } catch {
            listeners.leave(listener)
            throw error
        }
    }
}

/// The one event that there is.
private enum HeadEvent {
    /// The head of the store, which is no secret: a number, and the life of the store that it counts in.
    static func text(_ head: ServerSequence, epoch: StoreEpoch) -> ByteBuffer {
        ByteBuffer(
            string: "id: \(head.number)\nevent: head\ndata: {\"epoch\":\"\(epoch)\",\"sequence\":\(head.number)}\n\n")
    }

    /// A comment, which says only that the line is alive.
    static let life = ByteBuffer(string: ":\n\n")
}
