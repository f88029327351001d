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
        let names = type.columnNames.map(\.quoted)
        let bytes = names.map { name in
            "CASE WHEN typeof(\(name)) IN ('text', 'blob') THEN CAST(\(name) AS BLOB) END"
        }
        let classes = names.map { "typeof(\($0))" }
        let list = [type.columnList, bytes.joined(separator: ", "), classes.joined(separator: ", ")]
        let statement = try db.cachedStatement(
            sql: "SELECT \(list.joined(separator: ", ")) FROM \(type.name.quoted) WHERE id = ?")
        guard let row = try Row.fetchOne(statement, arguments: [id.description]) else { return nil }
        var (columns, stored) = (ColumnCodec.columnValues(of: row, type: type), [ColumnValue]())
        var unfaithful: [FieldID: String] = [:]
        let count = names.count
        var column = 0
        for (index, field) in type.fields.enumerated() {
            for part in column..<(column + field.columnNames.count) {
                let raw = (row[count + part] as Data?).map { Array($0) }
                let storageClass: String = row[2 * count + part]
                guard let raw, let text = Self.stand(for: raw, storageClass: storageClass) else { continue }
                unfaithful[field.id] = text
                columns[index] = .register(.text(UTF8Text(text)))
            }
            stored.append(columns[index])
            if let raw = (row[count + column] as Data?).map({ Array($0) }), unfaithful[field.id] == nil,
                !Self.isCanonical(raw, columns[index], kind: field.kind)
            {
                stored[index] = .register(.text(UTF8Text(String(decoding: raw, as: UTF8.self))))
            }
            column += field.columnNames.count
        }
        (self.columns, self.stored, self.unfaithful) = (columns, stored, unfaithful)
    }

    /// Whether the text of a column that holds JSON is spelled as we would.
    private static func isCanonical(_ raw: [UInt8], _ value: ColumnValue, kind: FieldKind) -> Bool {
        switch value {
        case .set, .map, .register(.json):
            ColumnCodec.databaseValue(value) == String(decoding: raw, as: UTF8.self).databaseValue
        default: true
        }
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
