import Foundation
import SatchelTestSupport
import Synchronization
import Testing

/// What one test works in: a folder of its own, the programs, and all that they said.
final class Site: Sendable {
    private struct Record {
        var runs = 0
        var results: [ProgramResult] = []
        var secrets: Set<String> = []
        var processes: [RunningProcess] = []
    }

    private let folder: TemporaryFolder
    private let record = Mutex(Record())

    init() throws { folder = try TemporaryFolder() }

    // A test that failed leaves processes behind.
    deinit { for process in record.withLock({ $0.processes }) { process.killAndReap() } }

    /// The path of an entry of the folder.
    func path(_ name: String) -> String { folder[name].path(percentEncoded: false) }

    /// Copies a folder of a store that nobody has open; returns where the copy is.
    func copy(_ folder: String, as name: String) throws -> String {
        try FileManager.default.copyItem(atPath: folder, toPath: "\(folder)-\(name)")
        return "\(folder)-\(name)"
    }

    /// Starts one of the programs.
    func start(_ program: Program, _ arguments: [String]) throws -> RunningProcess {
        let executable = Places.programs.appending(path: program.rawValue).path
        return try start(executable, arguments.map { Array($0.utf8) })
    }

    /// Starts any program with any bytes, in an environment that has nothing of the machine's own settings.
    func start(_ executable: String, _ arguments: [[UInt8]]) throws -> RunningProcess {
        let number = record.withLock { record in
            record.runs += 1
            return record.runs
        }
        let process = try RunningProcess(
            executable: executable, arguments: arguments,
            environment: [
                "PATH=\(Places.environment("PATH") ?? "/usr/bin:/bin")", "HOME=\(folder.path)", "LANG=C.UTF-8",
                "SWIFT_BACKTRACE=enable=no",
            ], logPath: path("run-\(number)"))
        record.withLock { $0.processes.append(process) }
        return process
    }

    /// Waits for the end of a process and keeps what it said.
    func end(_ process: RunningProcess) async throws -> ProgramResult {
        let result = try await process.end()
        record.withLock { $0.results.append(result) }
        return result
    }

    /// Runs one of the programs to its end.
    func run(_ program: Program, _ arguments: [String]) async throws -> ProgramResult {
        try await end(try start(program, arguments))
    }

    /// Runs a program that has to end with one of these codes.
    @discardableResult
    func run(_ program: Program, _ arguments: [String], expecting codes: Set<Int32>) async throws -> ProgramResult {
        let result = try await run(program, arguments)
        guard codes.contains(result.exitCode) else { throw AcceptanceFailure(result.account + serverLogs) }
        return result
    }

    /// The last lines that the servers wrote, for messages.
    private var serverLogs: String {
        let servers = record.withLock { $0.processes }.filter { $0.command.hasPrefix("satchel-server serve") }
        return servers.map { "\nserver, \($0.isRunning ? "running" : "ended"): …\($0.errorText.suffix(1_500))" }
            .joined()
    }

    /// How many processes were started.
    var runCount: Int { record.withLock { $0.runs } }

    /// Remembers what nobody may read in any output.
    func keepSecret(_ text: String) { record.withLock { _ = $0.secrets.insert(text) } }

    /// Says whether any output or log held a secret, or the traces of a crash.
    ///
    /// The one output that may show a code is that of `enrol-code`.
    func requireNothingLeaked() {
        let record = record.withLock { $0 }
        let logs = record.processes.map { ($0.command, $0.errorText) }
        let outputs = record.results.filter { !$0.command.contains(" enrol-code ") }.map { ($0.command, $0.output) }
        for (name, text) in logs + outputs {
            for secret in record.secrets where text.contains(secret) {
                Issue.record("\(name) shows a secret: \(text.replacingOccurrences(of: secret, with: "<the secret>"))")
            }
            for trace in ["Fatal error", "Stack dump", "Thread 0", "Program crashed", "SatchelError(", "Swift."]
            where text.contains(trace) {
                Issue.record("\(name) shows \"\(trace)\": \(text.prefix(2_000))")
            }
        }
    }
}
