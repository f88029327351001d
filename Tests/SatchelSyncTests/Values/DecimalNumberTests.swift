import SatchelSync
import SatchelTestSupport
import Testing

@Suite struct DecimalNumberTests {
    @Test(arguments: [
        ("12.5", UInt8(2), Int64(1250), "12.50"), ("-12.50", 2, -1250, "-12.50"), ("7", 2, 700, "7.00"),
        ("0.125", 3, 125, "0.125"), ("-0.01", 2, -1, "-0.01"), ("7", 0, 7, "7"), ("7.000", 0, 7, "7"),
        ("1.2300", 2, 123, "1.23"), ("007.10", 2, 710, "7.10"), ("-0", 2, 0, "0.00"),
        ("9223372036854775807", 0, .max, "9223372036854775807"),
        ("-9223372036854775808", 0, .min, "-9223372036854775808"),
        ("-9223372036.854775808", 9, .min, "-9223372036.854775808"), ("0.000000001", 9, 1, "0.000000001"),
    ])
    func `a number is read exactly and written with all its digits`(
        text: String, scale: UInt8, units: Int64, written: String
    ) throws {
        let number = try #require(DecimalNumber(text, scale: scale))
        #expect(number.units == units && number.scale == scale)
        #expect(number.description == written)
    }

    @Test(arguments: [
        "", "-", ".", "1.", ".5", "1.2.3", "+1", " 1", "1 ", "1e3", "1,5", "٣", "--1", "0x1", "1.005", "-1.001", "NaN",
        "92233720368547758.08", "-92233720368547758.09", "99999999999999999999", "184467440737095516160",
        "1.000000000000000000000", "1\0",
    ])
    func `what is no number, or would have to be rounded or cut, is refused`(text: String) {
        #expect(DecimalNumber(text, scale: 2) == nil)
    }

    @Test func `a scale above nine is refused`() {
        #expect(DecimalNumber(units: 1, scale: 10) == nil && DecimalNumber("1", scale: 10) == nil)
        #expect(DecimalNumber(units: 1, scale: 9)?.description == "0.000000001")
    }

    @Test func `every number reads back from its text`() {
        forAll(cases: 2_000) { random, replay in
            let units = Int64(bitPattern: random.next() >> UInt64(random.pick(below: 64)))
            let scale = UInt8(random.pick(in: 0...9))
            guard let number = DecimalNumber(units: random.isOnce(in: 2) ? units : 0 &- units, scale: scale) else {
                Issue.record("Scale \(scale) was refused. \(replay)")
                return
            }
            #expect(DecimalNumber(number.description, scale: scale) == number, "\(replay)")
        }
    }
}
