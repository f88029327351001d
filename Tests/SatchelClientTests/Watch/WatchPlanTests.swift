import SatchelClient
import SatchelStorage
import SatchelSync
import Testing

struct WatchPlanTests {
    private let epoch = StoreEpoch(high: 5, low: 5)
    private let noon = Timestamp(milliseconds: 1_000_000)

    private func sight(hasWork: Bool = false, checkpoint: UInt64 = 0, retry: RetryState = RetryState())
        -> WatchPlan.Sight
    {
        WatchPlan.Sight(hasWork: hasWork, epoch: epoch, checkpoint: ServerSequence(checkpoint), retry: retry)
    }

    private func failure(_ count: Int = 1, next: Int64, notBefore: Int64? = nil) -> RetryState {
        var state = RetryState()
        state.failureCount = count
        state.failedAt = noon
        state.nextAttempt = Timestamp(milliseconds: noon.milliseconds + next)
        state.notBefore = notBefore.map { Timestamp(milliseconds: noon.milliseconds + $0) }
        return state
    }

    private func news(_ change: (inout WatchNews) -> Void) -> WatchNews {
        var news = WatchNews()
        change(&news)
        return news
    }

    /// A plan after an exchange that ended well at 10 s.
    private func settled(jitter: Jitter = .share(0)) -> WatchPlan {
        var plan = WatchPlan(jitter: jitter)
        _ = plan.begin()
        plan.succeed(head: nil, at: .seconds(10))
        return plan
    }

    @Test func `it begins with an exchange, and asks now and then while nobody tells it anything`() {
        var plan = WatchPlan(jitter: .share(0))
        #expect(plan.wait(sight(), at: .seconds(10), wallClock: noon) == .zero)
        #expect(plan.lineWait(sight(), at: .seconds(10)) == nil)
        _ = plan.begin()
        plan.succeed(head: nil, at: .seconds(10))
        #expect(plan.wait(sight(), at: .seconds(11), wallClock: noon) == .seconds(29))
        #expect(plan.lineWait(sight(), at: .seconds(11)) == .zero)
        plan.openLine()
        #expect(plan.lineWait(sight(), at: .seconds(11)) == nil)
        plan.take(news { $0.line = .began }, at: .seconds(11))
        #expect(plan.wait(sight(), at: .seconds(11), wallClock: noon) == .seconds(299))
        #expect(plan.wait(sight(), at: .seconds(400), wallClock: noon) == .zero)
    }

    @Test func `work is sent at once, but not sooner than a moment after the last exchange`() {
        var plan = settled()
        #expect(plan.wait(sight(hasWork: true), at: .seconds(10), wallClock: noon) == .milliseconds(100))
        #expect(plan.wait(sight(hasWork: true), at: .seconds(11), wallClock: noon) == .zero)
    }

    @Test func `news of the server that the replica does not have is fetched, once`() {
        var plan = settled()
        let head = ServerHead(epoch: epoch, sequence: ServerSequence(7))
        plan.take(news { $0.head = head }, at: .seconds(11))
        #expect(plan.wait(sight(checkpoint: 7), at: .seconds(11), wallClock: noon) > .zero)
        #expect(plan.wait(sight(checkpoint: 6), at: .seconds(11), wallClock: noon) == .zero)
        let begun = plan.begin()
        #expect(begun == head)
        plan.succeed(head: begun, at: .seconds(12))
        // A server that announces what it does not hand out is not asked again and again.
        #expect(plan.wait(sight(checkpoint: 6), at: .seconds(13), wallClock: noon) > .seconds(1))
        plan.take(
            news { $0.head = ServerHead(epoch: StoreEpoch(high: 1, low: 1), sequence: ServerSequence(1)) },
            at: .seconds(13))
        #expect(plan.wait(sight(checkpoint: 6), at: .seconds(13), wallClock: noon) == .zero)
    }

    @Test func `after a failure neither work nor news hurry it, and a clock that is set changes nothing`() {
        var plan = settled()
        let sight = sight(hasWork: true, retry: failure(next: 5_000))
        plan.take(
            news { $0.head = ServerHead(epoch: epoch, sequence: ServerSequence(9)) }, at: .seconds(20))
        #expect(plan.wait(sight, at: .seconds(20), wallClock: noon) == .seconds(5))
        #expect(plan.lineWait(sight, at: .seconds(20)) == nil)
        let tomorrow = Timestamp(milliseconds: noon.milliseconds + 86_400_000)
        #expect(plan.wait(sight, at: .seconds(22), wallClock: tomorrow) == .seconds(3))
        #expect(plan.wait(sight, at: .seconds(22), wallClock: Timestamp(milliseconds: 0)) == .seconds(3))
        #expect(plan.wait(sight, at: .seconds(25), wallClock: noon) == .zero)
        // Somebody else tried meanwhile.
        #expect(plan.wait(self.sight(retry: failure(2, next: 8_000)), at: .seconds(25), wallClock: noon) == .seconds(8))
        #expect(plan.wait(self.sight(hasWork: true), at: .seconds(26), wallClock: noon) == .zero)
    }

    @Test func `a network that comes up hurries it, but not into the server's Retry-After`() {
        var plan = settled(jitter: .share(0.5))
        let sight = sight(hasWork: true, retry: failure(9, next: 600_000))
        _ = plan.wait(sight, at: .seconds(20), wallClock: noon)
        plan.take(news { $0.isNetworkUp = true }, at: .seconds(30))
        #expect(plan.wait(sight, at: .seconds(30), wallClock: noon) == .milliseconds(500))
        var asked = settled(jitter: .share(0.5))
        let told = self.sight(retry: failure(next: 90_000, notBefore: 60_000))
        _ = asked.wait(told, at: .seconds(20), wallClock: noon)
        asked.take(news { $0.isNetworkUp = true }, at: .seconds(30))
        #expect(asked.wait(told, at: .seconds(30), wallClock: noon) == .seconds(50))
    }

