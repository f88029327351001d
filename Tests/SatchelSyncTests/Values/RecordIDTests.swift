import SatchelSync
import SatchelTestSupport
import Testing

@Suite struct RecordIDTests {
    private static let text = "01954fc0-1234-7abc-9def-0123456789ab"

    @Test func `an id reads back from its text in either case`() {
        forAll(cases: 1_000) { random, replay in
            let id = RecordID(high: random.next(), low: random.next())
            #expect(RecordID(id.description) == id, "\(replay)")
            #expect(RecordID(id.description.uppercased()) == id, "\(replay)")
            #expect(id.description.utf8.count == 36, "\(replay)")
        }
    }

    @Test(arguments: [
        "", text.replacing("-", with: ""), "{\(text)}", "\(text) ", "urn:uuid:\(text)", "\(text.dropLast())",
        "\(text.dropLast())g", "\(text.dropLast())\0", "01954fc0_1234_7abc_9def_0123456789ab",
        "01954fc01-234-7abc-9def-0123456789ab", "01954fc0-1234-7abc-9def-0123456789é",
        "-1954fc0-1234-7abc-9def-0123456789ab",
        "０1954fc0-1234-7abc-9def-0123456789a",
    ])
    func `a text that is not exactly an id is refused`(text: String) {
        #expect(RecordID(text) == nil)
    }

    @Test func `a made id is version 7 and carries its time`() {
        forAll(cases: 200) { random, replay in
            let milliseconds = Int64(random.pick(in: 0...0xFFFF_FFFF_FFFF))
            let id = RecordID(milliseconds: milliseconds, random: (random.next(), random.next()))
            #expect(id.high >> 16 == UInt64(milliseconds), "\(replay)")
            #expect(id.high >> 12 & 0xF == 7, "\(replay)")
            #expect(id.low >> 62 == 0b10, "\(replay)")
        }
    }

    @Test(arguments: [Int64.min, -1, Int64.max])
    func `a broken clock makes an id all the same`(milliseconds: Int64) {
        let id = RecordID(milliseconds: milliseconds, random: (.max, .max))
        #expect(id.high >> 12 & 0xF == 7)
    }

    @Test func `the order of ids is the order of their texts`() {
        forAll(cases: 500) { random, replay in
            let one = RecordID(high: random.next() >> 62, low: random.next())
            let two = RecordID(high: random.next() >> 62, low: random.next())
            #expect((one < two) == (one.description < two.description), "\(replay)")
        }
    }
}
