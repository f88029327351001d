import SatchelClient
import SatchelSync
import SatchelTestSupport
import SatchelWire
import Testing

@Suite("One exchange, frame by frame")
struct SyncExchangeTests {
    private let epoch = StoreEpoch(high: 1, low: 2)

    private func snapshot(pending: Int = 0, hasMore: Bool = false, staged: UInt64? = nil) -> QueueSnapshot {
        let sets = (0..<pending).map { index in
            OfferedChangeSet(
                changeSet: ChangeSet(
                    dot: Dot(.sample(1), UInt64(index + 1)), label: "edit", author: "ann",
                    time: Timestamp(milliseconds: 0), schemaVersion: 1, changes: []), digest: [UInt8(index)])
        }
        return QueueSnapshot(
            actor: .sample(1), schemaVersion: 1, epoch: epoch, forkToken: [9], checkpoint: nil,
            stagedThrough: staged.map { ServerSequence($0) },
            newest: pending == 0 ? nil : ConfirmedMark(counter: UInt64(pending), digest: [UInt8(pending - 1)]),
            confirmed: nil, unconfirmed: sets, hasMore: hasMore)
    }

    private var opening: Opening {
        Opening(
            epoch: epoch, schemaVersion: 1, serverTime: Timestamp(milliseconds: 5), forkToken: [7], frontier: 0)
    }

    private func verdicts(_ counters: UInt64...) -> SyncFrame {
        .verdicts(
            counters.map { VerdictEntry(counter: $0, verdict: .applied, correctedTime: Timestamp(milliseconds: 1)) })
    }

    private func records(_ sequence: UInt64) -> SyncFrame {
        .records([
            RecordDelta(
                type: EntityTypeID(1), record: .sample(1), sequence: ServerSequence(sequence), state: RecordState())
        ])
    }

    private func closing(_ sequence: UInt64) -> SyncFrame {
        .closing(Closing(checkpoint: Checkpoint(epoch: epoch, sequence: ServerSequence(sequence), proof: [1])))
    }

    /// Feeds frames until one is refused; returns the code of the refusal.
    private func refusal(of frames: [SyncFrame], pending: Int = 0) -> String? {
        var exchange = SyncExchange(snapshot(pending: pending))
        do {
            for frame in frames { _ = try exchange.received(frame) }
            return nil
        } catch {
            return error.code.word
        }
    }

    @Test func `verdicts are kept, records staged, and the checkpoint completes them`() throws {
        var exchange = SyncExchange(snapshot(pending: 1))
        #expect(try exchange.received(.opening(opening)) == nil)
        guard case .keep(let kept, opening) = try exchange.received(verdicts(1)) else {
            Issue.record("the verdicts were not kept")
            return
        }
        #expect(kept.map(\.counter) == [1])
        #expect(try exchange.received(records(4)) == .stage(records(4), through: ServerSequence(4)))
        guard case .complete(let checkpoint, opening) = try exchange.received(closing(6)) else {
            Issue.record("the checkpoint did not complete")
            return
        }
        #expect(checkpoint.sequence == ServerSequence(6))
        #expect(exchange.ended() == .complete)
    }

    @Test func `a stream that ends early is cut, whatever came`() throws {
        var exchange = SyncExchange(snapshot())
        _ = try exchange.received(.opening(opening))
        _ = try exchange.received(records(4))
        #expect(exchange.ended() == .cut)
        #expect(SyncExchange(snapshot()).ended() == .cut)
    }

    @Test func `a part of the queue asks for no records and goes on`() throws {
        var exchange = SyncExchange(snapshot(pending: 1, hasMore: true))
        #expect(!exchange.request(deviceTime: Timestamp(milliseconds: 0)).wantsRecords)
        _ = try exchange.received(.opening(opening))
        _ = try exchange.received(verdicts(1))
        #expect(try exchange.received(closing(0)) == nil)
        #expect(exchange.ended() == .goesOn)
    }

    @Test func `a part of the queue ends where the device stands, behind what a cut reply brought`() throws {
        var exchange = SyncExchange(snapshot(pending: 1, hasMore: true, staged: 9))
        _ = try exchange.received(.opening(opening))
        _ = try exchange.received(verdicts(1))
        #expect(try exchange.received(closing(0)) == nil)
        #expect(exchange.ended() == .goesOn)
    }

    @Test func `frames out of place are no answer`() {
        #expect(refusal(of: [verdicts(1)], pending: 1) == "unknown_answer")
        #expect(refusal(of: [.opening(opening), .opening(opening)]) == "unknown_answer")
        #expect(refusal(of: [.opening(opening), verdicts(2)], pending: 1) == "unknown_answer")
        #expect(refusal(of: [.opening(opening), verdicts(1), verdicts(1)], pending: 1) == "unknown_answer")
        #expect(refusal(of: [.opening(opening), closing(1)], pending: 1) == "unknown_answer")
        #expect(refusal(of: [.opening(opening), records(5), records(4)]) == "unknown_answer")
        #expect(refusal(of: [.opening(opening), records(5), closing(4)]) == "unknown_answer")
        #expect(refusal(of: [.opening(opening), closing(4), records(5)]) == "unknown_answer")
    }

    @Test func `the server's failure keeps its own words`() {
        let problem = ProblemFrame(code: "fork_detected", message: "A copy.", remedy: nil, isTransient: false)
        #expect(refusal(of: [.failure(problem)]) == "fork_detected")
    }

    @Test func `another life of the store says where to fork and nothing else`() throws {
        let other = Opening(
            epoch: StoreEpoch(high: 3, low: 3), schemaVersion: 1, serverTime: Timestamp(milliseconds: 5),
            forkToken: [7], frontier: 0)
        let point = ForkPoint(actor: .sample(1), counter: 1)
        var exchange = SyncExchange(snapshot(pending: 1))
        #expect(try exchange.received(.opening(other)) == nil)
        #expect(try exchange.received(.fork(point)) == .fork(point, opening: other))
        #expect(exchange.ended() == .goesOn)
        #expect(refusal(of: [.opening(other), records(1)]) == "unknown_answer")
        #expect(refusal(of: [.opening(other), closing(1)]) == "unknown_answer")
        let elsewhere = ForkPoint(actor: .sample(2), counter: 0)
        #expect(refusal(of: [.opening(other), .fork(elsewhere)], pending: 1) == "unknown_answer")
    }
}
