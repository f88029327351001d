import ArgumentParser
import Foundation
import SatchelInspection
import SatchelSync
import SatchelTerminal

/// In which time zone days and times are meant.
struct ZoneOption: ParsableArguments {
    @Option(help: .said("The time zone, such as Asia/Shanghai; the device's own when not given.", name: "zone"))
    var timeZone: String?

    /// - Throws: ``SatchelError`` `invalid_request` for a zone that nobody knows.
    func zone() throws(SatchelError) -> TimeZone {
        guard let timeZone else { return TimeZone.current }
        guard let zone = TimeZone(identifier: timeZone) else {
            throw .wrongUsage(
                "There is no time zone \"\(Excerpt.of(timeZone))\".",
                remedy: "Write it like Asia/Shanghai or Europe/Vienna.")
        }
        return zone
    }
}

/// When something is, as people type it.
struct TimeText {
    let zone: TimeZone
    let now: Timestamp

    /// The instant that an option names; where something has begun then, that is not before `start`.
    ///
    /// - Throws: ``SatchelError`` `invalid_request`.
    func instant(_ text: String, option: String, after start: Timestamp? = nil) throws(SatchelError) -> Timestamp {
        let read =
            start.map { LocalTime.parse(text, after: $0, in: zone) } ?? LocalTime.parse(text, now: now, in: zone)
        guard let time = read else {
            // Elsewhere, where no clocks are set, it comes.
            guard LocalTime.parse(text, now: now, in: .gmt) == nil else {
                throw .wrongUsage(
                    "\(option) is \"\(Excerpt.of(text))\", which does not come in \(zone.identifier): clocks are set past it.",
                    remedy: "Write a time before that or after it.")
            }
            throw .wrongUsage(
                "\(option) is \"\(Excerpt.of(text))\", which is no time.",
                remedy: "Write 14:30 for today, \"tomorrow 14:30\", \"2026-03-02 14:30\", or 2026-03-02T14:30:00+01:00."
            )
        }
        if let start, time < start {
            throw .wrongUsage(
                "\(option) is \"\(Excerpt.of(text))\", which is before the beginning.", remedy: "Write a later time.")
        }
        return time
    }
}
