package import SatchelStorage
import SatchelSync

/// Keeps a replica in sync for as long as it runs: an exchange when there is something to send or to fetch, and now and then without.
///
/// It holds nothing of the replica while it waits. What wakes it are edits of any program, the server's news, a network that comes up, and
/// time; what it does then says ``WatchPlan``.
package struct SyncWatcher<Transport: ExchangeTransport & HeadNews>: Sendable {
    let replica: Replica
    /// The line to the server, made anew each time: a person may trust another key meanwhile.
    let transport: @Sendable (ReplicaIdentity) throws -> Transport
    var rhythm = WatchPlan.Rhythm()
    var jitter = Jitter.system
    /// Told each exchange when it is over.
    let onRound: @Sendable (SyncRound) throws -> Void
    let bell = WatchBell()

    package init(
        replica: Replica, rhythm: WatchPlan.Rhythm = WatchPlan.Rhythm(), jitter: Jitter = .system,
        onRound: @escaping @Sendable (SyncRound) throws -> Void,
        transport: @escaping @Sendable (ReplicaIdentity) throws -> Transport
    ) {
        self.replica = replica
        self.transport = transport
        self.rhythm = rhythm
        self.jitter = jitter
        self.onRound = onRound
    }

    /// Runs until its task is cancelled.
    ///
    /// - Throws: `CancellationError`; `SatchelError` `database_in_use` where another program keeps the replica in sync, and what opening it throws where
    ///   that cannot mend itself; what `onRound` throws.
    package func run() async throws {
        let alone = try Lease(folder: replica.folder.url, purpose: "sync --watch", subject: .watch, patience: .zero)
        // A home that is none, or an address that can never be reached, ends it before anything begins.
        _ = try transport(identity())
        let bell = bell
        let edits = HomeWatch(folder: replica.folder) { bell.tell { $0.isLocal = true } }
        let networks = NetworkWatch { bell.tell { $0.isNetworkUp = true } }
        defer { withExtendedLifetime((edits, networks)) {} }
        try await withThrowingDiscardingTaskGroup { group in
            var plan = WatchPlan(rhythm: rhythm, jitter: jitter)
            var number = 0
            while true {
                try Task.checkCancellation()
                guard let sight = try look() else {
                    _ = await bell.wait(atMost: rhythm.scatter)
                    continue
                }
                let now = replica.clock.elapsed()
                let wait = plan.wait(sight, at: now, wallClock: replica.clock.now())
                guard wait > .zero else {
                    number += 1
                    try await exchange(number, &plan, before: sight)
                    continue
                }
                let lineWait = plan.lineWait(sight, at: now)
                if lineWait == .zero {
                    plan.openLine()
                    group.addTask { await listen() }
                }
                let pause = min(wait, lineWait.map { $0 > .zero ? $0 : wait } ?? wait, Self.pauseMax)
                let news = await bell.wait(atMost: pause)
                plan.take(news, at: replica.clock.elapsed())
            }
        }
        _ = consume alone
    }

    /// A machine that slept may ring late: it is looked at least so often.
    private static var pauseMax: Duration { .seconds(60) }

    private func identity() throws -> ReplicaIdentity { try replica.reading { try $0.identity() } }

    /// Where the replica stands, read beside whoever writes; `nil` where that cannot be said now.
    private func look() throws -> WatchPlan.Sight? {
        do {
            return try replica.reading { transaction in
                let facts = try transaction.exchangeFacts()
                return WatchPlan.Sight(
                    hasWork: try transaction.hasUnconfirmed(), epoch: facts.epoch,
                    checkpoint: facts.checkpoint?.sequence ?? .zero, retry: try transaction.retryState())
            }
        } catch let error as SatchelError where error.isTransient {
            return nil  // Plain SQL of others is to be sealed, and somebody holds the file.
        }
    }

    private func exchange(_ number: Int, _ plan: inout WatchPlan, before sight: WatchPlan.Sight) async throws {
        let startedAt = replica.clock.now()
        let head = plan.begin()
        do {
            let runner = SyncRunner(replica: replica, transport: try transport(identity()), jitter: jitter)
            let report = try await runner.run()
            replica.catchUpSearchAfterSync()
            plan.succeed(head: head, at: replica.clock.elapsed())
            try onRound(SyncRound(number: number, startedAt: startedAt, outcome: .done(report)))
        } catch let error as SatchelError {
            let retry = try? replica.reading { try $0.retryState() }
            let isKept = retry.map { $0.failureCount > 0 && $0 != sight.retry } ?? false
            plan.fail(isKept: isKept, at: replica.clock.elapsed())
            try onRound(
                SyncRound(
                    number: number, startedAt: startedAt,
                    outcome: .failed(error, next: isKept ? retry?.nextAttempt : nil)))
        }
    }

    /// Listens once, until the line ends.
    private func listen() async {
        let begun = Flag()
        var asked: Duration?
        do {
            let identity = try identity()
            try await transport(identity).heads(token: identity.token) { head in
                let isFirst = begun.raise()
                bell.tell { news in
                    news.head = head
                    if isFirst { news.line = .began }
                }
            }
        } catch {
            asked = (error as? SatchelError).flatMap { $0.retryAfter ?? RetrySchedule.pause(after: $0.code) }
        }
        let wasThere = !begun.raise()
        bell.tell { $0.line = .ended(wasThere: wasThere, asked: asked) }
    }
}
