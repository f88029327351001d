/// The name of a record: a UUID, version 7 when Satchel makes it (RFC 9562).
///
/// The text form is lower-case with hyphens. Order is byte order, which for version 7 is the order of making.
public struct RecordID: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The first eight bytes, big-endian.
    public let high: UInt64
    /// The last eight bytes, big-endian.
    public let low: UInt64

    /// Takes the 16 bytes as two big-endian halves.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Makes a version 7 UUID.
    /// - Parameters:
    ///   - milliseconds: Wall time since 1970; 48 bits of it are kept.
    ///   - random: Fresh randomness, of which 74 bits are used.
    public init(milliseconds: Int64, random: (UInt64, UInt64)) {
        let time = UInt64(truncatingIfNeeded: milliseconds) & 0xFFFF_FFFF_FFFF
        high = time << 16 | 0x7000 | random.0 & 0x0FFF
        low = 0x8000_0000_0000_0000 | random.1 & 0x3FFF_FFFF_FFFF_FFFF
    }

    /// Reads a UUID in its text form with hyphens, upper or lower case.
    ///
    /// Returns `nil` for anything else.
    public init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.count == 36 else { return nil }
        var digits: [UInt8] = []
        digits.reserveCapacity(32)
        for (index, byte) in bytes.enumerated() {
            if index == 8 || index == 13 || index == 18 || index == 23 {
                guard byte == UInt8(ascii: "-") else { return nil }
            } else {
                let isUpper = (UInt8(ascii: "A")...UInt8(ascii: "F")).contains(byte)
                digits.append(isUpper ? byte | 0x20 : byte)
            }
        }
        guard let high = UInt64(hexDigits: digits[0..<16]), let low = UInt64(hexDigits: digits[16..<32]) else {
            return nil
        }
        self.init(high: high, low: low)
    }

    /// The lower-case text form with hyphens, 36 characters.
    public var description: String {
        unsafe String(unsafeUninitializedCapacity: 36) { text in
            var place = 0
            for half in [high, low] {
                for shift in stride(from: UInt64(60), through: 0, by: -4) {
                    if place == 8 || place == 13 || place == 18 || place == 23 {
                        unsafe text[place] = UInt8(ascii: "-")
                        place += 1
                    }
                    let digit = UInt8(truncatingIfNeeded: half >> shift & 0xF)
                    unsafe text[place] = digit + (digit < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10)
                    place += 1
                }
            }
            return place
        }
    }

    /// Byte order.
    public static func < (left: RecordID, right: RecordID) -> Bool {
        left.high == right.high ? left.low < right.low : left.high < right.high
    }
}
