import Foundation
import SatchelSync

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A program that is run to its end.
struct ChildProcess: Sendable {
    /// The path of the program.
    let executable: String
    /// All variables that it gets, each `NAME=value`.
    let environment: [String]

    /// Runs it; what it prints goes nowhere, and what it says of errors to ours.
    ///
    /// Says what it cost: on the wall from start to end, and its own user and system time.
    /// - Throws: `SatchelError` `internal_error` where it does not end with 0.
    func run(_ arguments: [String]) throws -> Usage {
        let start = ContinuousClock.now
        let (status, cpu) = wait(for: try spawn(arguments))
        let wall = (ContinuousClock.now - start) / .milliseconds(1)
        guard status == 0 else {
            throw SatchelError(
                .internalError,
                "\(executable) \(arguments.joined(separator: " ").prefix(200)) ended with status \(status).")
        }
        return Usage(cpuMilliseconds: cpu, wallMilliseconds: wall)
    }

    private func spawn(_ arguments: [String]) throws -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        unsafe posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        var words = unsafe ([executable] + arguments).map { unsafe strdup($0) } + [nil]
        var variables = unsafe environment.map { unsafe strdup($0) } + [nil]
        defer { unsafe (words + variables).forEach { unsafe free($0) } }
        var child: pid_t = 0
        let status = unsafe posix_spawn(&child, executable, &actions, nil, &words, &variables)
        guard status == 0 else { throw SatchelError(.missingData, "\(executable) cannot be started: \(status).") }
        return child
    }

    private func wait(for child: pid_t) -> (status: Int32, cpuMilliseconds: Double) {
        var (status, usage): (Int32, rusage) = (0, rusage())
        while unsafe wait4(child, &status, 0, &usage) < 0, errno == EINTR {}
        let times = [usage.ru_utime, usage.ru_stime].map { Double($0.tv_sec) * 1_000 + Double($0.tv_usec) / 1_000 }
        return (status, times.reduce(0, +))
    }
}

/// Has the kernel forget what it keeps of files in memory, as after a start of the machine.
enum FilePages {
    /// Forgets the pages of these files; those that a running program has mapped stay.
    static func forget(_ paths: [String]) {
        for path in paths {
            let descriptor = unsafe open(path, O_RDONLY)
            guard descriptor >= 0 else { continue }
            defer { close(descriptor) }
            // Only what has been written is forgotten.
            fsync(descriptor)
            #if canImport(Glibc)
                _ = posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED)
            #endif
        }
    }
}
