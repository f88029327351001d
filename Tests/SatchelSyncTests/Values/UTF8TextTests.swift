import SatchelSync
import SatchelTestSupport
import Testing

@Suite struct UTF8TextTests {
    @Test func `texts that are canonically equivalent are different`() {
        let one = UTF8Text("caf\u{E9}")
        let two = UTF8Text("cafe\u{301}")
        #expect(one.string == two.string)
        #expect(one != two)
        #expect(Set([one, two]).count == 2)
        #expect(FieldValue.text(one) != .text(two))
    }

    @Test func `order is byte order`() {
        forAll(cases: 1_000) { random, replay in
            let (one, two) = (UTF8Text(random.anyText()), UTF8Text(random.anyText()))
            let (left, right) = (Array(one.string.utf8), Array(two.string.utf8))
            #expect((one == two) == (left == right), "\(replay)")
            #expect((one < two) == left.lexicographicallyPrecedes(right), "\(replay)")
            if one == two { #expect(one.hashValue == two.hashValue, "\(replay)") }
        }
        #expect(UTF8Text("Z") < "a")
        #expect(UTF8Text("z") < "é")
        #expect(UTF8Text("\u{FFFF}") < "\u{10000}")
    }

    @Test func `neighbouring texts do not run into each other when they are hashed`() {
        struct Pair: Hashable { let one: UTF8Text, two: UTF8Text }
        #expect(Pair(one: "ab", two: "c").hashValue != Pair(one: "a", two: "bc").hashValue)
    }

    @Test func `a value is shown as people type it`() {
        #expect(FieldValue.null.text.isEmpty && FieldValue.null.isNull)
        #expect(FieldValue.text("x y").text == "x y")
        #expect(FieldValue.integer(.min).text == "-9223372036854775808")
        #expect(FieldValue.timestamp(Timestamp(milliseconds: 0)).text == "1970-01-01T00:00:00.000Z")
        #expect(FieldValue.reference(RecordID(high: 0, low: 1)).text == "00000000-0000-0000-0000-000000000001")
    }

    @Test func `values of different kinds are never equal`() {
        let values: [FieldValue] = [
            .null, .text(""), .text("0"), .integer(0), .timestamp(Timestamp(milliseconds: 0)),
            .reference(RecordID(high: 0, low: 0)),
        ]
        #expect(Set(values).count == values.count)
    }
}
