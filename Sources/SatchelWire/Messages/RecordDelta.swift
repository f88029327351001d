package import SatchelSync

/// The present state of a record that changed past the device's checkpoint.
package struct RecordDelta: Hashable, Sendable {
    /// The record's type.
    package let type: EntityTypeID
    /// The record.
    package let record: RecordID
    /// The commit that changed it last.
    package let sequence: ServerSequence
    /// All that the server knows of its present.
    package let state: RecordState
    /// Where each value in conflict comes from, in dot order; empty for a record that is not in conflict.
    package let provenance: [Provenance]
    /// The values before the concurrent writes, by field; empty for a record that is not in conflict.
    package let bases: [BaseValue]
    /// The number that the server names the record by, from 1; `nil` where it names none, as always in JSON.
    package let handle: UInt64?

    /// Describes a record's present state.
    package init(
        type: EntityTypeID, record: RecordID, sequence: ServerSequence, state: RecordState,
        provenance: [Provenance] = [], bases: [BaseValue] = [], handle: UInt64? = nil
    ) {
        self.handle = handle
        self.type = type
        self.record = record
        self.sequence = sequence
        self.state = state
        self.provenance = provenance.sorted { $0.dot < $1.dot }
        self.bases = bases.sorted { ($0.field, $0.key ?? "") < ($1.field, $1.key ?? "") }
    }
}

/// What the inspector tells of a value in conflict: who wrote it, when, and what its author had seen.
package struct Provenance: Hashable, Sendable {
    /// The change-set that wrote the value.
    package let dot: Dot
    /// What its author called it.
    package let label: String
    /// The user who made it.
    package let author: String
    /// The device's wall time when it was made.
    package let deviceTime: Timestamp
    /// What the author had seen of the record, the line included.
    package let context: VersionVector

    /// Describes where a value comes from.
    package init(dot: Dot, label: String, author: String, deviceTime: Timestamp, context: VersionVector) {
        self.dot = dot
        self.label = label
        self.author = author
        self.deviceTime = deviceTime
        self.context = context
    }
}

/// The value that a field in conflict had before its concurrent writes.
package struct BaseValue: Hashable, Sendable {
    /// The field.
    package let field: FieldID
    /// The key, where the field is a map.
    package let key: UTF8Text?
    /// The value that all of its writers had seen.
    package let value: FieldValue

    /// The conflict that the value came before.
    package var subject: ConflictSubject { key.map { .key(field, $0) } ?? .field(field) }

    /// The value before what a conflict is about; `nil` for a life.
    package init?(subject: ConflictSubject, value: FieldValue) {
        switch subject {
        case .life: return nil
        case .field(let field): self.init(field: field, value: value)
        case .key(let field, let key): self.init(field: field, key: key, value: value)
        }
    }

    /// Pairs a field with its value.
    package init(field: FieldID, key: UTF8Text? = nil, value: FieldValue) {
        self.field = field
        self.key = key
        self.value = value
    }
}
