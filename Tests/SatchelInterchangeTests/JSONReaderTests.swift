import SatchelSync
import Testing

/// Bytes that must be refused, and what is said about them.
struct HostileJSON: Sendable, CustomTestStringConvertible {
    let bytes: [UInt8]
    let message: String

    init(_ text: String, _ message: String) { self.init(Array(text.utf8), message) }

    init(_ bytes: [UInt8], _ message: String) {
        self.bytes = bytes
        self.message = message
    }

    var testDescription: String { message }
}

@Suite struct JSONReaderTests {
    @Test func `every kind of value is read, in its order`() throws {
        let text = """
             { "null" : null, "flags": [true, false], "low": -9223372036854775808, "high": 9223372036854775807,
               "big": 9223372036854775808, "fraction": 1.50, "power": 2E+3, "zero": -0,
               "text": "a\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00客户", "empty": {}, "list": [ ] }\r\n
            """
        let expected = JSONValue.object([
            JSONMember("null", .null), JSONMember("flags", .array([.bool(true), .bool(false)])),
            JSONMember("low", .integer(.min)), JSONMember("high", .integer(.max)),
            JSONMember("big", .number("9223372036854775808")), JSONMember("fraction", .number("1.50")),
            JSONMember("power", .number("2E+3")), JSONMember("zero", .integer(0)),
            JSONMember("text", .text("a\"\\/\u{8}\u{C}\n\r\té😀客户")), JSONMember("empty", .object([])),
            JSONMember("list", .array([])),
        ])
        #expect(try JSONReader.parse(Array(text.utf8)) == expected)
        #expect(expected["high"] == .integer(.max) && expected["absent"] == nil)
    }

    @Test func `keys that differ in their bytes are different keys`() throws {
        let value = try JSONReader.parse(Array(#"{"\#u{E9}":1,"e\#u{301}":2}"#.utf8))
        #expect(value["\u{E9}"] == .integer(1) && value["e\u{301}"] == .integer(2))
    }

    static let hostile: [HostileJSON] = [
        HostileJSON("", "Line 1, column 1 of the JSON: a value is expected; got the end."),
        HostileJSON("  ", "column 3 of the JSON: a value is expected; got the end."),
        HostileJSON("{\"a\":1}\n{", "Line 2, column 1 of the JSON: something follows the value: \"{\"."),
        HostileJSON("1,", "something follows the value"),
        HostileJSON("{\"a\":1,\"b\":2,\"a\":3}", "column 14 of the JSON: the key \"a\" stands twice"),
        HostileJSON("{\"a\":1,\"\\u0061\":3}", "the key \"a\" stands twice"),
        HostileJSON("{\"客户\":1,}", "column 9 of the JSON: a key in double quotes is expected; got \"}\"."),
        HostileJSON("{a:1}", "a key in double quotes is expected; got \"a\"."),
        HostileJSON("{\"a\" 1}", "a colon is expected after a key; got \"1\"."),
        HostileJSON("{\"a\":1 \"b\":2}", "a comma or } is expected; got a double quote."),
        HostileJSON("[1 2]", "a comma or ] is expected; got \"2\"."),
        HostileJSON("[1,]", "a value is expected; got \"]\"."),
        HostileJSON("[1", "a comma or ] is expected; got the end."),
        HostileJSON("NaN", "a value is expected; got \"N\"."),
        HostileJSON("-Infinity", "a digit is expected; got \"I\"."),
        HostileJSON("nul", "a value is expected; got \"n\"."),
        HostileJSON("trueish", "something follows the value"),
        HostileJSON("True", "a value is expected"),
        HostileJSON("'a'", "a value is expected"),
        HostileJSON("01", "a number begins with a zero."),
        HostileJSON("-01", "a number begins with a zero."),
        HostileJSON("+1", "a value is expected; got \"+\"."),
        HostileJSON("1.", "a digit is expected; got the end."),
        HostileJSON(".5", "a value is expected; got \".\"."),
        HostileJSON("1e", "a digit is expected"),
        HostileJSON("1e+-1", "a digit is expected"),
        HostileJSON("0x10", "something follows the value"),
        HostileJSON("// a\n1", "a value is expected; got \"/\"."),
        HostileJSON("\"a", "column 1 of the JSON: the text that begins here has no end."),
        HostileJSON("\"a\\", "\\ is followed by what it cannot escape."),
        HostileJSON("\"\\x41\"", "column 2 of the JSON: \\ is followed by what it cannot escape."),
        HostileJSON("\"\\ud800\"", "column 2 of the JSON: a surrogate stands alone."),
        HostileJSON("\"\\udc00\"", "a surrogate stands alone."),
        HostileJSON("\"\\ud800\\u0041\"", "a surrogate stands alone."),
        HostileJSON("\"\\ud800\\ud800\"", "a surrogate stands alone."),
        HostileJSON("\"\\ud800\\n\"", "a surrogate stands alone."),
        HostileJSON("\"\\u12g4\"", "\\u takes four hexadecimal digits."),
        HostileJSON("\"\\u12", "\\u takes four hexadecimal digits."),
        HostileJSON("\"\\u0000\"", "a text has a NUL character."),
        HostileJSON("\"a\0b\"", "column 3 of the JSON: a text has a NUL character."),
        HostileJSON("\0", "a value is expected; got byte 0x00."),
        HostileJSON("1\0", "something follows the value: byte 0x00."),
        HostileJSON("\"a\nb\"", "a control character that is not escaped."),
        HostileJSON("\u{FEFF}1", "begins with a byte order mark"),
        HostileJSON("[\u{A0}1]", "a value is expected; got byte 0xc2."),
        HostileJSON([0x22, 0xFF, 0x22], "the text that begins here is not UTF-8."),
        HostileJSON([0x22, 0xC0, 0x80, 0x22], "the text that begins here is not UTF-8."),
        HostileJSON([0x22, 0xED, 0xA0, 0x80, 0x22], "the text that begins here is not UTF-8."),
        HostileJSON([0x22, 0xF4, 0x90, 0x80, 0x80, 0x22], "the text that begins here is not UTF-8."),
        HostileJSON([0x22, 0xE5, 0xAE, 0x22], "the text that begins here is not UTF-8."),
        HostileJSON([0xFE, 0xFF, 0x00, 0x31], "a value is expected; got byte 0xfe."),
        HostileJSON(
            String(repeating: "[", count: 100_000), "column 33 of the JSON: lists and objects nest at most 32 deep."),
        HostileJSON(String(repeating: "{\"a\":", count: 100_000), "nest at most 32 deep."),
    ]

    @Test(arguments: hostile) func `what is not strict JSON is refused with its place`(input: HostileJSON) throws {
        let error = try #require(throws: SatchelError.self) { _ = try JSONReader.parse(input.bytes) }
        #expect(error.code == .invalidRequest)
        #expect(error.message.contains(input.message), "\(error.message)")
    }

    @Test func `the deepest nesting that is allowed is read`() throws {
        let text = String(repeating: "[", count: 32) + String(repeating: "]", count: 32)
        #expect(JSONWriter.text(try JSONReader.parse(Array(text.utf8))) == text)
    }

    @Test func `lines count from the line that is given`() throws {
        let error = try #require(throws: SatchelError.self) {
            _ = try JSONReader.parse(Array("[1,\n x".utf8), firstLine: 41)
        }
        #expect(error.message.hasPrefix("Line 42, column 2 of the JSON"))
    }
}

@Suite struct JSONWriterTests {
    @Test func `a value is printed without blanks, in its order, with the escapes that JSON needs`() {
        let value = JSONValue.object([
            JSONMember("b", .array([.integer(-1), .number("1.50"), .null, .bool(true), .bool(false)])),
            JSONMember("a\"", .text("\u{1}\u{1F}\u{7F}\u{8}\t\n\u{C}\r\"\\/é客😀")), JSONMember("", .object([])),
        ])
        #expect(
            JSONWriter.text(value)
                == #"{"b":[-1,1.50,null,true,false],"a\"":"\u0001\u001f\u007f\b\t\n\f\r\"\\/é客😀","":{}}"#)
    }

