import Foundation
package import GRDB
package import SatchelSync

/// What a plain column shows of one field: one value, or the elements of a set.
package enum ColumnValue: Hashable, Sendable {
    /// The winner of a register.
    case register(FieldValue)
    /// The elements of a set, in byte order.
    case set([UTF8Text])

    /// What a column of a field shows that was never written.
    static func empty(of field: Field) -> ColumnValue { field.kind.isSet ? .set([]) : .register(.null) }

    /// Whether the column is NULL.
    package var isEmpty: Bool {
        switch self {
        case .register(let value): value.isNull
        case .set(let elements): elements.isEmpty
        }
    }
}

/// The one way values enter and leave SQLite (design §4): text, enums, timestamps and ids as TEXT, integers as INTEGER, a set as
/// a JSON array in byte order.
package enum ColumnCodec {
    /// The column's type in SQL.
    package static func columnType(of kind: FieldKind) -> String {
        if case .integer = kind { "INTEGER" } else { "TEXT" }
    }

    /// What is bound for `value`.
    package static func databaseValue(_ value: ColumnValue) -> DatabaseValue {
        switch value {
        case .register(.null): .null
        case .register(.integer(let number)): number.databaseValue
        case .register(let value): value.text.databaseValue
        case .set(let elements): elements.isEmpty ? .null : jsonArray(elements).databaseValue
        }
    }

    /// What a column holds.
    ///
    /// A value that the schema forbids is read as the text it shows, so that nothing is dropped and
    /// validation can name it.
    package static func columnValue(_ stored: DatabaseValue, kind: FieldKind) -> ColumnValue {
        if kind.isSet {
            guard !stored.isNull else { return .set([]) }
            guard case .string(let text) = stored.storage, let elements = elements(ofJSON: text) else {
                return .register(.text(UTF8Text(looseText(stored))))
            }
            return .set(elements)
        }
        return .register(fieldValue(stored, kind: kind))
    }

    private static func fieldValue(_ stored: DatabaseValue, kind: FieldKind) -> FieldValue {
        switch (stored.storage, kind) {
        case (.null, _): .null
        case (.int64(let number), .integer): .integer(number)
        case (.string(let text), .timestamp):
            // Only the one form: another spelling of the same instant would not read back as the same bytes.
            Timestamp(text).flatMap { $0.description == text ? .timestamp($0) : nil } ?? .text(UTF8Text(text))
        case (.string(let text), .reference):
            RecordID(text).flatMap { $0.description == text ? .reference($0) : nil } ?? .text(UTF8Text(text))
        case (.string(let text), _): .text(UTF8Text(text))
        default: .text(UTF8Text(looseText(stored)))
        }
    }

    /// A value of a storage class that no field of ours uses, as SQL would write it.
    private static func looseText(_ stored: DatabaseValue) -> String {
        switch stored.storage {
        case .null: ""
        case .int64(let number): String(number)
        case .double(let number): String(number)
        case .string(let text): text
        case .blob(let data): "X'\(Array(data).hexString)'"
        }
    }

    /// Whether a column of this kind gives exactly `value` back.
    ///
    /// What does not is kept in the record's state.
    package static func keepsExactly(_ value: FieldValue, kind: FieldKind) -> Bool {
        switch (kind, value) {
        case (.text, .text(let text)), (.enumeration, .text(let text)): !text.string.utf8.contains(0)
        case (.integer, .integer), (.timestamp, .timestamp), (.reference, .reference): true
        default: false
        }
    }

    /// A JSON array of strings, as short as can be.
    package static func jsonArray(_ elements: [UTF8Text]) -> String {
        var text = "["
        for (index, element) in elements.enumerated() {
            if index > 0 { text += "," }
            text += "\""
            for scalar in element.string.unicodeScalars {
                switch scalar {
                case "\"": text += "\\\""
                case "\\": text += "\\\\"
                case "\u{0}"..<"\u{20}":
                    let digits = String(scalar.value, radix: 16)
                    text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                default: text.unicodeScalars.append(scalar)
                }
            }
            text += "\""
        }
        return text + "]"
    }

    /// The elements of a JSON array of strings in byte order, each once; `nil` for any other text.
    package static func elements(ofJSON text: String) -> [UTF8Text]? {
        guard let strings = try? JSONDecoder().decode([String].self, from: Data(text.utf8)) else { return nil }
        return Set(strings.map { UTF8Text($0) }).sorted()
    }
}
