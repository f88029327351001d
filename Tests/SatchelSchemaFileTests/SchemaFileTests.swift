import SatchelSchemaFile
import SatchelSync
import Testing

/// What a well-formed file means.
@Suite struct SchemaFileTests {
    private static let example = """
        schema: 7
        types:
          account:
            id: 1
            fields:
              name:        { id: 1, kind: text, max_length: 200, required: true }
              status:      { id: 2, kind: enum, values: [lead, active, dormant], policy: latest }
              phone:       { id: 3, kind: text, policy: manual }
              owner_count: { id: 4, kind: int, min: -5, max: 100 }
              tags:        { id: 5, kind: set }
              parent:      { id: 6, kind: reference, to: account, on_delete: cascade }
              next_visit:  { id: 7, kind: timestamp }
              free:        { id: 9, kind: int }
          note:
            id: 3
            fields:
              account: { id: 2, kind: reference, to: account }
              labels:  { id: 8, kind: set, max_length: 30, policy: set }
        """

    @Test func `every kind and option of the format is read`() throws {
        let account = EntityType(
            id: EntityTypeID(1), name: "account",
            fields: [
                Field(id: FieldID(1), name: "name", kind: .text(maxLength: 200), policy: .latest, requirement: .always),
                Field(
                    id: FieldID(2), name: "status", kind: .enumeration(["lead", "active", "dormant"]), policy: .latest),
                Field(id: FieldID(3), name: "phone", kind: .text(maxLength: 4_096), policy: .manual),
                Field(id: FieldID(4), name: "owner_count", kind: .integer(-5...100), policy: .latest),
                Field(id: FieldID(5), name: "tags", kind: .set(maxLength: 200), policy: .set),
                Field(
                    id: FieldID(6), name: "parent", kind: .reference(to: EntityTypeID(1), onDelete: .cascade),
                    policy: .latest),
                Field(id: FieldID(7), name: "next_visit", kind: .timestamp, policy: .latest),
                Field(id: FieldID(9), name: "free", kind: .integer(.min ... .max), policy: .latest),
            ])
        let note = EntityType(
            id: EntityTypeID(3), name: "note",
            fields: [
                Field(
                    id: FieldID(2), name: "account", kind: .reference(to: EntityTypeID(1), onDelete: .restrict),
                    policy: .latest),
                Field(id: FieldID(8), name: "labels", kind: .set(maxLength: 30), policy: .set),
            ])
        #expect(try SchemaFile.parse(Self.example).schema == Schema(version: 7, types: [account, note]))
    }

    @Test func `the text of the file is kept as it is`() throws {
        let text = "\u{FEFF}# 客户\r\n" + Self.example.replacing("\n", with: "\r\n") + "\r\n"
        let file = try SchemaFile.parse(text)
        #expect(file.source == text)
        #expect(try file.schema == SchemaFile.parse(Self.example).schema)
    }

    @Test func `words that YAML takes for something else stay words`() throws {
        let values = #"[yes, no, null, ~, 1, 0x10, 2026-03-02, "R & D", 'it''s', "a\tb", 客户]"#
        let text =
            "schema: 1\ntypes: {t: {id: 1, fields: {f: {id: 1, kind: enum, values: \(values.replacing(#"\t"#, with: " "))}}}}"
        let kind = try SchemaFile.parse(text).schema.types[0].fields[0].kind
        #expect(
            kind == .enumeration(["yes", "no", "null", "~", "1", "0x10", "2026-03-02", "R & D", "it's", "a b", "客户"]))
    }

    @Test func `a file written as JSON is a schema file too`() throws {
        let text = """
            {
              "schema": 1,
              "types": {
                "t": { "id": 1, "fields": { "f": { "id": 1, "kind": "enum", "values": ["a", "it's"], "required": true } } }
              }
            }
            """
        let field = try SchemaFile.parse(text).schema.types[0].fields[0]
        #expect(field.kind == .enumeration(["a", "it's"]) && field.isRequired)
    }

    @Test func `block lists, comments and a document marker are taken`() throws {
        let text = """
            ---
            # first
            schema: 1 # the version
            types:
              t:
                id: 1
                fields:
                  f:
                    id: 1
                    kind: enum
                    values:
                    - one # a comment
                    - "two"
                    - R & D
            """
        let kind = try SchemaFile.parse(text).schema.types[0].fields[0].kind
        #expect(kind == .enumeration(["one", "two", "R & D"]))
    }

    @Test func `the shipped schema has the types of a field team`() throws {
        let schema = try SchemaFile.crm.schema
        #expect(schema.version == 1)
        #expect(
            schema.types.map(\.name) == [
                "account", "contact", "opportunity", "product", "visit", "check_in", "photo", "note", "task",
                "activity", "attendee",
            ])
        #expect(schema.types.map(\.id.number) == Array(1...11))
        for type in schema.types {
            #expect(type.fields.map(\.id.number) == Array(1...UInt32(type.fields.count)), "\(type.name)")
            for field in type.fields {
                #expect(schema.type(named: type.name)?.field(named: field.name) == type.field(field.id))
            }
        }
    }

    @Test func `the shipped schema asks a person about phones and limits`() throws {
        let account = try SchemaFile.crm.schema.requireType(named: "account")
        #expect(account.fields.filter { $0.policy == .manual }.map(\.name) == ["phone", "credit_limit", "external_id"])
        #expect(account.titleField?.name == "name")
        let note = try SchemaFile.crm.schema.requireType(named: "note")
        #expect(note.field(named: "body")?.kind == .text(maxLength: 16_000))
        let visit = try SchemaFile.crm.schema.requireType(named: "visit")
        #expect(
            visit.field(named: "status")?.kind
                == .enumeration(["planned", "en_route", "on_site", "done", "missed", "cancelled"]))
    }
}
