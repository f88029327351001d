import Foundation
import SatchelTestSupport

/// A customer near a track, and what a check-in there has to say.
///
/// Distances are reckoned here once more, from the angle between two directions from the middle of the earth, and not as the product does it.
struct Customer: Sendable {
    /// What a row says of a check-in.
    struct Expectation: Hashable, Sendable {
        let position: String?, verdict: String, distance: Int?, radius: Int
    }

    let id: String
    let name: String
    /// Where he is; `nil` where nobody knows.
    let place: TrackPoint?
    /// Within how many metres one is there; `nil` for as many as is usual.
    let radius: Int?

    /// A position in degrees as a row keeps it, and how far off it may be.
    private struct Place {
        let north: Double, east: Double
        let doubt: Int
        /// Degrees with seven digits behind the point.
        let text: String

        init?(_ point: TrackPoint) {
            let rounded = [point.latitude, point.longitude].compactMap(Self.rounded)
            guard rounded.count == 2, let north = Double(rounded[0]), let east = Double(rounded[1]) else { return nil }
            (self.north, self.east) = (north, east)
            text = rounded.joined(separator: ",")
            doubt = point.accuracy.flatMap(Double.init).map { Int($0.rounded(.up)) } ?? 0
        }

        /// A half goes away from zero; as a `Double` it might not be one.
        private static func rounded(_ degrees: String) -> String? {
            Decimal(string: degrees)?.formatted(
                .number.precision(.fractionLength(7)).rounded(rule: .toNearestOrAwayFromZero).grouping(.never)
                    .locale(Locale(identifier: "en_US_POSIX")))
        }

        /// Whole metres along the surface of a sphere.
        func metres(to other: Place) -> Int {
            let (a, b) = (direction, other.direction)
            let cross = SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
            let angle = atan2((cross * cross).sum().squareRoot(), (a * b).sum())
            return Int((angle * 6_371_008.8).rounded())
        }

        private var direction: SIMD3<Double> {
            let (north, east) = (north * .pi / 180, east * .pi / 180)
            return SIMD3(cos(north) * cos(east), cos(north) * sin(east), sin(north))
        }
    }

    /// How far a point is from him; `nil` where nobody knows.
    func metres(to point: TrackPoint) -> Int? {
        guard let place = place.flatMap(Place.init), let here = Place(point) else { return nil }
        return here.metres(to: place)
    }

    /// What a check-in at a point, or without a position, has to say.
    func expects(_ point: TrackPoint?) -> Expectation {
        let radius = radius ?? 300
        guard let point else { return Expectation(position: nil, verdict: "skipped", distance: nil, radius: radius) }
        let here = Place(point)
        var position = here?.text
        if point.accuracy != nil, let here { position? += ",\(here.doubt)" }
        guard let place = place.flatMap(Place.init), let here else {
            return Expectation(position: position, verdict: "unverified", distance: nil, radius: radius)
        }
        let distance = here.metres(to: place)
        let doubt = here.doubt + place.doubt
        let verdict =
            if distance > radius + doubt {
                "outside"
            } else if distance <= radius, doubt <= radius {
                "verified"
            } else {
                "low_accuracy"
            }
        return Expectation(position: position, verdict: verdict, distance: distance, radius: radius)
    }

    /// The line of JSON that makes the record.
    func line() throws -> String {
        var fields: [String: Any] = ["name": name]
        if let place { fields["location"] = place.typed }
        if let radius { fields["checkin_radius"] = radius }
        let record: [String: Any] = ["type": "account", "id": id, "set": fields]
        return String(decoding: try JSONSerialization.data(withJSONObject: record), as: UTF8.self)
    }
}

extension TrackPoint {
    /// The position as one types it, with the digits that the file has.
    var typed: String { [latitude, longitude, accuracy].compactMap(\.self).joined(separator: ",") }
}
