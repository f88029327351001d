import SatchelSync
import SatchelTestSupport
import Testing

@Suite struct ValidationTests {
    private static let type = EntityTypeID(1)
    private static let record = RecordID.sample(1)
    private let schema: Schema

    init() throws {
        let fields = [
            Field(id: FieldID(1), name: "name", kind: .text(maxLength: 5), policy: .latest, requirement: .always),
            Field(id: FieldID(2), name: "count", kind: .integer(-1...9), policy: .latest),
            Field(id: FieldID(3), name: "stage", kind: .enumeration(["won", "lost"]), policy: .latest),
            Field(id: FieldID(4), name: "seen", kind: .timestamp, policy: .latest),
            Field(id: FieldID(5), name: "parent", kind: .reference(to: Self.type, onDelete: .cascade), policy: .latest),
            Field(id: FieldID(6), name: "tags", kind: .set(maxLength: 5), policy: .set, requirement: .always),
        ]
        schema = try Schema(version: 3, types: [EntityType(id: Self.type, name: "deal", fields: fields)])
    }

    private func change(_ writes: [FieldChange], life: LifeWrite? = nil, type: EntityTypeID = type) -> RecordChange {
        RecordChange(type: type, record: Self.record, context: VersionVector(), life: life, writes: writes)
    }

    private func violation(_ write: FieldWrite, field: UInt32) throws -> Violation {
        try #require(throws: Violation.self) { try schema.validate(change([FieldChange(FieldID(field), write)])) }
    }

    private func expectRefused(
        _ write: FieldWrite, field: UInt32, _ code: SatchelError.Code, _ sentence: String
    ) throws {
        let violation = try violation(write, field: field)
        #expect(violation.code == code)
        #expect(violation.field == FieldID(field) && violation.record == Self.record)
        let name = schema.type(Self.type)?.field(FieldID(field))?.name ?? ""
        #expect(violation.sentence == "Field \"\(name)\" of deal \(Self.record) \(sentence)")
    }

    @Test func `values that fit are accepted`() throws {
        let writes: [FieldChange] = [
            FieldChange(FieldID(1), .register(.text("e\u{301}e\u{301}x"))),
            FieldChange(FieldID(2), .register(.integer(-1))),
            FieldChange(FieldID(3), .register(.text("won"))),
            FieldChange(FieldID(4), .register(.timestamp(Timestamp(milliseconds: 0)))),
            FieldChange(FieldID(5), .register(.reference(.sample(2)))),
            FieldChange(FieldID(6), .set(add: ["a", "b"], remove: ["c"])),
        ]
        try schema.validate(change(writes, life: .create))
        try schema.validate(change([FieldChange(FieldID(2), .register(.null))]))
        try schema.validate(change([], life: .delete))
        try schema.validate(change([], life: .revive))
    }

    @Test func `a text that is too long is refused by its scalars and by its bytes`() throws {
        try expectRefused(.register(.text("abcdef")), field: 1, .tooLarge, "takes at most 5 characters, got 6.")
        let bytes = String(repeating: "x", count: Limits.textBytesMax + 1)
        try expectRefused(
            .register(.text(UTF8Text(bytes))), field: 1, .tooLarge, "takes at most 65536 bytes, got 65537.")
    }

    @Test func `a NUL is refused`() throws {
        try expectRefused(.register(.text("a\0b")), field: 1, .invalidValue, "takes no NUL character.")
        try expectRefused(.set(add: ["a\0"], remove: []), field: 6, .invalidValue, "takes no NUL character.")
    }

    @Test func `a number out of bounds is refused`() throws {
        try expectRefused(.register(.integer(10)), field: 2, .invalidValue, "takes -1 to 9, got 10.")
        try expectRefused(.register(.integer(.min)), field: 2, .invalidValue, "takes -1 to 9, got \(Int64.min).")
    }

    @Test func `an enum takes its values byte for byte`() throws {
        try expectRefused(.register(.text("Won")), field: 3, .invalidValue, "takes one of won, lost; got \"Won\".")
    }

    @Test func `a value of another kind is refused`() throws {
        try expectRefused(.register(.integer(1)), field: 1, .invalidValue, "takes text; got \"1\".")
        try expectRefused(.register(.text("1")), field: 2, .invalidValue, "takes a whole number; got \"1\".")
        try expectRefused(.register(.integer(1)), field: 3, .invalidValue, "takes one of won, lost; got \"1\".")
        try expectRefused(
            .register(.text("x")), field: 4, .invalidValue, "takes a time such as 2026-03-02T08:01:13.120Z; got \"x\".")
        try expectRefused(.register(.text("x")), field: 5, .invalidValue, "takes the id of a record; got \"x\".")
        try expectRefused(
            .register(.text("x")), field: 6, .invalidValue,
            "takes no value as a whole: add or remove elements of the set.")
        try expectRefused(
            .set(add: ["x"], remove: []), field: 1, .invalidValue, "takes no elements: give it one value.")
    }

