import SatchelInspection
import SatchelStorage
import SatchelSync

/// Tells of each change-set of the log what became of it (causality.md §9).
struct LedgerReader<Snapshot: ServerSnapshot> {
    let snapshot: Snapshot
    private var records: [RecordID: StoredRecord] = [:]

    init(snapshot: Snapshot) { self.snapshot = snapshot }

    /// The lines past a position, and the position of the last where more may follow.
    ///
    /// Behind the log come the change-sets of which only a state came back; the n-th of these is at position -n.
    mutating func lines(after position: Int64, limit: Int) throws -> (lines: [LedgerReply], next: Int64?) {
        guard position >= 0 else { return try joinedLines(from: Int(clamping: position.magnitude), limit: limit) }
        var entries: [(entry: LogEntry, position: Int64)] = []
        try snapshot.forEachLogEntry(after: position) { entry, position, _ in
            entries.append((entry, position))
            return entries.count < limit
        }
        var lines: [LedgerReply] = []
        // Another verdict on parked work is no change-set of its own.
        for (entry, _) in entries where !entry.isRevision { lines.append(try line(of: entry)) }
        guard entries.count < limit else { return (lines, entries.last?.position) }
        let joined = try joinedLines(from: 0, limit: limit - entries.count)
        return (lines + joined.lines, joined.next)
    }

    /// A line for each change-set of which no more than a state came back after a restore, by dot: of what still stands of it.
    private mutating func joinedLines(from first: Int, limit: Int) throws -> (lines: [LedgerReply], next: Int64?) {
        var states: [Dot: (state: LedgerState, record: RecordID, type: EntityTypeID)] = [:]
        try snapshot.forEachJoined(after: 0, through: .max) { joined in
            guard let record = try record(joined.record) else { return }
            for touch in joined.state.standingTouches(type: joined.type, record: joined.record, seen: { _ in nil })
            where try snapshot.logEntry(touch.dot) == nil {
                let state = record.state.standing(of: touch.change, dot: touch.dot, life: record.status)
                guard states[touch.dot].map({ $0.state < state }) ?? true else { continue }
                states[touch.dot] = (state, joined.record, joined.type)
            }
        }
        let page = states.keys.sorted().dropFirst(first).prefix(limit)
        let lines = try page.compactMap { dot -> LedgerReply? in
            guard let (state, record, type) = states[dot] else { return nil }
            let name = try snapshot.name(of: (dot.actor.releasedDot ?? dot).actor)
            let typeName = snapshot.schema.type(type)?.name ?? "record"
            return LedgerReply(
                dot: dot.description, changeSet: "", state: state.rawValue, by: name?.user ?? "",
                place: "came back as a state of \(typeName) …\(record.description.suffix(8))", reason: nil)
        }
        return (lines, page.endIndex < states.count ? -Int64(page.endIndex) : nil)
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
            return rejection.isDuplicate ? .duplicate : .parked
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
