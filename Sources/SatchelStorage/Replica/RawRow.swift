import Foundation
import GRDB
import SatchelSync

/// A row as another program left it, read by its bytes.
///
/// SQLite keeps any bytes as text, with NULs and what is not UTF-8, and any storage class in any column. Reading them as
/// strings would alter them in silence.
struct RawRow {
    /// What the columns show, as values of their fields.
    let columns: [ColumnValue]
    /// The same, but for columns whose spelling is not ours: these differ from anything we write, so that they are written anew.
    let stored: [ColumnValue]
    /// By field, what stands for bytes that are no value of any field.
    private let unfaithful: [FieldID: String]

    /// Whether every column is spelled as we would.
    var isCanonical: Bool { columns == stored }

    /// Reads the row of a record; `nil` when there is none.
    init?(of id: RecordID, type: EntityType, _ db: Database) throws {
        let bytes = type.fields.map { field in
            let name = field.name.quoted
            return "CASE WHEN typeof(\(name)) IN ('text', 'blob') THEN CAST(\(name) AS BLOB) END"
        }
        let classes = type.fields.map { "typeof(\($0.name.quoted))" }
        let list = [type.columnList, bytes.joined(separator: ", "), classes.joined(separator: ", ")]
        let statement = try db.cachedStatement(
            sql: "SELECT \(list.joined(separator: ", ")) FROM \(type.name.quoted) WHERE id = ?")
        guard let row = try Row.fetchOne(statement, arguments: [id.description]) else { return nil }
        var (columns, stored) = (RecordTable.columns(of: row, type: type), [ColumnValue]())
        var unfaithful: [FieldID: String] = [:]
        let count = type.fields.count
        for (index, field) in type.fields.enumerated() {
            let raw = (row[count + index] as Data?).map { Array($0) }
            let storageClass: String = row[2 * count + index]
            if let raw, let text = Self.stand(for: raw, storageClass: storageClass) {
                unfaithful[field.id] = text
                columns[index] = .register(.text(UTF8Text(text)))
            }
            stored.append(columns[index])
            guard field.kind.isSet, case .set(let elements) = columns[index], let raw else { continue }
            let canonical = elements.isEmpty ? [] : Array(ColumnCodec.jsonArray(elements).utf8)
            if raw != canonical { stored[index] = .register(.text(UTF8Text(String(decoding: raw, as: UTF8.self)))) }
        }
        (self.columns, self.stored, self.unfaithful) = (columns, stored, unfaithful)
    }

    /// What stands for bytes that no field takes: the text itself where it is one with a NUL, else hexadecimal, `X'ff'`, with a NUL
    /// behind, so that every replica refuses the value by the same rule.
    ///
    /// `nil` for sound text.
    private static func stand(for raw: [UInt8], storageClass: String) -> String? {
        guard storageClass == "text", let text = String(validating: raw, as: UTF8.self) else {
            return "X'\(raw.hexString)'\0"
        }
        return raw.contains(0) ? text : nil
    }

    /// The edit, with the reason for which it cannot be taken where a column that it writes holds such bytes.
    func faithful(_ change: DraftChange, type: EntityType) -> CapturedEdit {
        let broken = change.writes.first { unfaithful[$0.field] != nil }.flatMap { type.field($0.field) }
        let violation = broken.map { field in
            Violation(
                .invalidValue, record: change.record, field: field.id,
                "Field \"\(field.name)\" of \(type.name) \(change.record) holds bytes that are not text.")
        }
        return CapturedEdit(change: change, violation: violation)
    }
}
