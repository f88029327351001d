package import SatchelSync

/// A value as people read it, with the value itself for programs.
package struct ShownValue: Hashable, Sendable {
    /// What is shown.
    package enum Content: Hashable, Sendable {
        /// A register's value.
        case register(FieldValue)
        /// The elements of a set, in byte order.
        case elements([UTF8Text])
        /// The total of a counter.
        case total(Int64)
        /// The keys of a map with their values, in byte order.
        case entries([MapWrite])
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
        case .entries(let entries): entries.isEmpty
        case .life, .total: false
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

    /// Shows the keys of a map.
    package init(entries: [MapWrite]) {
        content = .entries(entries)
        text = entries.map { "\($0.key)=\($0.value.text)" }.joined(separator: ", ")
    }

    /// Shows what the plain columns of a field hold; references are looked up by `title`.
    package init(of field: Field, in state: RecordState, title: (RecordID) throws -> String?) rethrows {
        switch field.kind {
        case .set: self.init(elements: state.winningElements(of: field))
        case .counter:
            let total = state.total(of: field)
            self.init(content: .total(total), text: String(total))
        case .map:
            self.init(entries: state.winningEntries(of: field).map { MapWrite($0.key, $0.value) })
        default: try self.init(state.winningValue(of: field), title: title)
        }
    }

    /// The last eight digits of an id: enough to tell records apart where its shortest unique ending is not at hand.
    private static func ending(of record: RecordID) -> Substring { record.description.suffix(8) }
}
