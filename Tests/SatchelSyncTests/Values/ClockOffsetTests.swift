import SatchelSync
import Testing

@Suite struct ClockOffsetTests {
    private static func at(_ milliseconds: Int64) -> Timestamp {
        Timestamp(milliseconds: 1_772_438_400_000 + milliseconds)
    }
    private static let day: Int64 = 86_400_000

    @Test(
        arguments: [0, 40, -259_200_000, 259_200_000, -50 * 365 * 86_400_000] as [Int64], [0, 1, 250, 9_000] as [Int64])
    func `the true offset lies within the error, however the way is shared`(truth: Int64, way: Int64) {
        for there in [0, way / 3, way] {
            let sent = Self.at(0)
            let received = Timestamp(milliseconds: sent.milliseconds + there + truth)
            let answered = Timestamp(milliseconds: received.milliseconds + 700)
            let returned = Timestamp(milliseconds: sent.milliseconds + way + 700)
            let measured = ClockOffset(sent: sent, received: received, answered: answered, returned: returned)
            #expect(abs(measured.milliseconds - truth) <= measured.errorMilliseconds)
            #expect(measured.errorMilliseconds <= way / 2 + 3, "what the server takes for its work is no error")
        }
    }

    @Test func `one request tells the offset to a minute, and what was measured before is taken where it can be true`()
    {
        let (sent, received) = (Self.at(5_000), Self.at(0))
        let alone = ClockOffset(sent: sent, received: received, measured: nil)
        #expect(alone == ClockOffset(milliseconds: -5_000, errorMilliseconds: 60_000))
        let known = ClockOffset(milliseconds: -5_100, errorMilliseconds: 150)
        #expect(ClockOffset(sent: sent, received: received, measured: known) == known)
        for other in [-4_000, -66_000, 5_000, Int64.max / 4, Int64.min / 4] as [Int64] {
            let claimed = ClockOffset(milliseconds: other, errorMilliseconds: 150)
            #expect(ClockOffset(sent: sent, received: received, measured: claimed) == alone, "\(other) cannot be true")
        }
    }

    @Test func `a clock that was set since is reckoned with, and time makes it less sure`() {
        let measured = ClockOffset(milliseconds: 100, errorMilliseconds: 10)
        #expect(measured.later(by: .zero, clockSetBy: 3 * Self.day).milliseconds == 100 - 3 * Self.day)
        #expect(measured.later(by: .seconds(86_400), clockSetBy: 0).errorMilliseconds == 10 + 17_280)
    }

    @Test(
        arguments: [
            (-3 * day, 60_000, "about 3 days ahead"), (3 * day, 10, "about 3 days behind"), (0, 10, nil),
            (59_000, 0, nil), (-150_000, 60_000, "about 3 minutes ahead"), (-110_000, 60_000, nil),
            (3_600_000, 0, "about 60 minutes behind"), (7_200_000, 0, "about 2 hours behind"),
            (-20_697 * day, 0, "about 57 years ahead"),
        ] as [(Int64, Int64, String?)])
    func `a wrong clock is named so that people see how wrong`(offset: Int64, error: Int64, words: String?) {
        #expect(ClockOffset(milliseconds: offset, errorMilliseconds: error).wrongness == words)
    }
}
