import Foundation
import SatchelTestSupport
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What a program left behind.
package struct ProgramResult: Sendable {
    /// What was typed, for messages.
    package let command: String
    /// The exit code; 128 and the signal's number where a signal ended it.
    package let exitCode: Int32
    package let output: String
    package let error: String

    /// The command with all that it said.
    package var account: String { "`\(command)` ended with \(exitCode)\n\(output)\(error)" }
}

/// A program while it runs.
///
/// Its output goes to files: a pipe stays open for as long as any orphan holds it. It is waited for on a thread of its own, so
/// that nothing which blocks sits on the threads of the other tests.
package final class RunningProcess: Sendable {
    package let command: String
    package let processID: Int32
    private let outputPath: String, errorPath: String
    private let isReaped = Mutex(false)

    /// Starts a program; the arguments are bytes, for some tests type what is no text.
    package init(
        executable: String, arguments: [[UInt8]], environment: [String], logPath: String
    ) throws {
        command =
            ([executable.split(separator: "/").last.map(String.init) ?? ""]
            + arguments.map { String(decoding: $0, as: UTF8.self) }).joined(separator: " ")
        outputPath = logPath + ".out"
        errorPath = logPath + ".err"
        processID = try Self.spawn(
            executable: executable, arguments: [Array(executable.utf8)] + arguments,
            environment: environment.map { Array($0.utf8) }, output: outputPath, error: errorPath)
    }

    /// Sends a signal, unless the process is gone.
    package func signal(_ number: Int32) {
        isReaped.withLock { isReaped in
            guard !isReaped else { return }
            kill(processID, number)
        }
    }

    /// What it has said to standard error so far.
    package var errorText: String { Self.text(of: errorPath) }

    /// What it has said to standard output so far.
    package var outputText: String { Self.text(of: outputPath) }

    /// Ends it at once, unless it is gone.
    package func killAndReap() {
        guard !isReaped.withLock({ $0 }) else { return }
        signal(SIGKILL)
        _ = reap()
    }

    /// Sends SIGKILL at a moment of the test's choice, should it still run then.
    package func killLater(after delay: Duration) {
        DispatchQueue.global().asyncAfter(deadline: .now() + delay.timeInterval) { self.signal(SIGKILL) }
    }

    /// Whether it has not ended yet.
    package var isRunning: Bool {
        var info = unsafe siginfo_t()
        return isReaped.withLock { isReaped in
            guard !isReaped else { return false }
            return unsafe waitid(P_PID, id_t(processID), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_signo == 0
        }
    }

    /// Waits for its end; a process that is overdue is killed, and that is a failure.
    package func end(within limit: Duration = .seconds(240)) async throws -> ProgramResult {
        let isOverdue = Mutex(false)
        let watchdog = DispatchWorkItem {
            isOverdue.withLock { $0 = true }
            self.signal(SIGKILL)
        }
        DispatchQueue.global().asyncAfter(deadline: .now() + limit.timeInterval, execute: watchdog)
        let status = await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: self.reap()) }
        }
        watchdog.cancel()
        let result = ProgramResult(
            command: command, exitCode: status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F,
            output: Self.text(of: outputPath), error: Self.text(of: errorPath))
        if isOverdue.withLock({ $0 }) { throw AcceptanceFailure("\(limit) were not enough: \(result.account)") }
        return result
    }

    private func reap() -> Int32 {
        var info = unsafe siginfo_t()
        while unsafe waitid(P_PID, id_t(processID), &info, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        // From here on the number may belong to another process, so nobody may signal it.
        return isReaped.withLock { isReaped in
            var status: Int32 = 0
            _ = unsafe waitpid(processID, &status, 0)
            isReaped = true
            return status
        }
    }

    private static func text(of path: String) -> String {
        String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    }

    private static func spawn(
        executable: String, arguments: [[UInt8]], environment: [[UInt8]], output: String, error: String
    ) throws -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        unsafe posix_spawn_file_actions_init(&actions)
        unsafe posix_spawnattr_init(&attributes)
        defer {
            unsafe posix_spawn_file_actions_destroy(&actions)
            unsafe posix_spawnattr_destroy(&attributes)
        }
        unsafe posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        for (descriptor, path) in [(STDOUT_FILENO, output), (STDERR_FILENO, error)] {
            unsafe posix_spawn_file_actions_addopen(&actions, descriptor, path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        }
        // The threads of a test block signals, and a child would inherit that and never hear of SIGTERM.
        var none = sigset_t()
        unsafe sigemptyset(&none)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var processID: pid_t = 0
        let status = unsafe withCStrings(arguments) { arguments in
            unsafe withCStrings(environment) { environment in
                unsafe posix_spawn(&processID, executable, &actions, &attributes, arguments, environment)
            }
        }
        guard status == 0 else { throw AcceptanceFailure("\(executable) cannot be started: \(status)") }
        return processID
    }

    private static func withCStrings<Result>(
        _ texts: [[UInt8]], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        var pointers: [UnsafeMutablePointer<CChar>?] = unsafe texts.map { text in
            let characters = UnsafeMutablePointer<CChar>.allocate(capacity: text.count + 1)
            for (index, byte) in (text + [0]).enumerated() { unsafe characters[index] = CChar(bitPattern: byte) }
            return unsafe characters
        }
        unsafe pointers.append(nil)
        defer { unsafe pointers.forEach { unsafe $0?.deallocate() } }
        return unsafe body(&pointers)
    }
}

extension Duration {
    /// Seconds, for Foundation.
    package var timeInterval: Double { self / .seconds(1) }
    /// Whole milliseconds, for people.
    package var milliseconds: Int { Int(self / .milliseconds(1)) }
}
