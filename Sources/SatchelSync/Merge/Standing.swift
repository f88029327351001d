/// What became of a change-set, as the ledger tells it: one state a dot (causality.md §9).
public enum LedgerState: UInt8, Hashable, Sendable, Comparable {
    /// Every write was covered by an edit whose author had seen it.
    case superseded = 1
    /// Some write is the only value.
    case visible = 2
    /// Some write is one of several values.
    case sibling = 3
    /// The same change-set is in the store under another dot.
    case duplicate = 4
    /// Parked, and come back under another dot.
    case reissued = 5
    /// Held or rejected: kept whole, with a reason.
    case parked = 6
    /// Not confirmed by the server yet.
    case pending = 7
    /// Applied, and what it wrote was erased from the log since: nobody can tell any more what became of it.
    case erased = 8

    /// The word, as the ledger prints it.
    public var word: String {
        switch self {
        case .superseded: "superseded"
        case .visible: "visible"
        case .sibling: "sibling"
        case .duplicate: "duplicate"
        case .reissued: "reissued"
        case .parked: "parked"
        case .pending: "pending"
        case .erased: "erased"
        }
    }

    /// Weaker first: of the states of its writes a change-set has the strongest.
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

extension RecordState {
    /// What became of one record's part of an applied change-set: the strongest state of its writes.
    ///
    /// A remove from a set leaves nothing behind that could be covered: it counts as visible until its author adds the element
    /// again. `status` is the record's as the
    /// store sees it, living children included; by default it is what this state says.
    /// - Complexity: O(writes × siblings).
    public func standing(of change: RecordChange, dot: Dot, life status: LifeStatus? = nil) -> LedgerState {
        var strongest = LedgerState.superseded
        if change.life != nil, life.contains(where: { $0.dot == dot }) {
            strongest = (status ?? lifeStatus) == .contested ? .sibling : .visible
        }
        for entry in change.writes { strongest = max(strongest, standing(of: entry, dot: dot)) }
        return strongest
    }

    private func standing(of entry: FieldChange, dot: Dot) -> LedgerState {
        switch (entry.write, field(entry.field)) {
        case (.register, .register(let siblings)): return siblings.standing(of: dot)
        case (.set(let add, let remove), .set(let elements)):
            let stands = add.contains { value in elements.dots(of: value).contains { $0.dot == dot } }
            // A remove leaves nothing that could be covered; that its author added the element again later shows.
            let removes = remove.contains { value in
                !elements.dots(of: value).contains { $0.dot.actor == dot.actor && $0.dot.counter > dot.counter }
            }
            return stands || removes ? .visible : .superseded
        // An increment that entered is in the sum for ever; the part of its actor tells of it.
        case (.counter, .counter(let parts)):
            return parts.contains { $0.dot.actor == dot.actor && $0.dot.counter >= dot.counter }
                ? .visible : .superseded
        case (.map(let writes), .map(let entries)):
            return writes.map { write in
                entries.first { $0.key == write.key }?.siblings.standing(of: dot) ?? .superseded
            }.max() ?? .superseded
        default: return .superseded
        }
    }
}

extension [Sibling] {
    fileprivate func standing(of dot: Dot) -> LedgerState {
        guard let own = first(where: { $0.dot == dot }) else { return .superseded }
        return contains { $0.value != own.value } ? .sibling : .visible
    }
}
