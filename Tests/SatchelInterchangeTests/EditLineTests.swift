import SatchelInterchange
import SatchelSync
import Testing

/// What a line means before a schema is asked.
@Suite struct EditLineParserTests {
    static let id = "01941f29-8040-7e4d-9c9e-b8b732ac357b"

    private func parse(_ text: String) throws -> EditLine {
        try EditLineParser.parse(line: Array(text.utf8), number: 12)
    }

    @Test func `a record line puts one record`() throws {
        let line = try parse(#"{"type":"account","id":"\#(Self.id)","set":{"name":"北京","revenue":5}}"#)
        let expected = EditLineChange(
            line: 12, operation: .put, typeName: "account", record: RecordID(Self.id),
            set: [.init("name", .text("北京")), .init("revenue", .integer(5))])
        #expect(line.label == nil && line.at == nil && line.changes == [expected])
    }

    @Test func `a change-set line keeps label, time and changes, and ignores its author's place`() throws {
        let line = try parse(
            #"{"actor":"dev-007","n":12,"at":"2026-03-02T08:01:13.120Z","label":"edit","changes":["#
                + #"{"op":"update","type":"account","id":"\#(Self.id)","set":{"status":"key"},"add":{"tags":["vip"]},"#
                + #""remove":{"tags":["promo-q3"]},"increment":{"stock":3}},"#
                + #"{"op":"create","type":"visit","set":{}},{"op":"delete","type":"note","id":"\#(Self.id)"}],"#
                + #""saw":{"dev-003":41}}"#)
        #expect(line.label == "edit")
        #expect(line.at == Timestamp("2026-03-02T08:01:13.120Z"))
        #expect(
            line.changes == [
                EditLineChange(
                    line: 12, operation: .update, typeName: "account", record: RecordID(Self.id),
                    set: [.init("status", .text("key"))], add: [.init("tags", ["vip"])],
                    remove: [.init("tags", ["promo-q3"])], increment: [.init("stock", 3)]),
                EditLineChange(line: 12, operation: .create, typeName: "visit", record: nil),
                EditLineChange(line: 12, operation: .delete, typeName: "note", record: RecordID(Self.id)),
            ])
    }

    static let hostile: [HostileJSON] = [
        HostileJSON("[]", "Line 12: an edit is an object; got a list."),
        HostileJSON("{}", "Line 12: a change has no \"type\"."),
        HostileJSON(#"{"type":1}"#, "\"type\" is a text; got a number."),
        HostileJSON(#"{"type":"a","id":"x"}"#, "\"id\" is a UUID with hyphens; got another text."),
        HostileJSON(#"{"type":"a","id":7}"#, "\"id\" is a text; got a number."),
        HostileJSON(#"{"type":"a","set":[]}"#, "\"set\" is an object; got a list."),
        HostileJSON(#"{"type":"a","add":{}}"#, "a record has no key \"add\""),
        HostileJSON(#"{"type":"a","changes":[]}"#, "a change-set has no key \"type\""),
        HostileJSON(#"{"changes":[]}"#, "\"changes\" is a list of at least one change; got an empty list."),
        HostileJSON(#"{"changes":{}}"#, "\"changes\" is a list of at least one change; got an object."),
        HostileJSON(#"{"changes":[1]}"#, "a change is an object; got a number."),
        HostileJSON(#"{"changes":[{"type":"a"}]}"#, "a change has no \"op\"."),
        HostileJSON(#"{"changes":[{"op":"put","type":"a"}]}"#, "\"op\" takes create, update, delete or revive"),
        HostileJSON(#"{"changes":[{"op":"update","type":"a"}]}"#, "\"op\": \"update\" needs the \"id\""),
        HostileJSON(#"{"changes":[{"op":"create","type":"a","when":1}]}"#, "a change has no key \"when\""),
        HostileJSON(
            #"{"changes":[{"op":"create","type":"a","add":{"t":"x"}}]}"#, "elements of a set are a list; got a text."),
        HostileJSON(#"{"changes":[{"op":"create","type":"a","remove":{"t":[1]}}]}"#, "an element of a set is a text"),
        HostileJSON(
            #"{"changes":[{"op":"create","type":"a","increment":{"n":1.5}}]}"#, "an increment is a whole number"),
        HostileJSON(
            #"{"changes":[{"op":"delete","type":"a","id":"\#(id)","set":{"b":1}}]}"#, "a delete writes none."),
        HostileJSON(#"{"type":"a","read_at":7}"#, "\"read_at\" is a text; got a number."),
        HostileJSON(#"{"type":"a","label":5}"#, "\"label\" is a text; got a number."),
        HostileJSON(#"{"type":"a","at":"yesterday"}"#, "\"at\" is a time such as 2026-03-02T08:01:13.120Z"),
        HostileJSON(#"{"type":"a","type":"b"}"#, "Line 12, column 13 of the JSON: the key \"type\" stands twice"),
        HostileJSON(#"{"type":"a","set":{"n":"\ud800"}}"#, "a surrogate stands alone."),
        HostileJSON(#"{"type":"a","set":{"n":"\u0000"}}"#, "a text has a NUL character."),
    ]

    @Test(arguments: hostile) func `a line that is not an edit is refused with its number`(input: HostileJSON) throws {
        let error = try #require(throws: SatchelError.self) {
            _ = try EditLineParser.parse(line: input.bytes, number: 12)
        }
        #expect(error.code == .invalidRequest)
        #expect(error.message.contains(input.message), "\(error.message)")
        #expect(error.message.hasPrefix("Line 12"))
    }

    @Test func `a line past the limits is too large`() throws {
        let long = try #require(throws: SatchelError.self) {
            _ = try EditLineParser.parse(
                line: Array(repeating: 0x20, count: EditLineParser.lineBytesMax + 1), number: 3)
        }
        #expect(long.code == .tooLarge)
        let changes = Array(repeating: #"{"op":"create","type":"a"}"#, count: 1_001).joined(separator: ",")
        let wide = try #require(throws: SatchelError.self) { _ = try parse(#"{"changes":[\#(changes)]}"#) }
        #expect(wide.code == .tooLarge && wide.message.contains("touches 1001 records"))
    }
}

/// What a change means under a schema.
@Suite struct EditLineDraftTests {
    private static let record = RecordID(high: 1, low: 2)

    private func schema() throws -> Schema {
        let account = EntityType(
            id: EntityTypeID(1), name: "account",
            fields: [
                Field(id: FieldID(1), name: "name", kind: .text(maxLength: 20), policy: .latest, requirement: .always),
                Field(id: FieldID(2), name: "status", kind: .enumeration(["lead", "active"]), policy: .latest),
                Field(id: FieldID(3), name: "limit", kind: .integer(0...1_000), policy: .manual),
                Field(id: FieldID(4), name: "seen", kind: .timestamp, policy: .latest),
                Field(
                    id: FieldID(5), name: "parent", kind: .reference(to: EntityTypeID(1), onDelete: .restrict),
                    policy: .latest),
                Field(id: FieldID(6), name: "tags", kind: .set(maxLength: 10), policy: .set),
            ])
        return try Schema(version: 1, types: [account])
    }

    private func draft(
        _ change: String, exists: Bool = true, newRecord: RecordID? = nil
    ) throws -> DraftChange {
        let line = try EditLineParser.parse(line: Array(#"{"changes":[\#(change)]}"#.utf8), number: 4)
        return try line.changes[0].draftChange(schema: schema(), life: exists ? .alive : .absent, newRecord: newRecord)
    }

    private func update(_ parts: String) -> String {
        #"{"op":"update","type":"account","id":"\#(Self.record)",\#(parts)}"#
    }

    @Test func `names become numbers and JSON becomes values, in field order`() throws {
        let parts =
            #""set":{"tags":["b","a","b"],"parent":"\#(Self.record)","seen":"2026-03-02T09:01:13+01:00","#
            + #""limit":"-7","status":"active","name":null},"add":{"tags":["c"]},"remove":{"tags":["z","y"]}"#
        let expected = DraftChange(
            type: EntityTypeID(1), record: Self.record,
            writes: [
                FieldChange(FieldID(1), .register(.null)),
                FieldChange(FieldID(2), .register(.text("active"))),
                FieldChange(FieldID(3), .register(.integer(-7))),
                FieldChange(FieldID(4), .register(.timestamp(Timestamp(milliseconds: 1_772_438_473_000)))),
                FieldChange(FieldID(5), .register(.reference(Self.record))),
                FieldChange(FieldID(6), .set(add: ["a", "b", "c"], remove: ["y", "z"])),
            ])
        #expect(try draft(update(parts)) == expected)
    }

    @Test func `an empty list for a set writes nothing`() throws {
        #expect(try draft(update(#""set":{"tags":[]},"add":{"tags":[]}"#)).writes.isEmpty)
    }

    @Test(arguments: [
        ("create", false, LifeWrite.create), ("update", true, nil), ("delete", true, .delete),
    ]) func `an operation decides the record's life`(word: String, exists: Bool, life: LifeWrite?) throws {
        let change = #"{"op":"\#(word)","type":"account","id":"\#(Self.record)"}"#
        #expect(try draft(change, exists: exists).life == life)
    }

    @Test(arguments: [
        ("create", true, "record_exists"), ("update", false, "unknown_record"), ("delete", false, "unknown_record"),
    ])
    func `an operation on the wrong side of existing is refused`(word: String, exists: Bool, code: String) throws {
        let change = #"{"op":"\#(word)","type":"account","id":"\#(Self.record)"}"#
        let error = try #require(throws: SatchelError.self) { _ = try draft(change, exists: exists) }
        #expect(error.code.word == code)
        #expect(error.message.hasPrefix("Line 4: "))
    }

    @Test(arguments: [
        (LifeStatus.absent, "unknown_record"), (.alive, "record_exists"), (.deleted, ""), (.contested, ""),
    ]) func `a revive needs a record that is deleted`(life: LifeStatus, code: String) throws {
        let text =
            #"{"changes":[{"op":"revive","type":"account","id":"\#(Self.record)","set":{"name":"a"}}]}"#
        let change = try EditLineParser.parse(line: Array(text.utf8), number: 4).changes[0]
        let schema = try schema()
        do throws(SatchelError) {
            let draft = try change.draftChange(schema: schema, life: life)
            #expect(code.isEmpty && draft.life == .revive && draft.writes.count == 1)
        } catch {
            #expect(error.code.word == code)
        }
    }

    @Test func `a token of a read is kept, and none is refused as none`() throws {
        let token = ReadToken(actor: ActorID(high: 1, low: 1), record: Self.record, context: VersionVector())
        let text = #"{"type":"account","id":"\#(Self.record)","read_at":"\#(token)"}"#
        #expect(try EditLineParser.parse(line: Array(text.utf8), number: 1).changes[0].readAt == token)
        let error = try #require(throws: SatchelError.self) {
            _ = try EditLineParser.parse(line: Array(#"{"type":"a","read_at":"r1-"}"#.utf8), number: 3)
        }
        #expect(error.code == .invalidToken && error.message.hasPrefix("Line 3: "))
    }

    @Test func `a record line creates what is absent and edits what is there`() throws {
        let text = #"{"type":"account","id":"\#(Self.record)","set":{"name":"a"}}"#
        let change = try EditLineParser.parse(line: Array(text.utf8), number: 1).changes[0]
        #expect(try change.draftChange(schema: schema(), life: .absent).life == .create)
        #expect(try change.draftChange(schema: schema(), life: .alive).life == nil)
    }

    @Test func `a new record without an id takes the one it is given`() throws {
        let change = #"{"op":"create","type":"account","set":{"name":"a"}}"#
        #expect(try draft(change, exists: false, newRecord: Self.record).record == Self.record)
        let error = try #require(throws: SatchelError.self) { _ = try draft(change, exists: false) }
        #expect(error.code == .invalidRequest)
    }

    @Test(arguments: [
        (#""set":{"name":5}"#, "invalid_value", "Field \"name\" takes text, got a number."),
        (#""set":{"name":["a"]}"#, "invalid_value", "Field \"name\" takes text, got a list."),
        (#""set":{"status":true}"#, "invalid_value", "Field \"status\" takes one of lead, active, got true."),
        (
            #""set":{"limit":1.0}"#, "invalid_value",
            "takes a whole number, got a number that is not whole or too large."
        ),
        (#""set":{"limit":1e3}"#, "invalid_value", "got a number that is not whole or too large."),
        (#""set":{"limit":9223372036854775808}"#, "invalid_value", "got a number that is not whole or too large."),
        (#""set":{"limit":"9223372036854775808"}"#, "invalid_value", "takes a whole number, got"),
        (#""set":{"limit":"+5"}"#, "invalid_value", "takes a whole number, got a text."),
        (#""set":{"limit":" 5"}"#, "invalid_value", "takes a whole number, got"),
        (#""set":{"limit":false}"#, "invalid_value", "takes a whole number, got false."),
        (#""set":{"seen":"2026-03-02"}"#, "invalid_value", "takes a time such as"),
        (#""set":{"seen":1772438473}"#, "invalid_value", "takes a time such as"),
        (#""set":{"parent":"57b"}"#, "invalid_value", "takes the id of a record"),
        (#""set":{"tags":"a"}"#, "invalid_value", "Field \"tags\" takes a list of texts, got a text."),
        (#""set":{"tags":null}"#, "invalid_value", "Field \"tags\" takes a list of texts, got null."),
        (#""set":{"tags":[1]}"#, "invalid_value", "got a number in it."),
        (#""add":{"name":["a"]}"#, "invalid_value", "Field \"name\" is not a set"),
        (#""remove":{"name":["a"]}"#, "invalid_value", "Field \"name\" is not a set"),
        (#""set":{"nome":"a"}"#, "unknown_field", "A record of type account has no field \"nome\"."),
        (#""add":{"nome":["a"]}"#, "unknown_field", "has no field \"nome\"."),
        (#""increment":{"limit":3}"#, "invalid_value", "Field \"limit\" is not a counter"),
        (#""increment":{"stock":3}"#, "unknown_field", "has no field \"stock\"."),
    ]) func `a value that does not fit its field is refused`(parts: String, code: String, message: String) throws {
        let error = try #require(throws: SatchelError.self) { _ = try draft(update(parts)) }
        #expect(error.code.word == code)
        #expect(error.message.contains(message) && error.message.hasPrefix("Line 4: "), "\(error.message)")
    }

    @Test func `an unknown type is refused with the types there are`() throws {
        let error = try #require(throws: SatchelError.self) { _ = try draft(#"{"op":"create","type":"acount"}"#) }
        #expect(error.code == .unknownType && error.remedy == "Did you mean account? The types are account.")
    }
}
