import SatchelStorage
package import SatchelSync

extension Replica {
    /// Brings a deleted record back and writes fields of it, as one change-set, with what went by the same delete and nobody has deleted or
    /// revived since.
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
            return Draft(label: "revive", changes: try transaction.withReturning(change))
        }
    }
}

extension ReplicaTransaction {
    /// A change, and where it brings a record back those of what went with it by the same delete.
    func withReturning(_ change: DraftChange) throws -> [DraftChange] {
        guard change.life == .revive else { return [change] }
        return try [change]
            + goneWith(change.record, type: change.type).map {
                DraftChange(type: $0.type, record: $0.id, life: .revive)
            }
    }
}
