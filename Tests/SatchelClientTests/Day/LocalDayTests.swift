import Foundation
import SatchelClient
import SatchelInspection
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
            ("2026-04-23T22:10:00.000Z", "Africa/Cairo", "2026-04-24", "01:10", 23),
            ("2026-11-01T04:10:00.000Z", "America/Havana", "2026-11-01", "00:10", 25),
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

    @Test(arguments: [
        ("2026-04-22", "Africa/Cairo"), ("2026-03-27", "Asia/Beirut"), ("2026-09-04", "America/Santiago"),
        ("2026-03-06", "America/Havana"), ("2026-10-30", "America/Havana"), ("2026-03-27", "Atlantic/Azores"),
        ("2011-12-28", "Pacific/Apia"),
    ])
    func `each day ends where the next begins, also where clocks are set at midnight`(from: String, zone: String) throws
    {
        let zone = try Self.zone(zone)
        let first = LocalDay(of: try Self.time("\(from)T12:00:00.000Z"), in: zone)
        var (day, time) = (first, first.start)
        // Half an hour at a time, five days on.
        for _ in 0..<240 {
            if !day.contains(time) {
                let next = LocalDay(of: time, in: zone)
                #expect(next.start == day.end && next.date > day.date, "\(next.date)")
                day = next
            }
            #expect(LocalDay(of: time, in: zone) == day, "\(time)")
            time = Timestamp(milliseconds: time.milliseconds + 1_800_000)
        }
        #expect(day.date.dayNumber - first.date.dayNumber >= 4)
    }

    @Test func `days are named by their distance, alone and before a time`() throws {
        // Half past eleven at night there: tomorrow is the third.
        let (now, zone) = (try Self.time("2026-03-02T22:30:00.000Z"), try Self.zone("Europe/Vienna"))
        for (text, date) in [
            ("today", "2026-03-02"), ("tomorrow", "2026-03-03"), ("昨天", "2026-03-01"), ("someday", nil),
        ] {
            #expect(LocalTime.day(text, now: now, in: zone)?.description == date)
        }
        #expect(LocalTime.parse("tomorrow 9:05", now: now, in: zone)?.description == "2026-03-03T08:05:00.000Z")
        #expect(LocalTime.parse("someday 9:05", now: now, in: zone) == nil)
    }

    @Test func `a time of day alone is one of the day in which now lies`() throws {
        let (now, zone) = (try Self.time("2026-03-02T22:30:00.000Z"), try Self.zone("Europe/Vienna"))
        #expect(LocalTime.parse("9:05", now: now, in: zone)?.description == "2026-03-02T08:05:00.000Z")
        #expect(
            LocalTime.parse("2026-03-02T08:05:00+01:00", now: now, in: zone)?.description == "2026-03-02T07:05:00.000Z")
    }

    @Test(arguments: [
        ("24:00", nil), ("00:15", "2026-03-02T23:15:00.000Z"), ("23:30", "2026-03-02T22:30:00.000Z"),
        ("23:29", "2026-03-03T22:29:00.000Z"), ("23:45", "2026-03-02T22:45:00.000Z"),
        ("2026-03-02 09:00", "2026-03-02T08:00:00.000Z"), ("2026-03-01T09:00:00Z", "2026-03-01T09:00:00.000Z"),
    ])
    func `an end without a day is the first after the beginning`(text: String, instant: String?) throws {
        let start = try Self.time("2026-03-02T22:30:00.000Z")
        #expect(LocalTime.parse(text, after: start, in: try Self.zone("Europe/Vienna"))?.description == instant)
    }

    @Test(arguments: [
        ("Europe/Vienna", "2026-10-25 02:30", "2026-10-25T00:30:00.000Z"),
        ("Europe/Vienna", "2026-10-25 03:00", "2026-10-25T02:00:00.000Z"),
        ("Europe/Vienna", "2026-03-29 03:00", "2026-03-29T01:00:00.000Z"),
        ("America/Havana", "2026-11-01 00:30", "2026-11-01T04:30:00.000Z"),
        ("America/Los_Angeles", "2026-11-01 01:30", "2026-11-01T08:30:00.000Z"),
        ("Australia/Lord_Howe", "2026-04-05 01:45", "2026-04-04T14:45:00.000Z"),
        ("Pacific/Apia", "2011-12-31 00:00", "2011-12-30T10:00:00.000Z"),
    ])
    func `a time of day that comes twice is the first of them`(zone: String, text: String, instant: String) throws {
        let now = try Self.time("2026-03-02T12:00:00.000Z")
        #expect(LocalTime.parse(text, now: now, in: try Self.zone(zone))?.description == instant)
    }

    @Test(arguments: [
        ("2026-03-02T15:30:07.999Z", "Asia/Shanghai", "2026-03-02 23:30:07+08:00"),
        ("2026-03-02T15:30:07.000Z", "America/St_Johns", "2026-03-02 12:00:07-03:30"),
        ("2026-03-02T15:30:07.000Z", "GMT", "2026-03-02 15:30:07+00:00"),
        ("2026-03-02T23:59:59.000Z", "Asia/Kathmandu", "2026-03-03 05:44:59+05:45"),
        ("1880-03-02T12:00:00.000Z", "Europe/Vienna", "1880-03-02T12:00:00.000Z"),
        ("1969-12-31T23:59:59.500Z", "GMT", "1969-12-31 23:59:59+00:00"),
    ])
    func `an instant is written as clocks there show it, and read again`(instant: String, zone: String, text: String)
        throws
    {
        let time = try Self.time(instant)
        #expect(LocalTime.second(time, in: try Self.zone(zone)) == text)
        let read = try #require(Timestamp(text))
        #expect(read <= time && time.milliseconds - read.milliseconds < 1_000)
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
