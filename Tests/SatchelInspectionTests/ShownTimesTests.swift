import Foundation
import SatchelInspection
import SatchelSync
import Testing

@Suite struct ShownTimesTests {
    private static let shanghai = TimeZone(secondsFromGMT: 8 * 3_600) ?? .gmt
    private static let time = Timestamp("2026-03-02T17:14:05.250Z") ?? Timestamp(milliseconds: 0)

    @Test func `an instant is shown as clocks there show it, and in UTC as it travels`() {
        let (here, named) = (ShownTimes(in: Self.shanghai), ShownTimes(in: Self.shanghai, namesOffset: true))
        #expect(here.minute(Self.time) == "2026-03-03 01:14")
        #expect(named.minute(Self.time) == "2026-03-03 01:14 +08:00")
        #expect(ShownTimes.utc.minute(Self.time) == "2026-03-02 17:14 UTC")
        #expect(here.exact(Self.time) == "2026-03-03 01:14:05+08:00" && named.exact(Self.time) == here.exact(Self.time))
        #expect(ShownTimes.utc.exact(Self.time) == "2026-03-02T17:14:05.250Z")
        #expect(here.exact("2026-03-02T17:14:05.250Z") == "2026-03-03 01:14:05+08:00")
        // No more than that: a text in which an instant stands, or one that no program writes so, is a text.
        for text in ["at 2026-03-02T17:14:05.250Z", "2026-03-02T17:14:05Z", "2026-03-02", ""] {
            #expect(here.exact(text) == text)
        }
    }

    @Test func `the instants in a text of the server are turned, and what looks alike is not`() {
        let here = ShownTimes(in: Self.shanghai)
        let text = "locked at 2026-03-02T17:14:05.250Z, and said: \"on 2026-03-02\"."
        #expect(here.instants(in: text) == "locked at 2026-03-03 01:14, and said: \"on 2026-03-02\".")
        #expect(ShownTimes.utc.instants(in: text) == text)
        for text in ["2026-13-02T17:14:05.250Z", "2026-03-02T17:14:05Z", ""] {
            #expect(here.instants(in: text) == text)
        }
    }

    @Test func `the instants of a sentence are turned, and nothing else of it`() {
        let here = ShownTimes(in: Self.shanghai)
        let sentence = "had seen Bo's edit 4cc73f09:2 of 2026-03-02 17:14 UTC"
        #expect(here.sentence(sentence) == "had seen Bo's edit 4cc73f09:2 of 2026-03-03 01:14")
        #expect(ShownTimes.utc.sentence(sentence) == sentence)
        #expect(
            here.sentence("2026-03-02 17:14 UTC, 2026-12-31 16:00 UTC.") == "2026-03-03 01:14, 2027-01-01 00:00.")
        for text in ["it is UTC", " UTC", "2026-13-02 17:14 UTC", "of 2026-03-02T17:14 UTC", "é UTC UTC", "17:14 UTC"] {
            #expect(here.sentence(text) == text)
        }
    }
}
