/// What became of processes that were killed, and of what they had acknowledged.
package struct KillTally: Sendable {
    /// What does not hold after a kill.
    package enum Harm: String, Sendable {
        /// Something that was acknowledged is not there.
        case lost
        /// Something is there twice.
        case doubled
        /// Anything else: a program that does not start, a file that is damaged, replicas that differ.
        case damaged
    }

    package private(set) var kills = 0
    /// The fault points at which a process died, each with how often.
    package private(set) var points: [String: Int] = [:]
    /// Attempts in which the process had ended before.
    package private(set) var misses = 0
    /// The longest that a program took to start over what a kill had left.
    package private(set) var slowestStart = Duration.zero
    package private(set) var problems: [(harm: Harm, text: String)] = []

    package init() {}

    /// Notes a kill.
    mutating func add(_ blow: Blow) {
        kills += 1
        switch blow {
        case .point(let point, _), .failure(let point, _, _): points[point, default: 0] += 1
        case .later: break
        }
    }

    /// Notes that a blow came too late, or not at all.
    mutating func miss() { misses += 1 }

    /// Notes how long a program took to start.
    mutating func noteStart(_ duration: Duration) { slowestStart = max(slowestStart, duration) }

    /// Notes what does not hold.
    package mutating func note(_ harm: Harm, _ text: String) { problems.append((harm, text)) }

    /// How many things have come to this harm.
    package func count(_ harm: Harm) -> Int { problems.count { $0.harm == harm } }

    /// Whether all holds.
    package var isSound: Bool { problems.isEmpty }

    /// The last line; failures are told as such.
    package func text(ofFailures: Bool = false) -> String {
        (ofFailures ? "fail: \(kills) failures" : "kill: \(kills) kills")
            + " at \(points.count) points, \(count(.lost)) lost, \(count(.doubled)) doubled, \(count(.damaged)) damaged"
    }
}
