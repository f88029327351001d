/// What many seeds came to.
package struct SeedTally: Sendable {
    /// How many were played.
    package private(set) var seeds = 0
    /// In how many of them something does not hold.
    package private(set) var failed = 0
    private var days = 0.0
    private var conflicts = ConflictTally()
    private let counters = Counters()
    private var kinds: [Problem.Kind: Int] = [:]
    private let began = ContinuousClock.now

    package init() {}

    /// How long it took so far.
    package var duration: Duration { ContinuousClock.now - began }

    /// Counts a run.
    package mutating func add(_ outcome: Outcome, of script: Script) {
        seeds += 1
        days += outcome.deviceDays
        conflicts.add(outcome.tally)
        counters.add(outcome.counters)
        guard let first = outcome.problems.first else { return }
        failed += 1
        kinds[first.kind, default: 0] += 1
    }

    /// How often the power went.
    package var powerCuts: Int { counters.counts["power cut", default: 0] }

    /// Of the rare states that runs have to reach, what none reached.
    package var missing: [String] { counters.missing }

    /// The rare states that were reached, how often, what was not, and a line with all that counts.
    package var text: String {
        let reached = counters.counts.sorted { $0.key < $1.key }.map { "  \($0.key): \($0.value)\n" }.joined()
        let absent = missing.isEmpty ? "" : "not reached: \(missing.joined(separator: ", "))\n"
        return reached + absent + pace + line
    }

    /// One line; `lost`, `stuck` and `divergent` count seeds.
    private var line: String {
        let counted = { (wanted: Set<Problem.Kind>) in
            kinds.filter { wanted.contains($0.key) }.map(\.value).reduce(0, +)
        }
        return "soak: seeds=\(seeds) device_days=\(Int(days)) "
            + "lost=\(counted([.lost, .doubled])) stuck=\(counted([.stuck])) divergent=\(counted([.divergent, .torn, .inexact, .failed])) "
            + "precision=\(Self.rounded(conflicts.precision)) recall=\(Self.rounded(conflicts.recall))"
    }

    /// With three decimals, and never 1 where something is missing of it.
    private static func rounded(_ share: Double) -> String {
        let thousandths = String(Int(share * 1_000) + 10_000).suffix(4)
        return "\(thousandths.prefix(1)).\(thousandths.suffix(3))"
    }

    /// What it took, and how much the oracle had to say.
    private var pace: String {
        let seconds = max(duration / .seconds(1), 0.001)
        let minute = { (count: Double) in Int(count * 60 / seconds) }
        return
            "in \(Int(seconds)) s: \(minute(Double(seeds))) seeds and \(minute(days)) device-days a minute, \(conflicts.pairs) pairs of writes\n"
    }
}
