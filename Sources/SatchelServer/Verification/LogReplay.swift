import SatchelStorage
import SatchelSync

/// Does again what the engine did to records and parked work when an entry of the log was written: no rule is asked again, what the
/// entry says stands.
///
/// What entered a store beside the log has to enter with the same entry: `besideLog` is told of each applied one before it is
/// appended, and changes and saves records of the transaction.
struct LogReplay<Transaction: ServerTransaction> {
    let transaction: Transaction
    var besideLog: (Transaction, LogEntry) throws -> Void = { _, _ in }

    /// Takes the next entry.
    ///
    /// - Throws: `SatchelError` `damaged_data` where its body is gone: nobody can tell what it wrote.
    func take(_ entry: LogEntry) throws {
        if entry.isRevision {
            try transaction.append(entry)
            return try transaction.setParked(entry.dot, verdict: entry.verdict, reissuedAs: nil)
        }
        guard entry.verdict.isApplied else { return try transaction.append(entry) }
        guard let changeSet = try entry.changeSet() else {
            throw SatchelError(
                .damagedData, "What change-set \(entry.dot) wrote was erased; nothing can be made from the log.")
        }
        let placement = try transaction.snapshot.placement(of: entry.dot, changeSet)
        let records = try changeSet.changes.map { change in
            var record = try transaction.recordOrNew(change.record, type: change.type)
            try transaction.apply(change, at: placement, time: entry.correctedAt, to: &record)
            return record
        }
        for record in records { try transaction.save(record) }
        try besideLog(transaction, entry)
        try transaction.append(entry)
        try settle(entry, changeSet)
    }

    /// What came back with an entry: the change-set that it releases, and those in whose place it stands.
    private func settle(_ entry: LogEntry, _ changeSet: ChangeSet) throws {
        var returned = changeSet.fixes == nil ? [] : try transaction.snapshot.fixed(by: changeSet)
        if let own = try entry.dot.actor.releasedDot.flatMap(transaction.snapshot.logEntry) {
            returned.insert(own, at: 0)
        }
        for target in returned {
            guard let work = try transaction.snapshot.parkedWork(target.dot), work.reissuedAs == nil else { continue }
            try transaction.setParked(target.dot, verdict: .reissued, reissuedAs: entry.dot)
        }
    }
}
