import Foundation
import SatchelSimulation
import SatchelTestSupport
import Testing

/// Seeds of the simulation: whatever happens to a server and its devices, what Satchel promises holds.
@Suite struct SimulationTests {
    /// The seeds of an ordinary run; `Scripts/soak` plays others.
    ///
    /// Three more are there for what the others do not reach; in the last, work that was held turned out to be a double when a
    /// recovery ended, and the log was taken for damaged.
    private static let seeds: [UInt64] = Array(1...24) + [41, 60, 69, 80_008]

    @Test func `what is promised holds in every seed, and what is rare was reached`() async {
        let halves = await withTaskGroup(of: SeedTally.self) { group in
            for first in 0..<2 {
                group.addTask { Self.play(Self.seeds.filter { $0 % 2 == first }) }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        for half in halves { print(half.text) }
        #expect(halves.reduce(0) { $0 + $1.seeds } == Self.seeds.count)
        #expect(halves.allSatisfy { $0.failed == 0 })
        #expect(Set(halves[0].missing).isDisjoint(with: halves[1].missing), "a rare state was never reached")
    }

    @Test func `a script is the same after it was written and read`() throws {
        let script = Script.drawn(from: Options.drawn(seed: 1, ticks: 40))
        let again = try Script(json: Data(try script.json().utf8))
        #expect(again == script)
        #expect(Simulation.run(again).trace == Simulation.run(script).trace)
    }

    @Test(arguments: try Self.regressions()) func `what once failed holds`(file: URL) throws {
        let outcome = Simulation.run(try Script(json: Data(contentsOf: file)))
        #expect(
            outcome.problems == [], "\(file.lastPathComponent); replay with: satchel-simulate --script FILE --trace")
    }

    @Test func `a seed that fails is made small, and its script fails again`() throws {
        let folder = try TemporaryFolder()
        let mutant = ["SATCHEL_MUTANT": "pull-skips-one"]
        let found = try Self.simulate(["--seed", "1", "--scripts", folder.url.path], mutant)
        #expect(found.status == 1)
        #expect(found.output.contains("Replay with: satchel-simulate --script"), "\(found.output.suffix(2_000))")
        let file = folder.url.appending(path: "seed-1.json")
        let script = try Script(json: Data(contentsOf: file))
        #expect(script.steps.count < 12, "\(script.steps.count) steps")
        #expect(try Self.simulate(["--script", file.path, "--no-shrinking"], mutant).status == 1)
        #expect(try Self.simulate(["--script", file.path], [:]).status == 0)
    }

    @Test func `two processes with other hash seeds tell the same story`() throws {
        let one = try Self.story(seed: 5, ["SWIFT_DETERMINISTIC_HASHING": "1"])
        let other = try Self.story(seed: 5, [:])
        #expect(one == other)
        #expect(one.split(separator: "\n").count > 100)
    }

    /// Scripts in which something did not hold once, each named after what that was.
    private static func regressions() throws -> [URL] {
        let folder = URL(filePath: #filePath).appending(path: "../../../Fixtures/simulation").standardizedFileURL
        return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "json" }.sorted { $0.path < $1.path }
    }

    private static func play(_ seeds: [UInt64]) -> SeedTally {
        var tally = SeedTally()
        for seed in seeds {
            let script = Script.drawn(from: Options.drawn(seed: seed, ticks: 120))
            let outcome = Simulation.run(script)
            tally.add(outcome, of: script)
            for problem in outcome.problems {
                Issue.record("seed \(seed): \(problem); replay with: satchel-simulate --seed \(seed) --trace")
            }
        }
        return tally
    }

    /// What a process of its own tells of a seed, less what depends on its speed.
    private static func story(seed: UInt64, _ environment: [String: String]) throws -> String {
        let (output, status) = try simulate(["--seed", "\(seed)", "--trace"], environment)
        #expect(status == 0)
        // The lines of figures say how long it took.
        return output.split(separator: "\n").filter { !$0.hasPrefix("soak: ") && !$0.hasPrefix("in ") }
            .joined(separator: "\n")
    }

    private static func simulate(
        _ arguments: [String], _ environment: [String: String]
    ) throws -> (output: String, status: Int32) {
        let process = Process()
        // The program lies beside the tests.
        process.executableURL = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appending(path: "satchel-simulate")
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment
            .filter { $0.key != "SWIFT_DETERMINISTIC_HASHING" && $0.key != "SATCHEL_MUTANT" }
            .merging(environment) { $1 }
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (String(decoding: output, as: UTF8.self), process.terminationStatus)
    }
}