    @Test func `a line that ends is looked after, and opened again in growing pauses`() {
        var plan = settled(jitter: .share(1))
        plan.openLine()
        plan.take(news { $0.line = .began }, at: .seconds(11))
        plan.take(news { $0.line = .ended(wasThere: true, asked: nil) }, at: .seconds(20))
        #expect(plan.wait(sight(), at: .seconds(20), wallClock: noon) == .seconds(1))
        #expect(plan.lineWait(sight(), at: .seconds(20)) == .seconds(1))
        for pause in [Duration.milliseconds(1_500), .milliseconds(2_250)] {
            plan.openLine()
            plan.take(news { $0.line = .ended(wasThere: false, asked: nil) }, at: .seconds(30))
            #expect(plan.lineWait(sight(), at: .seconds(30)) == pause)
        }
        plan.openLine()
        plan.take(news { $0.line = .ended(wasThere: false, asked: .seconds(60)) }, at: .seconds(40))
        #expect((plan.lineWait(sight(), at: .seconds(40)) ?? .zero) >= .seconds(60))
    }

    @Test func `a failure that the replica could not keep is waited for all the same`() {
        var plan = settled(jitter: .share(1))
        for pause in [1_000, 1_500, 2_250] {
            _ = plan.begin()
            plan.fail(isKept: false, at: .seconds(20))
            #expect(plan.wait(sight(hasWork: true), at: .seconds(20), wallClock: noon) == .milliseconds(pause))
        }
    }
}

struct EventReaderTests {
    private func events(_ pieces: String...) -> [EventReader.Event] {
        var reader = EventReader()
        return pieces.flatMap { reader.append($0.utf8) }
    }

    @Test func `events are read as HTML's standard has them`() {
        #expect(events("event: head\ndata: 1\n\n") == [EventReader.Event(type: "head", data: "1")])
        #expect(events("data:a\ndata: b\n\n:\n\n") == [EventReader.Event(type: "message", data: "a\nb")])
        #expect(events("id: 7\r\nevent: head\r\ndata: 2\r\n\r\n") == [EventReader.Event(type: "head", data: "2")])
        #expect(events("data: x\r\rdata: y\r\r").map(\.data) == ["x", "y"])
        #expect(events("event: head\n\ndata: 1\n\n") == [EventReader.Event(type: "message", data: "1")])
        #expect(events("data: never ended\n").isEmpty)
    }

    @Test func `it does not matter where a stream is cut into pieces`() {
        let text = "id: 7\r\nevent: head\r\ndata: {\"a\":1}\r\n\r\n:\n\ndata: b\n\n"
        for place in 0...text.utf8.count {
            var reader = EventReader()
            let bytes = Array(text.utf8)
            let events = reader.append(bytes[..<place]) + reader.append(bytes[place...])
            #expect(events.map(\.data) == ["{\"a\":1}", "b"])
        }
    }

    @Test func `a line or data without an end are not kept for ever`() {
        var reader = EventReader()
        _ = reader.append(Array(repeating: UInt8(ascii: "x"), count: EventReader.bytesMax + 1))
        #expect(reader.isOverLimit)
        reader = EventReader()
        for _ in 0..<EventReader.bytesMax { _ = reader.append("data: x\n".utf8) }
        #expect(reader.isOverLimit)
    }
}

struct NetworkNoticeTests {
    /// A message of rtnetlink.
    private func message(_ type: UInt16, flags: UInt32 = 0, body: Int = 16) -> [UInt8] {
        func bytes(_ number: UInt32, _ count: Int) -> [UInt8] { (0..<count).map { UInt8(number >> (8 * $0) & 0xFF) } }
        var content = bytes(0, 8) + bytes(flags, 4)
        content += Array(repeating: 0, count: max(0, body - content.count))
        return bytes(UInt32(16 + content.count), 4) + bytes(UInt32(type), 2) + Array(repeating: 0, count: 10) + content
    }

    @Test func `an address, a route and a carrier are a network that came up`() {
        #expect(NetworkNotice.tellsOfNetwork(message(20)[...]))
        #expect(NetworkNotice.tellsOfNetwork(message(24)[...]))
        #expect(NetworkNotice.tellsOfNetwork(message(16, flags: 0x1_0043)[...]))
        #expect(NetworkNotice.tellsOfNetwork((message(21) + message(20))[...]))
    }

    @Test func `what goes, and what is no message, is none`() {
        #expect(!NetworkNotice.tellsOfNetwork(message(16, flags: 0x3)[...]))
        #expect(!NetworkNotice.tellsOfNetwork(message(17, flags: 0x43)[...]))
        #expect(!NetworkNotice.tellsOfNetwork(message(21)[...]))
        #expect(!NetworkNotice.tellsOfNetwork([]))
        #expect(!NetworkNotice.tellsOfNetwork([UInt8](repeating: 0, count: 64)[...]))
        #expect(!NetworkNotice.tellsOfNetwork([UInt8](repeating: 0xFF, count: 64)[...]))
        for length in 0..<16 { #expect(!NetworkNotice.tellsOfNetwork(message(20)[..<length])) }
    }
}
