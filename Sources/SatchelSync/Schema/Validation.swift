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
        let remedy =
            code == .hasChildren
            ? "Delete those first, or let them refer to another record" : "Correct it and try again"
        return SatchelError(code, sentence, remedy: "\(remedy); nothing of it was written.")
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
        case .counter: true
        case .map(let writes): writes.contains { !$0.value.isNull }
        }
    }
}

extension Field {
    /// Why `write` does not fit, worded to follow the field's name; `nil` when it does.
    func problem(with write: FieldWrite) -> (code: SatchelError.Code, sentence: String)? {
        switch write {
        case .register(let value):
            guard kind.isRegister else { return (.invalidValue, "takes no value as a whole: \(kind.writeAdvice)") }
            return problem(with: value)
        case .set(let add, let remove):
            guard case .set(let maxLength) = kind else {
                return (.invalidValue, "takes no elements: \(kind.writeAdvice)")
            }
            return setProblem(add: add, remove: remove, maxLength: maxLength)
        case .counter(let delta):
            guard case .counter = kind else { return (.invalidValue, "takes no increment: \(kind.writeAdvice)") }
            guard delta.magnitude <= Limits.counterMax else {
                return (.tooLarge, "takes increments of at most \(Limits.counterMax), got \(delta).")
            }
            return nil
        case .map(let writes):
            guard case .map(let maxLength) = kind else { return (.invalidValue, "takes no keys: \(kind.writeAdvice)") }
            return mapProblem(writes, maxLength: maxLength)
        }
    }

