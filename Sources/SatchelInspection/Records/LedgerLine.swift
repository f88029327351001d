package import SatchelSync

/// One line of the ledger: one change-set, exactly one state (causality.md §9).
package struct LedgerLine: Hashable, Sendable {
    /// The change-set's name.
    package let dot: Dot
    /// Its digest, in hexadecimal digits.
    package let changeSet: String
    /// What became of it.
    package let state: LedgerState
    /// The user who made it; empty where that is not known.
    package let by: String
    /// What it touches, or where it is parked and why.
    package let place: String

    /// Describes a line.
    package init(dot: Dot, changeSet: String, state: LedgerState, by: String, place: String) {
        self.dot = dot
        self.changeSet = changeSet
        self.state = state
        self.by = by
        self.place = place
    }
}
