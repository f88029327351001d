import SatchelSync
import SatchelTestSupport
import Testing

@Suite struct CanonicalJSONTests {
    private func canonical(_ text: String) throws -> String { try JSONReader.parse(Array(text.utf8)).canonicalText }

    @Test(arguments: [
        (#"{ "b" : 1 , "a" : [ 1 , 2 ] }"#, #"{"a":[1,2],"b":1}"#), ("  null ", "null"), ("[]", "[]"), ("{}", "{}"),
        (#"{"z":{"y":1,"x":2},"a":[{"d":1,"c":2}]}"#, #"{"a":[{"c":2,"d":1}],"z":{"x":2,"y":1}}"#),
        (#"{"B":1,"a":2,"A":3}"#, #"{"A":3,"B":1,"a":2}"#), (#"{"é":1,"z":2}"#, #"{"z":2,"é":1}"#),
        (#""é\/""#, #""é/""#), (#"{"aa":1,"a":2}"#, #"{"a":2,"aa":1}"#),
        ("0.1000", "0.1000"), ("123456789012345678901234567890", "123456789012345678901234567890"), ("1e5", "1e5"),
    ])
    func `a value has one text`(text: String, expected: String) throws {
        #expect(try canonical(text) == expected)
        #expect(try canonical(expected) == expected)
    }

    @Test func `the canonical text does not depend on the order of keys and means the same`() throws {
        try forAll(cases: 500) { random, replay in
            let value = Self.value(depth: 3, &random)
            let text = value.canonicalText
            let shuffled = Self.shuffled(value, &random)
            #expect(shuffled.canonicalText == text, "\(replay)")
            let again = try JSONReader.parse(Array(text.utf8))
            #expect(again.canonicalText == text, "\(replay)")
            #expect(try JSONReader.parse(Array(JSONWriter.text(shuffled).utf8)).canonicalText == text, "\(replay)")
        }
    }

    private static func value(depth: Int, _ random: inout SeededRandom) -> JSONValue {
        switch random.pick(below: depth == 0 ? 5 : 7) {
        case 0: return .null
        case 1: return .bool(random.isOnce(in: 2))
        case 2: return .integer(Int64(bitPattern: random.next()))
        case 3: return .number("1.50")
        case 4: return .string(plainText(&random, lengthMax: 8))
        case 5: return .array((0..<random.pick(below: 4)).map { _ in value(depth: depth - 1, &random) })
        default:
            let keys = Set((0..<random.pick(below: 5)).map { _ in plainText(&random, lengthMax: 4) }).sorted()
            return .object(keys.map { JSONMember($0.string, value(depth: depth - 1, &random)) })
        }
    }

    /// Any text without NUL, which the reader refuses.
    private static func plainText(_ random: inout SeededRandom, lengthMax: Int) -> UTF8Text {
        UTF8Text(random.anyText(lengthMax: lengthMax).replacing("\0", with: "0"))
    }

    private static func shuffled(_ value: JSONValue, _ random: inout SeededRandom) -> JSONValue {
        switch value {
        case .array(let elements): .array(elements.map { shuffled($0, &random) })
        case .object(let members):
            .object(members.shuffled(using: &random).map { JSONMember($0.key, shuffled($0.value, &random)) })
        default: value
        }
    }

    @Test func `the value of a key keeps its kind`() throws {
        let values: [(String, FieldValue)] = [
            ("null", .null), ("true", .boolean(true)), ("-7", .integer(-7)), (#""x""#, .text("x")),
            ("1.5", .json("1.5")), ("[1, 2]", .json("[1,2]")), (#"{"b":1,"a":2}"#, .json(#"{"a":2,"b":1}"#)),
            ("9223372036854775808", .json("9223372036854775808")),
        ]
        for (text, value) in values {
            let read = try JSONReader.parse(Array(text.utf8))
            #expect(read.fieldValue == value)
            #expect(value.json.canonicalText == read.canonicalText)
        }
    }
}
