package import Foundation
package import SatchelSync

/// A day as people in a time zone have it.
package struct LocalDay: Hashable, Sendable {
    /// Its date.
    package let date: CalendarDate
    /// Its first instant.
    package let start: Timestamp
    /// The first instant of the next day.
    package let end: Timestamp

    /// The day in which an instant lies; where clocks are set it is shorter or longer than others.
    package init(of time: Timestamp, in zone: TimeZone) {
        var calendar = Foundation.Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        let start = calendar.startOfDay(for: time.date)
        date = CalendarDate(clampingDayNumber: Int(time.localSeconds(in: zone).quotient(by: 86_400)))
        self.start = Timestamp(start)
        // Where clocks are set at midnight a day begins at one, and so late in the next one has to be brought back to its beginning.
        let next = calendar.date(byAdding: .day, value: 1, to: start) ?? start.addingTimeInterval(86_400)
        end = Timestamp(calendar.startOfDay(for: next))
    }

    /// The day that a person names: `2026-03-02`, or `today`, `tomorrow` or `yesterday` as `now` has them; `nil` for anything else.
    package init?(named text: some StringProtocol, now: Timestamp, in zone: TimeZone) {
        // At noon no clocks are set.
        guard let date = LocalTime.day(text, now: now, in: zone),
            let noon = LocalTime.parse("\(date) 12:00", now: now, in: zone)
        else { return nil }
        self.init(of: noon, in: zone)
    }

    /// Whether an instant lies in it.
    package func contains(_ time: Timestamp) -> Bool { start <= time && time < end }
}

/// Times of day as people in a time zone write them.
package enum LocalTime {
    /// Such as `14:05`.
    package static func clock(_ time: Timestamp, in zone: TimeZone) -> String {
        let seconds = time.localSeconds(in: zone)
        let minute = (seconds - seconds.quotient(by: 86_400) * 86_400) / 60
        return "\(padded(minute / 60)):\(padded(minute % 60))"
    }

    /// Such as `2026-03-02 14:05`.
    package static func minute(_ time: Timestamp, in zone: TimeZone) -> String {
        "\(LocalDay(of: time, in: zone).date) \(clock(time, in: zone))"
    }

    /// Such as `2026-03-02 14:05:07+01:00`: to the second, and in a form that is read again wherever an instant is typed.
    package static func second(_ time: Timestamp, in zone: TimeZone) -> String {
        guard let offset = offset(at: time, in: zone) else { return time.description }
        let seconds = time.milliseconds.quotient(by: 1_000)
        let second = seconds - seconds.quotient(by: 60) * 60
        return "\(minute(time, in: zone)):\(padded(second))\(offset)"
    }

    /// How far local time is ahead of UTC then, such as `+01:00`; `nil` where that is no whole minute.
    package static func offset(at time: Timestamp, in zone: TimeZone) -> String? {
        let ahead = time.localSeconds(in: zone) - time.milliseconds.quotient(by: 1_000)
        // Before there were time zones places were seconds apart, for which there is no form.
        guard ahead % 60 == 0 else { return nil }
        let minutes = ahead.magnitude / 60
        return "\(ahead < 0 ? "-" : "+")\(padded(Int64(minutes / 60))):\(padded(Int64(minutes % 60)))"
    }

    /// Such as `2026-03-02 14:05`, in the time zone of this device.
    package static func minute(_ time: Timestamp) -> String { minute(time, in: .current) }

    /// Reads `2026-03-02`, or `today`, `tomorrow` or `yesterday` as `now` has them; `nil` for anything else.
    package static func day(_ text: some StringProtocol, now: Timestamp, in zone: TimeZone) -> CalendarDate? {
        let away: Int
        switch String(text) {
        case "today", "今天": away = 0
        case "tomorrow", "明天": away = 1
        case "yesterday", "昨天": away = -1
        default: return CalendarDate(text)
        }
        return CalendarDate(clampingDayNumber: Int(LocalDay(of: now, in: zone).date.dayNumber) + away)
    }

    /// Reads `14:05` (of the day in which `now` lies), `2026-03-02 14:05`, `tomorrow 14:05`, or RFC 3339; `nil` for anything else, and for a time of day that
    /// does not come, since the clocks are set past it.
    ///
    /// One that comes twice is the first of them.
    package static func parse(_ text: String, now: Timestamp, in zone: TimeZone) -> Timestamp? {
        if let instant = Timestamp(text) { return instant }
        let words = text.split(separator: " ")
        let day = words.count == 2 ? Self.day(words[0], now: now, in: zone) : LocalDay(of: now, in: zone).date
        guard (1...2).contains(words.count), let day, let clock = words.last?.split(separator: ":"), clock.count == 2,
            clock.allSatisfy({ (1...2).contains($0.utf8.count) }), let hour = UInt64(decimalDigits: clock[0].utf8),
            let minute = UInt64(decimalDigits: clock[1].utf8), hour < 24, minute < 60
        else { return nil }
        let local = ((Int64(day.dayNumber) * 24 + Int64(hour)) * 60 + Int64(minute)) * 60
        // The zone's offset is that of the day before or of the day after, and where they differ clocks are set between.
        return [local - 86_400, local + 86_400].map { near in
            let offset = zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(near)))
            return Timestamp(milliseconds: (local - Int64(offset)) * 1_000)
        }.filter { $0.localSeconds(in: zone) == local }.min()
    }

    /// Reads when something ends that begins at `start`: a time of day alone is the first of that name after it, also past midnight.
    package static func parse(_ text: String, after start: Timestamp, in zone: TimeZone) -> Timestamp? {
        let time = parse(text, now: start, in: zone)
        guard let time, time < start, Timestamp(text) == nil, !text.contains(" ") else { return time }
        return parse(text, now: LocalDay(of: start, in: zone).end, in: zone)
    }

    private static func padded(_ number: Int64) -> String { number < 10 ? "0\(number)" : String(number) }
}

extension Timestamp {
    fileprivate init(_ date: Date) {
        self.init(milliseconds: Int64((date.timeIntervalSince1970 * 1_000).rounded()))
    }

    fileprivate var date: Date { Date(timeIntervalSince1970: Double(milliseconds) / 1_000) }

    /// Seconds since 1970 as clocks in the zone count them.
    fileprivate func localSeconds(in zone: TimeZone) -> Int64 {
        milliseconds.quotient(by: 1_000) + Int64(zone.secondsFromGMT(for: date))
    }
}

extension Int64 {
    /// Rounded down, also below zero.
    fileprivate func quotient(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
