/// How much a conflict asks of people.
public enum ConflictSeverity: UInt8, Hashable, Sendable, Comparable {
    /// The table shows the winner, the other value is kept; a person may look.
    case review = 1
    /// A person must choose.
    case decide = 2

    /// The word, as `--json` prints it.
    public var word: String { self == .review ? "review" : "decide" }

    /// Less first.
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// What a conflict of a record is about.
public enum ConflictSubject: Hashable, Sendable {
    /// The record was deleted by someone who had not seen all that stands.
    case life
    /// The field has two or more distinct values.
    case field(FieldID)
}

/// One open conflict of a record.
public struct ConflictItem: Hashable, Sendable {
    /// What it is about.
    public let subject: ConflictSubject
    /// How much it asks of people.
    public let severity: ConflictSeverity

    /// Names a conflict.
    public init(subject: ConflictSubject, severity: ConflictSeverity) {
        self.subject = subject
        self.severity = severity
    }
}

extension RecordState {
    /// The open conflicts, life first, then fields by number: a function of the state alone (causality.md §9).
    ///
    /// A record that is deleted for good has none. `life` is the status as the store sees it, living children included; by
    /// default it is what this state says.
    /// - Complexity: O(siblings).
    public func conflicts(in type: EntityType, life: LifeStatus? = nil) -> [ConflictItem] {
        let life = life ?? lifeStatus
        guard life.isVisible else { return [] }
        var items: [ConflictItem] = []
        if life == .contested { items.append(ConflictItem(subject: .life, severity: .decide)) }
        for entry in fields {
            guard case .register(let siblings) = entry.state, siblings.count > 1,
                let field = type.field(entry.field),
                siblings.dropFirst().contains(where: { $0.value != siblings[0].value })
            else { continue }
            let severity: ConflictSeverity = field.policy == .manual ? .decide : .review
            items.append(ConflictItem(subject: .field(entry.field), severity: severity))
        }
        return items
    }
}
