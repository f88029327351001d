import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import SatchelSync

extension HTTPTransport: HeadNews {
    static var eventsContentType: String { "text/event-stream" }

    package func heads(token: String, onHead: @Sendable (ServerHead) -> Void) async throws {
        let response = try await send(
            "/v1/events", method: .GET, body: [], isCompressed: false, token: token, accept: Self.eventsContentType)
        guard response.headers.first(name: "content-type")?.hasPrefix(Self.eventsContentType) == true else {
            throw Self.notAnAnswer(cause: nil)
        }
        var reader = EventReader()
        // The server says a line every fifteen seconds; where none comes the line is given up, whatever trickles.
        try await Self.forEachPiece(of: response, pace: .lines) { piece in
            for event in reader.append(piece) where event.type == "head" {
                if let head = ServerHead(json: event.data) { onHead(head) }
            }
            guard !reader.isOverLimit else { throw Self.notAnAnswer(cause: nil) }
        }
    }
}
