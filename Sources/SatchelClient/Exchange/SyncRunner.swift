import Foundation
import SatchelStorage
import SatchelSync
package import SatchelWire

/// How a request reaches the server and its frames come back: HTTP, or the engine itself in tests.
package protocol ExchangeTransport: Sendable {
    /// Sends a request, which may lean on an agreement, and hands over the frames of the reply, in order. Returns when the stream is
    /// over, cut or not.
    ///
    /// - Throws: `SatchelError`: `network_unavailable` and `unknown_answer` are transient; what `onFrame` throws passes.
    func exchange(
        _ request: SyncRequest, agreement: WireAgreement, token: String, onFrame: (SyncFrame) async throws -> Void
    ) async throws

    /// The text of the schema file that the server works with.
    ///
    /// - Throws: `SatchelError` as an exchange does.
    func schemaSource(token: String) async throws -> String

    /// What has passed, and how much may: a server is asked for no longer a reply than that.
    var meter: ByteMeter { get }
}

extension ExchangeTransport {
    /// Counts nothing.
    package var meter: ByteMeter { ByteMeter() }
}

/// The server works with another version of the schema than the replica: it must be fetched before records are.
private struct SchemaChanged: Error {}

/// What goes out in an exchange, and what is known of the line that it goes over.
private struct Outgoing {
    let snapshot: QueueSnapshot
    let token: String
    /// Bytes of the change-sets in it.
    let bytes: Int
    let pace: PushPace
    /// How the clock stood when it was measured last; `nil` where it never was.
    let measure: ClockMeasure?
    /// What the next change-set takes where it is more than may still be sent.
    let nextBytes: Int?
}

/// The server could not read what the request leant on: it must be said in full.
private struct NothingAgreed: Error {}

