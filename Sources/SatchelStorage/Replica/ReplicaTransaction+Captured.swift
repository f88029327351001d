import GRDB
package import SatchelSync

/// What plain SQL did to one row since it was last sealed.
package struct CapturedEdit: Sendable {
    /// The edit that it amounts to.
    package let change: DraftChange
}

extension ReplicaTransaction {
    /// Whether plain SQL changed rows that nobody has sealed yet.
    package func hasCaptured() throws -> Bool { try !Captures.isEmpty(db, schema: schema) }

    /// Takes what plain SQL changed, as edits in the order of types and ids, and forgets that it was captured.
    ///
    /// The caller seals them in this transaction. A row that is as it was gives no edit.
    package func takeCaptured() throws -> [CapturedEdit] {
        var edits: [CapturedEdit] = []
        for type in schema.types {
            for (text, before) in try Captures.all(of: type, db) {
                guard let id = RecordID(text) else { continue }  // The table's CHECK lets only UUIDs in.
                let current = try records.currentRow(of: id, type: type)
                // The state was packed beside the row as it was; from here on the row is what it is.
                var record = try session.recordOrNew(id, type: type.id)
                record.row = current
                session.save(record)
                let status = record.state.lifeStatus == .deleted ? record.status : record.state.lifeStatus
                if let change = Self.difference(
                    from: before.columns, to: current, record: id, type: type, wasDeleted: status == .deleted)
                {
                    edits.append(CapturedEdit(change: change))
                }
            }
            try Captures.clear(type, db)
        }
        return edits
    }

    private static func difference(
        from before: [ColumnValue]?, to current: [ColumnValue]?, record: RecordID, type: EntityType, wasDeleted: Bool
    ) -> DraftChange? {
        guard let current else {
            return before == nil ? nil : DraftChange(type: type.id, record: record, life: .delete)
        }
        let old = before ?? type.fields.map { $0.kind.isSet ? .set([]) : .register(.null) }
        let writes = zip(type.fields, zip(old, current)).compactMap { field, columns -> FieldChange? in
            write(from: columns.0, to: columns.1).map { FieldChange(field.id, $0) }
        }
        let life: LifeWrite? = before != nil ? nil : wasDeleted ? .revive : .create
        guard life != nil || !writes.isEmpty else { return nil }
        return DraftChange(type: type.id, record: record, life: life, writes: writes)
    }

    private static func write(from old: ColumnValue, to new: ColumnValue) -> FieldWrite? {
        guard old != new else { return nil }
        switch (old, new) {
        case (_, .register(let value)): return .register(value)
        case (.set(let old), .set(let new)):
            let (before, after) = (Set(old), Set(new))
            return .set(add: new.filter { !before.contains($0) }, remove: old.filter { !after.contains($0) })
        case (.register, .set(let new)): return .set(add: new, remove: [])
        }
    }
}
