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
        return reached + absent + line
    }

    /// One line; `lost`, `stuck` and `divergent` count seeds.
    private var line: String {
        let counted = { (wanted: Set<Problem.Kind>) in
            kinds.filter { wanted.contains($0.key) }.map(\.value).reduce(0, +)
        }
        let seconds = max(duration / .seconds(1), 0.001)
        return
            "soak: seeds=\(seeds) device_days=\(Int(days)) seconds=\(Int(seconds)) seeds_a_minute=\(Int(Double(seeds) * 60 / seconds)) "
            + "lost=\(counted([.lost, .doubled])) stuck=\(counted([.stuck])) divergent=\(counted([.divergent, .torn, .inexact, .failed])) "
            + "pairs=\(conflicts.pairs) precision=\(conflicts.precision) recall=\(conflicts.recall)"
    }
}
