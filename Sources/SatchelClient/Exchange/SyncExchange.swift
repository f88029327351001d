package import SatchelSync
package import SatchelWire

/// What the replica says of its queue when an exchange begins, read in one snapshot.
package struct QueueSnapshot: Sendable {
    /// The present actor.
    package let actor: ActorID
    /// The version of the schema that the replica knows.
    package let schemaVersion: UInt32
    /// The life of the server's store.
    package let epoch: StoreEpoch
    /// What to show the server so that a copy of this replica is noticed.
    package let forkToken: [UInt8]
    /// Up to where base is complete.
    package let checkpoint: Checkpoint?
    /// The checkpoint that the replica keeps: another one than it shows where its base was lost and is fetched anew.
    package let keptCheckpoint: Checkpoint?
    /// The last sequence of a cut reply that is staged.
    package let stagedThrough: ServerSequence?
    /// The own change-set with the highest counter; `nil` when nothing was edited.
    package let newest: ConfirmedMark?
    /// The highest own counter that has a verdict, with its digest.
    package let confirmed: ConfirmedMark?
    /// Change-sets without a verdict, in own order, at most as many as one push takes.
    package let unconfirmed: [OfferedChangeSet]
    /// Whether more wait behind them.
    package let hasMore: Bool
    /// The counters of own change-sets that the server keeps parked, as far as the replica knows, ascending.
    package let parked: [UInt64]
    /// Those that it made as another actor, in dot order.
    package let formerParked: [Dot]
    /// Where the present actor was forked; `nil` for one that was named at enrolment.
    package let fork: ForkPoint?
    /// Whether the replica asks for a fork, since a witness says that its file is not the one that it should be.
    package let wantsFork: Bool
    /// What the request may lean on: the schema's dictionary, and the server's numbers of the records that it names.
    package let agreement: WireAgreement
    /// What a store that was restored may lack.
    package var returning = ReturningWork()
    /// The positions of those that are offered for the first time.
    var fresh: [Int64] = []

    package init(
        actor: ActorID, schemaVersion: UInt32, epoch: StoreEpoch, forkToken: [UInt8], checkpoint: Checkpoint?,
        stagedThrough: ServerSequence?, newest: ConfirmedMark?, confirmed: ConfirmedMark?,
        unconfirmed: [OfferedChangeSet], hasMore: Bool, parked: [UInt64] = [],
        formerParked: [Dot] = [], fork: ForkPoint? = nil, wantsFork: Bool = false, isRefetching: Bool = false,
        agreement: WireAgreement = .nothing
    ) {
        self.actor = actor
        self.schemaVersion = schemaVersion
        self.epoch = epoch
        self.forkToken = forkToken
        keptCheckpoint = checkpoint
        self.checkpoint = isRefetching ? nil : checkpoint
        self.stagedThrough = stagedThrough
        self.newest = newest
        self.confirmed = confirmed
        self.unconfirmed = unconfirmed
        self.hasMore = hasMore
        self.parked = parked
        self.formerParked = formerParked
        self.fork = fork
        self.wantsFork = wantsFork
        self.agreement = agreement
    }
}

/// What a replica offers to a store that was restored (causality.md §7).
package struct ReturningWork: Sendable {
    /// The lines of the replica, while the store may lack some of them.
    package var lines: [LineClaim] = []
    /// Confirmed change-sets that it may lack.
    package var reoffers: [Reoffer] = []
    /// States from an earlier life.
    package var states = OfferedStates.none
    /// The number of the last of them among those kept aside; `nil` where none is offered.
    package var lastAside: Int64?
    /// The present actor's change-sets up to this counter had another name in an earlier life.
    package var renamedThrough: UInt64 = 0
    /// Whether the replica wants to hear how far the store has come.
    package var isAsking = false

    package init() {}
}

