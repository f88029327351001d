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
    /// The caller seals them in this transaction. A row that is as it was gives no edit. An edit of more than `bytesMax` canonical
    /// bytes stays where it is, in the row and in what was captured, until somebody shortens it: sealed, it could never be sent.
    package func takeCaptured(bytesMax: Int) throws -> [CapturedEdit] {
        var edits: [CapturedEdit] = []
        for type in schema.types {
            for (text, before) in try Captures.all(of: type, db) {
                guard let id = RecordID(text) else { continue }  // The table's CHECK lets only UUIDs in.
                let current = try records.currentRow(of: id, type: type)
                var record = try session.recordOrNew(id, type: type.id)
                let status = record.state.lifeStatus == .deleted ? record.status : record.state.lifeStatus
                if let change = Self.difference(
                    from: before.columns, to: current, record: id, type: type, wasDeleted: status == .deleted)
                {
                    guard change.byteCount <= bytesMax else { continue }
                    // The state was packed beside the row as it was; from here on the row is what it is.
                    record.row = current
                    session.save(record)
                    edits.append(try faithful(change, type: type))
                }
                try Captures.clear(id, of: type, db)
            }
        }
        return edits
    }

    /// SQLite keeps any bytes as text, with NULs and what is not UTF-8, and reading them as a string would alter them in silence.
    private func faithful(_ change: DraftChange, type: EntityType) throws -> CapturedEdit {
        let columns = type.fields.map {
            "CASE typeof(\($0.name.quoted)) WHEN 'text' THEN CAST(\($0.name.quoted) AS BLOB) END"
        }
        let row = try Row.fetchOne(
            db, sql: "SELECT \(columns.joined(separator: ", ")) FROM \(type.name.quoted) WHERE id = ?",
            arguments: [change.record.description])
        var violation: Violation?
        let writes = change.writes.map { entry in
            guard let row, let index = type.fieldIndex(entry.field), let data = row[index] as Data? else {
                return entry
            }
            let bytes = Array(data)
            let text = String(validating: bytes, as: UTF8.self)
            guard text == nil || bytes.contains(0) else { return entry }
            violation = Violation(
                .invalidValue, record: change.record, field: entry.field,
                "Field \"\(type.fields[index].name)\" of \(type.name) \(change.record) holds bytes that are not text.")
            return FieldChange(entry.field, .register(.text(UTF8Text(text ?? "X'\(bytes.hexString)'\0"))))
        }
        let kept = DraftChange(type: change.type, record: change.record, life: change.life, writes: writes)
        return CapturedEdit(change: kept, violation: violation)
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
