package import Foundation
package import SatchelSync

/// How instants are shown to people: as clocks where they are show them, or in UTC.
///
/// Programs get UTC (`2026-03-02T08:01:13.120Z`), and so do reports that travel; whoever shows them turns them into this form last.
package struct ShownTimes: Sendable {
    private let zone: TimeZone?
    private let namesOffset: Bool

    /// In UTC, as programs read it.
    package static let utc = ShownTimes(zone: nil, namesOffset: false)
    /// As clocks at this machine show it.
    package static var here: ShownTimes { ShownTimes(in: .current) }

    /// As clocks in a zone show it; where people of several zones may look, with how far the zone is from UTC, as `2026-03-02 17:14 +08:00`.
    package init(in zone: TimeZone, namesOffset: Bool = false) {
        self.init(zone: zone, namesOffset: namesOffset)
    }

    private init(zone: TimeZone?, namesOffset: Bool) { (self.zone, self.namesOffset) = (zone, namesOffset) }

    /// To the minute: `2026-03-02 17:14`, and in UTC `2026-03-02 09:14 UTC`.
    package func minute(_ time: Timestamp) -> String {
        guard let zone else { return InspectionContext.minuteText(time) }
        let text = LocalTime.minute(time, in: zone)
        guard namesOffset else { return text }
        return LocalTime.offset(at: time, in: zone).map { "\(text) \($0)" } ?? InspectionContext.minuteText(time)
    }

    /// As exact as people type it: `2026-03-02 17:14:05+08:00`, and in UTC as programs read it.
    package func exact(_ time: Timestamp) -> String {
        zone.map { LocalTime.second(time, in: $0) } ?? time.description
    }

    /// A text that is an instant and nothing else, as programs read it, in the exact form; any other stays.
    package func exact(_ text: String) -> String {
        guard zone != nil, let time = Timestamp(text), time.description == text else { return text }
        return exact(time)
    }

    /// A text of the server with the instants in it, as programs read them, to the minute.
    package func instants(in text: String) -> String {
        guard zone != nil else { return text }
        return text.replacing(#/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]{3}Z/#) { match in
            Timestamp(match.output).map(minute) ?? String(match.output)
        }
    }

    /// A sentence of a report with its instants (`2026-03-02 09:14 UTC`) in this form.
    package func sentence(_ text: String) -> String {
        guard zone != nil, text.contains(Self.mark) else { return text }
        var result = ""
        var rest = text[...]
        while let mark = rest.range(of: Self.mark) {
            let before = rest[..<mark.lowerBound]
            rest = rest[mark.upperBound...]
            let words = before.suffix(16)
            let text = words.prefix(10) + "T" + words.dropFirst(11) + ":00Z"
            if words.count == 16, words.dropFirst(10).first == " ", let time = Timestamp(text) {
                result += before.dropLast(16) + minute(time)
            } else {
                result += before + Self.mark
            }
        }
        return result + rest
    }

    private static let mark = " UTC"
}
