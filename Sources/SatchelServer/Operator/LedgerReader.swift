import SatchelStorage
import SatchelSync

/// Tells of each change-set of the log what became of it (causality.md §9).
struct LedgerReader<Snapshot: ServerSnapshot> {
    let snapshot: Snapshot
    private var records: [RecordID: StoredRecord] = [:]

    init(snapshot: Snapshot) { self.snapshot = snapshot }

    /// The lines past a position, and the position of the last where more may follow.
    mutating func lines(after position: Int64, limit: Int) throws -> (lines: [LedgerReply], next: Int64?) {
        var entries: [(entry: LogEntry, position: Int64)] = []
        try snapshot.forEachLogEntry(after: position) { entry, position, _ in
            entries.append((entry, position))
            return entries.count < limit
        }
        var lines: [LedgerReply] = []
        // Another verdict on parked work is no change-set of its own.
        for (entry, _) in entries where !entry.isRevision { lines.append(try line(of: entry)) }
        return (lines, entries.count == limit ? entries.last?.position : nil)
    }

    private mutating func line(of entry: LogEntry) throws -> LedgerReply {
        let changeSet = try entry.changeSet()
        let work = entry.verdict.isApplied ? nil : try snapshot.parkedWork(entry.dot)
        let verdict = work?.verdict ?? entry.verdict
        return LedgerReply(
            dot: entry.dot.description, changeSet: entry.digest.hexString,
            state: try state(of: entry, verdict, changeSet: changeSet).rawValue, by: entry.author,
            place: place(verdict, reissuedAs: work?.reissuedAs, changeSet: changeSet), reason: verdict.reason)
    }

    /// What became of a change-set, given the last verdict on it.
    mutating func state(of entry: LogEntry, _ verdict: Verdict, changeSet: ChangeSet?) throws -> LedgerState {
        if verdict == .reissued { return .reissued }
        if let rejection = verdict.rejection {
            return rejection.code == SatchelError.Code.duplicate.word ? .duplicate : .parked
        }
        guard let changeSet else { return .erased }
        var strongest = LedgerState.superseded
        for change in changeSet.changes {
            guard let record = try record(change.record) else { continue }
            strongest = max(strongest, record.state.standing(of: change, dot: entry.dot, life: record.status))
        }
        // Of an outline only what a joined state brought can stand.
        guard changeSet.isOutline else { return strongest }
        let isBack = try changeSet.changes.contains {
            try record($0.record)?.state.dots.contains(entry.dot) ?? false
        }
        return isBack ? strongest : .erased
    }

    private mutating func record(_ id: RecordID) throws -> StoredRecord? {
        if let record = records[id] { return record }
        let record = try snapshot.record(id)
        if records.count >= Self.keptRecordsMax { records.removeAll(keepingCapacity: true) }
        records[id] = record
        return record
    }

    private func place(_ verdict: Verdict, reissuedAs: Dot?, changeSet: ChangeSet?) -> String {
        if let reissuedAs { return "came back as \(reissuedAs)" }
        if let rejection = verdict.rejection { return "\(rejection.sentence) [\(rejection.code)]" }
        let places = (changeSet?.changes ?? []).map { change in
            "\(snapshot.schema.type(change.type)?.name ?? "record") …\(change.record.description.suffix(8))"
        }
        let shown = places.prefix(3).joined(separator: ", ")
        return places.count > 3 ? "\(shown) and \(places.count - 3) more" : shown
    }

    private static var keptRecordsMax: Int { 1_000 }
}

extension Verdict {
    /// Why the ledger has the change-set as parked, in a word: it waits for a record, it came too late as a fix, or it was rejected.
    package var reason: String? {
        switch self {
        case .held: "waits"
        case .rejected(let rejection) where rejection.code == SatchelError.Code.alreadyReissued.word: rejection.code
        case .rejected: "rejected"
        case .applied, .appliedWithConflicts, .reissued: nil
        }
    }
}
