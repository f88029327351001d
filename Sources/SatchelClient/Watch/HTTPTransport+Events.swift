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
        do {
            // The server says something every fifteen seconds; a line on which nothing comes is given up like any other.
            for try await chunk in response.body {
                for event in reader.append(chunk.readableBytesView) where event.type == "head" {
                    if let head = ServerHead(json: event.data) { onHead(head) }
                }
                guard !reader.isOverLimit else { throw Self.notAnAnswer(cause: nil) }
            }
        } catch let error as SatchelError {
            throw error
        } catch {
            throw Self.networkFailure(error)
        }
    }
}
