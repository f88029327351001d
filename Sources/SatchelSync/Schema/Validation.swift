/// Why a change does not fit the schema: what a rejection says, and what the author is told before it comes to one.
public struct Violation: Error, Hashable, Sendable {
    /// What kind of rule is broken.
    public let code: SatchelError.Code
    /// The record that breaks it.
    public let record: RecordID?
    /// The field that breaks it.
    public let field: FieldID?
    /// The rule and what was met, in a sentence.
    public let sentence: String

    /// Names a broken rule.
    public init(_ code: SatchelError.Code, record: RecordID? = nil, field: FieldID? = nil, _ sentence: String) {
        self.code = code
        self.record = record
        self.field = field
        self.sentence = sentence
    }

    /// The same as a failure that a person can act on.
    public var error: SatchelError {
        SatchelError(code, sentence, remedy: "Correct it and try again; nothing was written.")
    }
}

extension Schema {
    /// Checks the parts of a change that rest on the schema alone.
    ///
    /// That is the type, the fields, the values, and that a new record has what is required. Whether a reference exists is the store's to say.
    /// - Throws: ``Violation``, the first one in field order.
    /// - Complexity: O(writes × log fields).
    public func validate(_ change: RecordChange) throws(Violation) {
        guard let type = type(change.type) else {
            throw Violation(
                .unknownType, record: change.record, "Type number \(change.type.number) is not in schema \(version).")
        }
        guard change.life != nil || !change.writes.isEmpty else {
            throw Violation(
                .invalidRequest, record: change.record, "The change of \(type.name) \(change.record) changes nothing.")
        }
        guard change.life != .delete || change.writes.isEmpty else {
            throw Violation(
                .invalidRequest, record: change.record,
                "A delete of \(type.name) \(change.record) writes fields; a delete writes none.")
        }
        for entry in change.writes {
            guard let field = type.field(entry.field) else {
                throw Violation(
                    .unknownField, record: change.record, field: entry.field,
                    "Field number \(entry.field.number) of \(type.name) is not in schema \(version).")
            }
            if let problem = field.problem(with: entry.write) {
                throw Violation(
                    problem.code, record: change.record, field: field.id,
                    "Field \"\(field.name)\" of \(type.name) \(change.record) \(problem.sentence)")
            }
        }
        guard change.life == .create else { return }
        for field in type.fields where field.isRequired {
            let hasValue = change.writes.contains { $0.field == field.id && $0.write.addsValue }
            if !hasValue {
                throw Violation(
                    .requiredField, record: change.record, field: field.id,
                    "Field \"\(field.name)\" of \(type.name) \(change.record) is required and has no value.")
            }
        }
    }
}

extension FieldWrite {
    /// Whether the write gives the field something: a value, or an element.
    fileprivate var addsValue: Bool {
        switch self {
        case .register(let value): !value.isNull
        case .set(let add, _): !add.isEmpty
        }
    }
}

extension Field {
    /// Why `write` does not fit, worded to follow the field's name; `nil` when it does.
    func problem(with write: FieldWrite) -> (code: SatchelError.Code, sentence: String)? {
        switch write {
        case .register(let value):
            guard !kind.isSet else { return (.invalidValue, "is a set: add or remove elements.") }
            return problem(with: value)
        case .set(let add, let remove):
            guard case .set(let maxLength) = kind else { return (.invalidValue, "is not a set: give it one value.") }
            guard add.count + remove.count <= Limits.setElementsMax else {
                return (.tooLarge, "takes at most \(Limits.setElementsMax) elements in one change.")
            }
            for element in add + remove {
                if element.string.isEmpty { return (.invalidValue, "takes no empty element.") }
                if let problem = textProblem(element, maxLength: maxLength, bytesMax: Limits.elementBytesMax) {
                    return problem
                }
            }
            if Set(add + remove).count < add.count + remove.count {
                return (.invalidValue, "names an element twice in one change.")
            }
            guard Self.isAscending(add), Self.isAscending(remove) else {
                return (.invalidRequest, "takes elements in byte order.")
            }
            return nil
        }
    }

    /// Why `value` does not fit, worded to follow the field's name; `nil` when it does.
    func problem(with value: FieldValue) -> (code: SatchelError.Code, sentence: String)? {
        switch (kind, value) {
        case (_, .null): return isRequired ? (.requiredField, "is required and cannot be emptied.") : nil
        case (.text(let maxLength), .text(let text)):
            return textProblem(text, maxLength: maxLength, bytesMax: Limits.textBytesMax)
        case (.integer(let range), .integer(let number)):
            guard range.contains(number) else {
                return (.invalidValue, "takes \(range.lowerBound) to \(range.upperBound), got \(number).")
            }
            return nil
        case (.enumeration(let cases), .text(let text)):
            guard cases.contains(text) else {
                let names = cases.map(\.string).joined(separator: ", ")
                return (.invalidValue, "takes one of \(names); got \"\(Self.excerpt(text.string))\".")
            }
            return nil
        case (.timestamp, .timestamp), (.reference, .reference): return nil
        default: return (.invalidValue, "takes \(kind.valueDescription); got \"\(Self.excerpt(value.text))\".")
        }
    }

    private func textProblem(
        _ text: UTF8Text, maxLength: Int, bytesMax: Int
    ) -> (code: SatchelError.Code, sentence: String)? {
        let bytes = text.string.utf8.count
        if bytes > bytesMax { return (.tooLarge, "takes at most \(bytesMax) bytes, got \(bytes).") }
        let length = text.string.unicodeScalars.count
        if length > maxLength { return (.tooLarge, "takes at most \(maxLength) characters, got \(length).") }
        if text.string.utf8.contains(0) { return (.invalidValue, "takes no NUL character.") }
        return nil
    }

    private static func isAscending(_ elements: [UTF8Text]) -> Bool {
        zip(elements, elements.dropFirst()).allSatisfy { $0 < $1 }
    }

    private static func excerpt(_ text: String) -> String {
        // Scalars, not characters: one character may be of any length. A NUL would end the sentence wherever C reads it.
        let shown = text.replacing("\0", with: "\u{2400}")
        return shown.unicodeScalars.count <= 40 ? shown : String(shown.unicodeScalars.prefix(40)) + "…"
    }
}

extension FieldKind {
    /// What a value of this kind looks like, worded to follow "takes".
    public var valueDescription: String {
        switch self {
        case .text: "text"
        case .integer: "a whole number"
        case .enumeration(let cases): "one of \(cases.map(\.string).joined(separator: ", "))"
        case .timestamp: "a time such as 2026-03-02T08:01:13.120Z"
        case .reference: "the id of a record"
        case .set: "a set of texts"
        }
    }
}

extension Field {
    /// Reads a value as people type it.
    ///
    /// Records are named by their whole id; endings are the replica's to complete.
    /// - Throws: ``SatchelError`` `invalid_value` when the text is not of this kind. Bounds are checked by validation.
    public func parse(_ text: String) throws(SatchelError) -> FieldValue {
        let value: FieldValue? =
            switch kind {
            case .text, .enumeration: .text(UTF8Text(text))
            case .integer: Int64(text).map { .integer($0) }
            case .timestamp: Timestamp(text).map { .timestamp($0) }
            case .reference: RecordID(text).map { .reference($0) }
            case .set: nil
            }
        guard let value else {
            throw SatchelError(
                .invalidValue, "Field \"\(name)\" takes \(kind.valueDescription), got \"\(Self.excerpt(text))\".",
                remedy: kind.isSet
                    ? "Write \(name)+=element to add and \(name)-=element to remove." : "Correct the value.")
        }
        return value
    }
}
