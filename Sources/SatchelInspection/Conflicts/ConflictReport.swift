package import SatchelSync

/// One of the values in conflict: equal values of several writers are one sibling.
package struct SiblingReport: Hashable, Sendable {
    /// Its number, from 1: the winner's is 1, the others follow from latest to earliest.
    package let number: Int
    /// The value.
    package let value: ShownValue
    /// Whether the tables show it.
    package let isWinner: Bool
    /// The change-sets that wrote it, in dot order; empty only where a record lives for the sake of others that refer to it.
    package let writers: [WriterReport]
}

/// One open conflict of a record, as people read it.
package struct ConflictItemReport: Hashable, Sendable {
    /// What it is about: `life`, or the field's name.
    package let subject: String
    /// The same for headings, such as `credit limit`.
    package let label: String
    /// How much it asks of people.
    package let severity: ConflictSeverity
    /// How it is settled: `latest`, `manual`, or `life`.
    package let policy: String
    /// The value before the concurrent edits; `nil` where none is known.
    package let base: ShownValue?
    /// The values in conflict, the winner's first.
    package let siblings: [SiblingReport]
    /// Why the first sibling is the one shown.
    package let winnerReason: String
    /// What stands for it, as a short text: handed back with a resolution, it guards against settling what nobody read, whatever
    /// becomes of the record's other conflicts (see ``SatchelSync/RecordState/token(of:)``).
    package let token: String
}

/// The open conflicts of one record, as people read them: three values, who, when, on which device, what each had seen.
///
/// Everything but the look-ups' answers is a function of the record's state alone, so all replicas number siblings alike.
package struct ConflictReport: Hashable, Sendable {
    /// The name of the record's type.
    package let type: String
    /// The record.
    package let record: RecordID
    /// The shortest unique ending of its id.
    package let ending: String
    /// The value that people know the record by; empty where it has none.
    package let title: String
    /// Its open conflicts, life first, then fields in the order of the schema; empty where there is none.
    package let items: [ConflictItemReport]
    /// What stands for the record as a whole, as a short text: handed back with a resolution, it guards against settling anything after
    /// any change of the record (see ``SatchelSync/RecordState/standingToken``).
    package let token: String

    /// The most that one of the items asks of people; `nil` where there is no conflict.
    package var severity: ConflictSeverity? { items.map(\.severity).max() }

    /// Describes the open conflicts of a record; `life` is its status as the store sees it, living children included.
    ///
    /// - Throws: What the look-ups of `context` throw.
    /// - Complexity: O(siblings²) for what each had not seen.
    package init(
        record: RecordID, type: EntityType, state: RecordState, life: LifeStatus, context: InspectionContext
    ) throws {
        self.type = type.name
        self.record = record
        ending = context.ending
        title = type.title(of: state)
        token = state.standingToken
        items = try state.conflicts(in: type, life: life).compactMap { item in
            switch item.subject {
            case .life: return try ConflictItemReport(lifeOf: state, type: type, context: context)
            case .field(let id), .key(let id, _):
                guard let field = type.field(id) else { return nil }
                return try ConflictItemReport(item: item, field: field, state: state, context: context)
            }
        }
    }
}
