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
    /// Receivers write more digits than they know: degrees are brought to the nearest 10⁻⁷, about a centimetre, and metres to
    /// the next whole one above. Returns `nil` for anything else.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false).map { part in
            Array(part.utf8.drop { $0 == UInt8(ascii: " ") })
        }
        guard (2...3).contains(parts.count), let latitude = Self.units(parts[0], scale: 7),
            let longitude = Self.units(parts[1], scale: 7)
        else { return nil }
        var accuracy: Int64?
        if parts.count == 3 {
            guard let metres = Self.units(parts[2], scale: 0, isRoundedUp: true) else { return nil }
            accuracy = metres
        }
        self.init(latitude: latitude, longitude: longitude, accuracy: accuracy)
    }

    /// A number in units of 10^−`scale`; further digits bring it to the nearest unit, or to the next one.
    ///
    /// Only digits are looked at, so that every device finds the same.
    private static func units(_ text: [UInt8], scale: Int, isRoundedUp: Bool = false) -> Int64? {
        let point = text.firstIndex(of: UInt8(ascii: ".")) ?? text.endIndex
        let rest = text[min(point + 1 + scale, text.endIndex)...]
        guard rest.count <= 40, rest.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            return nil
        }
        let kept = text[..<(scale == 0 && !rest.isEmpty ? point : text.endIndex - rest.count)]
        guard let number = DecimalNumber(String(decoding: kept, as: UTF8.self), scale: UInt8(scale)) else { return nil }
        let isMore =
            isRoundedUp ? rest.contains { $0 > UInt8(ascii: "0") } : rest.first.map { $0 >= UInt8(ascii: "5") } ?? false
        guard isMore else { return number.units }
        let (units, overflow) = number.units.addingReportingOverflow(text.first == UInt8(ascii: "-") ? -1 : 1)
        return overflow ? nil : units
    }

    /// The text form that ``init(_:)`` reads, seven digits behind the point.
    public var description: String {
        let degrees = [latitude, longitude].map { DecimalNumber(units: Int64($0), scale: 7)?.description ?? "" }
        return (degrees + (accuracy.map { [String($0)] } ?? [])).joined(separator: ",")
    }
}
