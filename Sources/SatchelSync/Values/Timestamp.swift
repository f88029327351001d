/// An instant, counted in milliseconds since 1970-01-01T00:00:00Z without leap seconds.
///
/// Years 0000 to 9999. The one text form is RFC 3339, UTC, always with milliseconds: `2026-03-02T08:01:13.120Z`.
public struct Timestamp: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Milliseconds since 1970, negative before.
    public let milliseconds: Int64

    /// The first and the last instant that have a text form.
    public static let range = Timestamp(unchecked: -62_167_219_200_000)...Timestamp(unchecked: 253_402_300_799_999)

    private init(unchecked milliseconds: Int64) { self.milliseconds = milliseconds }

    /// Takes milliseconds since 1970, brought into ``range`` where they lie outside: a broken clock is no reason to stop.
    public init(milliseconds: Int64) {
        self.milliseconds = min(max(milliseconds, -62_167_219_200_000), 253_402_300_799_999)
    }

    /// Reads RFC 3339: a date, `T`, a time with optional fraction, and `Z` or an offset.
    ///
    /// Seconds of 60 are refused. A fraction finer than a millisecond is cut. Returns `nil` for anything else, and outside ``range``.
    public init?(_ text: some StringProtocol) {
        var reader = DigitReader(Array(text.utf8))
        guard let year = reader.digits(4), reader.take("-"), let month = reader.digits(2), reader.take("-"),
            let day = reader.digits(2), reader.take("T") || reader.take("t") || reader.take(" "),
            let hour = reader.digits(2), reader.take(":"), let minute = reader.digits(2), reader.take(":"),
            let second = reader.digits(2), hour < 24, minute < 60, second < 60,
            (1...12).contains(month), day >= 1, day <= Calendar.days(inMonth: month, of: year)
        else { return nil }
        guard let fraction = reader.fraction(), let offset = reader.offsetMinutes(), reader.isAtEnd else { return nil }
        let days = Calendar.dayNumber(year: year, month: month, day: day)
        let minutes = (days * 24 + hour) * 60 + minute - offset
        let value = Timestamp(unchecked: Int64((minutes * 60 + second) * 1_000 + fraction))
        guard Self.range.contains(value) else { return nil }
        self = value
    }

    /// The text form, 24 characters.
    public var description: String {
        let (days, inDay) = Calendar.floorDivide(Int(milliseconds), 86_400_000)
        let pad = Calendar.padded
        let second = inDay / 1_000
        return "\(Calendar.text(ofDayNumber: days))T\(pad(second / 3_600, 2)):\(pad(second / 60 % 60, 2)):"
            + "\(pad(second % 60, 2)).\(pad(inDay % 1_000, 3))Z"
    }

    /// By instant.
    public static func < (left: Timestamp, right: Timestamp) -> Bool { left.milliseconds < right.milliseconds }
}

/// Reads fixed digits from left to right.
private struct DigitReader {
    private let bytes: [UInt8]
    private var index = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { index == bytes.count }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard index < bytes.count, bytes[index] == UInt8(ascii: character) else { return false }
        index += 1
        return true
    }

    mutating func digits(_ count: Int) -> Int? {
        guard bytes.count - index >= count, let value = UInt64(decimalDigits: bytes[index..<(index + count)]) else {
            return nil
        }
        index += count
        return Int(value)
    }

    /// Milliseconds of an optional fraction of up to nine digits.
    mutating func fraction() -> Int? {
        guard take(".") else { return 0 }
        var value = 0
        var count = 0
        while index < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[index]), count < 9 {
            if count < 3 { value = value * 10 + Int(bytes[index] - UInt8(ascii: "0")) }
            index += 1
            count += 1
        }
        guard count > 0 else { return nil }
        for _ in count..<max(count, 3) { value *= 10 }
        return value
    }

    mutating func offsetMinutes() -> Int? {
        if take("Z") || take("z") { return 0 }
        let sign = take("+") ? 1 : take("-") ? -1 : 0
        guard sign != 0, let hours = digits(2), take(":"), let minutes = digits(2), hours < 24, minutes < 60 else {
            return nil
        }
        return sign * (hours * 60 + minutes)
    }
}
