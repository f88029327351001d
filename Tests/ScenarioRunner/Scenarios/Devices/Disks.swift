import Foundation

/// Scenarios of disks that fail, which other programs of ours play without a screen or a line.
enum Disks {}

extension Disks {
    /// D04: the power goes at random instants of mixed work; every fifth seed of the simulator has a disk that then forgets.
    static func powerCut(_ stage: Stage) async throws -> String {
        let seeds = stage.count(1_000, over: 100)
        return try await lastLine(
            of: "satchel-simulate",
            ["--seed", String(stage.seed), "--count", String(seeds), "--no-shrinking"], stage)
    }

    /// V08: each sync, and each other call of the disk, fails once.
    static func failingSync(_ stage: Stage) async throws -> String {
        let every = stage.size == .quick ? 240 : 1
        _ = stage.count(240, over: 240)
        return try await lastLine(
            of: "satchel-sweep", ["--every", String(every), "--share", String(stage.seed % UInt64(every))], stage)
    }

    /// Runs a program to its end; what it says last.
    private static func lastLine(of name: String, _ arguments: [String], _ stage: Stage) async throws -> String {
        let path = Places.programs.appending(path: name).path
        guard FileManager.default.isExecutableFile(atPath: path) else { throw NotYet("\(name) is not built") }
        let site = try Site()
        let process = try site.start(path, arguments.map { Array($0.utf8) })
        let result = try await process.end(within: .seconds(3_600))
        stage.expect(result.exitCode == 0, "\(result.account.suffix(3_000))")
        return result.output.split(separator: "\n").last.map { $0.trimmingCharacters(in: .whitespaces) } ?? ""
    }
}
