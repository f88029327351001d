import SatchelSync
import SatchelTestSupport
import Testing

/// Random histories of real homes: whatever happened, when nothing is under way any more all of them say the same.
@Suite struct ExchangeHistoryTests {
    private static let stepCount = 50

    @Test func `after a random history all homes and the server say the same`() async throws {
        let seeds = Seeds.forThisRun(cases: 24, first: 1)
        let counts = try await withThrowingTaskGroup(of: [String: Int].self) { group in
            for half in 0..<2 {
                group.addTask {
                    var counts: [String: Int] = [:]
                    for place in seeds.indices where place % 2 == half {
                        counts.merge(try await Self.run(seeds[place]), uniquingKeysWith: +)
                    }
                    return counts
                }
            }
            return try await group.reduce(into: [:]) { $0.merge($1, uniquingKeysWith: +) }
        }
        print("Random histories: \(seeds.count) from seed \(seeds[0]).")
        for (kind, count) in counts.sorted(by: { $0.key < $1.key }) { print("  \(kind): \(count)") }
    }

    private static func run(_ seed: UInt64) async throws -> [String: Int] {
        let steps = ExchangeHistory.steps(seed: seed, count: stepCount)
        let (problems, history) = try await outcome(of: steps, seed: seed)
        guard !problems.isEmpty else { return history?.counts ?? [:] }
        let smallest = try await shrunk(steps, seed: seed)
        let (smallProblems, smallHistory) = try await outcome(of: smallest, seed: seed)
        let story = (smallHistory ?? history)?.story ?? []
        Issue.record(
            """
            \(problems.joined(separator: "\n"))
            The smallest history that fails has \(smallest.count) steps:
            \(story.joined(separator: "\n"))
            and ends with
            \(smallProblems.joined(separator: "\n"))
            Replay with: \(Replay(seed: seed, fileID: #fileID))
            """)
        return [:]
    }

    /// What does not hold after these steps; what a step throws counts too.
    private static func outcome(
        of steps: [UInt64], seed: UInt64
    ) async throws -> (problems: [String], history: ExchangeHistory?) {
        let history = try await ExchangeHistory(seed: seed)
        do {
            return (try await history.run(steps), history)
        } catch {
            return (["\(history.story.last ?? "the first step") ends with \(error)"], history)
        }
    }

    /// A part of the steps that fails too, within a number of attempts.
    private static func shrunk(_ steps: [UInt64], seed: UInt64) async throws -> [UInt64] {
        var smallest = steps
        var attemptsLeft = 150
        var run = max(smallest.count / 2, 1)
        while run >= 1 {
            var start = 0
            while start < smallest.count, attemptsLeft > 0 {
                attemptsLeft -= 1
                var candidate = smallest
                candidate.removeSubrange(start..<min(start + run, candidate.count))
                if try await outcome(of: candidate, seed: seed).problems.isEmpty {
                    start += run
                } else {
                    smallest = candidate
                }
            }
            run /= 2
        }
        return smallest
    }
}
