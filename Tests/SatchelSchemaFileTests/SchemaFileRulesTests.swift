import SatchelSchemaFile
import SatchelSync
import Testing

/// One broken rule, and what is said about it.
struct BrokenRule: Sendable, CustomTestStringConvertible {
    let text: String
    let message: String

    init(_ text: String, _ message: String) {
        self.text = text
        self.message = message
    }

    /// A file with one type `t` that has these fields, the first of them in line 6.
    static func fields(_ fields: String, _ message: String) -> BrokenRule {
        let lines = fields.split(separator: "\n").map { "      " + $0 }.joined(separator: "\n")
        return BrokenRule("schema: 1\ntypes:\n  t:\n    id: 1\n    fields:\n" + lines, message)
    }

    var testDescription: String { message }
}

/// Parses what must be refused and gives back the failure.
func failure(of text: String) throws -> SatchelError {
    try #require(throws: SatchelError.self) { _ = try SchemaFile.parse(text) }
}

/// Every rule of the format with its message.
@Suite struct SchemaFileRulesTests {
    static let shapes: [BrokenRule] = [
        BrokenRule("", "The file is empty."),
        BrokenRule("# nothing\n", "The file is empty."),
        BrokenRule("[1]", "Line 1, column 1: The file is a mapping of keys to values; got a list."),
        BrokenRule("types: {t: {id: 1, fields: {f: {id: 1, kind: int}}}}", "The file has no \"schema\"."),
        BrokenRule("schema: 1", "The file has no \"types\"."),
        BrokenRule("schema: 1\ntypes: {}", "Line 2, column 8: There is no type."),
        BrokenRule("schema: one\ntypes: {}", "Line 1, column 9: The schema's version is a whole number"),
        BrokenRule("schema: 0\ntypes: {}", "Line 1, column 9: The schema's version takes 1 to 4294967295, got 0."),
        BrokenRule("schema: \"1\"\ntypes: {}", "is a whole number in plain digits; got \"1\"."),
        BrokenRule("schema: 0x1\ntypes: {}", "is a whole number in plain digits; got \"0x1\"."),
        BrokenRule("schema: 1\nversion: 2\ntypes: {}", "Line 2, column 1: The file has no key \"version\""),
        BrokenRule("schema: 1\ntypes: {t: {fields: {f: {id: 1, kind: int}}}}", "Type t has no \"id\""),
        BrokenRule("schema: 1\ntypes: {t: {id: 1}}", "Line 2, column 9: Type t has no \"fields\"."),
        BrokenRule("schema: 1\ntypes: {t: {id: 1, fields: {}}}", "Type t has no field."),
        BrokenRule(
            "schema: 1\ntypes: {t: {id: 1, name: x, fields: {}}}",
            "Type t has no key \"name\"; it takes id, ownership, status, fields."),
        BrokenRule("schema: 1\ntypes: {t: 5}", "Type t is a mapping of keys to values; got \"5\"."),
        BrokenRule(
            "schema: 1\ntypes:\n  a: {id: 1, fields: {f: {id: 1, kind: int}}}\n  b: {id: 1, fields: {f: {id: 1, kind: int}}}",
            "Line 4, column 11: Types a and b have the same number 1."),
        BrokenRule("schema: 1\nschema: 1", "names a key twice: \"schema\""),
        BrokenRule("schema: 1\ntypes: {}\n\"schema\": 2", "names a key twice: \"schema\""),
    ]

