import SatchelStorage
import SatchelSync

/// Ends the recovery of a restored store (causality.md §7).
struct RecoveryClosing<Transaction: ServerTransaction> {
    let transaction: Transaction
    let schema: Schema
    let identity: StoreIdentity
    let now: Timestamp
    /// Where rules and merges may throw what nobody foresaw.
    let guardian: MergeGuard<Transaction>

    /// Lets in what waited for the end, or leaves it to a person where it may be counted already; joins nothing from now on.
    func close() throws {
        try transaction.setRecovery(isRecovering: false, isWindowOpen: false, at: now)
        let intake = Intake(
            transaction: transaction, schema: schema, servedUpTo: nil,
            origin: Origin(device: identity.name, clock: nil, now: now),
            standing: try transaction.snapshot.epochStanding(), guardian: guardian)
        var position: Int64 = 0
        while case let page = try transaction.snapshot.parkedWork(after: position, limit: 500), let last = page.last {
            position = last.position
            for work in page where work.verdict.rejection?.code == SatchelError.Code.inRecovery.word {
                try settle(work, intake)
            }
        }
        try CheckInJudge(
            transaction: transaction, schema: schema, identity: identity, now: now, guardian: guardian
        ).judgeReturned()
    }

    private func settle(_ work: ParkedWork, _ intake: Intake<Transaction>) throws {
        // What went in before may have brought a fix that stands in its place.
        guard try transaction.snapshot.parkedWork(work.dot)?.verdict == work.verdict else { return }
        guard let entry = try transaction.snapshot.logEntry(work.dot), let changeSet = try entry.changeSet() else {
            return
        }
        var verdict: Verdict?
        if let record = try recordThatMayHold(changeSet) {
            verdict = .rejected(
                Rejection(
                    code: SatchelError.Code.maybeCounted.word, record: record, field: nil,
                    sentence: "A state that came back after the restore may hold its increments already."))
        } else {
            let outcome = try guardian.run(work.dot) { try intake.judgeAgain(changeSet, logged: entry) }
            verdict = outcome ?? .rejected(MergeFault.rejection(requestID: guardian.requestID))
        }
        guard let verdict else { return }
        try transaction.append(entry.revised(verdict, at: now))
        try transaction.setParked(work.dot, verdict: verdict, reissuedAs: nil)
    }

    /// A record of which a joined state covers a name that the change-set had before.
    private func recordThatMayHold(_ changeSet: ChangeSet) throws -> RecordID? {
        let names = try transaction.snapshot.otherNames(of: changeSet.dot)
        for change in changeSet.changes where change.writes.contains(where: \.write.isIncrement) {
            guard let context = try transaction.record(change.record)?.state.context else { continue }
            for name in names where context.covers(name) {
                if try transaction.snapshot.logEntry(name) == nil { return change.record }
            }
        }
        return nil
    }
}

extension Intake {
    /// Lets in what waited for the end of a recovery; answers why it stays parked, and `nil` where it does not.
    fileprivate func judgeAgain(_ changeSet: ChangeSet, logged entry: LogEntry) throws -> Verdict? {
        if let double = try double(of: entry.dot, digest: entry.digest) { return double }
        if let unfit = try judge.unfitFix(changeSet) { return unfit }
        let placement = try transaction.snapshot.placement(of: entry.dot.released, changeSet)
        if let parked = try judge.verdict(on: changeSet, byteCount: entry.body?.count ?? 0, at: placement) {
            return parked
        }
        let created = try newRecords(of: changeSet)
        let verdict = try enter(changeSet, logged: entry)
        guard verdict.isApplied else { return verdict }
        try releaseWaiting(for: created)
        return nil
    }
}
