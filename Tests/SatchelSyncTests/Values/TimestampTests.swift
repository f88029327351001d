import SatchelSync
import SatchelTestSupport
import Testing

@Suite struct TimestampTests {
    @Test func `an instant reads back from its text`() {
        forAll(cases: 2_000) { random, replay in
            let instant = random.anyTimestamp()
            #expect(Timestamp(instant.description) == instant, "\(instant) \(replay)")
            #expect(instant.description.utf8.count == 24, "\(replay)")
        }
    }

    @Test(arguments: [
        ("1970-01-01T00:00:00.000Z", 0), ("1969-12-31T23:59:59.999Z", -1),
        ("2000-02-29T00:00:00.000Z", 951_782_400_000),
        ("2024-02-29T12:00:00.000Z", 1_709_208_000_000), ("2026-03-02T08:01:13.120Z", 1_772_438_473_120),
        ("0000-01-01T00:00:00.000Z", -62_167_219_200_000), ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
    ])
    func `known instants have their known texts`(text: String, milliseconds: Int64) {
        #expect(Timestamp(text)?.milliseconds == milliseconds)
        #expect(Timestamp(milliseconds: milliseconds).description == text)
    }

    @Test func `every first and last day of every month of four centuries reads back`() throws {
        var previous: Int64?
        for year in 1_800..<2_200 {
            for month in 1...12 {
                let digits = month < 10 ? "0\(month)" : "\(month)"
                let first = try #require(Timestamp("\(year)-\(digits)-01T00:00:00Z")).milliseconds
                #expect(Timestamp(milliseconds: first).description == "\(year)-\(digits)-01T00:00:00.000Z")
                if let previous { #expect((28...31).contains((first - previous) / 86_400_000)) }
                let lastDay = Timestamp(milliseconds: first - 1)
                #expect(Timestamp(lastDay.description) == lastDay)
                previous = first
            }
        }
    }

    @Test(arguments: [
        "1900-02-29T00:00:00Z", "2023-02-29T00:00:00Z", "2100-02-29T00:00:00Z", "2026-04-31T00:00:00Z",
        "2026-00-01T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-32T00:00:00Z",
        "2026-01-01T24:00:00Z", "2026-01-01T23:60:00Z", "2026-01-01T23:59:60Z", "2026-01-01T23:59:59", "2026-01-01",
        "2026-01-01T23:59:59.Z", "2026-01-01T23:59:59.0123456789Z", "2026-1-1T00:00:00Z", "26-01-01T00:00:00Z",
        "2026-01-01T00:00:00Zx", "2026-01-01T00:00:00 Z", " 2026-01-01T00:00:00Z", "2026-01-01T00:00:00+1:00",
        "2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00+00:60", "2026-01-01T00:00:00+0100", "-026-01-01T00:00:00Z",
        "2026-01-01T00:00:00Z\0", "+2026-01-01T00:00:00Z", "٢٠٢٦-01-01T00:00:00Z", "", "Z",
        "0000-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01", "10000-01-01T00:00:00Z",
    ])
    func `a text that is no instant is refused`(text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test(arguments: [
        ("2026-03-02t08:01:13z", "2026-03-02T08:01:13.000Z"), ("2026-03-02 08:01:13Z", "2026-03-02T08:01:13.000Z"),
        ("2026-03-02T08:01:13.1Z", "2026-03-02T08:01:13.100Z"),
        ("2026-03-02T08:01:13.1299Z", "2026-03-02T08:01:13.129Z"),
        ("2026-03-02T08:01:13+08:00", "2026-03-02T00:01:13.000Z"),
        ("2026-03-01T23:30:00-01:30", "2026-03-02T01:00:00.000Z"),
        ("2024-02-29T23:59:59.999999999Z", "2024-02-29T23:59:59.999Z"),
        ("2024-03-01T00:00:00+00:01", "2024-02-29T23:59:00.000Z"),
    ])
    func `other forms of RFC 3339 become the one text form`(text: String, canonical: String) {
        #expect(Timestamp(text)?.description == canonical)
    }

    @Test(arguments: [Int64.min, Int64.max])
    func `a broken clock is brought into range`(milliseconds: Int64) {
        let instant = Timestamp(milliseconds: milliseconds)
        #expect(Timestamp.range.contains(instant))
        #expect(Timestamp(instant.description) == instant)
    }

    @Test func `random bytes are never mistaken and never stop the program`() {
        forAll(cases: 3_000) { random, replay in
            var bytes = Array("2026-03-02T08:01:13.120+01:00".utf8)
            for _ in 0...random.pick(below: 3) { bytes[random.pick(below: bytes.count)] = random.byte() & 0x7F }
            let text = String(decoding: bytes.prefix(random.pick(in: 0...bytes.count)), as: UTF8.self)
            if let instant = Timestamp(text) {
                #expect(Timestamp(instant.description) == instant, "\(text) \(replay)")
            }
        }
    }
}
