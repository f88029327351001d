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
        discussion: """
            A seed in which something does not hold is printed with the options that it was drawn from, made as small as it goes,
            and with the command that plays it again. Exits 0 when all holds that must, 1 when something does not.

            Examples:
              satchel-simulate --seed 7 --trace               one history, line by line
              satchel-simulate --count 100                    a hundred, from seed 1
              satchel-simulate --seconds 3600 --seed 1000     as many as an hour takes
              satchel-simulate --script broken.json --trace   a script that an earlier run wrote
            """)

    @Option(help: "The first seed.") var seed: UInt64 = 1
    @Option(help: "How many seeds, one after the other.") var count = 1
    @Option(help: "Go on with the next seeds for so many seconds.") var seconds: Int?
    @Option(help: "How many steps a run has.") var ticks = 120
    @Option(help: "Play the script in a file instead of seeds.") var script: String?
    @Option(help: "Where the stores are kept; in memory if left out.") var folder: String?
    @Option(help: "Write the smallest script of a seed that fails into this folder.") var scripts: String = "."
    @Flag(help: "Stop at the first seed in which something does not hold.") var untilFailure = false
    @Flag(help: "Have every crash take the power with it, and crash often.") var powerCuts = false
    @Option(help: "With --power-cuts: go on with the next seeds until the power went so many times.") var cuts: Int?
    @Flag(help: "Leave failing scripts as they are.") var noShrinking = false
    @Flag(help: "Print what happens, line by line.") var trace = false
    @Flag(help: "Name the mistakes that SATCHEL_MUTANT can plant, and end.") var listMutants = false

    func validate() throws {
        guard count > 0, ticks > 0, seconds ?? 1 > 0, cuts ?? 1 > 0 else {
            throw ValidationError("--count, --ticks, --seconds and --cuts take numbers above 0.")
        }
        guard cuts == nil || powerCuts else { throw ValidationError("--cuts goes with --power-cuts.") }
    }

    func run() throws {
        guard !listMutants else { return Mutant.allCases.forEach { print($0.rawValue) } }
        #if DEBUG
            if let name = ProcessInfo.processInfo.environment["SATCHEL_MUTANT"], !name.isEmpty {
                try Mutant.plant(name)
            }
        #endif
        var tally = SeedTally()
        if let script {
            let script = try Script(json: Data(contentsOf: URL(filePath: script)))
            tally.add(play(script), of: script)
        } else {
            var next = seed
            while isWanted(tally) {
                let options = Options.drawn(seed: next, ticks: ticks)
                let script = Script.drawn(from: powerCuts ? options.losingPower : options)
                let outcome = play(script)
                tally.add(outcome, of: script)
                if !outcome.problems.isEmpty { try show(outcome, of: script) }
                next += 1
            }
        }
        print(tally.text)
        if tally.failed > 0 { throw ExitCode(1) }
    }

    private func isWanted(_ tally: SeedTally) -> Bool {
        if untilFailure, tally.failed > 0 { return false }
        if let cuts { return tally.powerCuts < cuts }
        guard let seconds else { return tally.seeds < count }
        return tally.duration < .seconds(seconds)
    }

    private func play(_ script: Script) -> Outcome {
        let outcome = Simulation.run(script, in: folder.map { URL(filePath: $0) })
        if trace { outcome.trace.forEach { print($0) } }
        return outcome
    }

    /// Says what does not hold in a seed, from what, and how to see it again.
    private func show(_ outcome: Outcome, of script: Script) throws {
        print("seed \(script.options.seed):")
        outcome.problems.forEach { print("  \($0)") }
        guard let kind = outcome.problems.first?.kind, !noShrinking else { return }
        print("options: \(try script.options.json())")
        let smallest = script.shrunk(keeping: kind)
        let file = URL(filePath: scripts).appending(path: "seed-\(script.options.seed).json")
        try Data(try smallest.json().utf8).write(to: file)
        print("Of \(script.steps.count) steps \(smallest.steps.count) are enough; they end with:")
        Simulation.run(smallest).trace.suffix(30).forEach { print("  \($0)") }
        print("Replay with: satchel-simulate --script \(file.relativePath) --trace")
    }
}
