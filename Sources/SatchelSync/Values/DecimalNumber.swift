/// An exact decimal number: a count of units of 10^−scale, never a binary float.
///
/// The scale is the field's; two numbers of one field compare by their units. `12.50` at scale 2 is 1,250 units.
public struct DecimalNumber: Hashable, Sendable, CustomStringConvertible {
    /// How many of the smallest unit.
    public let units: Int64
    /// Digits behind the point, 0 to 9.
    public let scale: UInt8

    /// The most digits behind the point.
    public static let scaleMax: UInt8 = 9

    /// Counts units of 10^−`scale`; `nil` for a scale above ``scaleMax``.
    public init?(units: Int64, scale: UInt8) {
        guard scale <= Self.scaleMax else { return nil }
        self.units = units
        self.scale = scale
    }

    /// Reads a number as people type it: `-12.5`, `7`, `0.125`.
    ///
    /// Digits behind the point past `scale` are taken only where they are zeros: nothing is rounded. Returns `nil` for anything
    /// else, and for what 64 bits of units cannot hold.
    public init?(_ text: some StringProtocol, scale: UInt8) {
        guard scale <= Self.scaleMax else { return nil }
        var digits = Array(text.utf8)
        let isNegative = digits.first == UInt8(ascii: "-")
        if isNegative { digits.removeFirst() }
        let parts = digits.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count <= 2, let whole = parts.first, !whole.isEmpty, whole.count <= 20 else { return nil }
        let fraction = parts.count == 2 ? Array(parts[1]) : []
        guard parts.count == 1 || !fraction.isEmpty, fraction.count <= 20 else { return nil }
        guard fraction.dropFirst(Int(scale)).allSatisfy({ $0 == UInt8(ascii: "0") }) else { return nil }
        let kept = fraction.prefix(Int(scale))
        var magnitude: UInt64 = 0
        for digit in whole + kept + Array(repeating: UInt8(ascii: "0"), count: Int(scale) - kept.count) {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            let (product, overflow) = magnitude.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(digit - UInt8(ascii: "0")))
            guard !overflow, !carry else { return nil }
            magnitude = sum
        }
        let limit = UInt64(Int64.max) + (isNegative ? 1 : 0)
        guard magnitude <= limit else { return nil }
        units = isNegative ? Int64(truncatingIfNeeded: 0 &- magnitude) : Int64(truncatingIfNeeded: magnitude)
        self.scale = scale
    }

    /// The number with all its digits behind the point: `-12.50`.
    public var description: String {
        let digits = String(units.magnitude)
        let sign = units < 0 ? "-" : ""
        guard scale > 0 else { return sign + digits }
        let padded = String(repeating: "0", count: max(0, Int(scale) + 1 - digits.utf8.count)) + digits
        return "\(sign)\(padded.dropLast(Int(scale))).\(padded.suffix(Int(scale)))"
    }
}
