import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A server on loopback with a store of its own; it can be killed and started again on the same data and port.
package final class ServerProcess: Sendable {
    package let site: Site
    /// The data folder.
    package let data: String
    private let running = Mutex<(process: RunningProcess?, port: Int)>((nil, 0))
    private let deviceCount = Mutex(0)

    private init(site: Site, data: String, port: Int = 0) {
        self.site = site
        self.data = data
        running.withLock { $0.port = port }
    }

    /// A server over a copy of the store, at the same address; this one must have been stopped.
    package func twin(named name: String) throws -> ServerProcess {
        ServerProcess(site: site, data: try site.copy(data, as: name), port: port)
    }

    /// Makes a store and serves it; `office` is one of its users.
    package static func start(
        in site: Site, data: String? = nil, schema: String? = nil, users: [String] = ["ann", "bo"],
        environment: [String] = []
    ) async throws -> ServerProcess {
        let server = ServerProcess(site: site, data: data ?? site.path("server"))
        try await server.command(["init"] + (schema.map { ["--schema", $0] } ?? []))
        for user in users + ["office"] { try await server.command(["user", "add", user]) }
        try await server.serve(environment: environment)
        return server
    }

    /// Starts to serve; returns when devices can connect.
    ///
    /// `environment` has variables for it, each `NAME=value`, `arguments` further words after `serve`.
    package func serve(environment: [String] = [], arguments: [String] = []) async throws {
        let portFile = site.path("port")
        try? FileManager.default.removeItem(atPath: portFile)
        let process = try site.start(
            .server, ["serve", "--data", data, "--port", String(port), "--port-file", portFile] + arguments,
            environment: environment)
        let port = try await Patience.until("the port of the server") { () throws -> Int? in
            guard process.isRunning else {
                throw AcceptanceFailure("The server ended: \(process.errorText)")
            }
            let text = FileManager.default.contents(atPath: portFile).map { String(decoding: $0, as: UTF8.self) }
            return text.flatMap { Int($0.filter(\.isNumber)) }
        }
        running.withLock { $0 = (process, port) }
    }

    /// The port, also while it is down.
    package var port: Int { running.withLock { $0.port } }

    /// The address.
    package var url: String { "http://127.0.0.1:\(port)" }

    /// The process that serves.
    package func process() throws -> RunningProcess {
        guard let process = running.withLock({ $0.process }) else { throw AcceptanceFailure("No server was started.") }
        return process
    }

    /// The most memory that it ever held, in KiB; 0 where the system does not tell.
    package func peakKilobytes() throws -> Int {
        let path = "/proc/\(try process().processID)/status"
        let text = String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
        let line = text.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return line.flatMap { Int($0.filter(\.isNumber)) } ?? 0
    }

    /// Kills it and starts it again.
    package func restartAfterKill() async throws {
        let process = try process()
        process.signal(SIGKILL)
        _ = try await site.end(process)
        try await serve()
    }

    /// Tells it to stop, and waits until it has.
    @discardableResult package func stop() async throws -> ProgramResult {
        let process = try process()
        process.signal(SIGTERM)
        return try await site.end(process)
    }

    /// Runs an operator's command on the store.
    @discardableResult
    package func command(_ arguments: [String], expecting codes: Set<Int32> = [0]) async throws -> ProgramResult {
        try await site.run(.server, arguments + ["--data", data], expecting: codes)
    }

    /// Applies lines of JSON as the office.
    @discardableResult
    package func apply(_ lines: String, expecting codes: Set<Int32> = [0]) async throws -> ProgramResult {
        let path = site.path("office.jsonl")
        try Data(lines.utf8).write(to: URL(filePath: path))
        return try await command(["apply", path, "--as", "office", "--json"], expecting: codes)
    }

    /// Settles a conflict at the server, as the office.
    @discardableResult
    package func resolve(
        _ id: String, _ subject: String, _ choice: [String], expecting codes: Set<Int32> = [0]
    ) async throws -> ProgramResult {
        try await command(
            ["conflicts", "resolve", id, subject, "--as", "office", "--reason", "asked the customer", "--json"]
                + choice,
            expecting: codes)
    }

    /// A fresh one-time code.
    package func code(for user: String) async throws -> String {
        struct CodeForm: Decodable { let code: String }
        let code = try await command(["enrol-code", user, "--json"]).decoded(CodeForm.self).code
        site.keepSecret(code)
        return code
    }

    /// Enrols a device of a user, through another address where one is given.
    package func enrol(_ user: String, home: String? = nil, url: String? = nil) async throws -> Device {
        let number = deviceCount.withLock { count in
            count += 1
            return count
        }
        let device = Device(site: site, home: home ?? site.path("device-\(number)"))
        try await device.run([
            "enrol", url ?? self.url, "--code", try await code(for: user), "--device", "\(user)-\(number)",
        ])
        // Its credential is nothing that the programs show; who has the file and the shell can read it.
        if let shell = Places.installed("sqlite3") {
            let query = "SELECT value FROM satchel_meta WHERE key = 'token'"
            let process = try site.start(shell, [device.databasePath, query].map { Array($0.utf8) })
            let token = try await process.end().output.filter { !$0.isWhitespace }
            if token.isEmpty { throw AcceptanceFailure("\(device.home) has no credential.") }
            site.keepSecret(token)
        }
        return device
    }
}
