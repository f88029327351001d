/// A place on the earth, WGS 84, as whole numbers: a position is never a binary float.
public struct Location: Hashable, Sendable, CustomStringConvertible {
    /// Degrees north in 10⁻⁷, −900,000,000 to 900,000,000.
    public let latitude: Int32
    /// Degrees east in 10⁻⁷, −1,800,000,000 to 1,800,000,000.
    public let longitude: Int32
    /// How far off the position may be, in metres; `nil` when nobody said.
    public let accuracy: UInt32?

    /// The farthest that a position may be off, in metres: half way round the earth.
    public static let accuracyMax: UInt32 = 20_100_000

    /// Takes a position; `nil` when a part of it is out of range.
    public init?(latitude: Int64, longitude: Int64, accuracy: Int64?) {
        guard (-900_000_000...900_000_000).contains(latitude), (-1_800_000_000...1_800_000_000).contains(longitude),
            (0...Int64(Self.accuracyMax)).contains(accuracy ?? 0)
        else { return nil }
        self.latitude = Int32(latitude)
        self.longitude = Int32(longitude)
        self.accuracy = accuracy.map { UInt32($0) }
    }

    /// Reads `48.137154,11.576124` or, with the accuracy in metres, `48.137154,11.576124,12`.
    ///
    /// Digits past the seventh behind the point are taken only where they are zeros. Returns `nil` for anything else.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false).map { part in
            part.drop { $0 == " " }
        }
        guard (2...3).contains(parts.count), let latitude = DecimalNumber(parts[0], scale: 7),
            let longitude = DecimalNumber(parts[1], scale: 7)
        else { return nil }
        var accuracy: Int64?
        if parts.count == 3 {
            guard let metres = DecimalNumber(parts[2], scale: 0) else { return nil }
            accuracy = metres.units
        }
        self.init(latitude: latitude.units, longitude: longitude.units, accuracy: accuracy)
    }

    /// The text form that ``init(_:)`` reads, seven digits behind the point.
    public var description: String {
        let degrees = [latitude, longitude].map { DecimalNumber(units: Int64($0), scale: 7)?.description ?? "" }
        return (degrees + (accuracy.map { [String($0)] } ?? [])).joined(separator: ",")
    }
}
