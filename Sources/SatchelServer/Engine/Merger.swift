import SatchelStorage
import SatchelSync

/// Who made a change-set, and by whose clock.
struct Origin {
    /// The actor's device, as people call it.
    let device: String
    /// How the device's clock stands to the server's; `nil` where the time is the server's own.
    let clock: ClockOffset?
    /// How far off the server's own clock may be, in milliseconds: not 0 while nobody has confirmed it after a jump.
    var serverErrorMilliseconds: Int64 = 0
    /// When the server judges.
    let now: Timestamp

    /// The device's wall time by the server's reckoning, and never later than now.
    ///
    /// No edit was made after it arrived. A clock that ran ahead when the edit was made and was set right before the exchange
    /// would give it a time to come, and with it every tie for years.
    func corrected(_ time: Timestamp) -> Timestamp { min(now, unclamped(time)) }

    /// How far off that is at most, in milliseconds, unless the clock was set between the edit and the exchange.
    ///
    /// Where the edit would lie in the future by more than that, it was: then it lies anywhere up to now.
    func timeError(of time: Timestamp) -> Int64 {
        let measured = (clock?.errorMilliseconds ?? 0) &+ serverErrorMilliseconds
        let excess = unclamped(time).milliseconds &- now.milliseconds
        return max(1, measured, excess > measured ? excess : 0)
    }

    /// Both lie within the years 0000 to 9999, and what is beyond is cut off.
    private func unclamped(_ time: Timestamp) -> Timestamp {
        Timestamp(milliseconds: time.milliseconds &+ (clock?.milliseconds ?? 0))
    }
}

/// Lets a judged change-set into the store: records, log and frontier in one step.
struct Merger<Transaction: ServerTransaction> {
    let transaction: Transaction
    let schema: Schema
    var recordBytesMax = Limits.recordBytesMax

    /// Applies the change-set, or keeps it whole as parked where `parked` says why.
    ///
    /// - Returns: The log entry, which carries verdict and corrected time.
    ///
    /// `correctedTime` is there where it was fixed before.
    func take(
        _ changeSet: ChangeSet, bytes: [UInt8], digest: [UInt8], at placement: Placement, parked: Verdict?,
        origin: Origin, correctedTime: Timestamp? = nil
    ) throws -> LogEntry {
        let corrected = correctedTime ?? origin.corrected(changeSet.time)
        let verdict = try parked ?? enter(changeSet, at: placement, time: corrected)
        let entry = LogEntry(
            dot: changeSet.dot, digest: digest, author: changeSet.author, device: origin.device,
            label: changeSet.label.utf8.contains(0)
                ? changeSet.label.replacing("\0", with: "\u{FFFD}") : changeSet.label,
            madeAt: changeSet.time, correctedAt: corrected, acceptedAt: origin.now, verdict: verdict,
            sequence: nextSequence(after: verdict), body: bytes,
            timeErrorMilliseconds: origin.timeError(of: changeSet.time))
        try FaultPoint.mergeLogs.reach()
        try transaction.append(entry)
        try FaultPoint.mergeLogged.reach()
        return entry
    }

    /// Logs the outline of a change-set that an earlier life of the store had applied and whose writes nobody has: it writes nothing.
    func keepPlace(of outline: ChangeSet, digest: [UInt8], correctedTime: Timestamp, origin: Origin) throws {
        try transaction.append(
            LogEntry(
                dot: outline.dot, digest: digest, author: outline.author, device: origin.device, label: outline.label,
                madeAt: outline.time, correctedAt: correctedTime, acceptedAt: origin.now, verdict: .applied,
                sequence: nextSequence(after: .applied), body: outline.canonicalBytes,
                timeErrorMilliseconds: origin.timeError(of: outline.time)))
    }

    /// Lets a parked change-set in under its `x*`; the verdict that kept it out where a record would grow too large.
    func release(_ changeSet: ChangeSet, logged entry: LogEntry, at placement: Placement, now: Timestamp) throws
        -> Verdict
    {
        let verdict = try enter(changeSet, at: placement, time: entry.correctedAt)
        guard verdict.isApplied else { return verdict }
        try transaction.append(entry.released(verdict, at: now, sequence: nextSequence(after: verdict)))
        return verdict
    }

    /// Writes the records as they stand with the change-set applied; nothing where one would grow too large.
    private func enter(_ changeSet: ChangeSet, at placement: Placement, time: Timestamp) throws -> Verdict {
        let records = try changeSet.changes.map { change in
            var record = try transaction.recordOrNew(change.record, type: change.type)
            try transaction.apply(change, at: placement, time: time, to: &record)
            return record
        }
        if let full = records.first(where: { $0.state.valueByteCount > recordBytesMax }) {
            return .rejected(tooLarge(full.id))
        }
        try FaultPoint.mergeWrites.reach()
        return try save(records, of: changeSet) ? .appliedWithConflicts : .applied
    }

    private func nextSequence(after verdict: Verdict) -> ServerSequence {
        verdict.isApplied ? ServerSequence(transaction.head.sequence.number + 1) : ServerSequence.zero
    }

    /// Why a change-set is parked that would make a record larger than a page of a pull can hold.
    private func tooLarge(_ record: RecordID) -> Rejection {
        Rejection(
            code: SatchelError.Code.tooLarge.word, record: record, field: nil,
            sentence: "With this change the values of the record would take more than \(recordBytesMax) bytes.")
    }

    /// Writes the records; returns whether the change-set stands in an open conflict now.
    private func save(_ records: [StoredRecord], of changeSet: ChangeSet) throws -> Bool {
        for record in records { try transaction.save(record) }
        var hasConflict = zip(changeSet.changes, records).contains { isContending($0, in: $1.state) }
        // Living children keep a deleted parent: their rows say so once they are written.
        if !hasConflict, changeSet.changes.contains(where: { $0.life == .delete }) {
            try transaction.flush()
            for change in changeSet.changes where change.life == .delete {
                hasConflict = try hasConflict || transaction.record(change.record)?.status == .contested
            }
        }
        return hasConflict
    }

    private func isContending(_ change: RecordChange, in state: RecordState) -> Bool {
        guard let type = schema.type(change.type) else { return false }
        return state.conflicts(in: type).contains { item in
            item.subject == .life || change.writes(item.subject)
        }
    }
}