    @Test func `what is printed is read back as the same value`() throws {
        var state: UInt64 = 0x1A7E_7C4A
        func pick(below bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(bound))
        }
        func text() -> String {
            let scalars = (0..<pick(below: 6)).map { _ in
                Unicode.Scalar(UInt32(1 + pick(below: [0x7F, 0xD7FF, 0x7F][pick(below: 3)]))) ?? "x"
            }
            return String(String.UnicodeScalarView(scalars))
        }
        func value(depth: Int) -> JSONValue {
            switch pick(below: depth > 4 ? 5 : 7) {
            case 0: .null
            case 1: .bool(pick(below: 2) == 0)
            case 2: .integer(Int64(truncatingIfNeeded: state))
            case 3: .number("\(pick(below: 100)).5e\(pick(below: 9))")
            case 4: .text(text())
            case 5: .array((0..<pick(below: 4)).map { _ in value(depth: depth + 1) })
            default: .object((0..<pick(below: 4)).map { JSONMember("\($0)" + text(), value(depth: depth + 1)) })
            }
        }
        for round in 0..<500 {
            let made = value(depth: 0)
            let again = try JSONReader.parse(JSONWriter.bytes(made))
            #expect(again == made, "seed 0x1A7E7C4A, round \(round): \(JSONWriter.text(made))")
        }
    }

    @Test func `no mutation of a good text traps`() throws {
        var state: UInt64 = 0x7E57
        func pick(below bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(bound))
        }
        let original = Array(#"{"a":[1,-2.5e3,"x\u00e9\ud83d\ude00\n"],"b":{"c":null,"d":true}}"#.utf8)
        var refused = 0
        for _ in 0..<2_000 {
            var bytes = original
            bytes[pick(below: bytes.count)] = UInt8(pick(below: 256))
            if pick(below: 3) == 0 { bytes.removeLast(pick(below: bytes.count)) }
            do { _ = try JSONReader.parse(bytes) } catch { refused += 1 }
        }
        #expect((1..<2_000).contains(refused))
    }
}
