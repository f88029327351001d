import SatchelSync

/// Values in the columns of their field: a number for the kind, and what belongs to it.
///
/// | kind | value |
/// |---|---|
/// | 0 | none |
/// | 1 · 2 | a text · canonical JSON, in the text column |
/// | 3 | an integer, zigzag |
/// | 4 · 5 | an instant in milliseconds · a date in days, as the difference to the number before |
/// | 6 | a record |
/// | 7 · 8 | false · true |
/// | 9 | a location: latitude and longitude as differences, accuracy and one more or 0 |
/// | 10 | a text of lower-case hexadecimal digits: half their number, and the bytes they stand for |
/// | 11 | an integer as the difference to the number before |
/// | 16 + scale · 32 + scale | a decimal: its units · their difference to the number before |
enum ValueKind {
    static let null: UInt64 = 0
    static let text: UInt64 = 1
    static let json: UInt64 = 2
    static let integer: UInt64 = 3
    static let timestamp: UInt64 = 4
    static let date: UInt64 = 5
    static let reference: UInt64 = 6
    static let isFalse: UInt64 = 7
    static let isTrue: UInt64 = 8
    static let location: UInt64 = 9
    static let hex: UInt64 = 10
    static let integerDifference: UInt64 = 11
    static let decimal: UInt64 = 16
    static let decimalDifference: UInt64 = 32
    /// Shorter digits are as well a text.
    static let hexDigitsMin = 16
}

extension ColumnWriter {
    mutating func write(_ value: FieldValue, slot: Int) throws(SatchelError) {
        let first = Column.firstSlot + slot * SlotPart.width
        let number = first + SlotPart.number.rawValue
        switch value {
        case .null: write(ValueKind.null, at: first)
        case .text(let text):
            if let bytes = text.hexBytes {
                write(ValueKind.hex, at: first)
                write(UInt64(bytes.count), at: first + SlotPart.textLength.rawValue)
                write(bytes: bytes, at: Column.hexBytes.rawValue)
            } else {
                write(ValueKind.text, at: first)
                write(text, TextColumn(slot: slot))
            }
        case .json(let text):
            write(ValueKind.json, at: first)
            write(text, TextColumn(slot: slot))
        case .integer(let integer):
            let isDifference = write(remembered: integer, at: number)
            write(isDifference ? ValueKind.integerDifference : ValueKind.integer, at: first)
        case .timestamp(let instant):
            write(ValueKind.timestamp, at: first)
            write(difference: instant.milliseconds, at: number)
        case .date(let day):
            write(ValueKind.date, at: first)
            write(difference: Int64(day.dayNumber), at: number)
        case .reference(let record):
            write(ValueKind.reference, at: first)
            try write(record, at: number)
        case .boolean(let flag): write(flag ? ValueKind.isTrue : ValueKind.isFalse, at: first)
        case .location(let place):
            write(ValueKind.location, at: first)
            write(difference: Int64(place.latitude), at: number)
            write(difference: Int64(place.longitude), at: first + SlotPart.longitude.rawValue)
            write(place.accuracy.map { UInt64($0) + 1 } ?? 0, at: first + SlotPart.accuracy.rawValue)
        case .decimal(let decimal):
            let isDifference = write(remembered: decimal.units, at: number)
            let kind = isDifference ? ValueKind.decimalDifference : ValueKind.decimal
            write(kind + UInt64(decimal.scale), at: first)
        }
    }
}

extension ColumnReader {
    mutating func value(slot: Int) throws(FormError) -> FieldValue {
        let first = Column.firstSlot + slot * SlotPart.width
        let number = first + SlotPart.number.rawValue
        let kind = try self.number(at: first)
        switch kind {
        case ValueKind.null: return .null
        case ValueKind.text: return .text(try text(TextColumn(slot: slot)))
        case ValueKind.json: return .json(try text(TextColumn(slot: slot)))
        case ValueKind.integer: return .integer(try remembered(at: number, isDifference: false))
        case ValueKind.integerDifference: return .integer(try remembered(at: number, isDifference: true))
        case ValueKind.hex: return .text(try hexText(slot: slot))
        case ValueKind.timestamp: return .timestamp(try time(at: number))
        case ValueKind.date:
            guard let day = Int(exactly: try difference(at: number)).flatMap({ CalendarDate(dayNumber: $0) }) else {
                throw fault(number, takes: "a day of the years 0000 to 9999")
            }
            return .date(day)
        case ValueKind.reference: return .reference(try record(at: number))
        case ValueKind.isFalse: return .boolean(false)
        case ValueKind.isTrue: return .boolean(true)
        case ValueKind.location: return .location(try location(slot: slot))
        default: return .decimal(try decimal(kind, slot: slot))
        }
    }

    private mutating func decimal(_ kind: UInt64, slot: Int) throws(FormError) -> DecimalNumber {
        let first = Column.firstSlot + slot * SlotPart.width
        let isDifference = kind >= ValueKind.decimalDifference
        let base = isDifference ? ValueKind.decimalDifference : ValueKind.decimal
        guard kind >= base, kind - base <= UInt64(DecimalNumber.scaleMax) else {
            throw fault(first, takes: "a kind of value")
        }
        let units = try remembered(at: first + SlotPart.number.rawValue, isDifference: isDifference)
        guard let value = DecimalNumber(units: units, scale: UInt8(kind - base)) else {
            throw fault(first, takes: "a kind of value")
        }
        return value
    }

    private mutating func hexText(slot: Int) throws(FormError) -> UTF8Text {
        let column = TextColumn(slot: slot)
        guard let count = Int(exactly: try number(at: column.length)) else {
            throw fault(column.length, takes: "a number of bytes")
        }
        let bytes = try bytes(count, at: Column.hexBytes.rawValue)
        try spend(bytes: 2 * count)
        return UTF8Text(Array(bytes).hexString)
    }

    private mutating func location(slot: Int) throws(FormError) -> Location {
        let first = Column.firstSlot + slot * SlotPart.width
        let latitude = try difference(at: first + SlotPart.number.rawValue)
        let longitude = try difference(at: first + SlotPart.longitude.rawValue)
        let accuracy = try number(at: first + SlotPart.accuracy.rawValue)
        let metres = accuracy == 0 ? nil : Int64(exactly: accuracy - 1)
        guard accuracy == 0 || metres != nil,
            let place = Location(latitude: latitude, longitude: longitude, accuracy: metres)
        else { throw fault(first, takes: "degrees in 10^-7 and an accuracy on the earth") }
        return place
    }
}

extension UTF8Text {
    /// The bytes that the text spells in lower-case hexadecimal digits, such as a digest; `nil` for any other text.
    fileprivate var hexBytes: [UInt8]? {
        guard string.utf8.count >= ValueKind.hexDigitsMin else { return nil }
        return [UInt8](hexString: string)
    }
}
