import SatchelClient
import SatchelSync
import SatchelTestSupport
import Testing

struct RetryScheduleTests {
    private let schedule = RetrySchedule()

    @Test func `the window grows with each failure, and not beyond its limit`() {
        #expect(schedule.window(afterFailures: 0) == .seconds(1))
        #expect(schedule.window(afterFailures: 1) == .seconds(1))
        #expect(schedule.window(afterFailures: 2) == .milliseconds(1_500))
        #expect(schedule.window(afterFailures: 3) == .milliseconds(2_250))
        #expect(schedule.window(afterFailures: 40) == .seconds(900))
        #expect(schedule.window(afterFailures: .max) == .seconds(900))
        let windows = (1...30).map { schedule.window(afterFailures: $0) }
        #expect(windows == windows.sorted())
    }

    @Test func `a wait is drawn from the whole window`() {
        #expect(schedule.wait(afterFailures: 3, jitter: .share(0)) == .zero)
        #expect(schedule.wait(afterFailures: 3, jitter: .share(1)) == .milliseconds(2_250))
        let waits = (0..<200).map { _ in schedule.wait(afterFailures: 10, jitter: .system) }
        #expect(waits.allSatisfy { (.zero...schedule.window(afterFailures: 10)).contains($0) })
        #expect(Set(waits).count > 50)
    }

    @Test func `what the server asked for is never undercut, and those who were turned away are spread`() {
        for share in [0, 0.5, 1] {
            for count in 1...30 {
                let wait = schedule.wait(afterFailures: count, asked: .seconds(5), jitter: .share(share))
                #expect(wait >= .seconds(5))
            }
        }
        #expect(schedule.wait(afterFailures: 1, asked: .seconds(5), jitter: .share(1)) == .seconds(15))
        #expect(schedule.wait(afterFailures: 1, asked: .seconds(3_600), jitter: .share(1)) == .seconds(3_660))
        #expect(schedule.wait(afterFailures: 30, asked: .seconds(5), jitter: .share(1)) == .seconds(905))
        #expect(schedule.wait(afterFailures: 1, asked: .zero, jitter: .share(1)) == .seconds(1))
    }

    @Test func `a herd of a hundred that is turned away together does not come back together`() {
        var random = SeededRandom(seed: 7)
        var seconds: [Int64: Int] = [:]
        for _ in 0..<100 {
            let share = Double(random.pick(below: 1_000)) / 1_000
            let wait = schedule.wait(afterFailures: 1, asked: .seconds(5), jitter: .share(share))
            seconds[wait.components.seconds, default: 0] += 1
        }
        #expect(seconds.values.allSatisfy { $0 <= 25 }, "\(seconds)")
    }
}

struct RetryAfterTests {
    private let now = Timestamp(milliseconds: 784_111_777_000)

    @Test(arguments: [
        ("0", 0), ("5", 5), (" 120 ", 120), ("86400", 86_400), ("86401", 86_400), ("99999999999999999999999", 86_400),
    ])
    func `seconds`(text: String, seconds: Int) {
        #expect(RetryAfter.wait(text, date: nil, now: now) == .seconds(seconds))
    }

    @Test(arguments: [
        "Sun, 06 Nov 1994 08:50:37 GMT", "Sunday, 06-Nov-94 08:50:37 GMT", "Sun Nov  6 08:50:37 1994",
    ])
    func `a date in each of its forms`(text: String) {
        #expect(RetryAfter.wait(text, date: nil, now: now) == .seconds(60))
    }

    @Test func `a date counts from the date of the answer, not from a clock that may be wrong`() {
        let wait = RetryAfter.wait(
            "Sun, 06 Nov 1994 08:50:37 GMT", date: "Sun, 06 Nov 1994 08:50:30 GMT",
            now: Timestamp(milliseconds: 0))
        #expect(wait == .seconds(7))
    }

    @Test func `a date of the past is no wait, and one of a far future a day`() {
        #expect(RetryAfter.wait("Sun, 06 Nov 1994 08:49:36 GMT", date: nil, now: now) == .zero)
        #expect(RetryAfter.wait("Sun, 06 Nov 2094 08:49:36 GMT", date: nil, now: now) == .seconds(86_400))
    }

    @Test(arguments: [
        "", " ", "-1", "5s", "1.5", "soon", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 CET",
        "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nox 1994 08:49:37 GMT", "Sun, 06 Nov 1994 25:49:37 GMT",
        "Sun, 06 Nov 194 08:49:37 GMT", "Sun Nov  6 08:49:37+01:00 1994",
    ])
    func `anything else says nothing`(text: String) {
        #expect(RetryAfter.wait(text, date: nil, now: now) == nil)
    }

    @Test func `a year of two digits lies at most fifty years ahead`() {
        let instant = RetryAfter.instant("Sunday, 06-Nov-45 08:49:37 GMT", near: now)
        #expect(instant?.description.hasPrefix("1945") == true)
        #expect(RetryAfter.instant("Sunday, 06-Nov-44 08:49:37 GMT", near: now)?.description.hasPrefix("2044") == true)
        let later = Timestamp(milliseconds: 1_772_438_400_000)
        #expect(
            RetryAfter.instant("Friday, 06-Nov-37 08:49:37 GMT", near: later)?.description.hasPrefix("2037") == true)
    }
}
