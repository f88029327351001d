/// One own change-set that base does not hold yet, as far as it touches one record.
package struct OverlayEntry: Hashable, Sendable {
    /// The parts that touch the record.
    package let changes: [RecordChange]
    /// The change-set's name.
    package let dot: Dot
    /// Its corrected time, or the device's estimate of it.
    package let time: Timestamp
    /// Whether it is held, rejected or not fit to be taken: it stands under its `x*`.
    package let isParked: Bool

    /// Describes an entry.
    package init(changes: [RecordChange], dot: Dot, time: Timestamp, isParked: Bool) {
        self.changes = changes
        self.dot = dot
        self.time = time
        self.isParked = isParked
    }
}

extension RecordState {
    /// The effective state of a record: this base, then the overlay in own order, each entry with its own context.
    ///
    /// A parked entry stands under its `x*`, which no context names. Its author's later change-sets had seen it all the same, since
    /// it lies in their line (causality.md §3), and so they drop what it wrote.
    /// - Complexity: O(entries × writes × siblings).
    package func overlaid(with entries: [OverlayEntry], lineage: Lineage) -> RecordState {
        var state = self
        var parked = VersionVector()
        for entry in entries {
            let line = lineage.line(of: entry.dot).union(parked)
            let dot = entry.isParked ? entry.dot.released : entry.dot
            for change in entry.changes { state.apply(change, dot: dot, time: entry.time, line: line) }
            if entry.isParked { parked.insert(dot) }
        }
        return state
    }
}