/// One request and its reply as a synchronous state machine: event in, action out.
///
/// No socket, no clock, no database.
///
/// A reply is a stream of frames: opening, verdicts, then actors and records, then closing, or a fork in their place. Anything else, and a stream that
/// ends before its closing, means "unknown": what was kept stays, and the exchange is tried again later.
package struct SyncExchange: ~Copyable {
    /// What the shell does next.
    package enum Action: Hashable, Sendable {
        /// Keep the verdicts and the fork token in one transaction.
        case keep(verdicts: [VerdictEntry], opening: Opening)
        /// Keep the frame until the checkpoint; it completes the stream up to the sequence.
        case stage(SyncFrame, through: ServerSequence)
        /// Apply what is staged, in one transaction, and keep the checkpoint.
        case complete(Checkpoint, opening: Opening)
        /// Go on as a new actor from there, in the life of the store that the opening names, and ask again.
        case fork(ForkPoint, opening: Opening)
    }

    /// How the exchange ended.
    package enum Ending: Hashable, Sendable {
        /// The queue was pushed and base is at the new checkpoint.
        case complete
        /// A part of the queue was pushed, or the replica is another actor now; the next exchange takes what is left.
        case goesOn
        /// The reply was cut; what came is kept.
        case cut
    }

    private enum State { case awaitingOpening, open(Opening), closed, forked }
    private var state = State.awaitingOpening
    private let snapshot: QueueSnapshot
    private var staged: ServerSequence
    private var answered: Set<UInt64> = []

    /// Begins an exchange over a snapshot of the queue.
    package init(_ snapshot: QueueSnapshot) {
        self.snapshot = snapshot
        staged = snapshot.stagedThrough ?? .zero
    }

    /// The request.
    ///
    /// A push that leaves more behind asks for no records: they would only be staged anew with the next.
    package func request(deviceTime: Timestamp, clock: ClockOffset? = nil) -> SyncRequest {
        SyncRequest(
            protocolVersion: SyncProtocol.version, schemaVersion: snapshot.schemaVersion, epoch: snapshot.epoch,
            actor: snapshot.actor, highestCounter: snapshot.newest?.counter ?? 0, confirmed: snapshot.confirmed,
            forkToken: snapshot.forkToken, checkpoint: snapshot.checkpoint, resumeAfter: snapshot.stagedThrough,
            deviceTime: deviceTime, changeSets: snapshot.unconfirmed.withLastDigest,
            parked: snapshot.parked, wantsRecords: !snapshot.hasMore, fork: snapshot.fork,
            wantsFork: snapshot.wantsFork, formerParked: snapshot.formerParked, clock: clock,
            lines: snapshot.returning.lines,
            reoffers: snapshot.returning.reoffers, states: snapshot.returning.states,
            renamedThrough: snapshot.returning.renamedThrough)
    }

    /// Takes the next frame of the reply.
    ///
    /// - Throws: `SatchelError`: the server's own failure, or `unknown_answer` for a frame out of place.
    package mutating func received(_ frame: SyncFrame) throws(SatchelError) -> Action? {
        switch (state, frame) {
        case (_, .failure(let problem)):
            throw SatchelError(
                SatchelError.Code(problem.code), problem.message, remedy: problem.remedy,
                isTransient: problem.isTransient)
        case (.awaitingOpening, .opening(let opening)):
            state = .open(opening)
            // What the store has taken again, and what it takes, is kept, also where no verdict comes.
            let tellsMore =
                opening.epoch == snapshot.epoch
                && (snapshot.returning.isAsking || opening.recovery != .none)
            return tellsMore ? .keep(verdicts: [], opening: opening) : nil
        case (.open(let opening), .verdicts(let verdicts)):
            try take(verdicts)
            return .keep(verdicts: verdicts, opening: opening)
        // Another life of the store says where the replica forks, and nothing else.
        case (.open(let opening), .actors) where opening.epoch == snapshot.epoch:
            return .stage(frame, through: staged)
        case (.open(let opening), .records(let deltas)) where opening.epoch == snapshot.epoch:
            for delta in deltas {
                guard delta.sequence >= staged else { throw Self.outOfPlace("records out of order") }
                staged = delta.sequence
            }
            return .stage(frame, through: staged)
        case (.open(let opening), .closing(let closing)) where opening.epoch == snapshot.epoch:
            // Where no records were wanted it ends where the request stands, also behind what an earlier reply brought.
            let standing = snapshot.checkpoint?.sequence ?? .zero
            let start = snapshot.hasMore ? standing : max(staged, standing)
            guard closing.checkpoint.sequence >= start, closing.checkpoint.epoch == opening.epoch else {
                throw Self.outOfPlace("a checkpoint that lies before its records")
            }
            guard snapshot.unconfirmed.allSatisfy({ answered.contains($0.changeSet.dot.counter) }) else {
                throw Self.outOfPlace("an answer without verdicts on all change-sets")
            }
            state = .closed
            return snapshot.hasMore ? nil : .complete(closing.checkpoint, opening: opening)
        case (.open(let opening), .fork(let point)):
            let isOwn = point.actor == snapshot.actor && point.counter <= snapshot.newest?.counter ?? 0
            guard isOwn || point == snapshot.fork else { throw Self.outOfPlace("a fork where this replica never was") }
            state = .forked
            return .fork(point, opening: opening)
        default: throw Self.outOfPlace("a frame out of place")
        }
    }

    /// Each verdict must be on something that was asked for, and there once.
    private mutating func take(_ verdicts: [VerdictEntry]) throws(SatchelError) {
        let asked = Set(snapshot.unconfirmed.map(\.changeSet.dot.counter)).union(snapshot.parked)
        for verdict in verdicts {
            if let former = verdict.formerActor {
                let dot = Dot(former, verdict.counter)
                guard
                    snapshot.formerParked.contains(dot)
                        || snapshot.returning.reoffers.contains(where: { $0.offered.changeSet.dot == dot })
                else {
                    throw Self.outOfPlace("news of \(former):\(verdict.counter), which was not asked for")
                }
                continue
            }
            guard asked.contains(verdict.counter), answered.insert(verdict.counter).inserted else {
                throw Self.outOfPlace("a verdict on change-set \(verdict.counter), which was not asked for")
            }
        }
    }

    /// The reply's stream is over.
    package consuming func ended() -> Ending {
        switch state {
        case .closed: snapshot.hasMore ? .goesOn : .complete
        case .forked: .goesOn
        case .awaitingOpening, .open: .cut
        }
    }

    private static func outOfPlace(_ what: String) -> SatchelError {
        SatchelError(
            .unknownAnswer, "The server's answer holds \(what).",
            remedy: "Everything is kept; it is tried again later.",
            isTransient: true)
    }
}
