/// What a position says of somebody who checks in at a customer's: a verdict, never a refusal.
///
/// The device and the server judge by the same rule, each with the customer's place as it knows it.
public struct CheckInVerdict: Hashable, Sendable {
    /// The verdict in a word.
    public enum Word: String, CaseIterable, Sendable {
        /// He was there.
        case verified
        /// He was elsewhere.
        case outside
        /// Nobody can say: the customer's place is not known, or the position is old or was made up by a program.
        case unverified
        /// The position is too rough to say.
        case lowAccuracy = "low_accuracy"
        /// He gave no position.
        case skipped
    }

    /// How far around a customer's place he counts as there, in metres, where the customer has no radius of his own.
    public static let usualRadius = 300
    /// Up to which age of a position, in seconds, it counts as that of the check-in.
    public static let fixAgeMax: Int64 = 600

    /// The verdict.
    public let word: Word
    /// How far the position is from the customer's place, in metres; `nil` where one of them is not known.
    public let distance: Int?
    /// The radius that it was judged by, in metres.
    public let radius: Int

    /// Judges a position.
    ///
    /// - Parameters:
    ///   - position: Where the device was; `nil` where it did not say.
    ///   - fixAge: How old the position was, in seconds; `nil` where that is not known.
    ///   - isMock: Whether a program made it up.
    ///   - site: Where the customer is; `nil` where nobody knows.
    ///   - radius: How far around counts as there, in metres.
    public init(position: Location?, fixAge: Int64?, isMock: Bool, site: Location?, radius: Int) {
        self.radius = radius
        guard let position else {
            (word, distance) = (.skipped, nil)
            return
        }
        guard let site else {
            (word, distance) = (.unverified, nil)
            return
        }
        let distance = position.distanceMetres(to: site)
        self.distance = distance
        if isMock || (fixAge ?? 0) > Self.fixAgeMax {
            word = .unverified
            return
        }
        // Both places are as sure as somebody said; without a word a position is taken as it stands.
        let doubt = Int(position.accuracy ?? 0) + Int(site.accuracy ?? 0)
        if distance > radius + doubt {
            word = .outside
        } else {
            word = distance <= radius && doubt <= radius ? .verified : .lowAccuracy
        }
    }
}
