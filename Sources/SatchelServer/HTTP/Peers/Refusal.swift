import Hummingbird
import NIOCore
import NIOHTTP1
import SatchelStorage
import SatchelSync

/// Why a connection gets an answer that no route gives, and its end.
struct Refusal {
    let rule: PeerRule
    let status: HTTPResponse.Status
    let error: SatchelError

    private init(_ rule: PeerRule, _ status: HTTPResponse.Status, _ error: SatchelError) {
        self.rule = rule
        self.status = status
        self.error = error
    }

    /// The head and the body of the answer.
    func answer() -> (head: HTTPResponseHead, body: ByteBuffer) {
        let problem = ProblemResponse.document(ExchangeFailure(error), status: status)
        var fields = problem.headers
        RequestLog.addHeaders(to: &fields, id: Hashing.randomBytes(8).hexString)
        var headers = HTTPHeaders(fields.map { ($0.name.rawName, $0.value) })
        headers.add(name: "Content-Length", value: String(problem.bytes.count))
        headers.add(name: "Connection", value: "close")
        let head = HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: status.code, reasonPhrase: status.reasonPhrase),
            headers: headers)
        return (head, ByteBuffer(bytes: problem.bytes))
    }

    /// The target is too long.
    static func longTarget(_ limit: Int) -> Refusal {
        Refusal(.largeHead, .uriTooLong, tooLarge("The address of a request takes at most \(limit) bytes."))
    }

    /// A header field, or all of them, or their number.
    static func largeHead(_ limits: PeerLimits) -> Refusal {
        Refusal(
            .largeHead, .requestHeaderFieldsTooLarge,
            tooLarge(
                "A request has at most \(limits.headerFieldsMax) header fields, of \(limits.headerFieldBytesMax) bytes each and "
                    + "\(limits.headerBytesMax) together."))
    }

    /// The body is announced to be too long.
    static func largeBody(_ limit: Int) -> Refusal { Refusal(.largeBody, .contentTooLarge, bodyTooLarge(limit)) }

    /// The head is not HTTP, or ambiguous.
    static func malformedHead(_ message: String) -> Refusal {
        Refusal(
            .malformedHead, .badRequest,
            SatchelError(.invalidRequest, message, remedy: "Send a request as RFC 9112 says; the connection ends here.")
        )
    }

    /// The head does not come.
    static let slowHead = Refusal(
        .slowHead, .requestTimeout, requestTimeout("The head of the request did not come in time."))

    /// The server has enough to do.
    static let busy = Refusal(
        .busy, .serviceUnavailable,
        SatchelError(
            .unavailable, "The server answers as many requests as it can.",
            remedy: "Everything is kept; the next sync sends the same.", isTransient: true))

    /// The failure of a body that stops or trickles.
    static let slowBody = requestTimeout("The body of the request stopped, or came too slowly.")

    /// The failure of a body that goes beyond its limit while it comes.
    static func bodyTooLarge(_ limit: Int) -> SatchelError {
        tooLarge("A body takes at most \(limit) bytes on the wire.")
    }

    /// The failure of a body whose framing cannot be read, or that ends early.
    static let brokenBody = SatchelError(
        .malformedBody, "The body of the request is not framed as HTTP says, or ended before its end.",
        remedy: "Send it again; nothing was taken.")

    private static func tooLarge(_ message: String) -> SatchelError {
        SatchelError(.tooLarge, message, remedy: "Send less at once; nothing was taken.")
    }

    private static func requestTimeout(_ message: String) -> SatchelError {
        SatchelError(
            .requestTimeout, message, remedy: "Everything is kept; send the same again where the network is better.",
            isTransient: true)
    }
}
