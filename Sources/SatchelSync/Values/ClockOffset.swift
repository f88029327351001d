/// How a device's clock stands to its server's: server time less device time, and how far off that is at most.
///
/// Time orders nothing that matters; it is shown, and breaks ties of what is displayed.
public struct ClockOffset: Hashable, Sendable {
    /// Server time less device time, in milliseconds: negative where the device's clock is ahead.
    public let milliseconds: Int64
    /// How far off that is at most, in milliseconds.
    public let errorMilliseconds: Int64

    package init(milliseconds: Int64, errorMilliseconds: Int64) {
        self.milliseconds = milliseconds
        self.errorMilliseconds = max(0, errorMilliseconds)
    }

    /// Measures it by four instants, as NTP does (RFC 5905 §8): sent and returned by the device's clock, received and answered by the
    /// server's.
    ///
    /// The way there and the way back share what is left of the round trip; how, nobody knows, so half of it is the error.
    package init(sent: Timestamp, received: Timestamp, answered: Timestamp, returned: Timestamp) {
        let there = received.milliseconds &- sent.milliseconds
        let back = answered.milliseconds &- returned.milliseconds
        self.init(
            milliseconds: (there &+ back) / 2, errorMilliseconds: max(0, there &- back) / 2 + Self.grain)
    }

    /// What a server knows by one request: it was sent before it came, and not more than a minute before; and what an earlier exchange told, where both
    /// can be true.
    package init(sent: Timestamp, received: Timestamp, measured: ClockOffset?) {
        let latest = received.milliseconds &- sent.milliseconds
        if let measured {
            let slack = latest &- measured.milliseconds
            if slack >= -measured.errorMilliseconds - Self.grain, slack <= measured.errorMilliseconds + Self.wayMax {
                self = measured
                return
            }
        }
        self.init(milliseconds: latest, errorMilliseconds: Self.wayMax)
    }

    /// The same after the device's clock was set by so much, and so much time went by since it was measured.
    ///
    /// Clocks run apart by less than two ten-thousandths of the time.
    package func later(by elapsed: Duration, clockSetBy shift: Int64) -> ClockOffset {
        let drift = Int64(max(.zero, elapsed) / .milliseconds(5_000))
        return ClockOffset(milliseconds: milliseconds &- shift, errorMilliseconds: errorMilliseconds &+ drift)
    }

    /// Stamps are whole milliseconds.
    private static let grain: Int64 = 2
    /// How long a request may have been on its way.
    private static let wayMax: Int64 = 60_000

    /// Such as `about 3 days ahead`: how wrong the device's clock is; `nil` where it is right within a minute, or may be.
    public var wrongness: String? {
        let distance = milliseconds.magnitude
        guard distance > UInt64(errorMilliseconds) + 60_000 else { return nil }
        return "about \(Self.words(distance)) \(milliseconds < 0 ? "ahead" : "behind")"
    }

    /// A length of time in the largest unit of which there are one and a half, rounded.
    private static func words(_ milliseconds: UInt64) -> String {
        let units: [(UInt64, String)] = [(31_557_600_000, "years"), (86_400_000, "days"), (3_600_000, "hours")]
        for (size, name) in units where milliseconds >= size + size / 2 {
            let count = (milliseconds + size / 2) / size
            return count == 1 ? "1 \(name.dropLast())" : "\(count) \(name)"
        }
        let minutes = (milliseconds + 30_000) / 60_000
        return minutes == 1 ? "1 minute" : "\(minutes) minutes"
    }
}
