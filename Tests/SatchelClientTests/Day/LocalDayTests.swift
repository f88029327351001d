import Foundation
import SatchelClient
import SatchelSync
import Testing

/// Days and times of day in time zones, set clocks included.
@Suite struct LocalDayTests {
    private static func zone(_ name: String) throws -> TimeZone { try #require(TimeZone(identifier: name)) }
    private static func time(_ text: String) throws -> Timestamp { try #require(Timestamp(text)) }

    @Test(
        arguments: [
            ("2026-03-02T22:30:00.000Z", "Europe/Vienna", "2026-03-02", "23:30", 24),
            ("2026-03-02T23:30:00.000Z", "Europe/Vienna", "2026-03-03", "00:30", 24),
            ("2026-03-02T16:00:00.000Z", "Asia/Shanghai", "2026-03-03", "00:00", 24),
            ("2026-03-02T02:00:00.000Z", "America/Los_Angeles", "2026-03-01", "18:00", 24),
            ("2026-03-29T12:00:00.000Z", "Europe/Vienna", "2026-03-29", "14:00", 23),
            ("2026-10-25T12:00:00.000Z", "Europe/Vienna", "2026-10-25", "13:00", 25),
            ("1969-12-31T23:59:59.999Z", "GMT", "1969-12-31", "23:59", 24),
        ])
    func `an instant lies in the day of its zone`(
        instant: String, zone: String, date: String, clock: String, hours: Int64
    )
        throws
    {
        let (time, zone) = (try Self.time(instant), try Self.zone(zone))
        let day = LocalDay(of: time, in: zone)
        #expect(day.date.description == date)
        #expect(day.contains(time))
        #expect(day.end.milliseconds - day.start.milliseconds == hours * 3_600_000)
        #expect(LocalTime.clock(time, in: zone) == clock)
        #expect(
            LocalTime.parse("\(date) \(clock)", now: time, in: zone).map {
                abs($0.milliseconds - time.milliseconds) < 60_000
            } == true)
    }

    @Test func `a time of day alone is one of the day in which now lies`() throws {
        let (now, zone) = (try Self.time("2026-03-02T22:30:00.000Z"), try Self.zone("Europe/Vienna"))
        #expect(LocalTime.parse("9:05", now: now, in: zone)?.description == "2026-03-02T08:05:00.000Z")
        #expect(
            LocalTime.parse("2026-03-02T08:05:00+01:00", now: now, in: zone)?.description == "2026-03-02T07:05:00.000Z")
    }

    @Test(arguments: [
        "", "25:00", "12:60", "12", "12:5:1", "2026-02-30 10:00", "noon", "-1:00", "2026-03-29 02:30", "1２:00",
    ])
    func `what is no time is refused`(text: String) throws {
        #expect(
            LocalTime.parse(text, now: try Self.time("2026-03-02T12:00:00.000Z"), in: try Self.zone("Europe/Vienna"))
                == nil)
    }
}
