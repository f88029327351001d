import SatchelStorage
import SatchelSync

/// Does again what the engine did to records and parked work when an entry of the log was written: no rule is asked again, what the
/// entry says stands.
///
/// What entered a store beside the log enters with the same entry: the states that devices offered after a restore
/// (causality.md §7).
struct LogReplay<Transaction: ServerTransaction> {
    let transaction: Transaction
    /// The store whose log it is, and its lives, the present one first.
    let source: Transaction.Snapshot
    let lives: [EpochStanding]

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
        // Its place was kept, and nothing else of it came.
        guard !changeSet.isOutline else { return try transaction.append(entry) }
        var placement = try transaction.snapshot.placement(of: entry.dot, changeSet)
        let isReoffered = try isReoffered(entry)
        placement.isReoffered = isReoffered
        placement.digest = entry.digest
        let records = try changeSet.changes.map { change in
            var record = try transaction.recordOrNew(change.record, type: change.type)
            try transaction.apply(change, at: placement, time: entry.correctedAt, to: &record)
            return record
        }
        for record in records { try transaction.save(record) }
        let position = transaction.head.position
        if !lives.isEmpty {
            try source.forEachJoined(after: position, through: position + 1) { joined in
                var record = try transaction.recordOrNew(joined.record, type: joined.type)
                try transaction.join(joined.state, to: &record)
                try transaction.save(record)
                try transaction.flush()
            }
        }
        try transaction.append(entry)
        try settle(entry, changeSet, isReoffered: isReoffered)
    }

    /// Whether the life in which the next entry came began by a restore.
    private var isOfRestoredLife: Bool {
        lives.first { $0.position <= transaction.head.position }?.isRestored ?? false
    }

    /// Whether an earlier life of the store had judged it, when it came.
    private func isReoffered(_ entry: LogEntry) throws -> Bool {
        guard let life = lives.first(where: { $0.position <= transaction.head.position }), life.isRestored,
            let line = try transaction.snapshot.line(of: entry.dot.actor)
        else { return false }
        return line.epoch < life.number
    }

    /// What came back with an entry: the change-set that it releases, and those in whose place it stands.
    private func settle(_ entry: LogEntry, _ changeSet: ChangeSet, isReoffered: Bool) throws {
        var returned = changeSet.fixes == nil ? [] : try transaction.snapshot.fixed(by: changeSet)
        if let own = try entry.dot.actor.releasedDot.flatMap(transaction.snapshot.logEntry) {
            returned.insert(own, at: 0)
        }
        if isReoffered || isOfRestoredLife { returned.append(entry) }
        for target in try transaction.withOtherNames(returned) {
            guard let work = try transaction.snapshot.parkedWork(target.dot), work.reissuedAs == nil else { continue }
            try transaction.setParked(target.dot, verdict: .reissued, reissuedAs: entry.dot)
        }
    }
}
