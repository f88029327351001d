import NIOCore
import Testing

@testable import SatchelServer

/// What a connection owes and until when, without waiting for it.
@Suite struct PeerClockTests {
    private static let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

    private static func at(_ seconds: Double) -> NIODeadline { start + .nanoseconds(Int64(seconds * 1e9)) }

    private static func clock() -> PeerClock { PeerClock(limits: PeerLimits(), now: start) }

    private static func reading() -> PeerClock {
        var clock = clock()
        clock.bytesCame(at: at(0))
        clock.headCame(at: at(0))
        return clock
    }

    @Test func `a head has ten seconds, however its bytes come`() {
        var clock = Self.clock()
        for second in 0..<10 { clock.bytesCame(at: Self.at(Double(second))) }
        #expect(clock.overdue(at: Self.at(9.999)) == nil)
        #expect(clock.overdue(at: Self.at(10)) == .head)
    }

    @Test func `a body that stops has fifteen seconds`() {
        var clock = Self.reading()
        clock.bodyCame(4_000_000, at: Self.at(3))
        #expect(clock.overdue(at: Self.at(17.999)) == nil)
        #expect(clock.overdue(at: Self.at(18)) == .body)
    }

    @Test func `a body of a byte a second is as good as one that stops`() {
        var clock = Self.reading()
        for second in 1...15 {
            #expect(clock.overdue(at: Self.at(Double(second) - 0.1)) == nil)
            clock.bodyCame(1, at: Self.at(Double(second)))
        }
        #expect(clock.overdue(at: Self.at(15.1)) == .body)
    }

    @Test(arguments: [(1_000, true), (1_024, false), (2_000, false)])
    func `a body may take for ever while it flows at the least rate`(rate: Int, isOverdue: Bool) {
        var clock = Self.reading()
        var met = false
        for second in 1...3_600 {
            if clock.overdue(at: Self.at(Double(second) - 0.001)) != nil { met = true }
            clock.bodyCame(rate, at: Self.at(Double(second)))
        }
        #expect(met == isOverdue)
    }

    @Test func `what came fast buys no more than one pause`() {
        var clock = Self.reading()
        clock.bodyCame(4_000_000, at: Self.at(1))
        clock.bodyCame(1, at: Self.at(15.9))
        #expect(clock.overdue(at: Self.at(16.1)) == .body)
    }

    @Test func `time in which the server does not read is not counted`() {
        var clock = Self.reading()
        clock.pause(at: Self.at(5))
        #expect(clock.overdue(at: Self.at(500)) == nil)
        #expect(clock.deadline == nil)
        clock.resume(at: Self.at(500))
        #expect(clock.overdue(at: Self.at(509.9)) == nil)
        #expect(clock.overdue(at: Self.at(510)) == .body)
    }

    @Test func `nothing is due while the server answers, then a minute, then a head`() {
        var clock = Self.reading()
        clock.requestEnded(at: Self.at(1))
        #expect(clock.deadline == nil)
        clock.replyEnded(at: Self.at(100))
        #expect(clock.overdue(at: Self.at(159.9)) == nil)
        #expect(clock.overdue(at: Self.at(160)) == .idle)
        clock.bytesCame(at: Self.at(159))
        #expect(clock.overdue(at: Self.at(168.9)) == nil)
        #expect(clock.overdue(at: Self.at(169)) == .head)
    }

    @Test func `what is answered before its body came has a little while for the rest`() {
        var clock = Self.reading()
        clock.replyEnded(at: Self.at(1))
        clock.bodyCame(1_000_000, at: Self.at(5))
        #expect(clock.overdue(at: Self.at(6)) == .closing)
        clock.requestEnded(at: Self.at(5.5))
        #expect(clock.overdue(at: Self.at(65)) == nil)
        #expect(clock.overdue(at: Self.at(65.5)) == .idle)
    }

    @Test func `a reply that waits unread is stuck after its time, and one that moves is not`() {
        var progress = ReplyProgress(patience: .seconds(30))
        progress.wrote(at: Self.at(0))
        var sights: [Bool] = []
        let moving = stride(from: 100_000, to: 60_000, by: -1_000)
        for (step, buffered) in (Array(moving) + [60_000, 60_000, 60_000, 60_000, 60_000]).enumerated() {
            sights.append(progress.isStuck(at: Self.at(7.5 * Double(step + 1)), buffered: buffered))
        }
        #expect(sights.dropLast().allSatisfy { !$0 })
        #expect(sights.last == true)
        let isStuckWhenEmpty = progress.isStuck(at: Self.at(1_000), buffered: 0)
        #expect(!isStuckWhenEmpty)
        #expect(progress.deadline == nil)
    }
}
