import Foundation
import Logging
import SatchelServer
import SatchelStorage
import SatchelSync
import SatchelTestSupport
import SatchelWire

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// A whole server on a free port of this machine, with its operator's socket, for as long as a test needs it.
struct RunningServer: Sendable {
    let folder: TemporaryFolder
    let port: Int

    /// Runs a server, calls `body`, and stops the server the way a cancelled task does.
    static func with(
        in folder: TemporaryFolder? = nil, peers: PeerLimits = PeerLimits(), logger: Logger? = nil,
        keys: TransportKeys? = nil,
        _ body: @Sendable (RunningServer) async throws -> Void
    )
        async throws
    {
        let folder = try folder ?? TemporaryFolder()
        if !FileManager.default.fileExists(atPath: folder["satchel.sqlite"].path) {
            _ = try StoreMaker.make(path: folder.path, name: "office", schemaSource: nil)
        }
        var settings = ServerProgram.Settings(host: "127.0.0.1", port: 0, keys: keys)
        settings.peers = peers
        let program = try ServerProgram(path: folder.path, settings: settings, logger: logger ?? silentLogger)
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { continuation.finish() }
                try await program.run { port in continuation.yield(port) }
            }
            for await port in ports {
                try await body(RunningServer(folder: folder, port: port))
                break
            }
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    /// A log that goes nowhere.
    static var silentLogger: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }

    /// What the operator's command would be answered, through the socket.
    func ask(_ request: OperatorRequest) async throws -> OperatorReply {
        try await OperatorDoor.with(path: folder.path, purpose: "test") { try await $0.perform(request) }
    }

    /// A code for a new user.
    func code(for user: String) async throws -> String {
        _ = try await ask(.addUser(name: user))
        guard case .code(let reply) = try await ask(.makeCode(user: user)) else { throw SatchelError.unexpectedReply }
        return reply.code
    }

    /// Enrols a device over HTTP.
    func enrol(_ user: String) async throws -> EnrolReply {
        let request = EnrolRequest(code: try await code(for: user), deviceName: "\(user)'s phone")
        let answer = try await send("POST", "/v1/enrol", body: try WireCodec.encode(request))
        return try WireCodec.decodeEnrolReply(answer.body)
    }

    /// An answer of HTTP.
    struct Answer: Sendable {
        let status: Int
        let headers: [String: String]
        let body: [UInt8]

        /// The code of a problem document.
        var code: String? { (try? WireCodec.decodeProblem(body))?.code }
    }

    /// Sends a request; by default protobuf, without a credential.
    func send(
        _ method: String, _ path: String, token: String? = nil, headers: [String: String] = [:], body: [UInt8]? = nil
    ) async throws -> Answer {
        guard let url = URL(string: "http://127.0.0.1:\(port)\(path)") else { throw SatchelError.unexpectedReply }
        var request = URLRequest(url: url)
        request.httpMethod = method
        request.setValue(WireFormat.protobuf.contentType, forHTTPHeaderField: "Content-Type")
        if let token { request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization") }
        for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
        request.httpBody = body.map { Data($0) }
        let (data, response) = try await URLSession(configuration: .ephemeral).data(for: request)
        guard let response = response as? HTTPURLResponse else { throw SatchelError.unexpectedReply }
        var fields: [String: String] = [:]
        for (name, value) in response.allHeaderFields { fields["\(name)".lowercased()] = "\(value)" }
        return Answer(status: response.statusCode, headers: fields, body: Array(data))
    }
}
