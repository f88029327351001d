/// One own change-set that is laid over base, as far as it touches one record.
package struct OverlayEntry: Hashable, Sendable {
    /// The parts that touch the record.
    package let changes: [RecordChange]
    /// The change-set's name.
    package let dot: Dot
    /// Where it stands in its line: its own dot, or that of the change-set in whose place a fix stands.
    package let place: Dot
    /// Its corrected time, or the device's estimate of it.
    package let time: Timestamp
    /// Whether its writes stand under its `x*`: it is held, rejected, not fit to be taken, or was released.
    package let isParked: Bool
    /// Whether base holds it already: it writes nothing, and what comes late learns of it what its author had seen.
    package let isInBase: Bool

    /// Describes an entry.
    package init(
        changes: [RecordChange], dot: Dot, place: Dot? = nil, time: Timestamp, isParked: Bool, isInBase: Bool = false
    ) {
        self.changes = changes
        self.dot = dot
        self.place = place ?? dot
        self.time = time
        self.isParked = isParked
        self.isInBase = isInBase
    }

    /// The dot under which its writes stand.
    package var effectiveDot: Dot { isParked ? dot.released : dot }

    /// Whether its writes stand under another dot than that of its place.
    fileprivate var isOutOfTurn: Bool { effectiveDot != place }
}

extension RecordState {
    /// The effective state of a record: this base, then the overlay, each entry with its own context (causality.md §2).
    ///
    /// A parked entry stands under its `x*`, which no context names, and a fix stands in the place of what it fixes, over that
    /// where it entered all the same. Who stands at a later place had seen both, since they lie in his line (causality.md §3): he drops what they wrote, and what is there of
    /// his already keeps them out by the late rule.
    ///
    /// `entries` are in the order of their places; `lineage` says where the present actor comes from.
    /// - Complexity: O(entries² + entries × writes × siblings); the square only where work is parked or fixed, or
    ///   where base holds what comes behind work that it lacks.
    package func overlaid(with entries: [OverlayEntry], lineage: Lineage) -> RecordState {
        var state = self
        guard entries.contains(where: { $0.isOutOfTurn || $0.isInBase }) else {
            for entry in entries { state.apply(entry, lineage: lineage) }
            return state
        }
        // In the order of dots: once the record covers a fix, earlier dots of its actor would count as seen already.
        var isThere = entries.map(\.isInBase)
        let waiting = entries.indices.filter { !isThere[$0] }
        for index in waiting.sorted(by: { entries[$0].effectiveDot < entries[$1].effectiveDot }) {
            let seenDots = entries[..<index].filter { $0.isOutOfTurn || $0.place == entries[index].place }
                .map(\.effectiveDot)
            var late = LateRule()
            for place in entries.indices.dropFirst(index + 1) where isThere[place] {
                for change in entries[place].changes { late.insert(change, dot: entries[place].effectiveDot) }
            }
            state.apply(entries[index], lineage: lineage, seenDots: seenDots, late: late)
            isThere[index] = true
        }
        return state
    }

    private mutating func apply(
        _ entry: OverlayEntry, lineage: Lineage, seenDots: [Dot] = [], late: LateRule = LateRule()
    ) {
        let line = lineage.line(of: entry.place)
        for change in entry.changes {
            apply(change, dot: entry.effectiveDot, time: entry.time, line: line, seenDots: seenDots, late: late)
        }
    }
}
