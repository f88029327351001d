import Foundation
import GRDB
package import SatchelSync

/// What plain SQL did to one row since it was last sealed.
package struct CapturedEdit: Sendable {
    /// The edit that it amounts to.
    ///
    /// Bytes that are not UTF-8 stand in it in hexadecimal, `X'ff'`, with a NUL behind: no field takes a NUL, so that every replica
    /// refuses the value by the same rule.
    package let change: DraftChange
    /// Why it cannot be taken as it is, where the columns hold text that is none.
    package let violation: Violation?
}

extension ReplicaTransaction {
    /// The records whose rows plain SQL changed and nobody has sealed, in the order of types and ids.
    ///
    /// After a turn's sealing these are the ones that are too large for a change-set.
    package func unsealedRecords() throws -> [RecordID] {
        try schema.types.flatMap { type in try Captures.all(of: type, db).compactMap { RecordID($0.id) } }
    }

    /// Takes what plain SQL changed, as edits in the order of types and ids, and forgets that it was captured.
    ///
    /// The caller seals them in this transaction. A row that is as it was gives no edit. What cannot be an edit stays where it is, in
    /// the row and in what was captured, until somebody mends it: an edit of more than `bytesMax` canonical bytes, which could
    /// never be sent, and a row under an id that names a record of another type.
    package func takeCaptured(bytesMax: Int) throws -> [CapturedEdit] {
        var edits: [CapturedEdit] = []
        for type in schema.types {
            for (text, before) in try Captures.all(of: type, db) {
                guard let id = RecordID(text) else { continue }  // The table's CHECK lets only UUIDs in.
                var record = try session.recordOrNew(id, type: type.id)
                guard record.type == type.id else { continue }
                let raw = try RawRow(of: id, type: type, db)
                let change = Self.difference(from: before.columns, to: raw?.columns, record: record, type: type)
                if let change, change.byteCount > bytesMax { continue }
                if change != nil || raw?.isCanonical == false {
                    // The state was packed beside the row as it was; from here on the row is what it is.
                    record.row = raw?.stored
                    session.save(record)
                    session.noteReferences(in: before.columns)
                    session.noteReferences(in: raw?.columns)
                }
                if let change {
                    edits.append(raw?.faithful(change, type: type) ?? CapturedEdit(change: change, violation: nil))
                }
                try Captures.clear(id, of: type, db)
                try FaultPoint.sqlTaken.reach()
            }
        }
        return edits
    }

    /// The edit that makes the row as it was into the row as it is; `nil` where they show the same.
    private static func difference(
        from before: [ColumnValue]?, to current: [ColumnValue]?, record: StoredRecord, type: EntityType
    ) -> DraftChange? {
        guard let current else {
            return before == nil ? nil : DraftChange(type: type.id, record: record.id, life: .delete)
        }
        let wasDeleted = before == nil && record.state.lifeStatus == .deleted
        // An insert over a deleted record says what every column holds: what it leaves out is emptied, not brought back.
        let old = before ?? type.fields.map { wasDeleted ? record.state.column(of: $0) : ColumnValue.empty(of: $0) }
        let writes = zip(type.fields, zip(old, current)).compactMap { field, columns -> FieldChange? in
            write(from: columns.0, to: columns.1).map { FieldChange(field.id, $0) }
        }
        let life: LifeWrite? = before != nil ? nil : wasDeleted ? .revive : .create
        guard life != nil || !writes.isEmpty else { return nil }
        return DraftChange(type: type.id, record: record.id, life: life, writes: writes)
    }

    private static func write(from old: ColumnValue, to new: ColumnValue) -> FieldWrite? {
        guard old != new else { return nil }
        switch (old, new) {
        case (_, .register(let value)): return .register(value)
        case (.set(let old), .set(let new)):
            let (before, after) = (Set(old), Set(new))
            return .set(add: new.filter { !before.contains($0) }, remove: old.filter { !after.contains($0) })
        case (_, .set(let new)): return .set(add: new, remove: [])
        case (.counter(let old), .counter(let new)):
            let (delta, overflow) = new.subtractingReportingOverflow(old)
            // No increment says this; validation names it.
            return overflow ? .register(.integer(new)) : .counter(delta)
        // What stands there is no number, so there is nothing to count from.
        case (_, .counter(let new)): return .register(.integer(new))
        case (.map(let old), .map(let new)):
            let before = Dictionary(old.map { ($0.key, $0.value) }) { first, _ in first }
            let after = Set(new.map(\.key))
            let given = new.filter { before[$0.key] != $0.value }
            let taken = old.filter { !after.contains($0.key) }.map { MapWrite($0.key, .null) }
            return .map((given + taken).sorted { $0.key < $1.key })
        case (_, .map(let new)): return .map(new)
        }
    }
}
