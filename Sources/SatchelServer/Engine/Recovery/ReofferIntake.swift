import SatchelStorage
import SatchelSync
import SatchelWire

/// Takes change-sets that an earlier life of the store has judged, under their own dots and with the verdicts that they got
/// (causality.md §7).
struct ReofferIntake<Transaction: ServerTransaction> {
    let transaction: Transaction
    let device: DeviceAccount
    let standing: EpochStanding
    let now: Timestamp
    private(set) var intake: Intake<Transaction>
    /// What became of those that did not get their old verdict.
    private(set) var news: [VerdictEntry] = []

    init(
        transaction: Transaction, schema: Schema, device: DeviceAccount, standing: EpochStanding, now: Timestamp,
        recordBytesMax: Int, guardian: MergeGuard<Transaction>
    ) {
        self.transaction = transaction
        self.device = device
        self.standing = standing
        self.now = now
        intake = Intake(
            transaction: transaction, schema: schema, recordBytesMax: recordBytesMax, servedUpTo: nil,
            origin: Origin(device: device.name, clock: nil, now: now), standing: standing, guardian: guardian)
    }

    /// Takes what comes next, in own order, up to one that has to wait for a record that is not back yet.
    ///
    /// - Throws: `SatchelError` `actor_mismatch` for a line of another device or of this life, `malformed_body` where a digest does
    ///   not fit; ``ExchangeFailure`` where the store has another change-set under a dot.
    mutating func take(_ reoffers: [Reoffer]) throws {
        var frontiers: [ActorID: Frontier] = [:]
        let fixes = reoffers.isEmpty ? [:] : try intake.fixesWaitingForReturn()
        for reoffer in reoffers {
            let dot = reoffer.offered.changeSet.dot
            let frontier = try frontiers[dot.actor] ?? frontier(of: dot.actor)
            frontiers[dot.actor] = frontier
            if dot.counter <= frontier.counter {
                try recall(reoffer)
            } else if dot.counter == frontier.counter + 1, let next = try take(reoffer, after: frontier) {
                frontiers[dot.actor] = next
                if let waiting = fixes[next.digest] { try intake.releaseFixes(waiting) }
            } else {
                return
            }
        }
    }

    private func frontier(of actor: ActorID) throws -> Frontier {
        guard let line = try transaction.snapshot.line(of: actor), line.device == device.key,
            line.epoch < standing.number
        else {
            throw SatchelError(
                .actorMismatch, "Actor \(actor) is no earlier one of this device.",
                remedy: "A device offers its own change-sets only.")
        }
        let frontier = try transaction.snapshot.frontier(of: actor)
        guard frontier.counter == 0 else { return frontier }
        return Frontier(counter: 0, digest: try transaction.snapshot.firstDigest(of: actor), isNextSuspect: true)
    }

    /// One that the store has: its author hears of a verdict that is another than his.
    private mutating func recall(_ reoffer: Reoffer) throws {
        guard let entry = try transaction.snapshot.logEntry(reoffer.offered.changeSet.dot),
            entry.digest == reoffer.offered.digest
        else {
            throw ExchangeFailure.fork("change-set \(reoffer.offered.changeSet.dot) is another one than the server has")
        }
        try tell(entry, reoffer)
    }

    /// Where the line stands behind it; `nil` where it waits.
    private mutating func take(_ reoffer: Reoffer, after frontier: Frontier) throws -> Frontier? {
        let changeSet = reoffer.offered.changeSet
        if changeSet.isOutline { return try takeOutline(reoffer) }
        let bytes = changeSet.canonicalBytes
        let digest = Hashing.changeSetDigest(canonicalBytes: bytes, previous: frontier.digest)
        guard reoffer.offered.digest == digest, changeSet.author.utf8.elementsEqual(device.user.utf8) else {
            throw SatchelError(
                .malformedBody,
                "The digest of change-set \(changeSet.dot) does not fit its bytes and the one before it.",
                remedy: "Nothing was stored; sync again.")
        }
        let taken = try intake.guardian.run(changeSet.dot) {
            try intake.takeAgain(reoffer, bytes: bytes, digest: digest)
        }
        guard let entry = try taken ?? intake.park(changeSet, bytes: bytes, digest: digest) else { return nil }
        try tell(entry, reoffer)
        return Frontier(counter: changeSet.dot.counter, digest: digest, isNextSuspect: false)
    }

    /// Keeps the place of a change-set of which its device has no more than an outline, so that what came behind it can be taken: what
    /// it wrote is lost, unless a state that a device has received brings it.
    private func takeOutline(_ reoffer: Reoffer) throws -> Frontier {
        let changeSet = reoffer.offered.changeSet
        guard let digest = reoffer.offered.digest, digest.count == ChangeSet.digestByteCount,
            reoffer.verdict.isApplied, changeSet.author.utf8.elementsEqual(device.user.utf8)
        else {
            throw SatchelError(
                .malformedBody,
                "Change-set \(changeSet.dot) is an outline without its digest, or of one that was parked.",
                remedy: "Nothing was stored; sync again.")
        }
        try intake.merger.keepPlace(
            of: changeSet, digest: digest, correctedTime: reoffer.correctedTime, origin: intake.origin)
        return Frontier(counter: changeSet.dot.counter, digest: digest, isNextSuspect: false)
    }

    private mutating func tell(_ entry: LogEntry, _ reoffer: Reoffer) throws {
        let present = try transaction.snapshot.presentVerdict(entry)
        guard present.verdict != reoffer.verdict, !(present.verdict.isApplied && reoffer.verdict.isApplied) else {
            return
        }
        news.append(
            VerdictEntry(
                counter: present.counter, verdict: present.verdict, correctedTime: present.correctedTime,
                formerActor: entry.dot.actor, isReleased: present.isReleased, original: present.original))
    }
}
