import AsyncHTTPClient
import NIOHTTP1
import SatchelStorage
import SatchelSync
import SatchelWire

/// What binds an answer to its request: a text that no other request has, which the server says again.
///
/// An answer of an earlier day, from a cache or a proxy that mixes up its connections, does not have it, however well it is formed.
struct AnswerBinding: Sendable {
    let text = Hashing.randomBytes(8).hexString

    /// Whether an answer is to this request.
    func isOf(_ headers: HTTPHeaders) -> Bool { headers.first(name: SyncProtocol.bindingHeader) == text }
}

extension HTTPTransport {
    /// What an answer means that is not 200, or not bound to the request: the server's own words where it gave them, else "unknown".
    ///
    /// What is not bound is believed where it only says "later": a server says so before it has read a request.
    static func refusal(_ response: HTTPClientResponse, isBound: Bool) async -> SatchelError {
        var error = SatchelError(
            .unknownAnswer,
            response.status == .ok
                ? "The answer is not one of a Satchel server to this request."
                : "The answer, HTTP \(response.status.code), is not one of a Satchel server.",
            remedy: "Check the address, and whether a proxy stands between. Everything is kept.", isTransient: true)
        if response.status != .ok, let problem = await problem(response), isBound || problem.isTransient {
            error = problem.error
        }
        // Also of a proxy that says it in its own words.
        error.retryAfter = response.headers.first(name: "retry-after").flatMap {
            RetryAfter.wait($0, date: response.headers.first(name: "date"), now: SystemClock().now())
        }
        return error
    }

    private static func problem(_ response: HTTPClientResponse) async -> ProblemFrame? {
        guard response.headers.first(name: "content-type")?.hasPrefix(WireCodec.problemContentType) == true,
            let body = try? await collect(response)
        else { return nil }
        return try? WireCodec.decodeProblem(body)
    }
}
