package import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import SatchelStorage
import SatchelSync
package import SatchelWire

/// The exchange over HTTP: protobuf both ways, gzip both ways, frames streamed.
package struct HTTPTransport: ExchangeTransport {
    private let baseURL: String
    /// Whether what is sent is encrypted; else it stays on this machine.
    let isEncrypted: Bool
    /// Connections are kept between exchanges.
    package let client: HTTPClient
    /// Counts bodies as they are on the line.
    package let meter: ByteMeter

    /// A client inflates nothing by itself, since the frames' own limits are counted while inflating, and follows no redirect: a
    /// credential goes to the server it was made for.
    private static let configuration: HTTPClient.Configuration = {
        var configuration = HTTPClient.Configuration()
        configuration.timeout.connect = TimeAmount(.seconds(10) * patience)
        configuration.timeout.read = TimeAmount(.seconds(30) * patience)
        // Where the line is dead, what is sent goes nowhere: a request that nobody takes is given up like one that nobody answers.
        configuration.timeout.write = TimeAmount(.seconds(30) * patience)
        configuration.decompression = .disabled
        configuration.redirectConfiguration = .disallow
        // A refused connection is an answer: the rep hears of it at once, and the next sync tries again.
        configuration.connectionPool.retryConnectionEstablishment = false
        // A connection that was kept over a change of networks is dead without a word, and costs the whole patience.
        configuration.connectionPool.idleTimeout = .seconds(10)
        return configuration
    }()

    /// How much longer than usual a server is waited for that says nothing; debug builds take it from `SATCHEL_PATIENCE`.
    static var patience: Double {
        #if DEBUG
            if let text = ProcessInfo.processInfo.environment["SATCHEL_PATIENCE"], let factor = Double(text), factor > 0
            {
                return min(factor, 10)
            }
        #endif
        return 1
    }

    /// Names the server, and by what it is known.
    ///
    /// - Throws: `SatchelError` `insecure_transport` for plain HTTP to another machine, `invalid_request` for no address.
    package init(serverURL: String, trust: ServerTrust, meter: ByteMeter = ByteMeter()) throws {
        self.meter = meter
        guard let components = URLComponents(string: serverURL), let scheme = components.scheme?.lowercased(),
            let host = components.host, !host.isEmpty, scheme == "https" || scheme == "http",
            (1...65_535).contains(components.port ?? 443)
        else {
            throw SatchelError.wrongUsage(
                "\"\(Excerpt.of(serverURL))\" is not the address of a server.",
                remedy: "Write it like https://crm.example.org or http://127.0.0.1:8080.")
        }
        let loopback: Set = ["127.0.0.1", "localhost", "[::1]", "::1"]
        guard scheme == "https" || loopback.contains(host.lowercased()) else {
            throw SatchelError(
                .insecureTransport,
                "\(Excerpt.of(serverURL)) would send work and credentials over plain HTTP to another machine.",
                remedy: "Use https://."
            ).asWrongUsage
        }
        baseURL = serverURL.hasSuffix("/") ? String(serverURL.dropLast()) : serverURL
        isEncrypted = scheme == "https"
        client = try ServerClients.client(
            for: isEncrypted ? trust : .system, configuration: Self.configuration)
    }

    package func exchange(
        _ request: SyncRequest, agreement: WireAgreement, token: String, onFrame: (SyncFrame) async throws -> Void
    ) async throws {
        let body = try Gzip.compress(WireCodec.encode(request, agreement: agreement))
        try FaultPoint.pushSends.reach()
        meter.noteSent(body.count)
        let response = try await send(
            "/v1/sync", body: body, isCompressed: true, token: token, replyBytesMax: meter.left.map { max($0, 0) })
        try FaultPoint.pushAnswered.reach()
        guard response.headers.first(name: "content-type")?.hasPrefix(WireFormat.protobuf.contentType) == true else {
            throw Self.notAnAnswer(cause: nil)
        }
        let isCompressed = response.headers.first(name: "content-encoding")?.lowercased() == "gzip"
        var reply = try ReplyReader(isCompressed: isCompressed)
        try await Self.forEachPiece(of: response) { piece in
            meter.noteReceived(piece.count)
            reply.append(piece)
            while let frame = try Self.understood({ () throws(SatchelError) in try reply.next() }) {
                try await onFrame(frame)
            }
        }
        try Self.understood { () throws(SatchelError) in try reply.requireDrained() }
    }

    /// Bytes that are no answer of a server, such as a proxy's page, mean "unknown": whatever was sent may have arrived or not.
    private static func understood<Result>(_ read: () throws(SatchelError) -> Result) throws(SatchelError) -> Result {
        do {
            return try read()
        } catch {
            throw notAnAnswer(cause: error)
        }
    }

    static func notAnAnswer(cause: (any Error)?) -> SatchelError {
        SatchelError(
            .unknownAnswer, "The answer is not one of a Satchel server.",
            remedy: "Check the address, and whether a proxy stands between. Everything is kept.", isTransient: true,
            cause: cause)
    }

    package func schemaSource(token: String) async throws -> String {
        let response = try await send("/v1/schema", method: .GET, body: [], isCompressed: false, token: token)
        do {
            let bytes = try await Self.collect(response, meter)
            return try JSONDecoder().decode(SchemaReply.self, from: Data(bytes)).schemaSource
        } catch let error as DecodingError {
            throw Self.notAnAnswer(cause: error)
        }
    }

    /// Redeems an enrolment code.
    ///
    /// - Throws: `SatchelError`; where no answer came, or none of a Satchel server, it says what to do about an enrolment.
    package func enrol(_ request: EnrolRequest) async throws -> EnrolReply {
        let body = try WireCodec.encode(request, format: .protobuf)
        do {
            let response = try await send("/v1/enrol", body: body, isCompressed: false, token: nil)
            let bytes = try await Self.collect(response)
            return try Self.understood { () throws(SatchelError) in try WireCodec.decodeEnrolReply(bytes) }
        } catch var error as SatchelError {
            error.remedy = Self.enrolmentRemedies[error.code] ?? error.remedy
            throw error
        }
    }

    /// What helps where no device was made.
    private static let enrolmentRemedies: [SatchelError.Code: String] = {
        let again =
            "Check the address and the network, and enrol again; a code that was spent meanwhile has to be asked for anew."
        return [
            .networkUnavailable: again, .unknownAnswer: again,
            .untrustedServer:
                "Check the address and this device's date. A server that signs its own certificate is known by a code that was made while it serves, one with an authority of its own by --ca FILE. The code was not sent.",
            .wrongServerKey:
                "Another server may answer in its place. Ask the operator for the address and a new code; this one was not sent.",
        ]
    }()

    /// Sends a request; returns the head of an answer that says again what bound it to this request, and that all is well.
    func send(
        _ path: String, method: HTTPMethod = .POST, body: [UInt8], isCompressed: Bool, token: String?,
        accept: String = WireFormat.protobuf.contentType, replyBytesMax: Int? = nil
    ) async throws -> HTTPClientResponse {
        var request = HTTPClientRequest(url: baseURL + path)
        request.method = method
        if !body.isEmpty { request.headers.add(name: "content-type", value: "application/x-protobuf") }
        request.headers.add(name: "accept", value: accept)
        if accept != Self.eventsContentType { request.headers.add(name: "accept-encoding", value: "gzip") }
        if isCompressed { request.headers.add(name: "content-encoding", value: "gzip") }
        if let token { request.headers.add(name: "authorization", value: "Bearer \(token)") }
        if let replyBytesMax { request.headers.add(name: SyncProtocol.replyBytesHeader, value: "\(replyBytesMax)") }
        let binding = AnswerBinding()
        request.headers.add(name: SyncProtocol.bindingHeader, value: binding.text)
        let response: HTTPClientResponse
        do {
            response = try await execute(&request, body: body)
        } catch {
            throw SatchelError.distrust(error, serverURL: baseURL) ?? Self.networkFailure(error)
        }
        guard response.status == .ok, binding.isOf(response.headers) else {
            throw await Self.refusal(response, isBound: binding.isOf(response.headers))
        }
        return response
    }

    /// Sends it; a large body in parts, as the line takes them.
    private func execute(_ request: inout HTTPClientRequest, body: [UInt8]) async throws -> HTTPClientResponse {
        guard body.count > Upload.partBytes else {
            if !body.isEmpty { request.body = .bytes(ByteBuffer(bytes: body)) }
            return try await client.execute(request, deadline: .distantFuture)
        }
        let upload = Upload(body, on: client.eventLoopGroup)
        request.body = .stream(upload, length: .known(Int64(body.count)))
        let (client, whole) = (client, request)
        return try await withThrowingTaskGroup(of: HTTPClientResponse?.self) { group in
            group.addTask { try await client.execute(whole, deadline: .distantFuture) }
            group.addTask {
                try await upload.watch(patience: .seconds(30) * Self.patience)
                return nil
            }
            while let result = try await group.next() {
                guard let response = result else { continue }
                group.cancelAll()
                return response
            }
            throw SilentLine()
        }
    }

    static func collect(_ response: HTTPClientResponse, _ meter: ByteMeter? = nil) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        try await forEachPiece(of: response) { piece in
            meter?.noteReceived(piece.count)
            bytes += piece
            guard bytes.count <= Limits.bodyBytesMax else { throw notAnAnswer(cause: nil) }
        }
        guard response.headers.first(name: "content-encoding")?.lowercased() == Gzip.contentCoding else { return bytes }
        return try understood { () throws(SatchelError) in try Gzip.inflate(bytes, limit: .frame) }
    }

    static func networkFailure(_ error: any Error) -> SatchelError {
        // An address in numbers is refused by an error of its own; nothing but a beginning is.
        let isUnreached =
            error is NIOConnectionError || (error as? HTTPClientError) == .connectTimeout
            || (error as? IOError)?.errnoCode == ECONNREFUSED
        return SatchelError(
            .networkUnavailable, "The server did not answer.",
            remedy: "Everything is kept on this device; sync again when there is a network.", isTransient: true,
            cause: isUnreached ? NoConnection(cause: error) : error)
    }
}

/// The part of `GET /v1/schema` that a device reads.
private struct SchemaReply: Decodable {
    let schemaSource: String

    enum CodingKeys: String, CodingKey { case schemaSource = "schema_source" }
}