    private func setProblem(
        add: [UTF8Text], remove: [UTF8Text], maxLength: Int
    ) -> (code: SatchelError.Code, sentence: String)? {
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

    private func mapProblem(
        _ writes: [MapWrite], maxLength: Int
    ) -> (code: SatchelError.Code, sentence: String)? {
        guard writes.count <= Limits.setElementsMax else {
            return (.tooLarge, "takes at most \(Limits.setElementsMax) keys in one change.")
        }
        for write in writes {
            if write.key.string.isEmpty { return (.invalidValue, "takes no empty key.") }
            if let problem = textProblem(write.key, maxLength: maxLength, bytesMax: Limits.elementBytesMax) {
                return problem
            }
            switch write.value {
            case .text(let text):
                if let problem = textProblem(text, maxLength: maxLength, bytesMax: Limits.textBytesMax) {
                    return problem
                }
            case .json(let text):
                if let problem = Self.jsonProblem(text) { return problem }
            case .null, .integer, .boolean: continue
            default:
                return (.invalidValue, "takes texts, whole numbers, booleans and JSON as values of its keys.")
            }
        }
        guard Self.isAscending(writes.map(\.key)) else {
            return (.invalidRequest, "takes keys in byte order, each once.")
        }
        return nil
    }

    /// Why `value` does not fit, worded to follow the field's name; `nil` when it does.
    func problem(with value: FieldValue) -> (code: SatchelError.Code, sentence: String)? {
        switch (kind, value) {
        case (_, .null): return isRequired ? (.requiredField, "is required and cannot be emptied.") : nil
        case (.text(let maxLength), .text(let text)):
            if isRequired, text.string.allSatisfy(\.isWhitespace) {
                return (.requiredField, "is required and cannot be blank.")
            }
            if let problem = textProblem(text, maxLength: maxLength, bytesMax: Limits.textBytesMax) { return problem }
            guard pattern?.matches(text) != false else {
                return (
                    .invalidValue, "takes text like \(pattern?.source ?? ""); got \"\(Excerpt.of(text.string))\"."
                )
            }
            return nil
        case (.integer(let range), .integer(let number)):
            guard range.contains(number) else {
                return (.invalidValue, "takes \(range.lowerBound) to \(range.upperBound), got \(number).")
            }
            return nil
        case (.decimal(let scale, let range), .decimal(let number)):
            guard number.scale == scale else {
                return (.invalidValue, "takes \(Counted.text(scale, "digit")) behind the point, got \(number.scale).")
            }
            guard range.contains(number.units) else {
                let bounds = [range.lowerBound, range.upperBound].compactMap { DecimalNumber(units: $0, scale: scale) }
                return (.invalidValue, "takes \(bounds[0]) to \(bounds[1]), got \(number).")
            }
            return nil
        case (.enumeration(let cases), .text(let text)):
            guard cases.contains(text) else {
                let names = cases.map(\.string).joined(separator: ", ")
                return (.invalidValue, "takes one of \(names); got \"\(Excerpt.of(text.string))\".")
            }
            return nil
        case (.json, .json(let text)): return Self.jsonProblem(text)
        case (.timestamp, .timestamp), (.reference, .reference), (.boolean, .boolean), (.date, .date),
            (.location, .location):
            return nil
        default: return (.invalidValue, "takes \(kind.valueDescription); got \"\(Excerpt.of(value.text))\".")
        }
    }

    private static func jsonProblem(_ text: UTF8Text) -> (code: SatchelError.Code, sentence: String)? {
        let count = text.string.utf8.count
        guard count <= Limits.textBytesMax else {
            return (.tooLarge, "takes at most \(Limits.textBytesMax) bytes, got \(count).")
        }
        guard let value = try? JSONReader.parse(Array(text.string.utf8)), UTF8Text(value.canonicalText) == text else {
            return (.invalidValue, "takes JSON in its canonical form; got \"\(Excerpt.of(text.string))\".")
        }
        return nil
    }

    private func textProblem(
        _ text: UTF8Text, maxLength: Int, bytesMax: Int
    ) -> (code: SatchelError.Code, sentence: String)? {
        let bytes = text.string.utf8.count
        if bytes > bytesMax { return (.tooLarge, "takes at most \(bytesMax) bytes, got \(bytes).") }
        let length = text.string.unicodeScalars.count
        if length > maxLength {
            return (.tooLarge, "takes at most \(Counted.text(maxLength, "character")), got \(length).")
        }
        if text.string.utf8.contains(0) { return (.invalidValue, "takes no NUL character.") }
        return nil
    }

    private static func isAscending(_ elements: [UTF8Text]) -> Bool {
        zip(elements, elements.dropFirst()).allSatisfy { $0 < $1 }
    }
}

extension FieldKind {
    /// What a value of this kind looks like, worded to follow "takes".
    public var valueDescription: String {
        switch self {
        case .text: "text"
        case .integer: "a whole number"
        case .decimal(0, _): "a whole number"
        case .decimal(let scale, _): "a number with up to \(Counted.text(scale, "digit")) behind the point"
        case .boolean: "true or false"
        case .date: "a day such as 2026-03-02"
        case .enumeration(let cases): "one of \(cases.map(\.string).joined(separator: ", "))"
        case .timestamp: "a time such as 2026-03-02T08:01:13.120Z"
        case .reference: "the id of a record"
        case .set: "a set of texts"
        case .counter: "increments"
        case .location: "a place such as 48.137154,11.576124 or, with metres, 48.137154,11.576124,12"
        case .map: "an object of keys and values"
        case .json: "JSON"
        }
    }

    /// How a field of this kind is written, worded to follow a colon.
    fileprivate var writeAdvice: String {
        switch self {
        case .set: "add or remove elements of the set."
        case .counter: "increment the counter."
        case .map: "give keys of the map their values."
        default: "give it one value."
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
            case .decimal(let scale, _): DecimalNumber(text, scale: scale).map { .decimal($0) }
            case .boolean: ["true": .boolean(true), "false": .boolean(false)][text]
            case .date: CalendarDate(text).map { .date($0) }
            case .timestamp: Timestamp(text).map { .timestamp($0) }
            case .reference: RecordID(text).map { .reference($0) }
            case .location: Location(text).map { .location($0) }
            case .json: (try? JSONReader.parse(Array(text.utf8))).map { .json(UTF8Text($0.canonicalText)) }
            case .set, .counter, .map: nil
            }
        guard let value else {
            throw SatchelError(
                .invalidValue, "Field \"\(name)\" takes \(kind.valueDescription), got \"\(Excerpt.of(text))\".",
                remedy: assignmentAdvice)
        }
        return value
    }

    /// How the field is assigned on a command line.
    private var assignmentAdvice: String {
        switch kind {
        case .set: "Write \(name)+=element to add and \(name)-=element to remove."
        case .counter: "Write \(name)+=3 to add and \(name)-=3 to take away."
        case .map: "Write \(name).key=value to give a key its value, \(name).key= to take it away."
        default: "Correct the value."
        }
    }
}
