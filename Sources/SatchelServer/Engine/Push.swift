import SatchelStorage
import SatchelSync
import SatchelWire

/// What a push came to.
struct PushOutcome: Sendable {
    /// A verdict for each change-set that was offered, in their order.
    let verdicts: [VerdictEntry]
    /// The token for the next request.
    let forkToken: [UInt8]
    /// The highest counter that the server knows of the device now.
    let frontier: UInt64
    /// The rejections that an operator should look at.
    let alarms: [Rejection]
}

/// Takes the change-sets of one request, in one savepoint (causality.md §3).
struct Push<Transaction: ServerTransaction> {
    let transaction: Transaction
    let schema: Schema
    let request: SyncRequest
    let device: DeviceAccount
    let presence: DevicePresence
    let now: Timestamp
    let recordBytesMax: Int

    /// Judges and merges them all; one that is refused never stops the others.
    ///
    /// - Throws: ``ExchangeFailure`` where the request as a whole is not to be believed. Nothing of it is stored then.
    func outcome() throws -> PushOutcome {
        let check = LineCheck(
            snapshot: transaction.snapshot, request: request, device: device, presence: presence)
        let isTokenCurrent = try check.isTokenCurrent()
        var frontier = try transaction.snapshot.frontier(of: request.actor)
        try requireLine(after: frontier)
        let origin = Origin(
            device: device.name, clockOffsetMilliseconds: now.milliseconds - request.deviceTime.milliseconds, now: now)
        var intake = Intake(
            transaction: transaction, schema: schema, recordBytesMax: recordBytesMax,
            servedUpTo: request.checkpoint?.sequence ?? .zero, origin: origin)
        var entries: [LogEntry] = []
        let counterBefore = frontier.counter
        for offered in request.changeSets {
            let changeSet = offered.changeSet
            if changeSet.dot.counter <= frontier.counter {
                entries.append(try known(offered))
                continue
            }
            let bytes = changeSet.canonicalBytes
            let digest = Hashing.changeSetDigest(canonicalBytes: bytes, previous: frontier.digest)
            guard offered.digest == nil || offered.digest == digest else { throw malformed(changeSet.dot) }
            let entry = try intake.take(changeSet, bytes: bytes, digest: digest, after: frontier)
            entries.append(entry)
            if entry.verdict.rejection != nil, Mutant.poisonStopsPush.isPlanted { break }
            frontier = Frontier(
                counter: changeSet.dot.counter, digest: digest,
                isNextSuspect: entry.verdict.rejection?.code == SatchelError.Code.duplicate.word)
        }
        try FaultPoint.pushMerged.reach()
        var token = device.forkToken
        if isTokenCurrent, frontier.counter > counterBefore {
            token = token.rotated()
            try transaction.setForkToken(token, ofDevice: device.key)
        }
        return PushOutcome(
            verdicts: try entries.map(transaction.snapshot.presentVerdict)
                + transaction.snapshot.news(of: request),
            forkToken: token.current, frontier: frontier.counter,
            alarms: entries.compactMap(\.verdict.rejection).filter {
                $0.code == SatchelError.Code.contextOverclaim.word
            })
    }

    /// The change-sets must be the device's own, in order and without gaps, and begin no later than the next one wanted.
    private func requireLine(after frontier: Frontier) throws {
        guard let first = request.changeSets.first?.changeSet.dot.counter else { return }
        guard first <= frontier.counter + 1 else { throw ExchangeFailure.dotGap(next: frontier.counter + 1) }
        for (index, offered) in request.changeSets.enumerated() {
            let changeSet = offered.changeSet
            guard changeSet.dot.actor == request.actor else {
                throw SatchelError(
                    .actorMismatch, "Change-set \(changeSet.dot) is not one of actor \(request.actor).",
                    remedy: "A device sends its own change-sets only.")
            }
            guard changeSet.author.utf8.elementsEqual(device.user.utf8) else {
                throw SatchelError(
                    .actorMismatch, "Change-set \(changeSet.dot) was made by another user than \"\(device.user)\".",
                    remedy: "Each user has a home of their own; sync from the one that the edit was made in.")
            }
            guard changeSet.dot.counter == first + UInt64(index) else {
                throw ExchangeFailure.dotGap(next: max(frontier.counter, first + UInt64(index) - 1) + 1)
            }
        }
        guard first + UInt64(request.changeSets.count) - 1 <= request.highestCounter else {
            throw SatchelError(
                .invalidRequest, "The request offers change-sets above its highest counter \(request.highestCounter).",
                remedy: "Nothing was stored; sync again.")
        }
    }

    /// The verdict that was given before, to the same change-set.
    private func known(_ offered: OfferedChangeSet) throws -> LogEntry {
        let dot = offered.changeSet.dot
        guard let entry = try transaction.snapshot.logEntry(dot) else {
            throw SatchelError(.damagedData, "Change-set \(dot) is below the frontier and not in the log.")
        }
        guard try entry.digest == offered.digest ?? recomputed(offered.changeSet) else {
            throw ExchangeFailure.fork("change-set \(dot.counter) is another one than the server has")
        }
        return entry
    }

    /// The digest of a change-set at or below the frontier, over that of the one before it as the server has it.
    private func recomputed(_ changeSet: ChangeSet) throws -> [UInt8] {
        let dot = changeSet.dot
        let before = try dot.counter > 1 ? transaction.snapshot.logEntry(Dot(dot.actor, dot.counter - 1))?.digest : nil
        return Hashing.changeSetDigest(canonicalBytes: changeSet.canonicalBytes, previous: before ?? [])
    }

    private func malformed(_ dot: Dot) -> SatchelError {
        SatchelError(
            .malformedBody, "The digest of change-set \(dot) does not fit its bytes and the one before it.",
            remedy: "Nothing was stored; sync again.")
    }
}
