import SatchelClient
import SatchelServer
import SatchelStorage
import SatchelSync
import SatchelWire

/// What goes wrong on the way of one exchange.
enum LineFault {
    /// Nothing.
    case none
    /// The server does everything, the answer never arrives.
    case replyLost
    /// The same request bytes reach the server twice, one after the other; the device hears one of the answers.
    case deliveredTwice(hearsFirst: Bool)
    /// The stream ends after so many frames.
    case cut(after: Int)
}

/// The engine itself in the place of HTTP: requests and frames go as bytes, and the credential is looked up as the server does.
struct EngineTransport: ExchangeTransport {
    let server: ExchangeServer
    var recordsPerPage = 2
    var fault = LineFault.none
    /// Counts what passes: requests as they are compressed, frames as they are.
    var meter = ByteMeter()
    /// What happens elsewhere while the reply is under way: called before each frame with its number.
    var beforeFrame: @Sendable (Int) async throws -> Void = { _ in }

    func schemaSource(token: String) async throws -> String { server.source }

    func exchange(
        _ request: SyncRequest, agreement: WireAgreement, token: String, onFrame: (SyncFrame) async throws -> Void
    ) async throws {
        let bytes = try WireCodec.encode(request, agreement: agreement)
        meter.noteSent(try Gzip.compress(bytes).count)
        switch fault {
        case .none:
            try await answer(bytes, token: token, framesMax: .max, onFrame: onFrame)
        case .replyLost:
            try await answer(bytes, token: token, framesMax: .max) { _ in }
            throw SatchelError(.networkUnavailable, "The answer never arrived.", isTransient: true)
        case .deliveredTwice(hearsFirst: true):
            try await answer(bytes, token: token, framesMax: .max, onFrame: onFrame)
            try await answer(bytes, token: token, framesMax: .max) { _ in }
        case .deliveredTwice(hearsFirst: false):
            try await answer(bytes, token: token, framesMax: .max) { _ in }
            try await answer(bytes, token: token, framesMax: .max, onFrame: onFrame)
        case .cut(let frames):
            try await answer(bytes, token: token, framesMax: frames, onFrame: onFrame)
        }
    }

    private func answer(
        _ bytes: [UInt8], token: String, framesMax: Int, onFrame: (SyncFrame) async throws -> Void
    ) async throws {
        var count = 0
        do {
            let engine = server.engine(recordsPerPage: recordsPerPage)
            let request = try WireCodec.decodeRequest(bytes, agreement: engine.agreement)
            let hash = DeviceToken.hash(of: token)
            guard let account = try await server.store.read({ try $0.device(tokenHash: hash) }) else {
                throw SatchelError(.unauthorized, "The credential is not one of this server.")
            }
            var cursor = try await engine.begin(request, from: account)
            cursor.bytesWanted = meter.left
            var frames = cursor.opening
            while true {
                for frame in frames {
                    guard count < framesMax else { return }
                    try await beforeFrame(count)
                    count += 1
                    let bytes = try WireCodec.encodeFrame(frame)
                    meter.noteReceived(bytes.count)
                    cursor.bytesWanted? -= bytes.count
                    try await onFrame(try Self.travelled(bytes))
                }
                if cursor.isDone { return }
                frames = try await engine.nextFrames(&cursor)
            }
        } catch let failure as ExchangeFailure {
            throw failure.error
        }
    }

    /// The frame as it comes out of its bytes.
    private static func travelled(_ bytes: [UInt8]) throws -> SyncFrame {
        var reader = FrameReader(format: .protobuf)
        reader.append(bytes)
        guard let frame = try reader.next() else {
            throw SatchelError(.malformedBody, "A whole frame is none when it is read.")
        }
        return frame
    }
}
