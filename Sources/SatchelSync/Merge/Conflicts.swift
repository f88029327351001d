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
    /// The key of a map has two or more distinct values.
    case key(FieldID, UTF8Text)

    /// The field that it is about; `nil` for the life.
    public var field: FieldID? {
        switch self {
        case .life: nil
        case .field(let field), .key(let field, _): field
        }
    }
}

extension RecordChange {
    /// Whether the change writes what a conflict is about.
    package func writes(_ subject: ConflictSubject) -> Bool { subject.isWritten(byLife: life, writes) }
}

extension DraftChange {
    /// Whether the edit writes what a conflict is about.
    package func writes(_ subject: ConflictSubject) -> Bool { subject.isWritten(byLife: life, writes) }

    /// The value that the edit gives to what a conflict is about; `nil` where it gives none.
    package func value(of subject: ConflictSubject) -> FieldValue? {
        switch (subject, writes.first { $0.field == subject.field }?.write) {
        case (.field, .register(let value)?): value
        case (.key(_, let key), .map(let keys)?): keys.first { $0.key == key }?.value
        default: nil
        }
    }
}

extension ConflictSubject {
    fileprivate func isWritten(byLife life: LifeWrite?, _ writes: [FieldChange]) -> Bool {
        switch self {
        case .life: return life != nil
        case .field(let field): return writes.contains { $0.field == field }
        case .key(let field, let key):
            return writes.contains { entry in
                guard entry.field == field, case .map(let keys) = entry.write else { return false }
                return keys.contains { $0.key == key }
            }
        }
    }
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
            switch entry.state {
            case .register(let siblings):
                guard siblings.areContending, let severity = type.field(entry.field)?.policy.severity else { continue }
                items.append(ConflictItem(subject: .field(entry.field), severity: severity))
            case .map(let keys):
                guard let severity = type.field(entry.field)?.policy.severity else { continue }
                for key in keys where key.siblings.areContending {
                    items.append(ConflictItem(subject: .key(entry.field, key.key), severity: severity))
                }
            case .set, .counter: continue
            }
        }
        return items
    }
}

extension [Sibling] {
    /// Whether there are two distinct values among them.
    var areContending: Bool { count > 1 && dropFirst().contains { $0.value != self[0].value } }
}

extension RecordState {
    /// The values that stand for what a conflict is about; empty for a life.
    package func siblings(of subject: ConflictSubject) -> [Sibling] {
        switch subject {
        case .life: []
        case .field(let field): self.field(field)?.siblings ?? []
        case .key(let field, let key): self.field(field)?.entries.first { $0.key == key }?.siblings ?? []
        }
    }

    /// The change-sets that stand against each other; for a life also those that no delete had seen.
    package func dots(of subject: ConflictSubject) -> [Dot] {
        switch subject {
        case .field, .key: return siblings(of: subject).map(\.dot)
        case .life:
            var covered = DeletingContext(vector: VersionVector())
            for pair in life {
                if case .deleted(let context) = pair.mark { covered = covered.union(context) }
            }
            return life.map(\.dot) + fields.flatMap { $0.state.dots.filter { !covered.covers($0) } }
        }
    }
}
