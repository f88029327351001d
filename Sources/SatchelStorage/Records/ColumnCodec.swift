import Foundation
package import GRDB
package import SatchelSync

/// What the plain columns of one field show.
package enum ColumnValue: Hashable, Sendable {
    /// The winner of a register.
    case register(FieldValue)
    /// The elements of a set, in byte order.
    case set([UTF8Text])
    /// The total of a counter.
    case counter(Int64)
    /// The keys of a map that have a value, in byte order.
    case map([MapWrite])

    /// What the columns of a field show that was never written.
    static func empty(of field: Field) -> ColumnValue {
        switch field.kind {
        case .set: .set([])
        case .counter: .counter(0)
        case .map: .map([])
        default: .register(.null)
        }
    }

    /// Whether it is what a field shows that was never written.
    package var isEmpty: Bool {
        switch self {
        case .register(let value): value.isNull
        case .set(let elements): elements.isEmpty
        case .counter(let total): total == 0
        case .map(let entries): entries.isEmpty
        }
    }
}

/// The one way values enter and leave SQLite (design §4).
///
/// Text, enums, dates, timestamps, ids and JSON are TEXT; integers, booleans, counters and the units of decimals INTEGER; a set is
/// a JSON array in byte order, a map a JSON object in the order of its keys; a location takes three INTEGER columns.
package enum ColumnCodec {
    /// The types in SQL of the columns of a field, in the order of ``SatchelSync/Field/columnNames``.
    package static func columnTypes(of kind: FieldKind) -> [String] {
        switch kind {
        case .integer, .decimal, .boolean: ["INTEGER"]
        // A sum over nothing is nothing: with NULL, `visits = visits + 1` would lose the increment.
        case .counter: ["INTEGER NOT NULL DEFAULT 0"]
        case .location: ["INTEGER", "INTEGER", "INTEGER"]
        case .text, .date, .timestamp, .enumeration, .reference, .set, .map, .json: ["TEXT"]
        }
    }

    /// What is bound for the columns of a field.
    package static func databaseValues(_ value: ColumnValue, kind: FieldKind) -> [DatabaseValue] {
        guard case .location = kind else { return [databaseValue(value)] }
        switch value {
        case .register(.location(let place)):
            return [
                Int64(place.latitude).databaseValue, Int64(place.longitude).databaseValue,
                place.accuracy.map { Int64($0).databaseValue } ?? .null,
            ]
        default: return [databaseValue(value), .null, .null]
        }
    }

    /// What is bound for a value that takes one column.
    package static func databaseValue(_ value: ColumnValue) -> DatabaseValue {
        switch value {
        case .register(.null): .null
        case .register(.integer(let number)), .counter(let number): number.databaseValue
        case .register(.boolean(let flag)): Int64(flag ? 1 : 0).databaseValue
        case .register(.decimal(let number)): number.units.databaseValue
        case .register(let value): value.text.databaseValue
        case .set(let elements):
            elements.isEmpty
                ? .null : JSONWriter.text(.array(elements.map { .string($0) })).databaseValue
        case .map(let entries): entries.isEmpty ? .null : json(of: entries).databaseValue
        }
    }

    /// A map as a JSON object in the order of its keys.
    private static func json(of entries: [MapWrite]) -> String {
        JSONWriter.text(.object(entries.map { JSONMember($0.key.string, $0.value.json) }))
    }

    /// What the columns of a type's fields hold, which begin a row.
    static func columnValues(of row: Row, type: EntityType) -> [ColumnValue] {
        var index = 0
        return type.fields.map { field in
            let count = field.columnNames.count
            defer { index += count }
            return columnValue((index..<(index + count)).map { row[$0] as DatabaseValue }, kind: field.kind)
        }
    }

    /// What the columns of a field hold.
    ///
    /// A value that the schema forbids is read as the text it shows, so that nothing is dropped and validation can name it.
    package static func columnValue(_ stored: [DatabaseValue], kind: FieldKind) -> ColumnValue {
        guard let first = stored.first else { return .register(.null) }
        switch kind {
        case .set:
            guard !first.isNull else { return .set([]) }
            guard case .array(let list)? = json(first), let elements = texts(list) else { return loose(first) }
            return .set(Set(elements).sorted())
        case .counter:
            guard case .int64(let number) = first.storage else { return loose(first) }
            return .counter(number)
        case .map:
            guard !first.isNull else { return .map([]) }
            guard case .object(let members)? = json(first) else { return loose(first) }
            let entries = members.map { MapWrite(UTF8Text($0.key), $0.value.fieldValue) }
            return .map(entries.filter { !$0.value.isNull }.sorted { $0.key < $1.key })
        case .location: return .register(location(stored))
        default: return .register(fieldValue(first, kind: kind))
        }
    }

    private static func fieldValue(_ stored: DatabaseValue, kind: FieldKind) -> FieldValue {
        switch (stored.storage, kind) {
        case (.null, _): return .null
        case (.int64(let number), .integer): return .integer(number)
        case (.int64(let number), .boolean) where number == 0 || number == 1: return .boolean(number == 1)
        case (.int64(let number), .decimal(let scale, _)):
            return DecimalNumber(units: number, scale: scale).map { .decimal($0) } ?? .integer(number)
        // Only the one form: another spelling of the same value would not read back as the same bytes.
        case (.string(let text), .date): return CalendarDate(text).map { .date($0) } ?? .text(UTF8Text(text))
        case (.string(let text), .timestamp):
            return Timestamp(text).flatMap { $0.description == text ? .timestamp($0) : nil } ?? .text(UTF8Text(text))
        case (.string(let text), .reference):
            return RecordID(text).flatMap { $0.description == text ? .reference($0) : nil } ?? .text(UTF8Text(text))
        case (.string, .json):
            return json(stored).map { .json(UTF8Text($0.canonicalText)) } ?? .text(UTF8Text(looseText(stored)))
        case (.string(let text), _): return .text(UTF8Text(text))
        default: return .text(UTF8Text(looseText(stored)))
        }
    }

    private static func location(_ stored: [DatabaseValue]) -> FieldValue {
        if stored.allSatisfy(\.isNull) { return .null }
        let parts = stored.map { value -> Int64? in if case .int64(let number) = value.storage { number } else { nil } }
        if stored.count == 3, let latitude = parts[0], let longitude = parts[1], stored[2].isNull || parts[2] != nil,
            let place = Location(latitude: latitude, longitude: longitude, accuracy: parts[2])
        {
            return .location(place)
        }
        // What stands in one column alone is what is shown there again.
        let isAlone = stored.dropFirst().allSatisfy(\.isNull)
        return .text(UTF8Text(isAlone ? looseText(stored[0]) : stored.map(looseText).joined(separator: ",")))
    }

    private static func json(_ stored: DatabaseValue) -> JSONValue? {
        guard case .string(let text) = stored.storage else { return nil }
        return try? JSONReader.parse(Array(text.utf8))
    }

    private static func texts(_ list: [JSONValue]) -> [UTF8Text]? {
        let texts = list.compactMap { if case .string(let text) = $0 { text } else { nil } }
        return texts.count == list.count ? texts : nil
    }

    private static func loose(_ stored: DatabaseValue) -> ColumnValue { .register(.text(UTF8Text(looseText(stored)))) }

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

    /// Whether the columns of this kind give exactly `value` back.
    ///
    /// What does not is kept in the record's state.
    package static func keepsExactly(_ value: FieldValue, kind: FieldKind) -> Bool {
        switch (kind, value) {
        case (.text, .text(let text)), (.enumeration, .text(let text)): !text.string.hasZeroByte
        case (.integer, .integer), (.timestamp, .timestamp), (.reference, .reference), (.boolean, .boolean),
            (.date, .date), (.location, .location):
            true
        case (.decimal(let scale, _), .decimal(let number)): number.scale == scale
        case (.json, .json(let text)):
            (try? JSONReader.parse(Array(text.string.utf8))).map { UTF8Text($0.canonicalText) } == text
        default: false
        }
    }
}

extension String {
    /// Whether SQLite would take the text to end within.
    fileprivate var hasZeroByte: Bool {
        let found = unsafe utf8.withContiguousStorageIfAvailable { unsafe $0.contains(0) }
        return found ?? utf8.contains(0)
    }
}
