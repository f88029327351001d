import Foundation
import SatchelTestSupport
import Synchronization

/// What one test works in: a folder of its own, the programs, and all that they said.
package final class Site: Sendable {
    private struct Record {
        var runs = 0
        var results: [ProgramResult] = []
        var secrets: Set<String> = []
        /// The edits that a command said it made, by home.
        var acknowledged: [String: Set<String>] = [:]
        var processes: [RunningProcess] = []
    }

    private let folder: TemporaryFolder
    private let record = Mutex(Record())

    /// Variables that every program gets, each `NAME=value`.
    private let variables: [String]

    /// Makes the folder; every program gets `variables` besides what all get.
    package init(variables: [String] = []) throws {
        folder = try TemporaryFolder()
        self.variables = variables
    }

    // A test that failed leaves processes behind.
    deinit { for process in record.withLock({ $0.processes }) { process.killAndReap() } }

    /// The path of an entry of the folder.
    package func path(_ name: String) -> String { folder[name].path(percentEncoded: false) }

    /// Writes a file.
    package func write(_ text: String, to path: String) throws { try Data(text.utf8).write(to: URL(filePath: path)) }

    /// What the SQLite shell answers to a query.
    package func query(_ sql: String, in database: String) async throws -> String {
        guard let shell = Places.installed("sqlite3") else { throw AcceptanceFailure("There is no sqlite3 here.") }
        let arguments = ["-readonly", "-cmd", ".timeout 5000", database, sql]
        let result = try await start(shell, arguments.map { Array($0.utf8) }).end()
        guard result.exitCode == 0 else { throw AcceptanceFailure(result.account) }
        return result.output.trimmingCharacters(in: .newlines)
    }

    /// Writes into a database that nobody has open, as the SQLite shell does it.
    package func write(_ sql: String, in database: String) async throws {
        guard let shell = Places.installed("sqlite3") else { throw NotYet("there is no program sqlite3") }
        let result = try await start(shell, [database, sql].map { Array($0.utf8) }).end()
        guard result.exitCode == 0 else { throw AcceptanceFailure(result.account) }
    }

    /// Copies a folder of a store that nobody has open; returns where the copy is.
    package func copy(_ folder: String, as name: String) throws -> String {
        try FileManager.default.copyItem(atPath: folder, toPath: "\(folder)-\(name)")
        return "\(folder)-\(name)"
    }

    /// Starts one of the programs; `environment` has variables that it gets besides, each `NAME=value`.
    package func start(
        _ program: Program, _ arguments: [String], environment: [String] = []
    ) throws -> RunningProcess {
        let executable = Places.programs.appending(path: program.rawValue).path
        return try start(executable, arguments.map { Array($0.utf8) }, environment: environment)
    }

    /// Starts any program with any bytes, in an environment that has nothing of the machine's own settings.
    package func start(
        _ executable: String, _ arguments: [[UInt8]], environment: [String] = []
    ) throws -> RunningProcess {
        let number = record.withLock { record in
            record.runs += 1
            return record.runs
        }
        let process = try RunningProcess(
            executable: executable, arguments: arguments,
            environment: [
                "PATH=\(Places.environment("PATH") ?? "/usr/bin:/bin")", "HOME=\(folder.path)", "LANG=C.UTF-8",
                "SWIFT_BACKTRACE=enable=no",
            ] + variables + environment, logPath: path("run-\(number)"))
        record.withLock { $0.processes.append(process) }
        return process
    }

    /// Waits for the end of a process and keeps what it said.
    package func end(_ process: RunningProcess) async throws -> ProgramResult {
        let result = try await process.end()
        record.withLock { $0.results.append(result) }
        return result
    }

    /// Runs one of the programs to its end.
    package func run(_ program: Program, _ arguments: [String]) async throws -> ProgramResult {
        try await end(try start(program, arguments))
    }

    /// Waits for the end of a process, which has to end with one of these codes.
    @discardableResult
    package func end(_ process: RunningProcess, expecting codes: Set<Int32>) async throws -> ProgramResult {
        let result = try await end(process)
        guard codes.contains(result.exitCode) else { throw AcceptanceFailure(result.account + serverLogs) }
        return result
    }

    /// Runs a program that has to end with one of these codes.
    @discardableResult
    package func run(_ program: Program, _ arguments: [String], expecting codes: Set<Int32>) async throws
        -> ProgramResult
    {
        try await end(try start(program, arguments), expecting: codes)
    }

    /// The last lines that the servers wrote, for messages.
    private var serverLogs: String {
        let servers = record.withLock { $0.processes }.filter { $0.command.hasPrefix("satchel-server serve") }
        return servers.map { "\nserver, \($0.isRunning ? "running" : "ended"): …\($0.errorText.suffix(1_500))" }
            .joined()
    }

    /// How many processes were started.
    package var runCount: Int { record.withLock { $0.runs } }

    /// Remembers what nobody may read in any output.
    package func keepSecret(_ text: String) { record.withLock { _ = $0.secrets.insert(text) } }

    /// Remembers an edit that a command said it made in a home.
    package func keepAcknowledged(_ dot: String, at home: String) {
        record.withLock { _ = $0.acknowledged[home, default: []].insert(dot) }
    }

    /// The edits that commands said they made in a home, or in the one it is a copy of.
    package func acknowledged(at home: String) -> Set<String> {
        record.withLock { record in
            record.acknowledged.filter { home == $0.key || home.hasPrefix($0.key + "-") }.values.reduce(into: []) {
                $0.formUnion($1)
            }
        }
    }

    /// Whether no output and no log held a secret, or the traces of a crash.
    ///
    /// The one output that may show a code is that of `enrol-code`.
    ///
    /// - Throws: ``AcceptanceFailure`` that names all that did.
    package func requireNothingLeaked() throws {
        let record = record.withLock { $0 }
        let logs = record.processes.map { ($0.command, $0.errorText) }
        let outputs = record.results.filter { !$0.command.contains(" enrol-code ") }.map { ($0.command, $0.output) }
        var problems: [String] = []
        for (name, text) in logs + outputs {
            for secret in record.secrets where text.contains(secret) {
                problems.append(
                    "\(name) shows a secret: \(text.replacingOccurrences(of: secret, with: "<the secret>"))")
            }
            for trace in ["Fatal error", "Stack dump", "Thread 0", "Program crashed", "SatchelError(", "Swift."]
            where text.contains(trace) {
                problems.append("\(name) shows \"\(trace)\": \(text.prefix(2_000))")
            }
        }
        if !problems.isEmpty { throw AcceptanceFailure(problems.joined(separator: "\n")) }
    }
}
