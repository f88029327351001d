import Foundation

/// Scenarios of disks that fail, which other programs of ours play without a screen or a line.
enum Disks {}

extension Disks {
    /// D04: the power goes at random instants of mixed work; what then is not synced is gone but for a little, and one write is torn.
    static func powerCut(_ stage: Stage) async throws -> String {
        let cuts = stage.count(2_000, over: 100)
        let output = try await output(
            of: "satchel-simulate",
            ["--seed", String(stage.seed), "--power-cuts", "--cuts", String(cuts), "--no-shrinking"], stage)
        let counts = output.split(separator: "\n").map { $0.drop { $0 == " " } }
        let seen = counts.first { $0.hasPrefix("power cut: ") }.flatMap { Int($0.dropFirst("power cut: ".count)) } ?? 0
        stage.expect(seen >= cuts, "the power went \(seen) times, and not \(cuts)")
        let torn = counts.first { $0.hasPrefix("power cut: a write torn") }
        return "the power went \(seen) times (\(torn ?? "no write torn")); \(counts.last ?? "")"
    }

    /// V08: each sync of the server fails once, and goes on failing; then a real server meets an error at its commit, and says so.
    static func failingSync(_ stage: Stage) async throws -> String {
        let operations = [
            "push, at the server", "merge with conflicts", "office edit", "open a store after a kill",
            "open and close a store", "take a newer schema", "make a store",
        ]
        let every = stage.count(2, over: 2) == 1 ? 2 : 1
        let sweep = try await output(
            of: "satchel-sweep",
            ["--calls", "sync", "--every", String(every), "--share", String(stage.seed % UInt64(every))]
                + operations.flatMap { ["--operation", $0] }, stage)
        let real = try await failingCommit(stage)
        return "\(sweep.split(separator: "\n").last ?? ""); \(real)"
    }

    /// A push whose commit fails: not acknowledged, an alarm, and the same server takes it the next time.
    private static func failingCommit(_ stage: Stage) async throws -> String {
        let scene = try await Scene.start(stage, users: ["ann"])
        let (server, ann) = (scene.server, scene.devices[0])
        try await server.requireGracefulStop()
        try await server.serve(environment: ["SATCHEL_FAULT=server-commits:1:eio"])
        try await ann.new("account", ["name=Aster"])
        let push = try await ann.run(["sync", "--json"], expecting: [1, 4])
        stage.expect(push.failureCode, is: "storage_failed", "what a push is told whose commit failed")
        stage.expect(try await ann.status().pending.count, is: 1, "edits that are still pending")
        stage.expect(try await server.ledger().count, is: 0, "change-sets of the server after its disk failed")
        try await server.requireAlarm("storage_failed")
        try await scene.end()
        return "a commit that failed: storage_failed, an alarm, and the next sync went in"
    }

    /// Runs a program to its end; what it said.
    private static func output(of name: String, _ arguments: [String], _ stage: Stage) async throws -> String {
        let path = Places.programs.appending(path: name).path
        guard FileManager.default.isExecutableFile(atPath: path) else { throw NotYet("\(name) is not built") }
        let site = try Site()
        let process = try site.start(path, arguments.map { Array($0.utf8) })
        let result = try await process.end(within: .seconds(7_200))
        stage.expect(result.exitCode == 0, "\(result.account.suffix(3_000))")
        return result.output
    }
}
