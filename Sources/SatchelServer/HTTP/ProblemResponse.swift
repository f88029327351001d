import Hummingbird
import SatchelSync
import SatchelWire

/// Failures as HTTP says them: `application/problem+json` (RFC 9457) with our code and remedy.
enum ProblemResponse {
    /// The answer that tells a failure, with the status of its code where no other is given.
    static func make(_ failure: ExchangeFailure, status: HTTPResponse.Status? = nil) -> Response {
        let status = status ?? Self.status(of: failure.error.code)
        let (headers, bytes) = document(failure, status: status)
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    /// The document, and the headers that go with it.
    static func document(_ failure: ExchangeFailure, status: HTTPResponse.Status) -> (
        headers: HTTPFields, bytes: [UInt8]
    ) {
        let problem = ProblemFrame(failure.error, nextCounter: failure.nextCounter)
        let title = failure.error.code.word.replacing("_", with: " ")
        var headers: HTTPFields = [.contentType: WireCodec.problemContentType]
        if status == .tooManyRequests || status == .serviceUnavailable {
            headers[.retryAfter] = String(max(1, (failure.error.retryAfter ?? .seconds(60)).wholeSecondsUp))
        }
        let bytes = (try? WireCodec.encodeProblem(problem, status: Int(status.code), title: title)) ?? []
        return (headers, bytes)
    }

    /// The status of a code, as `Protocol/errors.md` lists it.
    static func status(of code: SatchelError.Code) -> HTTPResponse.Status {
        switch code {
        case .invalidRequest, .malformedBody, .protocolMismatch, .invalidToken: .badRequest
        case .unauthorized: .unauthorized
        case .requestTimeout: .requestTimeout
        case .invalidCode, .actorMismatch, .deviceRevoked: .forbidden
        case .unknownRecord, .unknownUser: .notFound
        case .forkDetected, .epochChanged, .dotGap, .invalidCheckpoint, .conflictChanged, .noConflict, .ambiguousID,
            .userExists, .recordExists, .hasChildren, .fieldInConflict, .recordDeleted:
            .conflict
        case .tooLarge: .contentTooLarge
        case .invalidValue, .requiredField, .unknownField, .unknownType: .unprocessableContent
        case .tooManyRequests, .tooManyParked: .tooManyRequests
        case .unavailable, .databaseInUse, .storeRolledBack: .serviceUnavailable
        case .diskFull: .insufficientStorage
        default: .internalServerError
        }
    }
}

extension Duration {
    /// Whole seconds, rounded up.
    fileprivate var wholeSecondsUp: Int64 { components.seconds + (components.attoseconds > 0 ? 1 : 0) }
}

extension HTTPResponse.Status {
    fileprivate static var insufficientStorage: Self { Self(code: 507, reasonPhrase: "Insufficient Storage") }
}
