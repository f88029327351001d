import ArgumentParser
import Foundation
import ScenarioRunner

/// Kills real processes, and says whether anything came to harm.
@main
struct KillCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "satchel-kill",
        abstract: "Kill clients and servers at every fault point and at random moments, and check what they leave.",
        discussion: """
            First one process dies at each point that `faults list` names, then at points and moments of chance. After each kill all
            that was acknowledged is looked for, programs start, syncs converge, ledgers and digests are compared, and SQLite
            checks its files. The last line is `kill: N kills at P points, 0 lost, 0 doubled, 0 damaged`.

            Examples:
              satchel-kill               one at each point
              satchel-kill 500
              satchel-kill 500 --seed 7  the same again, as far as processes do the same
              satchel-kill --failures    three failures at each point; the last line begins `fail: N failures`
            """)

    @Argument(help: "How many processes to kill.") var kills = KillLoop.plan.count
    @Option(help: "Where all chance comes from.") var seed = UInt64.random(in: 1...999_999)
    @Flag(help: "Count the kills at each point.") var points = false
    @Flag(help: "Have the disk fail, be full, and the program throw at each point, in place of kills.") var failures =
        false
    @Option(help: "Have all programs make a mistake of the engine, to see that it is found.") var mutant: String?

    func validate() throws {
        guard kills > 0 else { throw ValidationError("A number above 0 is needed.") }
    }

    func run() async throws {
        let tally: KillTally
        if let mutant {
            tally = await KillLoop.tally(planting: mutant)
            for problem in tally.problems { say("\(problem.harm.rawValue): \(problem.text)") }
        } else if failures {
            var loop = KillLoop(failingWith: say)
            tally = await loop.run()
        } else {
            say("seed \(seed)")
            var loop = KillLoop(kills: kills, seed: seed, say: say)
            tally = await loop.run()
        }
        if points {
            for (point, count) in tally.points.sorted(by: { $0.key < $1.key }) { print("\(point): \(count)") }
        }
        say("slowest start: \(Int(tally.slowestStart / .milliseconds(1))) ms; \(tally.misses) blows came too late")
        print(tally.text(ofFailures: failures))
        if !tally.isSound { throw ExitCode(1) }
    }
}

/// Talk goes to standard error.
private func say(_ text: String) { try? FileHandle.standardError.write(contentsOf: Data("\(text)\n".utf8)) }
