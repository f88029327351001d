/// The value of a register: what one field of one record holds, or a key's worth of it.
public enum FieldValue: Hashable, Sendable {
    /// No value. Writing it is an edit like any other.
    case null
    /// The value of a text or an enum field.
    case text(UTF8Text)
    /// The value of an int field.
    case integer(Int64)
    /// The value of a timestamp field.
    case timestamp(Timestamp)
    /// The record that a reference field points to.
    case reference(RecordID)
    /// The value of a bool field.
    case boolean(Bool)
    /// The value of a decimal field.
    case decimal(DecimalNumber)
    /// The value of a date field.
    case date(CalendarDate)
    /// The value of a location field.
    case location(Location)
    /// The value of a json field: its canonical text.
    case json(UTF8Text)

    /// Whether there is no value.
    public var isNull: Bool { self == .null }

    /// The value as people type and read it; the empty text for no value.
    public var text: String {
        switch self {
        case .null: ""
        case .text(let text), .json(let text): text.string
        case .integer(let number): String(number)
        case .boolean(let flag): flag ? "true" : "false"
        case .decimal(let number): number.description
        case .date(let day): day.description
        case .timestamp(let instant): instant.description
        case .reference(let record): record.description
        case .location(let place): place.description
        }
    }
}
