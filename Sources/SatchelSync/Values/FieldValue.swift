/// The value of a register: what one field of one record holds, or an element's worth of it.
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

    /// Whether there is no value.
    public var isNull: Bool { self == .null }

    /// The value as people type and read it; the empty text for no value.
    public var text: String {
        switch self {
        case .null: ""
        case .text(let text): text.string
        case .integer(let number): String(number)
        case .timestamp(let instant): instant.description
        case .reference(let record): record.description
        }
    }
}
