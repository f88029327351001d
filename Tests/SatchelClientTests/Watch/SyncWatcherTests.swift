import SatchelClient
import SatchelStorage
import SatchelSync
import SatchelWire
import Synchronization
import Testing

/// A server that takes all that it is offered, may be gone, and tells its news when the test wants it.
private final class PlayedServer: ExchangeTransport, HeadNews {
    private struct State {
        var isGone = false
        var sequence: UInt64 = 0
        var tell: [AsyncStream<ServerHead>.Continuation] = []
    }

    private let home: HomeFixture.Facts
    private let state = Mutex(State())
    /// The number of change-sets of each request, in their order.
    let requests: AsyncStream<Int>
    private let noted: AsyncStream<Int>.Continuation

    init(_ home: HomeFixture) {
        self.home = home.facts
        (requests, noted) = AsyncStream.makeStream(of: Int.self)
    }

    func set(gone isGone: Bool) { state.withLock { $0.isGone = isGone } }

    /// Something is committed at the server, and announced.
    func commit() {
        let (head, tell) = state.withLock { state in
            state.sequence += 1
            return (ServerHead(epoch: home.epoch, sequence: ServerSequence(state.sequence)), state.tell)
        }
        for listener in tell { listener.yield(head) }
    }

    func exchange(
        _ request: SyncRequest, agreement: WireAgreement, token: String, onFrame: (SyncFrame) async throws -> Void
    ) async throws {
        let (isGone, sequence) = state.withLock { state in
            if !state.isGone { state.sequence += UInt64(request.changeSets.count) }
            return (state.isGone, state.sequence)
        }
        noted.yield(request.changeSets.count)
        if isGone { throw SatchelError(.networkUnavailable, "Gone.", isTransient: true) }
        try await onFrame(
            .opening(
                Opening(
                    epoch: home.epoch, schemaVersion: 1, serverTime: Timestamp(milliseconds: 1), forkToken: [7],
                    frontier: request.highestCounter)))
        try await onFrame(
            .verdicts(
                request.changeSets.map {
                    VerdictEntry(
                        counter: $0.changeSet.dot.counter, verdict: .applied,
                        correctedTime: Timestamp(milliseconds: 1))
                }))
        try await onFrame(
            .closing(
                Closing(
                    checkpoint: Checkpoint(epoch: home.epoch, sequence: ServerSequence(sequence), proof: [1]))))
    }

    func schemaSource(token: String) async throws -> String { "" }

    func heads(token: String, onHead: @Sendable (ServerHead) -> Void) async throws {
        let (heads, continuation) = AsyncStream.makeStream(of: ServerHead.self)
        let first = state.withLock { state in
            state.tell.append(continuation)
            return ServerHead(epoch: home.epoch, sequence: ServerSequence(state.sequence))
        }
        onHead(first)
        for await head in heads { onHead(head) }
    }
}

extension HomeFixture {
    /// What a played server needs to know.
    struct Facts: Sendable { let epoch: StoreEpoch }
    var facts: Facts { Facts(epoch: epoch) }
}

struct SyncWatcherTests {
    /// Watches a home while `body` does something, and gives the rounds in their order.
    private func watching(
        _ home: HomeFixture, _ server: PlayedServer,
        _ body: (AsyncStream<SyncRound>) async throws -> Void
    ) async throws {
        let (rounds, continuation) = AsyncStream.makeStream(of: SyncRound.self)
        let watcher = SyncWatcher(
            replica: home.replica, jitter: .share(0), onRound: { continuation.yield($0) }, transport: { _ in server })
        let task = Task { try await watcher.run() }
        try await body(rounds)
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test(.timeLimit(.minutes(3)))
    func `edits of any program, and news of the server, are exchanged at once`() async throws {
        let home = try HomeFixture()
        let server = PlayedServer(home)
        try await watching(home, server) { rounds in
            #expect(await rounds.next()?.report?.pushedCount == 0)
            let other = Replica(home: home.replica.home, clock: SystemClock())
            _ = try other.new(typeName: "account", assignments: [try Assignment(argument: "name=A")])
            while let round = await rounds.next() {
                if try #require(round.report).pushedCount == 1 { break }
            }
            try home.shell("INSERT INTO account (name) VALUES ('B')")
            while let round = await rounds.next() {
                if try #require(round.report).pushedCount == 1 { break }
            }
            server.commit()
            while let round = await rounds.next() {
                if try #require(round.report).checkpoint == 3 { break }
            }
        }
        #expect(try home.replica.safetyReport().isAllConfirmed)
    }

    @Test(.timeLimit(.minutes(3)))
    func `a server that is gone is tried again until it is there, and one watcher is enough`() async throws {
        let home = try HomeFixture()
        try home.account("name=A")
        let server = PlayedServer(home)
        server.set(gone: true)
        try await watching(home, server) { rounds in
            for count in 1...3 {
                let round = try #require(await rounds.next())
                #expect(round.report == nil && round.number == count)
                #expect(try home.replica.safetyReport().failure?.count == count)
            }
            #expect(home.replica.isKeptInSync)
            let second = SyncWatcher(replica: home.replica, onRound: { _ in }, transport: { _ in server })
            let error = await #expect(throws: SatchelError.self) { try await second.run() }
            #expect(error?.code == .databaseInUse)
            // Nothing is held while it waits.
            _ = try home.account("name=B")
            server.set(gone: false)
            while let round = await rounds.next(), round.report == nil {}
        }
        #expect(try home.replica.safetyReport().failure == nil)
        #expect(!home.replica.isKeptInSync)
    }

    @Test(.timeLimit(.minutes(3)))
    func `a wait that is kept is waited for by the next program too`() async throws {
        let home = try HomeFixture()
        var failed = RetryState()
        (failed.failureCount, failed.code) = (4, "network_unavailable")
        failed.failedAt = home.replica.now
        failed.nextAttempt = Timestamp(milliseconds: home.replica.now.milliseconds + 3_600_000)
        let state = failed
        try home.replica.withTurn(purpose: "test") { try $0.write { try $0.setRetryState(state) } }
        let server = PlayedServer(home)
        try await watching(home, server) { rounds in
            // A person tries by hand, and that it went well is seen by the one who waits.
            _ = try await SyncRunner(replica: home.replica, transport: server).run(isByHand: true)
            #expect(await rounds.next()?.report != nil)
        }
        var requests: [Int] = []
        for await request in server.requests {
            requests.append(request)
            if requests.count == 2 { break }
        }
        #expect(requests == [0, 0])
    }
}

extension SyncRound {
    /// What the exchange did; `nil` where it failed.
    var report: SyncReport? { if case .done(let report) = outcome { report } else { nil } }
}

extension AsyncStream {
    /// The next element; `nil` at the end.
    func next() async -> Element? {
        for await element in self { return element }
        return nil
    }
}
