package import Foundation
package import SatchelSync

/// By how much the clocks of a place are ahead of UTC.
package struct LocalOffset: Sendable {
    /// Minutes ahead of UTC at a date and time of day there, which is written as if it were UTC.
    package let minutes: @Sendable (_ local: Timestamp) -> Int

    /// Takes a rule.
    package init(minutes: @escaping @Sendable (_ local: Timestamp) -> Int) { self.minutes = minutes }

    /// The time zone of this device.
    package static var ofDevice: LocalOffset { LocalOffset(zone: .current) }

    /// A time zone.
    ///
    /// Of an hour that comes twice in autumn the first is taken, and for one that spring leaves out the offset of before.
    package init(zone: TimeZone) {
        self.init { local in
            let seconds = TimeInterval(local.milliseconds) / 1_000
            func offset(at instant: TimeInterval) -> Int {
                zone.secondsFromGMT(for: Date(timeIntervalSince1970: instant))
            }
            let day: TimeInterval = 86_400
            let (before, after) = (offset(at: seconds - day), offset(at: seconds + day))
            let fits = [before, after].first { offset(at: seconds - TimeInterval($0)) == $0 }
            return (fits ?? before) / 60
        }
    }
}
