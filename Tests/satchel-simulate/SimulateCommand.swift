import ArgumentParser
import Foundation
import SatchelSimulation
import SatchelSync

/// Plays seeds, each a server with its devices in virtual time, and says what does not hold.
@main
struct SimulateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "satchel-simulate",
        abstract:
            "Play random histories of a server and its devices, with everything that can go wrong, in virtual time.",
        discussion: "Exits 0 when all holds that must, 1 when something does not.")

    @Option(help: "The first seed.") var seed: UInt64 = 1
    @Option(help: "How many seeds, one after the other.") var count = 1
    @Option(help: "How many steps a run has.") var ticks = 120
    @Flag(help: "Stop at the first seed in which something does not hold.") var untilFailure = false
    @Flag(help: "Print what happens, line by line.") var trace = false
    @Flag(help: "Name the mistakes that SATCHEL_MUTANT can plant, and end.") var listMutants = false

    func run() throws {
        #if DEBUG
            if let name = ProcessInfo.processInfo.environment["SATCHEL_MUTANT"], !name.isEmpty {
                try Mutant.plant(name)
            }
        #endif
        guard !listMutants else { return Mutant.allCases.forEach { print($0.rawValue) } }
        let began = ContinuousClock.now
        var (failed, days, tally) = (0, 0.0, ConflictTally())
        let counters = Counters()
        for seed in seed..<(seed + UInt64(count)) {
            let script = Script.drawn(from: Options.drawn(seed: seed, ticks: ticks))
            let outcome = Simulation.run(script)
            if trace { outcome.trace.forEach { print($0) } }
            days += outcome.deviceDays
            tally.add(outcome.tally)
            counters.add(outcome.counters)
            guard !outcome.problems.isEmpty else { continue }
            failed += 1
            print("seed \(seed):")
            outcome.problems.forEach { print("  \($0)") }
            if untilFailure { break }
        }
        for (kind, count) in counters.counts.sorted(by: { $0.key < $1.key }) { print("  \(kind): \(count)") }
        print("missing: \(counters.missing)")
        print("\(count) seeds, \(failed) failed, \(Int(days)) device-days, \(tally), \(ContinuousClock.now - began)")
        if failed > 0 { throw ExitCode(1) }
    }
}
