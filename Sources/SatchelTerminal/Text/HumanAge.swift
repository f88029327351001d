package import SatchelSync

/// How long ago something was, as people say it.
package enum HumanAge {
    /// Such as `just now`, `5 min ago`, `2 days ago`, `in 3 h`; from sixty days on, the date.
    ///
    /// The unit is the largest that is full, and its number is rounded down.
    package static func text(of time: Timestamp, now: Timestamp) -> String {
        let seconds = (now.milliseconds - time.milliseconds) / 1_000
        let distance = abs(seconds)
        if distance < 10 { return said("just now") }
        guard distance < 60 * 86_400 else { return String(time.description.prefix(10)) }
        let words = duration(seconds: distance)
        return seconds > 0 ? said("\(words) ago") : said("in \(words)")
    }

    /// Such as `40 s`, `5 min`, `3 h`, `1 day`.
    package static func duration(seconds: Int64) -> String {
        switch seconds {
        case ..<60: said("\(seconds) s")
        case ..<3_600: said("\(seconds / 60) min")
        case ..<86_400: said("\(seconds / 3_600) h")
        case ..<172_800: said("1 day")
        default: said("\(seconds / 86_400) days")
        }
    }
}
