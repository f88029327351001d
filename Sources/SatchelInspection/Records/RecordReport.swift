package import SatchelSync

/// One field of a record, as a list or a form shows it.
package struct FieldReport: Hashable, Sendable {
    /// The name in the schema.
    package let name: String
    /// What the table shows: the winner.
    package let value: ShownValue
    /// How much the field's open conflict asks of people; `nil` without one.
    package let conflict: ConflictSeverity?
    /// Whether the value is a word of an enum, which people may call otherwise.
    package let isChoice: Bool

    /// Describes a field.
    package init(name: String, value: ShownValue, conflict: ConflictSeverity? = nil, isChoice: Bool = false) {
        self.isChoice = isChoice
        self.name = name
        self.value = value
        self.conflict = conflict
    }
}

/// What a record bears besides its values: the badges of a list.
package struct RecordMarks: Hashable, Sendable {
    /// Change-sets that touch it and that the server has not confirmed.
    package let pendingCount: Int
    /// Change-sets that touch it and are parked.
    package let parkedCount: Int
    /// The most that an open conflict of it asks of people; `nil` without one.
    package let conflict: ConflictSeverity?

    /// Describes the marks of a record.
    package init(pendingCount: Int = 0, parkedCount: Int = 0, conflict: ConflictSeverity? = nil) {
        self.pendingCount = pendingCount
        self.parkedCount = parkedCount
        self.conflict = conflict
    }
}

/// A record as `show` and `list` present it.
package struct RecordReport: Hashable, Sendable {
    /// The name of its type.
    package let type: String
    /// Its id, whole.
    package let record: RecordID
    /// The shortest unique ending of its id.
    package let ending: String
    /// The value that people know it by; empty where it has none.
    package let title: String
    /// Whether it lives.
    package let life: LifeStatus
    /// Its fields in the order of the schema, those without a value too.
    package let fields: [FieldReport]
    /// Its badges.
    package let marks: RecordMarks
    /// What an edit hands back to say that it rests on this read; `nil` where the reader cannot edit.
    package let readAt: ReadToken?

    /// Describes a record.
    package init(
        type: String, record: RecordID, ending: String, title: String, life: LifeStatus, fields: [FieldReport],
        marks: RecordMarks, readAt: ReadToken? = nil
    ) {
        self.type = type
        self.record = record
        self.ending = ending
        self.title = title
        self.life = life
        self.fields = fields
        self.marks = marks
        self.readAt = readAt
    }

    /// Describes a record from its state; `life` is its status as the store sees it, living children included.
    /// - Throws: What the look-ups of `context` throw.
    package init(
        record: RecordID, type: EntityType, state: RecordState, life: LifeStatus, context: InspectionContext,
        pendingCount: Int = 0, parkedCount: Int = 0, readAt: ReadToken? = nil
    ) throws {
        let items = state.conflicts(in: type, life: life)
        let fields = try type.fields.map { field in
            FieldReport(
                name: field.name, value: try ShownValue(of: field, in: state, title: context.title),
                conflict: items.filter { $0.subject.field == field.id }.map(\.severity).max(),
                isChoice: field.kind.isChoice)
        }
        self.init(
            type: type.name, record: record, ending: context.ending, title: type.title(of: state), life: life,
            fields: fields,
            marks: RecordMarks(
                pendingCount: pendingCount, parkedCount: parkedCount, conflict: items.map(\.severity).max()),
            readAt: readAt)
    }
}

extension FieldKind {
    /// Whether values are words of a list.
    fileprivate var isChoice: Bool { if case .enumeration = self { true } else { false } }
}

extension EntityType {
    /// The value that people know a record by, as the table shows it; empty where it has none.
    package func title(of state: RecordState) -> String {
        titleField.map { state.winningValue(of: $0).text } ?? ""
    }
}