    static let fields: [BrokenRule] = [
        .fields("f: { kind: int }", "Line 6, column 10: t.f has no \"id\""),
        .fields("f: { id: 0, kind: int }", "Line 6, column 16: The id of t.f takes 1 to 4294967295, got 0."),
        .fields("f: { id: 4294967296, kind: int }", "takes 1 to 4294967295, got 4294967296."),
        .fields("f: { id: 99999999999999999999, kind: int }", "The id of t.f is a whole number in plain digits"),
        .fields("f: { id: 1 }", "Line 6, column 7: t.f has no \"kind\"."),
        .fields("f: text", "t.f is a mapping of keys to values; got \"text\"."),
        .fields(
            "f: { id: 1, kind: blob }",
            "one of text, int, decimal, bool, date, timestamp, enum, reference, set, counter, location, map, json; got \"blob\"."
        ),
        .fields("f: { id: 1, kind: }", "The kind of t.f is a word; got nothing."),
        .fields("f: { id: 1, kind: [int] }", "The kind of t.f is a word; got a list."),
        .fields("f: { id: 1, kind: int, max_length: 3 }", "t.f, of kind int, has no key \"max_length\""),
        .fields("f: { id: 1, kind: text, min: 3 }", "t.f, of kind text, has no key \"min\""),
        .fields("f: { id: 1, kind: int, kind: int }", "names a key twice: \"kind\""),
        .fields("f: { id: 1, kind: text, max_length: 0 }", "\"max_length\" of t.f counts from 1; got 0."),
        .fields("f: { id: 1, kind: text, max_length: 65537 }", "\"max_length\" of t.f"),
        .fields("f: { id: 1, kind: set, max_length: 4097 }", "t.f: max_length takes 1 to 4096. Line 6 has t.f."),
        .fields("f: { id: 1, kind: text, max_length: 1.5 }", "is a whole number in plain digits; got \"1.5\"."),
        .fields("f: { id: 1, kind: int, min: 5, max: 4 }", "\"min\" of t.f is above its \"max\": 5 and 4."),
        .fields("f: { id: 1, kind: int, max: 9223372036854775808 }", "\"max\" of t.f is a whole number"),
        .fields("f: { id: 1, kind: enum }", "t.f is an enum and has no \"values\"."),
        .fields("f: { id: 1, kind: enum, values: a }", "\"values\" of t.f is a list"),
        .fields("f: { id: 1, kind: enum, values: [] }", "t.f: an enum needs at least one value. Line 6 has t.f."),
        .fields("f: { id: 1, kind: enum, values: [a, \"\"] }", "A value of t.f is a word; got nothing."),
        .fields("f: { id: 1, kind: enum, values: [a, [b]] }", "A value of t.f is a word; got a list."),
        .fields("f: { id: 1, kind: enum, values: [a, b, a] }", "t.f lists twice the value a."),
        .fields("f: { id: 1, kind: enum, values: [\"a\\0\"] }", "A value of t.f has a control character."),
        .fields("f: { id: 1, kind: reference }", "t.f is a reference and has no \"to\"."),
        .fields("f: { id: 1, kind: reference, to: u }", "t.f refers to type \"u\", which does not exist."),
        .fields("f: { id: 1, kind: reference, to: t, on_delete: keep }", "takes cascade or restrict; got \"keep\"."),
        .fields(
            "f: { id: 1, kind: text, policy: set }",
            "of kind text, takes immutable or latest or manual or server; got \"set\"."),
        .fields("f: { id: 1, kind: set, policy: latest }", "of kind set, takes set; got \"latest\"."),
        .fields("f: { id: 1, kind: text, required: yes }", "takes false or true; got \"yes\"."),
        .fields(
            "f: { id: 1, kind: int }\ng: { id: 1, kind: int }", "Line 7, column 7: Fields f and g of t have the same"),
        .fields("Name: { id: 1, kind: int }", "Field name \"Name\": use a to z, 0 to 9 and _"),
        .fields("Name: { id: 1, kind: int }", "Line 6 has t.Name."),
        .fields("satchel_x: { id: 1, kind: int }", "Field name \"satchel_x\" is reserved. Line 6 has t.satchel_x."),
        .fields("id: { id: 1, kind: int }", "Field name \"id\" is reserved."),
    ]

    @Test(arguments: shapes + fields) func `a broken rule is named with its place`(rule: BrokenRule) throws {
        let error = try failure(of: rule.text)
        #expect(error.code == .invalidSchema)
        #expect(error.message.contains(rule.message), "\(error.message)")
        #expect(error.remedy?.contains("Protocol/schema.md") == true)
    }

    @Test func `all problems of a file are told at once, in its order`() throws {
        let text = """
            schema: 1
            types:
              a:
                id: 1
                fields:
                  one: { id: 1, kind: wrong }
                  two: { id: 2, kind: int, min: x }
              b:
                id: 1
                fields:
                  three: { id: 1, kind: reference, to: nowhere }
            """
        let message = try failure(of: text).message
        #expect(message.hasPrefix("The schema file has 4 problems. Line 6, column 27: The kind of a.one"))
        let places = message.matches(of: /Line (\d+), column/).map(\.1)
        #expect(places == ["6", "7", "9", "11"])
    }

    @Test func `a file with many problems tells the first twenty and how many more`() throws {
        let fields = (1...50).map { "f\($0): { id: \($0), kind: x }" }.joined(separator: "\n")
        let message = try failure(of: BrokenRule.fields(fields, "").text).message
        #expect(message.hasPrefix("The schema file has 50 problems."))
        #expect(message.hasSuffix("… and 30 more."))
    }
}