    @Test func `elements are checked one by one`() throws {
        try expectRefused(.set(add: [""], remove: []), field: 6, .invalidValue, "takes no empty element.")
        try expectRefused(.set(add: [], remove: ["abcdef"]), field: 6, .tooLarge, "takes at most 5 characters, got 6.")
        let twice = "names an element twice in one change."
        try expectRefused(.set(add: ["a", "a"], remove: []), field: 6, .invalidValue, twice)
        try expectRefused(.set(add: ["a"], remove: ["a"]), field: 6, .invalidValue, twice)
        try expectRefused(
            .set(add: ["b", "a"], remove: []), field: 6, .invalidRequest, "takes elements in byte order.")
        let many = (0...Limits.setElementsMax).map { UTF8Text(String($0)) }.sorted()
        try expectRefused(
            .set(add: many, remove: []), field: 6, .tooLarge, "takes at most 1000 elements in one change.")
    }

    @Test func `a required field cannot be emptied, nor left out of a new record`() throws {
        try expectRefused(.register(.null), field: 1, .requiredField, "is required and cannot be emptied.")
        let name = FieldChange(FieldID(1), .register(.text("x")))
        for writes in [[], [name], [name, FieldChange(FieldID(6), .set(add: [], remove: ["a"]))]] {
            let violation = try #require(throws: Violation.self) { try schema.validate(change(writes, life: .create)) }
            #expect(violation.code == .requiredField)
            #expect(violation.sentence.hasSuffix("is required and has no value."))
        }
    }

    @Test func `a type or a field that the schema does not have is refused`() throws {
        let noType = try #require(throws: Violation.self) { try schema.validate(change([], type: EntityTypeID(9))) }
        #expect(noType.code == .unknownType && noType.sentence == "Type number 9 is not in schema 3.")
        let noField = try violation(.register(.null), field: 9)
        #expect(noField.code == .unknownField && noField.sentence == "Field number 9 of deal is not in schema 3.")
    }

    @Test func `a delete writes no field`() throws {
        let writes = [FieldChange(FieldID(1), .register(.text("x")))]
        let violation = try #require(throws: Violation.self) { try schema.validate(change(writes, life: .delete)) }
        #expect(violation.code == .invalidRequest && violation.sentence.hasSuffix("a delete writes none."))
    }

    @Test func `a long value is shown by its beginning, whatever it consists of`() throws {
        let marks = "e" + String(repeating: "\u{301}", count: 10_000)
        let violation = try violation(.register(.text(UTF8Text(marks))), field: 3)
        #expect(violation.sentence.utf8.count < 300)
        #expect(violation.sentence.hasSuffix("…\"."))
    }

    @Test func `a change-set is checked as a whole`() throws {
        func violation(
            label: String = "edit", author: String = "kim", _ changes: [RecordChange]
        ) throws -> SatchelError.Code {
            let changeSet = ChangeSet(
                dot: Dot(.sample(0), 1), label: label, author: author, time: Timestamp(milliseconds: 0),
                schemaVersion: 3,
                changes: changes)
            return try #require(throws: Violation.self) { try changeSet.validate(against: schema) }.code
        }
        let edit = change([FieldChange(FieldID(2), .register(.integer(1)))])
        #expect(try violation([]) == .tooLarge)
        #expect(try violation(Array(repeating: edit, count: 1_001)) == .tooLarge)
        #expect(try violation([edit, edit]) == .invalidRequest)
        #expect(try violation([change([edit.writes[0], edit.writes[0]])]) == .invalidRequest)
        #expect(try violation(label: String(repeating: "x", count: 257), [edit]) == .tooLarge)
        #expect(try violation(label: "a\0", [edit]) == .tooLarge)
        #expect(try violation(author: String(repeating: "x", count: 129), [edit]) == .tooLarge)
        #expect(try violation([change([FieldChange(FieldID(2), .register(.integer(77)))])]) == .invalidValue)
        let crowd = VersionVector((0...Limits.contextEntriesMax).map { Dot(.sample($0), 1) })
        let crowded = RecordChange(
            type: Self.type, record: Self.record, context: crowd, life: nil, writes: edit.writes)
        #expect(try violation([crowded]) == .tooLarge)
        let fine = ChangeSet(
            dot: Dot(.sample(0), 1), label: "edit", author: "kim", time: Timestamp(milliseconds: 0), schemaVersion: 3,
            changes: [edit])
        try fine.validate(against: schema)
    }

    @Test func `text that people type is read by the field's kind`() throws {
        let type = try schema.requireType(named: "deal")
        #expect(try type.requireField(named: "name").parse("x") == .text("x"))
        #expect(try type.requireField(named: "count").parse("-7") == .integer(-7))
        #expect(try type.requireField(named: "stage").parse("won") == .text("won"))
        #expect(
            try type.requireField(named: "seen").parse("1970-01-01T00:00:00Z") == .timestamp(Timestamp(milliseconds: 0))
        )
        #expect(try type.requireField(named: "parent").parse(Self.record.description) == .reference(Self.record))
        for (name, text) in [
            ("count", "7.0"), ("count", ""), ("count", "9223372036854775808"), ("seen", "yesterday"),
            ("parent", "a1b2"),
            ("tags", "a"),
        ] {
            let field = try type.requireField(named: name)
            let error = try #require(throws: SatchelError.self) { try field.parse(text) }
            #expect(error.code == .invalidValue && error.message.contains("got \"\(text)\""))
        }
    }
}
