import ScenarioRunner
import Testing

/// Processes that die by `kill -9`, at every point and at any moment: what was acknowledged stands, once.
@Suite(.serialized) struct KillTests {
    @Test func `whatever a process is at when it is killed, nothing is lost, doubled or damaged`() async {
        let seed = Seed.fresh("kill")
        var loop = KillLoop(kills: KillLoop.plan.count + 12, seed: seed) { print($0) }
        let tally = await loop.run()
        print(tally.text())
        for problem in tally.problems { Issue.record("\(problem.harm.rawValue): \(problem.text)") }
        #expect(tally.points.count == Set(KillLoop.plan.map(\.point)).count)
    }

    @Test(arguments: KillLoop.visible) func `a mistake that loses or doubles work is seen`(mutant: String) async {
        let tally = await KillLoop.tally(planting: mutant)
        #expect(tally.kills > 0)
        #expect(!tally.isSound, "\(mutant) was not seen: \(tally.text())")
    }

    @Test(arguments: [false, true])
    func `an acknowledged edit that is taken out of a file is called lost, also one of two writes`(isBySQL: Bool) async
    {
        let tally = await KillLoop.tallyOfLoss(isBySQL: isBySQL)
        #expect(tally.count(.lost) > 0, "\(tally.problems)")
    }
}

/// Seeds of tests that choose at random: printed, and taken from `SATCHEL_SEED` to go the same way again.
enum Seed {
    static func fresh(_ what: String) -> UInt64 {
        let seed = Places.environment("SATCHEL_SEED").flatMap { UInt64($0) } ?? UInt64.random(in: 1...999_999)
        print("\(what): SATCHEL_SEED=\(seed)")
        return seed
    }
}
