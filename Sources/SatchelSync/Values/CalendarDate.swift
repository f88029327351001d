/// A day of the calendar, without a time zone: proleptic Gregorian, years 0000 to 9999.
///
/// The one text form is `2026-03-02`.
public struct CalendarDate: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Days since 1970-01-01, negative before.
    public let dayNumber: Int32

    /// The first and the last day that have a text form.
    public static let range = -719_528...2_932_896

    /// Counts days since 1970-01-01; `nil` for a day that has no text form.
    public init?(dayNumber: Int) {
        guard Self.range.contains(dayNumber) else { return nil }
        self.dayNumber = Int32(dayNumber)
    }

    /// Counts days since 1970-01-01, brought into ``range`` where they lie outside.
    package init(clampingDayNumber number: Int) {
        dayNumber = Int32(Swift.min(Swift.max(number, Self.range.lowerBound), Self.range.upperBound))
    }

    /// Reads `2026-03-02`; `nil` for anything else, and for a day that no calendar has.
    public init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.count == 10, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
            let year = UInt64(decimalDigits: bytes[0..<4]), let month = UInt64(decimalDigits: bytes[5..<7]),
            let day = UInt64(decimalDigits: bytes[8..<10]), (1...12).contains(month), day >= 1,
            day <= Calendar.days(inMonth: Int(month), of: Int(year))
        else { return nil }
        self.init(dayNumber: Calendar.dayNumber(year: Int(year), month: Int(month), day: Int(day)))
    }

    /// The text form, 10 characters.
    public var description: String { Calendar.text(ofDayNumber: Int(dayNumber)) }

    /// Earlier first.
    public static func < (left: CalendarDate, right: CalendarDate) -> Bool { left.dayNumber < right.dayNumber }
}

/// Days and dates in the proleptic Gregorian calendar.
///
/// Days are counted in 400-year eras that begin in March (Howard Hinnant, "chrono-compatible low-level date algorithms").
enum Calendar {
    static func days(inMonth month: Int, of year: Int) -> Int {
        let isLeap = year.isMultiple(of: 4) && !year.isMultiple(of: 100) || year.isMultiple(of: 400)
        switch month {
        case 2: return isLeap ? 29 : 28
        case 4, 6, 9, 11: return 30
        default: return 31
        }
    }

    /// Days since 1970-01-01.
    static func dayNumber(year: Int, month: Int, day: Int) -> Int {
        let shiftedYear = month <= 2 ? year - 1 : year
        let (era, yearOfEra) = floorDivide(shiftedYear, 400)
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// The inverse of `dayNumber`, from the same source.
    private static func civil(dayNumber: Int) -> (year: Int, month: Int, day: Int) {
        let (era, dayOfEra) = floorDivide(dayNumber + 719_468, 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    /// The day as `2026-03-02`.
    static func text(ofDayNumber number: Int) -> String {
        let (year, month, day) = civil(dayNumber: number)
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
    }

    static func padded(_ value: Int, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }

    static func floorDivide(_ value: Int, _ divisor: Int) -> (quotient: Int, remainder: Int) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
