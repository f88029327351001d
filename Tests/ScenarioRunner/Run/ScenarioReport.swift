/// What became of one scenario.
package struct ScenarioOutcome: Sendable {
    package enum Verdict: String, Sendable {
        case passed = "PASS"
        case failed = "FAIL"
        case notYet = "not yet"
    }

    package let scenario: Scenario
    package let verdict: Verdict
    package let duration: Duration
    /// The size in words; empty where nothing was played.
    package let size: String
    /// What was seen, or what does not hold.
    package let sight: String

    /// One line, the first of what does not hold in it; `detail` has the rest.
    package var line: String {
        let seconds = Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
        let tenths = Int(seconds * 10)
        let time = verdict == .notYet ? "–" : "\(tenths / 10).\(tenths % 10) s"
        let first = sight.split(separator: "\n").first.map(String.init) ?? ""
        return [
            Self.padded(scenario.id, 4), Self.padded(verdict.rawValue, 8), Self.padded(time, 8),
            Self.padded(size.isEmpty ? "–" : size, 20), scenario.title + (first.isEmpty ? "" : ": " + first),
        ].joined()
    }

    /// What does not hold beyond the first line; empty where all holds.
    package var detail: String {
        guard verdict == .failed else { return "" }
        return sight.split(separator: "\n").dropFirst().map { "    " + $0 + "\n" }.joined()
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }
}

extension Scenario {
    /// Plays it to its end, whatever happens.
    package func outcome(size: ScenarioSize, seed: UInt64) async -> ScenarioOutcome {
        let start = ContinuousClock.now
        let stage = Stage(size: size, seed: seed)
        func ended(_ verdict: ScenarioOutcome.Verdict, _ sight: String) -> ScenarioOutcome {
            ScenarioOutcome(
                scenario: self, verdict: verdict, duration: ContinuousClock.now - start,
                size: verdict == .notYet ? "" : stage.sizeText, sight: sight)
        }
        guard let play else { return ended(.notYet, "") }
        do {
            let sight = try await play(stage)
            return stage.problems.isEmpty
                ? ended(.passed, sight)
                : ended(.failed, (stage.problems + ["seed \(seed); seen: \(sight)"]).joined(separator: "\n"))
        } catch let error as NotYet {
            return ended(.notYet, error.reason)
        } catch {
            return ended(.failed, (stage.problems + ["\(error)", "seed \(seed)"]).joined(separator: "\n"))
        }
    }
}

/// How many scenarios came out how.
package struct ScenarioTally: Sendable {
    package private(set) var passed = 0, failed = 0, notYet = 0

    package init() {}

    package mutating func add(_ outcome: ScenarioOutcome) {
        switch outcome.verdict {
        case .passed: passed += 1
        case .failed: failed += 1
        case .notYet: notYet += 1
        }
    }

    /// The last line.
    package var text: String { "scenarios: \(passed) passed, \(failed) failed, \(notYet) not yet" }
}
