import SatchelStorage
import SatchelSync
import SatchelWire

// What a reply brings into the home.
extension SyncRunner {
    func keep(
        _ verdicts: [VerdictEntry], _ opening: Opening, _ snapshot: QueueSnapshot, clock: ClockMeasure?, pace: PushPace
    ) throws {
        try replica.withTurn(purpose: "sync", origin: .sync) { store in
            try store.write { transaction in
                try requireSame(as: snapshot, transaction)
                for entry in verdicts {
                    try transaction.setVerdict(
                        entry.verdict, correctedTime: entry.correctedTime,
                        timeErrorMilliseconds: entry.timeErrorMilliseconds,
                        of: Dot(entry.formerActor ?? snapshot.actor, entry.counter), isReleased: entry.isReleased,
                        original: entry.original, isReoffered: entry.formerActor != nil)
                }
                try transaction.settleVerdicts()
                for line in opening.lineFrontiers { try transaction.noteTaken(line.actor, upTo: line.counter) }
                try transaction.noteRecovery(opening.recovery != .none, isWindowOpen: opening.recovery == .open)
                if opening.recovery == .open, let last = snapshot.returning.lastAside {
                    try transaction.noteOffered(through: last)
                }
                try transaction.setPushBytes(pace.bytes)
                try FaultPoint.verdictWritten.reach()
                try keepOpening(opening, clock: clock, transaction) { _ in }
            }
        }
    }

    /// Nothing of a request went out: what it offered for the first time waits as before, and may still be undone.
    func takeBack(_ snapshot: QueueSnapshot) throws {
        guard !snapshot.fresh.isEmpty else { return }
        try replica.withTurn(purpose: "sync", origin: .sync) { store in
            try store.write { transaction in
                try requireSame(as: snapshot, transaction)
                try transaction.unmarkSent(snapshot.fresh)
            }
        }
    }

    func stage(_ frame: SyncFrame, through: ServerSequence, _ snapshot: QueueSnapshot) throws {
        let bytes = try WireCodec.encodeFrame(frame, format: .protobuf)
        try replica.withTurn(purpose: "sync", origin: .sync) { store in
            try store.write { transaction in
                try requireSame(as: snapshot, transaction)
                try transaction.stage(bytes, sequence: through)
            }
        }
    }

    /// A reply counts only for the request it answers, and only while the file is the one that asked: not one that was put in
    /// its place meanwhile.
    ///
    /// A copy of an older day reaches the same counter by other edits; hence the digest, which stands for all before it too.
    private func requireSame(as asked: QueueSnapshot, _ transaction: ReplicaTransaction) throws {
        guard try transaction.exchangeFacts().checkpoint == asked.keptCheckpoint,
            try transaction.identity().isSame(as: asked),
            try asked.newest.map({
                try transaction.ownDigest(of: Dot(asked.actor, $0.counter)) == $0.digest
            }) ?? true
        else {
            throw SatchelError(
                .staleReply, "The database was replaced while the server was waited for.",
                remedy: "Nothing was changed by this reply; sync again.", isTransient: true)
        }
    }

    func fork(at point: ForkPoint, in epoch: StoreEpoch, _ snapshot: QueueSnapshot) throws -> Int {
        try replica.withTurn(purpose: "sync", origin: .sync) { store in
            try store.write { transaction in
                try requireSame(as: snapshot, transaction)
                guard epoch == snapshot.epoch else { return try transaction.goOver(to: epoch, forkingAt: point) }
                return try transaction.fork(at: point)
            }
        }
    }

    func complete(
        _ checkpoint: Checkpoint, _ opening: Opening, _ snapshot: QueueSnapshot, clock: ClockMeasure?
    ) throws {
        try replica.withTurn(purpose: "sync", origin: .sync) { store in
            if Mutant.checkpointBeforeRecords.isPlanted {
                try store.write {
                    try keepOpening(opening, clock: clock, $0) { $0.checkpoint = checkpoint }
                }
            }
            try store.write { transaction in
                try requireSame(as: snapshot, transaction)
                let keeper = try NewsKeeper(transaction, now: replica.clock.now())
                try transaction.overlayReturning()
                try transaction.forEachStaged { bytes in
                    try apply(bytes, transaction, keeper)
                    try FaultPoint.applyRecords.reach()
                }
                try FaultPoint.applyOverlay.reach()
                if try transaction.isReturning() { try transaction.dropUntold() }
                try transaction.settleOverlay()
                try transaction.dropStaged()
                try transaction.trimNews()
                try transaction.noteBaseFound()
                try transaction.noteFetch(isFinished: true)
                try FaultPoint.applyCheckpoint.reach()
                try keepOpening(opening, clock: clock, transaction) { facts in
                    facts.checkpoint = checkpoint
                    facts.lastSync = replica.clock.now()
                }
                try transaction.noteAcknowledged(at: max(replica.clock.now(), opening.serverTime))
                try transaction.setRetryState(RetryState())
            }
        }
    }

    private func apply(_ bytes: [UInt8], _ transaction: ReplicaTransaction, _ keeper: NewsKeeper?) throws {
        var reader = FrameReader(format: .protobuf)
        reader.append(bytes)
        switch try reader.next() {
        case .actors(let entries):
            for entry in entries {
                try transaction.setName(ActorName(user: entry.user, device: entry.device), of: entry.actor)
            }
        case .records(let deltas):
            for delta in deltas {
                try keeper?.keep(delta)
                try transaction.replaceBase(
                    delta.record, type: delta.type, state: delta.state, sequence: delta.sequence,
                    provenance: try delta.conflictFacts(in: transaction.schema), handle: delta.handle)
            }
        default: break  // Only these two are ever staged.
        }
    }

    private func keepOpening(
        _ opening: Opening, clock: ClockMeasure?, _ transaction: ReplicaTransaction,
        _ change: (inout ExchangeFacts) -> Void
    ) throws {
        var facts = try transaction.exchangeFacts()
        facts.forkToken = opening.forkToken
        facts.clockMeasure = clock
        facts.clockOffsetMilliseconds = clock?.offset.milliseconds ?? 0
        if let backup = opening.backup { facts.backup = backup }
        change(&facts)
        try transaction.setExchangeFacts(facts)
    }
}

extension ReplicaIdentity {
    /// Whether it is the one that asked: one without a name may have got it meanwhile, with its first change-set.
    fileprivate func isSame(as asked: QueueSnapshot) -> Bool {
        actor == asked.actor || asked.newest == nil && asked.fork != nil && fork?.point == asked.fork
    }
}
