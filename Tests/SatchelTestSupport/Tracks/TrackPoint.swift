import Foundation

/// A point of a track, its texts as they stand in the file.
package struct TrackPoint: Hashable, Sendable {
    /// Degrees north.
    package let latitude: String
    /// Degrees east.
    package let longitude: String
    /// How far off the position may be, in metres; `nil` where the file does not say.
    package let accuracy: String?
    /// When it was found; `nil` where the file does not say.
    package let time: String?

    /// Takes texts as they stand.
    package init(latitude: String, longitude: String, accuracy: String? = nil, time: String? = nil) {
        self.latitude = latitude
        self.longitude = longitude
        self.accuracy = accuracy
        self.time = time
    }

    /// The instant as programs print it, `2019-01-25T20:00:16.178Z`; `nil` where there is none.
    ///
    /// A time without a zone counts as UTC.
    package var instant: String? {
        guard let time, let parts = time.wholeMatch(of: /(.{10})[T ](.{8})(?:\.(\d+))?(Z|[+-]\d\d:\d\d)?/) else {
            return nil
        }
        let zoned = "\(parts.1)T\(parts.2)\(parts.4 ?? "Z")"
        guard let date = try? Date(zoned, strategy: .iso8601) else { return nil }
        let fraction = (parts.3.map(String.init) ?? "").padding(toLength: 3, withPad: "0", startingAt: 0)
        return "\(date.ISO8601Format().dropLast()).\(fraction)Z"
    }
}
