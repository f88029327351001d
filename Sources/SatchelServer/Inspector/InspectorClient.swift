package import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
package import SatchelSync
import SatchelWire

/// Asks a server for its conflicts over HTTP, as an inspector who is enrolled there.
package struct InspectorClient: Sendable {
    private let baseURL: String
    private let token: String
    private let client: HTTPClient
    private let distrust: @Sendable (any Error) -> SatchelError?

    /// Names the server and the credential, and the client that knows the server.
    ///
    /// Plain HTTP is for this machine alone; the caller has enrolled over the same rule. `distrust` tells of a failure that means that somebody else
    /// answered.
    package init(
        serverURL: String, token: String, client: HTTPClient,
        distrust: @escaping @Sendable (any Error) -> SatchelError?
    ) {
        self.client = client
        self.distrust = distrust
        baseURL = serverURL.hasSuffix("/") ? String(serverURL.dropLast()) : serverURL
        self.token = token
    }

    /// The schema that reports are read with.
    package func identity() async throws -> IdentityReply { try await get("/v1/schema") }

    /// A page of records in conflict.
    package func conflicts(_ request: ConflictsRequest) async throws -> CasesReply {
        var query = "limit=\(request.limit)"
        if let severity = request.severity { query += "&severity=\(severity)" }
        if let after = request.after { query += "&after=\(after)" }
        return try await get("/v1/conflicts?\(query)")
    }

    /// All the pages of records in conflict, at most `limit` records.
    package func allConflicts(severity: String, limit: Int) async throws -> [RecordCase] {
        var cases: [RecordCase] = []
        var next: String?
        repeat {
            let page = try await conflicts(
                ConflictsRequest(severity: severity, after: next, limit: limit - cases.count))
            cases += page.conflicts
            next = page.next
        } while next != nil && cases.count < limit
        return cases
    }

    /// One record by its id or an ending of it.
    package func record(_ text: String) async throws -> RecordCase {
        try await get("/v1/conflicts/\(try Self.pathPart(text))")
    }

    /// Settles a conflict in the name of the inspector.
    package func resolve(record: String, _ wish: ResolutionWish) async throws -> SettledReply {
        var request = HTTPClientRequest(url: "\(baseURL)/v1/conflicts/\(try Self.pathPart(record))/resolve")
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/json")
        request.body = .bytes(ByteBuffer(bytes: try JSONEncoder().encode(wish)))
        return try await perform(request)
    }

    private func get<Reply: Decodable>(_ path: String) async throws -> Reply {
        try await perform(HTTPClientRequest(url: baseURL + path))
    }

    private func perform<Reply: Decodable>(_ request: HTTPClientRequest) async throws -> Reply {
        var request = request
        request.headers.add(name: "authorization", value: "Bearer \(token)")
        request.headers.add(name: "accept", value: "application/json")
        let (status, bytes): (UInt, [UInt8])
        do {
            let response = try await client.execute(request, timeout: .seconds(60))
            let body = try await response.body.collect(upTo: Limits.inflatedBytesMax)
            (status, bytes) = (response.status.code, Array(body.readableBytesView))
        } catch {
            throw distrust(error)
                ?? SatchelError(
                    .networkUnavailable, "The server did not answer.", remedy: "Try again when there is a network.",
                    isTransient: true, cause: error)
        }
        guard status == 200 else { throw Self.failure(status: status, bytes) }
        do {
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            return try decoder.decode(Reply.self, from: Data(bytes))
        } catch {
            throw SatchelError.unexpectedReply
        }
    }

    private static func failure(status: UInt, _ bytes: [UInt8]) -> SatchelError {
        guard let problem = try? WireCodec.decodeProblem(bytes) else {
            return SatchelError(
                .unknownAnswer, "The answer, HTTP \(status), is not one of a Satchel server.",
                remedy: "Check the address, and whether a proxy stands between.", isTransient: true)
        }
        return SatchelError(
            SatchelError.Code(problem.code), problem.message, remedy: problem.remedy, isTransient: problem.isTransient)
    }

    private static func pathPart(_ text: String) throws -> String {
        guard !text.isEmpty,
            text.utf8.allSatisfy({ $0 == UInt8(ascii: "-") || Character(UnicodeScalar($0)).isHexDigit })
        else {
            throw SatchelError(
                .invalidRequest, "\"\(Excerpt.of(text))\" is not an id, nor the ending of one.",
                remedy: "Take the id, or its ending, from `list`.")
        }
        return text
    }
}