/// The shell around ``SyncExchange``: reads the queue in a turn, waits for the network without the lease, and keeps what
/// comes in turns.
package struct SyncRunner<Transport: ExchangeTransport> {
    let replica: Replica
    let transport: Transport
    let jitter: Jitter
    /// How many bytes the disk of the home still takes; `nil` where nobody can tell.
    let freeBytes: @Sendable () -> UInt64?
    /// How much of it is done.
    package var reach = SyncReach.all
    /// Told how far it is, for a progress line.
    var onProgress: @Sendable (SyncStep) -> Void

    package init(
        replica: Replica, transport: Transport, jitter: Jitter = .system,
        freeBytes: (@Sendable () -> UInt64?)? = nil,
        onProgress: @escaping @Sendable (SyncStep) -> Void = { _ in }
    ) {
        let path = replica.folder.url.path
        self.freeBytes = freeBytes ?? { DiskSpace.free(at: path) }
        self.replica = replica
        self.transport = transport
        self.jitter = jitter
        self.onProgress = onProgress
    }

    /// Pushes the queue and pulls to the checkpoint, in as many exchanges as that takes.
    ///
    /// `isByHand` says that a person wants it now: the waits after failures begin anew with this attempt.
    ///
    /// - Throws: `SatchelError`. Whatever is thrown, nothing pending is lost, and calling again is safe.
    package func run(isByHand: Bool = false) async throws -> SyncReport {
        let flight = try Lease(folder: replica.folder.url, purpose: "sync", subject: .exchange)
        let report = try await pushAndPull(isByHand: isByHand)
        _ = consume flight
        return report
    }

    private func pushAndPull(isByHand: Bool) async throws -> SyncReport {
        var report = SyncReport()
        report.toSend = try replica.reading { try $0.ownCount(.unconfirmed) }
        let passed = transport.meter.count
        do {
            var mayFetchSchema = true
            var mayLean = true
            var mayReoffer = true
            while true {
                guard report.actorCount <= Self.forksMax else { throw Self.endlessForks }
                let (before, actors) = (report.progress, report.actorCount)
                do {
                    guard hasRoom else { throw LimitReached() }
                    let waiting = try replica.reading { try $0.reofferedCount() }
                    let goesOn = try await exchange(&report, mayLean: mayLean, mayReoffer: mayReoffer)
                    let (left, hasAside) = try replica.reading { transaction in
                        (try transaction.reofferedCount(), try transaction.hasStatesToOffer())
                    }
                    report.returnedCount += max(waiting - left, 0)
                    // What waits for a record that is not back yet is tried again with the next sync; another life of the store has not been asked.
                    mayReoffer = left != waiting || goesOn && waiting == 0 || report.actorCount > actors
                    if !reach.fetches, left == 0 || !mayReoffer, try !hasOwnToSend() { break }
                    if !goesOn, !hasAside, left == 0 || !mayReoffer { break }
                } catch let error as SatchelError where error.isOfLine && report.progress > before {
                    // What came is kept: a line that is cut every second brings everything in the end.
                    try Task.checkCancellation()
                    try noteSilence(error)
                } catch is LimitReached {
                    report.isLimitReached = true
                    break
                } catch is NothingAgreed {
                    mayLean = false
                    try replica.withTurn(purpose: "sync", origin: .sync) { try $0.write { try $0.forgetHandles() } }
                } catch is SchemaChanged {
                    guard mayFetchSchema else {
                        throw SatchelError(
                            .unknownAnswer, "The server works with another version of the schema than it hands out.",
                            remedy: "Everything is kept; it is tried again later.", isTransient: true)
                    }
                    mayFetchSchema = false
                    try await fetchSchema()
                }
            }
        } catch {
            // Who ends a program has not met a failure.
            guard !Task.isCancelled else { throw CancellationError() }
            // Where something came over, the line is no worse than it was: the row begins anew.
            try? noteFailure(error, beginsRow: isByHand || report.progress > 0)
            throw error
        }
        report.isComplete = reach.fetches && !report.isLimitReached
        if !report.isComplete { try noteGoodEnd(isLimitReached: report.isLimitReached) }
        let count = transport.meter.count
        (report.sentBytes, report.receivedBytes) = (count.sent - passed.sent, count.received - passed.received)
        try tellStanding(in: &report)
        return report
    }

    /// A replica that is forked again and again in one sync is answered by something that is no server of ours.
    private static var forksMax: Int { 4 }
    private static var endlessForks: SatchelError {
        SatchelError(
            .unknownAnswer, "The server takes this device for a copy again and again.",
            remedy: "Everything is kept; tell the operator.", isTransient: true)
    }

    /// One exchange; whether another must follow.
    ///
    /// `mayLean` says whether the request may lean on what both ends should know.
    private func exchange(_ report: inout SyncReport, mayLean: Bool, mayReoffer: Bool) async throws -> Bool {
        let outgoing = try replica.withTurn(purpose: "sync", origin: .sync) {
            try $0.write({ try readQueue($0, mayReoffer: mayReoffer) })
        }
        let (snapshot, token) = (outgoing.snapshot, outgoing.token)
        if let bytes = outgoing.nextBytes {
            report.nextBytes = bytes
            throw LimitReached()
        }
        var (pace, unanswered) = (outgoing.pace, outgoing.bytes)
        let pulled = report.pulledCount
        var exchange = SyncExchange(snapshot)
        let sent = ClockReading(replica.clock)
        let request = exchange.request(
            deviceTime: sent.wall, clock: outgoing.measure?.offset(at: sent.wall, sent.sinceBoot))
        var clock: ClockMeasure?
        try await leaning(on: mayLean ? snapshot.agreement : .nothing, request, snapshot, token: token) { frame in
            if case .opening(let opening) = frame {
                guard opening.schemaVersion == snapshot.schemaVersion else { throw SchemaChanged() }
                clock = sent.measure(by: opening, elapsed: replica.clock.elapsed())
            }
            guard let action = try exchange.received(frame) else { return }
            switch action {
            case .keep(let verdicts, let opening):
                try FaultPoint.verdictKeeps.reach()
                pace.noteAnswer(toBytes: unanswered, after: replica.clock.elapsed() - sent.elapsed)
                unanswered = 0
                try keep(verdicts, opening, snapshot, clock: clock, pace: pace)
                try FaultPoint.verdictKept.reach()
                report.count(verdicts, offered: request.changeSets)
                if report.pushedCount > 0 { onProgress(.sent(report.pushedCount, of: report.toSend)) }
            case .stage(let frame, let through):
                try FaultPoint.stageKeeps.reach()
                try stage(frame, through: through, snapshot)
                try FaultPoint.stageKept.reach()
                if case .records(let deltas) = frame {
                    report.pulledCount += deltas.count
                    onProgress(.fetched(report.pulledCount, bytes: transport.meter.count.received))
                }
                try requireLimitKept()
            case .complete(let checkpoint, let opening):
                try FaultPoint.applyBegins.reach()
                try complete(checkpoint, opening, snapshot, clock: clock)
                try FaultPoint.applyDone.reach()
                try keepWithinSpace(serverTime: opening.serverTime)
            case .fork(let point, let opening):
                // Under a wrong handle a change-set that the server has looks like another one.
                if mayLean, snapshot.agreement.dictionary != nil { throw NothingAgreed() }
                report.renamedCount += try fork(at: point, in: opening.epoch, snapshot)
                report.actorCount += 1
                if opening.epoch == snapshot.epoch {
                    report.forkCount += 1
                } else {
                    report.isServerRestored = true
                }
            }
        }
        switch exchange.ended() {
        case .complete: return false
        case .goesOn: return true
        // A server that was asked for so many bytes ends there.
        case .cut where isLimited && report.pulledCount > pulled: throw LimitReached()
        case .cut:
            throw SatchelError(
                .unknownAnswer, "The connection was cut before the answer was whole.",
                remedy: "What came is kept; the next sync goes on from there.", isTransient: true)
        }
    }

    /// What a server says to a request that leant on what it does not know.
    ///
    /// Under a wrong handle a change-set that the server has looks like another one with its dot, hence the fork.
    private static var vain: Set<SatchelError.Code> { [.malformedBody, .forkDetected, .epochChanged] }

    /// Sends a request that leans on an agreement.
    ///
    /// - Throws: `NothingAgreed` where the server cannot read it for that, as when an older file was put in the place of its
    ///   store, or its schema has changed.
    private func leaning(
        on agreement: WireAgreement, _ request: SyncRequest, _ snapshot: QueueSnapshot, token: String,
        onFrame: (SyncFrame) async throws -> Void
    ) async throws {
        do {
            try await transport.exchange(request, agreement: agreement, token: token, onFrame: onFrame)
        } catch let error as SatchelError where Self.vain.contains(error.code) && agreement.dictionary != nil {
            throw NothingAgreed()
        } catch let error as SatchelError where error.isUnreached {
            try? takeBack(snapshot)
            throw error
        }
    }

    /// Takes the server's schema.
    ///
    /// What was pushed meanwhile is pushed again with the next exchange, to the same verdicts.
    private func fetchSchema() async throws {
        let token = try replica.reading { try $0.identity().token }
        let source = try await transport.schemaSource(token: token)
        let schema = try Replica.readSchema(source)
        try FaultPoint.schemaFetched.reach()
        try replica.withTurn(purpose: "sync", origin: .sync) { store in
            try store.write { transaction in
                try transaction.adopt(schema, source: source)
                try transaction.dropStaged()
                try FaultPoint.schemaAdopted.reach()
            }
        }
    }

    private func readQueue(_ transaction: ReplicaTransaction, mayReoffer: Bool) throws -> Outgoing {
        let identity = try transaction.identity()
        let facts = try transaction.exchangeFacts()
        let pace = PushPace(bytes: try transaction.pushBytes())
        let returning = try ReturnReader(
            transaction: transaction, bytesMax: min(pace.bytes, max(transport.meter.left ?? .max, 1))
        ).work(mayReoffer: mayReoffer)
        let doubt = try transaction.doubt()
        let next = try nextBatch(bytesMax: pace.bytes, first: doubt?.position, transaction)
        var (batch, isCut) = (next.batch, next.isCut)
        // What was confirmed comes back before what was not.
        if returning.hasMore { (batch, isCut) = ([], true) }
        if !reach.fetches { (batch, isCut) = (batch.filter { reach.includes($0.position) }, true) }
        // What both lives of the file share keeps its names: it goes first, and the fork is asked for behind it.
        let isShared = doubt.map { doubt in batch.first.map { $0.position <= doubt.position } ?? false } ?? false
        // Where base was lost the checkpoint proves still what the queue had seen: the queue goes first, and everything comes behind it.
        let isBaseLost = try transaction.isBaseLost()
        var hasMore = isCut || isShared || isBaseLost && !batch.isEmpty
        if !hasMore { hasMore = try !hasRoomForRecords(behind: batch, transaction) }
        let fresh = try transaction.markSent(batch.map(\.position))
        try FaultPoint.pushMarked.reach()
        let confirmed = try transaction.newestConfirmed(of: identity.actor)
        let parked = try transaction.ownChangeSets(.parkedAtServer, limit: Limits.parkedPerRequestMax)
            .map(\.changeSet.dot)
        // A fork is taken for a request alone that leans on nothing.
        let agreement = try doubt == nil ? agreement(naming: batch, facts, transaction) : .nothing
        var snapshot = QueueSnapshot(
            actor: identity.actor, schemaVersion: transaction.schema.version, epoch: facts.epoch,
            forkToken: facts.forkToken, checkpoint: facts.checkpoint,
            stagedThrough: try transaction.stagedThrough(),
            newest: try transaction.newestOwn(of: identity.actor).map {
                ConfirmedMark(counter: $0.counter, digest: $0.digest)
            },
            confirmed: confirmed.map { ConfirmedMark(counter: $0.counter, digest: $0.digest) },
            unconfirmed: batch.map { OfferedChangeSet(changeSet: $0.changeSet, digest: $0.digest) },
            hasMore: hasMore, parked: parked.filter { $0.actor == identity.actor }.map(\.counter),
            formerParked: parked.filter { $0.actor != identity.actor }.sorted(), fork: identity.fork?.point,
            wantsFork: doubt != nil && !isShared && !returning.hasMore,
            isRefetching: isBaseLost && batch.isEmpty && !returning.hasMore, agreement: agreement)
        snapshot.returning = returning.work
        snapshot.fresh = fresh
        return Outgoing(
            snapshot: snapshot, token: identity.token, bytes: next.bytes, pace: pace,
            measure: facts.clockMeasure, nextBytes: returning.hasMore ? nil : next.firstBytes)
    }
}
