import SatchelInspection
import SatchelStorage
import SatchelSync

/// Makes a page of what the store knows of a change-set or a record, and decided.
struct ExplanationReader<Snapshot: ServerSnapshot> {
    let snapshot: Snapshot
    let identity: StoreIdentity
    let holders: HolderReader<Snapshot>

    /// Explains a change-set that is named whole or in short.
    ///
    /// - Throws: `SatchelError` `invalid_request`, `ambiguous_id`.
    func changeSet(named text: String) throws -> ChangeSetExplanation {
        let dot = try DotName(text).resolved(among: snapshot.actors(of: identity))
        guard let entry = try snapshot.logEntry(dot) else {
            throw DotName.unknown(text, remedy: try stateAlone(of: dot) ?? "Take the name from `ledger`.")
        }
        let changeSet = try entry.changeSet()
        let work = entry.verdict.isApplied ? nil : try snapshot.parkedWork(dot)
        let verdict = work?.verdict ?? entry.verdict
        var ledger = LedgerReader(snapshot: snapshot)
        let state = try ledger.state(of: entry, verdict, changeSet: changeSet)
        var relations = ChangeSetExplanation.Relations()
        relations.reissuedAs = work?.reissuedAs?.description
        relations.releases = dot.actor.releasedDot?.description
        if let changeSet { relations.fixes = try snapshot.fixed(by: changeSet).first?.dot.description }
        let changes = changeSet?.changes ?? []
        return ChangeSetExplanation(
            facts: facts(of: entry, seen: nil), changeSet: entry.digest.hexString, judgedAt: entry.acceptedAt,
            standing: ChangeSetExplanation.Standing(
                state: state, verdict: verdict.word, rejection: verdict.rejection,
                sequence: entry.sequence == .zero ? nil : entry.sequence.number),
            relations: relations, isWhole: changeSet.map { !$0.isOutline } ?? false,
            parts: try changes.prefix(Explanation.partsMax).map { change in
                try part(change, of: entry, changeSet, fate: entry.verdict.isApplied ? nil : state)
            },
            partsOmitted: max(0, changes.count - Explanation.partsMax),
            holders: try holders.holders(of: dot, at: entry.sequence))
    }

    /// What to look at for a change-set of which no more than a state came back after a restore.
    private func stateAlone(of dot: Dot) throws -> String? {
        var found: (type: EntityTypeID, record: RecordID)?
        try snapshot.forEachJoined(after: 0, through: .max) { joined in
            if found == nil, joined.state.dots.contains(dot) { found = (joined.type, joined.record) }
        }
        guard let found else { return nil }
        let type = snapshot.schema.type(found.type)?.name ?? "record"
        return
            "Only what it had made of a record came back after the restore: `satchel-server explain \(type) \(found.record.description.suffix(8))`."
    }

    private func part(
        _ change: RecordChange, of entry: LogEntry, _ changeSet: ChangeSet?, fate: LedgerState?
    ) throws -> PartExplanation {
        let placement = try changeSet.map { try snapshot.placement(of: entry.dot, $0) }
        let line = placement?.line ?? VersionVector()
        var touch = RecordTouch(
            dot: entry.dot, change: change, seen: SeenContext(vector: change.context.union(line)))
        guard let record = try snapshot.record(change.record), let type = snapshot.schema.type(record.type) else {
            return PartExplanation(missing: touch, schema: snapshot.schema, line: line, fate: fate ?? .superseded)
        }
        let past = try self.past(of: record)
        if let own = past.first(where: { $0.dot == entry.dot }) { touch = own }
        return try PartExplanation(
            of: touch, line: line,
            in: ExplainedRecord(
                record: record.id, type: type, state: record.state, life: record.status, past: past,
                isPastWhole: true, context: try context(of: record)),
            fate: fate, isShown: fate == nil)
    }

    /// The applied change-sets that touched a record, in the order in which they came, each with what its author had seen.
    ///
    /// - Complexity: O(change-sets of the record).
    private func past(of record: StoredRecord) throws -> [RecordTouch] {
        var parts: [(dot: Dot, change: RecordChange, placement: Placement)] = []
        try snapshot.forEachPart(of: record, after: 0) { entry in
            if let changeSet = try entry.changeSet(),
                let change = changeSet.changes.first(where: { $0.record == record.id })
            {
                parts.append((entry.dot, change, try snapshot.placement(of: entry.dot, changeSet)))
            }
            return true
        }
        let outOfTurn = parts.filter(\.placement.isOutOfTurn)
        return parts.reversed().map { part in
            let vector = part.change.context.union(part.placement.line)
            let exceptions = outOfTurn.filter { other in
                other.dot != part.dot && !vector.covers(other.dot)
                    && part.placement.hadSeen(other.placement, context: part.change.context)
            }
            return RecordTouch(
                dot: part.dot, change: part.change,
                seen: SeenContext(vector: vector, exceptions: exceptions.map(\.dot)))
        }
    }
}

extension ExplanationReader {
    /// Explains a record that is named by its id or an ending of it, of any type where `type` is `nil`.
    ///
    /// - Throws: `SatchelError` `unknown_record`, `ambiguous_id`, `invalid_request`.
    func record(named text: String, type: EntityType?) throws -> RecordExplanation {
        let (record, type) = try snapshot.requireRecord(text, type: type)
        var past: [PastExplanation] = []
        var isCut = false
        try snapshot.forEachPart(of: record, after: 0) { entry in
            isCut = past.count == Explanation.historyMax
            guard !isCut else { return false }
            past.append(try self.past(entry, of: record, type: type, state: nil))
            return true
        }
        let waiting = try snapshot.waiting(for: record.id).prefix(Explanation.historyMax).compactMap { work in
            try snapshot.logEntry(work.dot).map { try self.past($0, of: record, type: type, state: .parked) }
        }
        return try RecordExplanation(
            record: record.id, type: type, state: record.state, life: record.status, sequence: record.sequence,
            past: past,
            isPastCut: isCut, waiting: waiting, holders: try holders.holders(of: nil, at: record.sequence),
            context: try context(of: record))
    }

    private func past(
        _ entry: LogEntry, of record: StoredRecord, type: EntityType, state: LedgerState?
    ) throws -> PastExplanation {
        let change = try entry.changeSet()?.changes.first { $0.record == record.id }
        let standing = change.map { record.state.standing(of: $0, dot: entry.dot, life: record.status) }
        return PastExplanation(
            dot: entry.dot, user: entry.author, device: entry.device, time: entry.correctedAt, label: entry.label,
            state: state ?? standing ?? .superseded, fields: change?.fieldNames(in: type) ?? [])
    }

    private func context(of record: StoredRecord) throws -> InspectionContext {
        InspectionContext(
            schema: snapshot.schema, ending: try snapshot.shortestEnding(of: record.id),
            writer: { dot in try snapshot.logEntry(dot).map { facts(of: $0, seen: nil) } },
            title: { target in
                guard let record = try snapshot.record(target) else { return nil }
                return snapshot.schema.type(record.type)?.title(of: record.state)
            })
    }

    private func facts(of entry: LogEntry, seen: VersionVector?) -> WriterFacts {
        WriterFacts(
            dot: entry.dot, user: entry.author, device: entry.device, deviceTime: entry.madeAt,
            correctedTime: entry.correctedAt, label: entry.label, seen: seen,
            timeErrorMilliseconds: entry.timeErrorMilliseconds)
    }
}
