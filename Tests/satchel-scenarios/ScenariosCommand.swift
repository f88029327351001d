import ArgumentParser
import Foundation
import ScenarioRunner

/// Plays the catalogue of failure scenarios with real processes, and says what holds.
@main
struct ScenariosCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "satchel-scenarios",
        abstract: "Play the catalogue of failure scenarios with real processes, a proxy and fault points.",
        discussion: """
            One line a scenario: its name, PASS, FAIL or not yet, seconds, size, and what was seen. Exits 0 when none failed.

            Examples:
              satchel-scenarios                  all, in quick size
              satchel-scenarios --full N04 N05   two, with the catalogue's own counts
              satchel-scenarios M                all whose names begin so
            """)

    @Argument(help: "Names of scenarios, or how they begin; all if none is given.") var names: [String] = []
    @Flag(help: "Play the catalogue's own counts.") var full = false
    @Option(help: "Where all chance comes from.") var seed: UInt64 = 1
    @Option(help: "Play each so many times, with seeds one above the other.") var times = 1
    @Flag(help: "Name the scenarios, and end.") var list = false
    @Option(
        help: "Record a history of five clients for so many seconds instead, and look for what contradicts causality.")
    var history: Int?
    @Option(
        help:
            "Bring so many records to a new device over a line that is cut every second instead, and a twentieth as many edits back."
    )
    var cutLine: Int?

    func validate() throws {
        guard times > 0 else { throw ValidationError("--times takes a number above 0.") }
        for name in names where Catalogue.scenarios(named: name).isEmpty {
            throw ValidationError("There is no scenario \(name).")
        }
    }

    func run() async throws {
        if let history { return try await check(history) }
        if let cutLine { return try await check(line: cutLine) }
        let chosen = names.isEmpty ? Catalogue.all : names.flatMap { Catalogue.scenarios(named: $0) }
        if list {
            for scenario in chosen {
                print("\(scenario.id)  \(scenario.play == nil ? "not yet" : "played ")  \(scenario.title)")
            }
            return
        }
        var tally = ScenarioTally()
        for scenario in chosen {
            for round in 0..<(scenario.play == nil ? 1 : times) {
                let outcome = await scenario.outcome(size: full ? .full : .quick, seed: seed + UInt64(round))
                tally.add(outcome)
                Self.say(outcome.line + "\n")
                Self.say(outcome.detail)
            }
        }
        print(tally.text)
        if tally.failed > 0 { throw ExitCode(1) }
    }

    /// Prints at once, also into a file.
    private static func say(_ text: String) { FileHandle.standardOutput.write(Data(text.utf8)) }

    /// Syncs over a line that is cut every second, and says what it took.
    private func check(line records: Int) async throws {
        let sight = try await CutLine(records: records, edits: max(1, records / 20), life: .seconds(1)).play()
        for line in sight.text { print(line) }
        for problem in sight.problems { print(problem) }
        print("cut line: \(records) records, \(sight.problems.count) violations")
        if !sight.problems.isEmpty { throw ExitCode(1) }
    }

    /// Records a history and says what in it must not be.
    ///
    /// `SATCHEL_MUTANT` goes to the programs, to see whether the checker finds a mistake.
    private func check(_ seconds: Int) async throws {
        if ProcessInfo.processInfo.environment["SATCHEL_MUTANT"] == nil {
            let planted = try await HistoryRecorder.violationsOfMistake(seed: seed)
            Self.say("a planted mistake made \(planted) violations\n")
            guard planted > 0 else { throw ValidationError("The planted mistake was not seen; what else is not?") }
        }
        let mutant = ProcessInfo.processInfo.environment["SATCHEL_MUTANT"].map { ["SATCHEL_MUTANT=\($0)"] } ?? []
        let result = try await HistoryRecorder.record(
            for: .seconds(seconds), seed: seed, deviceVariables: mutant, serverVariables: mutant)
        for problem in result.problems.prefix(20) { print(problem) }
        print(result.sight)
        print("history: \(result.history.count) operations, \(result.problems.count) violations")
        if !result.problems.isEmpty { throw ExitCode(1) }
    }
}
