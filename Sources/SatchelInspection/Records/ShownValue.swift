package import SatchelSync

/// A value as people read it, with the value itself for programs.
package struct ShownValue: Hashable, Sendable {
    /// What is shown.
    package enum Content: Hashable, Sendable {
        /// A register's value.
        case register(FieldValue)
        /// The elements of a set, in byte order.
        case elements([UTF8Text])
        /// Whether a record lives: `true` for alive, `false` for deleted.
        case life(isAlive: Bool)
    }

    /// The value for programs.
    package let content: Content
    /// The value for people: a reference by title and ending, a set by commas; empty where there is none.
    ///
    /// Control characters are as they were typed: whoever shows the text escapes them.
    package let text: String

    /// Whether there is no value.
    package var isNull: Bool {
        switch content {
        case .register(let value): value.isNull
        case .elements(let elements): elements.isEmpty
        case .life: false
        }
    }

    /// Pairs a value with its text.
    package init(content: Content, text: String) {
        self.content = content
        self.text = text
    }

    /// Shows a register's value; references are looked up by `title`.
    package init(_ value: FieldValue, title: (RecordID) throws -> String?) rethrows {
        content = .register(value)
        if case .reference(let record) = value {
            text = "\(try title(record) ?? "a record that is not here") (…\(Self.ending(of: record)))"
        } else {
            text = value.text
        }
    }

    /// Shows the elements of a set.
    package init(elements: [UTF8Text]) {
        content = .elements(elements)
        text = elements.map(\.string).joined(separator: ", ")
    }

    /// The last eight digits of an id: enough to tell records apart where its shortest unique ending is not at hand.
    private static func ending(of record: RecordID) -> Substring { record.description.suffix(8) }
}
