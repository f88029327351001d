import Hummingbird
import Logging
import SatchelSync
import SatchelWire

/// Wraps every request: failures become problem documents, answers bear what a browser must be told, and the log gets a line
/// with ids, codes, sizes and durations, never values, tokens or query strings.
struct RequestLog: RouterMiddleware {
    typealias Context = ServerRequestContext

    func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        var failure: ExchangeFailure?
        var response: Response
        do {
            response = try await next(request, context)
        } catch {
            let met = Self.failure(error, request: request)
            failure = met
            response = ProblemResponse.make(met, status: (error as? HTTPError)?.status)
        }
        Self.addHeaders(to: &response.headers, id: context.requestID)
        request.bind(&response.headers)
        var metadata = context.notes.metadata
        metadata["request"] = "\(context.requestID)"
        metadata["method"] = "\(request.method.rawValue)"
        metadata["path"] = "\(request.uri.path.prefix(200))"
        metadata["status"] = "\(response.status.code)"
        metadata["milliseconds"] = "\((ContinuousClock.now - start).wholeMilliseconds)"
        if let failure { metadata["code"] = "\(failure.error.code.word)" }
        let level = Self.level(response.status, failure)
        if level == .error, let cause = failure?.error.cause {
            metadata["cause"] = "\(String(describing: cause).prefix(400))"
        }
        context.logger.log(level: level, "request", metadata: metadata)
        return response
    }

    /// What is too slow is told in one line for all such connections, see `PeerTally`.
    private static func level(_ status: HTTPResponse.Status, _ failure: ExchangeFailure?) -> Logger.Level {
        if failure?.error.code == .requestTimeout { return .debug }
        return status.code >= 500 ? .error : .info
    }

    private static func failure(_ error: any Error, request: Request) -> ExchangeFailure {
        guard let http = error as? HTTPError else { return ExchangeFailure(any: error) }
        return ExchangeFailure(
            SatchelError(
                .invalidRequest,
                "This server has nothing at \(request.method.rawValue) \(request.uri.path.prefix(100)).",
                remedy: "Check the address and the version of both programs.", cause: http))
    }

    /// What a browser, and whoever looks for this answer in the log, must be told.
    static func addHeaders(to headers: inout HTTPFields, id: String) {
        headers[.cacheControl] = "no-store"
        for (name, value) in [
            ("X-Request-ID", id), ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"),
            ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
        ] {
            if let name = HTTPFields.Element.Name(name) { headers[name] = value }
        }
    }
}

extension Request {
    /// Says again what binds an answer to this request: a reply of an earlier day that somebody kept is none to it.
    fileprivate func bind(_ answer: inout HTTPFields) {
        guard let name = HTTPFields.Element.Name(SyncProtocol.bindingHeader), let value = headers[name],
            (1...SyncProtocol.bindingLengthMax).contains(value.utf8.count)
        else { return }
        answer[name] = value
    }
}

extension Duration {
    /// Whole milliseconds, rounded down.
    var wholeMilliseconds: Int64 { components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000 }
}
