import SatchelSync
import Testing

@Suite struct CalendarDateTests {
    @Test(arguments: [
        ("1970-01-01", 0), ("1969-12-31", -1), ("2000-02-29", 11_016), ("2026-03-02", 20_514), ("0000-01-01", -719_528),
        ("9999-12-31", 2_932_896), ("1600-02-29", -135_081), ("1900-03-01", -25_508),
    ])
    func `a day has one number and one text`(text: String, number: Int) throws {
        let day = try #require(CalendarDate(text))
        #expect(Int(day.dayNumber) == number && day.description == text)
        #expect(CalendarDate(dayNumber: number) == day)
    }

    @Test(arguments: [
        "", "2026-3-2", "2026-03-02 ", "2026-03-02T00:00:00Z", "2026/03/02", "2026-00-01", "2026-13-01", "2026-04-31",
        "2026-02-29", "1900-02-29", "2026-01-00", "2026-01-32", "-026-01-01", "20260-01-1", "+202-01-01", "٢٠٢٦-03-02",
    ])
    func `what no calendar has is refused`(text: String) { #expect(CalendarDate(text) == nil) }

    @Test func `a day that has no text form is refused`() {
        #expect(CalendarDate(dayNumber: CalendarDate.range.lowerBound - 1) == nil)
        #expect(CalendarDate(dayNumber: CalendarDate.range.upperBound + 1) == nil)
        #expect(CalendarDate(dayNumber: .max) == nil && CalendarDate(dayNumber: .min) == nil)
    }

    @Test func `days follow each other as their texts do, for eight hundred years and more`() throws {
        var before = try #require(CalendarDate("1599-12-31"))
        for number in Int(before.dayNumber) + 1...Int(before.dayNumber) + 300_000 where number % 7 < 2 {
            let day = try #require(CalendarDate(dayNumber: number))
            guard before.description < day.description, before < day, CalendarDate(day.description) == day else {
                Issue.record("\(day) does not follow \(before) or does not read back.")
                return
            }
            before = day
        }
    }
}
