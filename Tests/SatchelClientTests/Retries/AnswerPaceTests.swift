import SatchelClient
import Testing

@Suite("The pace of answers")
struct AnswerPaceTests {
    private static let readTimeout = Duration.seconds(30)

    /// How long pieces of so many bytes, each after so long, are waited for; `nil` where an hour is not enough.
    private func waited(for count: Int, every pause: Duration, owing start: Duration = .zero) -> Duration? {
        var pace = AnswerPace()
        _ = pace.pays([1], after: start)
        var waited = Duration.zero
        while waited < .seconds(3_600) {
            waited += pause
            guard pace.pays([UInt8](repeating: 7, count: count), after: pause) else { return waited }
        }
        return nil
    }

    @Test(arguments: [1, 5, 10, 20, 25, 28, 29, 29.9])
    func `a byte now and then is given up within a minute`(pause: Double) throws {
        for start in [0, 10, 24.9] {
            // What is silent for longer than thirty seconds is given up for that.
            let time = waited(for: 1, every: .seconds(pause), owing: .seconds(start))
            #expect(try #require(time) < .seconds(60))
        }
    }

    @Test(arguments: [(64, 1), (640, 10), (1_400, 21), (300, 4), (1, 0.01)] as [(Int, Double)])
    func `a slow line that goes on is never given up`(count: Int, pause: Double) {
        #expect(waited(for: count, every: .seconds(pause)) == nil)
    }

    @Test func `what came before buys nothing for later`() {
        var pace = AnswerPace()
        let isEarlyPaid = pace.pays([UInt8](repeating: 7, count: 1_000_000), after: .seconds(1))
        let isLatePaid = pace.pays([7], after: .seconds(29))
        #expect(isEarlyPaid && !isLatePaid)
    }

    @Test func `an outage that a burst follows is no reason`() {
        var pace = AnswerPace()
        let isPaid = pace.pays([UInt8](repeating: 7, count: 500), after: .seconds(29))
        #expect(isPaid)
    }

    @Test func `a line of text pays for all, and letters for nothing`() {
        var pace = AnswerPace(.lines)
        var paid = (0..<100).map { _ in pace.pays([UInt8(ascii: ":"), UInt8(ascii: "\n")], after: .seconds(20)) }
        paid.append(pace.pays([UInt8](repeating: 7, count: 5_000), after: .seconds(20)))
        #expect(!paid.contains(false))
        let isPaid = pace.pays([UInt8](repeating: 7, count: 5_000), after: .seconds(20))
        #expect(!isPaid)
    }
}
