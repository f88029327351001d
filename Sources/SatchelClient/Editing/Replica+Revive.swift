import SatchelStorage
package import SatchelSync

extension Replica {
    /// Brings a deleted record back and writes fields of it, as one change-set.
    ///
    /// - Throws: `SatchelError` as an edit does; `field_in_conflict` unless `settles`.
    package func revive(
        typeName: String, _ text: String, assignments: [Assignment], settles: Bool, readAt: ReadToken? = nil
    ) throws -> EditOutcome {
        try edit(purpose: "revive", options: EditOptions(settles: settles)) { transaction in
            let type = try transaction.schema.requireType(named: typeName)
            let id = try transaction.resolve(text, type: type)
            let change = DraftChange(
                type: type.id, record: id, life: .revive,
                writes: try transaction.writes(assignments, type: type, at: clock.now()),
                readAt: try transaction.context(of: readAt, forEditOf: id))
            return Draft(label: "revive", changes: [change])
        }
    }
}
