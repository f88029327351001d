/// A JSON value, as strict as Satchel reads it: text is well-formed, keys are unique, and order is kept.
package indirect enum JSONValue: Hashable, Sendable {
    /// The word `null`.
    case null
    /// The words `true` and `false`.
    case bool(Bool)
    /// A number without fraction and exponent that fits 64 bits.
    case integer(Int64)
    /// Any other number, as it is written: it is never rounded.
    case number(String)
    /// A text; it compares by its bytes.
    case string(UTF8Text)
    /// A list.
    case array([JSONValue])
    /// Members in the order of the text.
    case object([JSONMember])

    /// A text from a Swift string.
    package static func text(_ string: String) -> JSONValue { .string(UTF8Text(string)) }

    /// What it is, worded to follow "got".
    package var shape: String {
        switch self {
        case .null: "null"
        case .bool(let flag): flag ? "true" : "false"
        case .integer, .number: "a number"
        case .string: "a text"
        case .array: "a list"
        case .object: "an object"
        }
    }

    /// The value of a member of an object; `nil` for other values and other keys.
    /// - Complexity: O(members).
    package subscript(key: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.key.utf8.elementsEqual(key.utf8) }?.value
    }
}

/// One key of an object with its value.
package struct JSONMember: Hashable, Sendable {
    /// The key.
    package let key: String
    /// What it stands for.
    package let value: JSONValue

    /// Pairs a key with a value.
    package init(_ key: String, _ value: JSONValue) {
        self.key = key
        self.value = value
    }
}
