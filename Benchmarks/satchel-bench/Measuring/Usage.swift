import Foundation

/// What some work cost this process.
struct Usage: Sendable {
    /// User and system time of all threads, in milliseconds.
    let cpuMilliseconds: Double
    /// Time on the wall, in milliseconds.
    let wallMilliseconds: Double

    /// What both cost together.
    static func + (left: Usage, right: Usage) -> Usage {
        Usage(
            cpuMilliseconds: left.cpuMilliseconds + right.cpuMilliseconds,
            wallMilliseconds: left.wallMilliseconds + right.wallMilliseconds)
    }

    /// Runs `body` and says what it cost.
    static func of(_ body: () async throws -> Void) async rethrows -> Usage {
        let (cpu, wall) = (clock(), ContinuousClock.now)
        try await body()
        // `clock` counts what the whole process has used, in microseconds.
        let used = Double(clock() - cpu) / 1_000
        return Usage(cpuMilliseconds: used, wallMilliseconds: (ContinuousClock.now - wall) / .milliseconds(1))
    }
}
