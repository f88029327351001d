/// How often each kind of thing happened: proof that what is rare was reached.
///
/// Only the simulation's thread touches it.
package final class Counters: @unchecked Sendable {
    /// The counts, by what is counted.
    package private(set) var counts: [String: Int] = [:]

    package init() {}

    /// Counts one more.
    package func note(_ kind: String, _ count: Int = 1) {
        if count > 0 { counts[kind, default: 0] += count }
    }

    /// Takes the counts of another run.
    package func add(_ other: Counters) { counts.merge(other.counts, uniquingKeysWith: +) }

    /// What a number of runs has to reach; without it they prove less than they seem to.
    package static let required = [
        "parked: rejected", "parked: held", "released by itself", "released by an operator", "fixed", "discarded",
        "undone", "a fix undone",
        "fix too late", "three siblings", "retry after a lost answer", "contested delete", "contested parent",
        "reply cut and resumed", "request delivered twice", "request replayed", "server crashed", "device crashed",
        "pushes shared a commit", "edit by an old form", "edit while a reply came", "clock set",
        "written by plain SQL", "settled by an inspector", "settled on a device",
        "power cut", "power cut: changes lost", "power cut: changes kept", "power cut: a write torn",
        "power cut: a deleted file came back", "device crashed: a change of a file",
        "server crashed: a change of a file",
        "home copied", "home put back", "went on as a new actor", "renamed by a fork", "server put back",
        "recovery closed",
        "schema upgraded", "a new field written",
    ]

    /// Of those, what was never reached.
    package var missing: [String] { Self.required.filter { counts[$0, default: 0] == 0 } }
}
