package import SatchelSync

/// Reads `Retry-After` (RFC 9110 §10.2.3) in both its forms: seconds, and a date.
package enum RetryAfter {
    /// What is believed at most: a day.
    ///
    /// Whoever asks for more is no server that knows devices, and nothing is ever given up.
    package static let longest = Duration.seconds(86_400)

    /// How long to wait, or `nil` where the field says nothing that can be read.
    ///
    /// A date is taken as so far from the answer's own `date`, since the device's clock may be wrong by days; without one it is compared with `now`.
    /// Never less than was asked.
    package static func wait(_ value: String, date: String?, now: Timestamp) -> Duration? {
        let value = value.trimmingBlanks
        if !value.isEmpty, value.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) {
            return min(.seconds(Int64(value) ?? .max / 1_000_000), longest)
        }
        let sent = date.flatMap { instant($0, near: now) } ?? now
        guard let end = instant(value, near: sent) else { return nil }
        return min(.milliseconds(max(0, end.milliseconds - sent.milliseconds)), longest)
    }

    /// Reads a date of HTTP (RFC 9110 §5.6.7) in any of its three forms.
    ///
    /// A year of two digits is the one that lies at most fifty years after `reference`.
    package static func instant(_ text: String, near reference: Timestamp) -> Timestamp? {
        let words = text.trimmingBlanks.split { $0 == " " || $0 == "," || $0 == "-" }.map(String.init)
        switch words.count {
        case 6 where words[5] == "GMT":  // Sun, 06 Nov 1994 08:49:37 GMT, or Sunday, 06-Nov-94 08:49:37 GMT
            return instant(day: words[1], month: words[2], year: words[3], time: words[4], near: reference)
        case 5:  // Sun Nov  6 08:49:37 1994
            return instant(day: words[2], month: words[1], year: words[4], time: words[3], near: reference)
        default: return nil
        }
    }

    private static func instant(
        day: String, month: String, year: String, time: String, near reference: Timestamp
    ) -> Timestamp? {
        let names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        guard let number = names.firstIndex(of: month), let day = Int(day), (1...31).contains(day) else { return nil }
        guard let year = wholeYear(year, near: reference) else { return nil }
        return Timestamp("\(padded(year, 4))-\(padded(number + 1, 2))-\(padded(day, 2))T\(time)Z")
    }

    private static func wholeYear(_ text: String, near reference: Timestamp) -> Int? {
        guard let year = Int(text), year >= 0, let present = Int(reference.description.prefix(4)) else { return nil }
        guard text.utf8.count == 2 else { return text.utf8.count == 4 ? year : nil }
        let candidate = present / 100 * 100 + year
        return switch candidate - present {
        case ..<(-49): candidate + 100
        case 51...: candidate - 100
        default: candidate
        }
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}

extension String {
    fileprivate var trimmingBlanks: String {
        let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        return String(drop(while: isBlank).reversed().drop(while: isBlank).reversed())
    }
}
