import SatchelStorage
import SatchelSync

extension Replica {
    /// Brings a deleted record back and writes fields of it, as one change-set.
    ///
    /// - Throws: `SatchelError` as an edit does.
    package func revive(typeName: String, _ text: String, assignments: [Assignment]) throws -> EditOutcome {
        try edit(purpose: "revive", options: EditOptions(settles: true)) { transaction in
            let type = try transaction.schema.requireType(named: typeName)
            let id = try transaction.resolve(text, type: type)
            let change = DraftChange(
                type: type.id, record: id, life: .revive, writes: try transaction.writes(assignments, type: type))
            return Draft(label: "revive", changes: [change])
        }
    }
}
