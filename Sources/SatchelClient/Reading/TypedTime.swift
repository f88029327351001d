import Foundation
import SatchelInspection
import SatchelStorage
import SatchelSync

/// Values as people type them, days and times by the clock and in the time zone of this device.
struct TypedTime {
    /// The present instant.
    let now: Timestamp
    /// The time zone in which times are meant that do not say theirs.
    var zone = TimeZone.current

    /// Reads a value of a field; of references, sets, counters and maps somebody else does.
    ///
    /// - Throws: `SatchelError` `invalid_value`.
    func value(_ text: String, field: Field) throws(SatchelError) -> FieldValue {
        switch field.kind {
        case .date:
            if let day = LocalTime.day(text, now: now, in: zone) { return .date(day) }
            throw try refusal(of: text, field, remedy: "Write it like 2026-03-02, or today, tomorrow or yesterday.")
                .asWrongUsage
        case .timestamp:
            if let time = LocalTime.parse(text, now: now, in: zone) { return .timestamp(time) }
            throw try refusal(
                of: text, field,
                remedy: "Write 14:30 for today, \"tomorrow 14:30\", \"2026-03-02 14:30\", or 2026-03-02T14:30:00+01:00."
            ).asWrongUsage
        case .location:
            // A comma as Chinese keyboards have it.
            let plain = text.replacing("，", with: ",")
            guard Location(plain) == nil else { return try field.parse(plain) }
            throw try refusal(
                of: text, field,
                remedy: "Latitude comes first, from -90 to 90, then longitude, from -180 to 180: 31.2304,121.4737.")
        default: return try field.parse(ChoiceWords.word(typed: text, field: field))
        }
    }

    private func refusal(of text: String, _ field: Field, remedy: String) throws(SatchelError) -> SatchelError {
        do {
            _ = try field.parse(text)
        } catch {
            var refusal = error
            refusal.remedy = remedy
            return refusal
        }
        return SatchelError(
            .invalidValue, "Field \"\(field.name)\" does not take \"\(Excerpt.of(text))\".", remedy: remedy)
    }

    /// The instants that a day, or a minute, has: from the first on, up to the second, which is not one of them; `nil` for anything else.
    func span(_ text: String) -> Range<Timestamp>? {
        guard Timestamp(text) == nil else { return nil }
        if let day = LocalDay(named: text, now: now, in: zone) { return day.start..<day.end }
        return LocalTime.parse(text, now: now, in: zone).map {
            $0..<Timestamp(milliseconds: $0.milliseconds + 60_000)
        }
    }

    /// What a condition on a field of times asks, where the time is a day or a minute; `nil` where it is an instant, or none.
    ///
    /// - Throws: `SatchelError` `invalid_request` for what is not such a time, which is no span.
    func filters(_ text: String, _ comparison: ListFilter.Comparison, field: Field) throws(SatchelError)
        -> [ListFilter]?
    {
        guard case .timestamp = field.kind, comparison != .contains, let span = span(text) else { return nil }
        let (start, end) = (FieldValue.timestamp(span.lowerBound), FieldValue.timestamp(span.upperBound))
        switch comparison {
        case .below: return [ListFilter(field: field, .below, value: start)]
        case .atLeast: return [ListFilter(field: field, .atLeast, value: start)]
        case .above: return [ListFilter(field: field, .atLeast, value: end)]
        case .atMost: return [ListFilter(field: field, .below, value: end)]
        case .equal:
            return [ListFilter(field: field, .atLeast, value: start), ListFilter(field: field, .below, value: end)]
        case .different, .contains:
            throw .wrongUsage(
                "\"\(Excerpt.of(text))\" is not one instant, which != asks for.",
                remedy: "Ask for what is before it with <, or after it with >.")
        }
    }
}
