import SatchelSchemaFile
import SatchelSync
import Testing

/// Files made to hurt: each is refused with a place, quickly, and without a trap.
@Suite struct HostileSchemaFileTests {
    /// Nine levels of nine: 387 million nodes for a reader that follows aliases.
    private static let billionLaughs =
        "a0: &a0 [x, x, x]\n"
        + (1...9).map { level in
            let aliases = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
            return "a\(level): &a\(level) [\(aliases)]\n"
        }.joined()

    static let files: [BrokenRule] = [
        BrokenRule(billionLaughs, "Line 1, column 5: The file uses an anchor (&)"),
        BrokenRule("? *a\n: 1", "Line 1, column 1: The file uses an explicit key (?)"),
        BrokenRule("schema: 1\ntypes: *a", "Line 2, column 8: The file uses an alias (*)"),
        BrokenRule("schema: 1\n客户, 'x: &a y #'", "Line 2, column 5: A quote stands inside bare text"),
        BrokenRule("k: [a, b?'c', &x y]", "A \"?\" in brackets"),
        BrokenRule("k: a\n  [\nv, 'x: &a foo #'", "The bare text of the line before may go on here"),
        BrokenRule("k: \"a\n&x [b]\"", "A quoted text begins here and does not end on its line."),
        BrokenRule("--- &a [x]", "The file uses an anchor"),
        BrokenRule("schema: !!int 1", "Line 1, column 9: The file uses a tag (!)"),
        BrokenRule("schema: |\n  1", "Line 1, column 9: The file uses a block text"),
        BrokenRule("%YAML 1.1\n---\nschema: 1", "The file uses a directive (%)"),
        BrokenRule("[a]: 1", "Line 1, column 4: A key is one word"),
        BrokenRule("- - - a", "A list stands directly in a list."),
        BrokenRule(String(repeating: "[", count: 100_000), "Line 1, column 9: Brackets nest at most 8 deep."),
        BrokenRule(String(repeating: "{a: ", count: 100_000), "Brackets nest at most 8 deep."),
        BrokenRule(String(repeating: "- ", count: 100_000), "A list stands directly in a list."),
        BrokenRule("schema: 1\nschema\0: 2", "Line 2, column 7: The file has a NUL character"),
        BrokenRule("schema: 1\u{7}", "The file has a control character"),
        BrokenRule("schema: 1\u{85}types: {}", "The file has a control character"),
        BrokenRule("schema: 1\u{2028}types: {}", "The file has a Unicode line separator"),
        BrokenRule("schema: 1\n\u{FEFF}types: {}", "The file has a byte order mark after its beginning"),
        BrokenRule("schema: 1\n\ttypes: {}", "Line 2"),
        BrokenRule("schema: 1\r\ntypes: {a: [}", "Line 2"),
        BrokenRule("schema: 1\n---\nschema: 2", "Line 2"),
        BrokenRule("schema: 1\ntypes: {", "This is not YAML"),
        BrokenRule("schema: \"\\ud800\"", "This is not YAML"),
        BrokenRule("<html>502 Bad Gateway</html>", "got \"<html>502 Bad Gateway</html>\"."),
        BrokenRule("schema: \(String(repeating: "9", count: 100_000))", "999…\"."),
    ]

    @Test(arguments: files) func `a hostile file is refused with its place`(file: BrokenRule) throws {
        let error = try failure(of: file.text)
        #expect(error.code == .invalidSchema)
        #expect(error.message.contains(file.message), "\(error.message)")
        #expect(error.message.utf8.count < 8_192)
        #expect(!error.message.contains("\0"))
    }

    @Test func `a tower of nested blocks is refused`() throws {
        let text = (0..<1_300).map { String(repeating: " ", count: $0) + "a:" }.joined(separator: "\n")
        #expect(text.utf8.count < Limits.schemaBytesMax)
        #expect(try failure(of: text).code == .invalidSchema)
    }

    @Test func `a file past the limit is too large`() throws {
        let error = try failure(of: "schema: 1 # " + String(repeating: "x", count: Limits.schemaBytesMax))
        #expect(error.code == .tooLarge)
        #expect(error.message == "A schema file takes at most 1048576 bytes, got 1048588.")
    }

    @Test func `a file of many types is refused by the schema's own limit`() throws {
        let types = (1...300).map { "  t\($0): {id: \($0), fields: {f: {id: 1, kind: int}}}\n" }.joined()
        #expect(try failure(of: "schema: 1\ntypes:\n" + types).message.contains("more than 256 types"))
    }

    @Test func `no mutation of the shipped file traps, and what is refused says why`() throws {
        var state: UInt64 = 0x5A7C_4E1D
        func pick(below bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(bound))
        }
        let lines = try SchemaFile.crm.source.split(separator: "\n", omittingEmptySubsequences: false).prefix(32)
        let original = Array(lines.joined(separator: "\n").utf8)
        _ = try SchemaFile.parse(String(decoding: original, as: UTF8.self))
        let pieces = [
            "&a", " *a", "'", "\"", "[", "]", "{", "}", ": ", "- ", "? ", "#", "\n", "\t", "|", "!", ",", "\0", "é",
        ]
        var refused = 0
        for round in 0..<300 {
            var bytes = original
            for _ in 0...pick(below: 3) {
                let place = pick(below: bytes.count)
                let end = min(bytes.count, place + pick(below: 4))
                bytes.replaceSubrange(place..<end, with: pieces[pick(below: pieces.count)].utf8)
            }
            do {
                _ = try SchemaFile.parse(String(decoding: bytes, as: UTF8.self))
            } catch {
                refused += 1
                #expect(error.code == .invalidSchema && !error.message.isEmpty, "round \(round)")
            }
        }
        #expect((1..<300).contains(refused))
    }
}
