extension JSONValue {
    /// The one text of the value: no blanks, the keys of objects in byte order, numbers as they were written.
    ///
    /// Two replicas that hold the same value hold the same bytes, which is what a digest wants.
    /// - Complexity: O(n log n) in the members.
    package var canonicalText: String { JSONWriter.text(ordered) }

    private var ordered: JSONValue {
        switch self {
        case .array(let elements): .array(elements.map(\.ordered))
        case .object(let members):
            .object(
                members.map { JSONMember($0.key, $0.value.ordered) }.sorted { UTF8Text($0.key) < UTF8Text($1.key) })
        case .null, .bool, .integer, .number, .string: self
        }
    }

    /// The value as one register holds it, for what has no kind of its own: a key of a map.
    ///
    /// Texts, whole numbers of 64 bits, booleans and null are themselves; everything else is JSON.
    package var fieldValue: FieldValue {
        switch self {
        case .null: .null
        case .bool(let flag): .boolean(flag)
        case .integer(let number): .integer(number)
        case .string(let text): .text(text)
        case .number, .array, .object: .json(UTF8Text(canonicalText))
        }
    }
}

extension FieldValue {
    /// The value as JSON; ids, dates and times are texts, and so are decimals, which a reader's float would round.
    package var json: JSONValue {
        switch self {
        case .null: .null
        case .text(let text): .string(text)
        case .integer(let number): .integer(number)
        case .boolean(let flag): .bool(flag)
        case .json(let text): (try? JSONReader.parse(Array(text.string.utf8))) ?? .string(text)
        case .decimal, .date, .timestamp, .reference, .location: .text(self.text)
        }
    }
}
