import SatchelInspection
import SatchelStorage
import SatchelSync

/// Edits made at the office: ordinary change-sets of the server's own actor, which has seen all that the store has.
struct OfficeEdits<Transaction: ServerTransaction> {
    let transaction: Transaction
    let schema: Schema
    let identity: StoreIdentity
    /// The user who edits.
    let user: String
    let now: Timestamp
    /// Whether each step is a savepoint of its own, since a merge has thrown what nobody foresaw.
    var isCareful = false

    /// Makes a change-set of a draft and lets it in, children that go with their parents included.
    ///
    /// `settles` says that it may write over what a person must decide.
    ///
    /// - Throws: `SatchelError` where the draft does not fit. Nothing of it was written then.
    func make(_ draft: Draft, at time: Timestamp, settles: Bool) throws -> LogEntry {
        if !settles { try requireNoDecision(on: draft.changes) }
        let cascades = try cascades(of: draft.changes)
        if !settles { try requireNoDecision(on: cascades) }
        let draft = Draft(label: draft.label, changes: draft.changes + cascades)
        let frontier = try transaction.snapshot.frontier(of: identity.actor)
        let dot = Dot(identity.actor, frontier.counter + 1)
        let line = try transaction.snapshot.line(of: dot)
        let changeSet = try draft.sealed(
            dot: dot, author: user, time: time, schemaVersion: schema.version, line: line
        ) { try transaction.record($0)?.state.context ?? VersionVector() }
        let bytes = changeSet.canonicalBytes
        let digest = Hashing.changeSetDigest(canonicalBytes: bytes, previous: frontier.digest)
        let guardian = MergeGuard(transaction: transaction, requestID: "", isCareful: isCareful)
        var intake = Intake(
            transaction: transaction, schema: schema, servedUpTo: nil,
            origin: Origin(device: identity.name, clock: nil, now: now),
            standing: try transaction.snapshot.epochStanding(), guardian: guardian)
        let entry = try intake.take(changeSet, bytes: bytes, digest: digest, after: frontier, mayPark: false)
        try CheckInJudge(
            transaction: transaction, schema: schema, identity: identity, now: now, guardian: guardian
        ).judge(intake.arrived.records)
        return entry
    }

    /// Whether a record lives, living children included, after all that this transaction did.
    func life(of id: RecordID) throws -> LifeStatus {
        let status = try transaction.status(of: id)
        // A deleted record is kept in sight by children, which are looked up in what is flushed.
        guard status == .deleted || status == .contested else { return status }
        try transaction.flush()
        return try transaction.status(of: id)
    }

    /// Refuses a delete of a record in a conflict that a person must decide, and a write of a field whose values a person must
    /// choose between, unless the edit rests on a read of them.
    private func requireNoDecision(on changes: [DraftChange]) throws {
        for change in changes where change.readAt == nil {
            guard let type = schema.type(change.type), let state = try transaction.record(change.record)?.state else {
                continue
            }
            let decisions = state.conflicts(in: type, life: try life(of: change.record))
                .filter { $0.severity == .decide }
            if change.life == .delete, !decisions.isEmpty {
                throw SatchelError(
                    .fieldInConflict, "\(type.name) \(change.record) is in a conflict that a person must decide.",
                    remedy: "Settle it with `conflicts resolve`, or repeat the delete with --settle.")
            }
            for item in decisions where change.writes(item.subject) {
                guard let field = item.subject.field.flatMap({ type.field($0) }) else { continue }
                let values = Winner.distinctValues(of: state.siblings(of: item.subject), policy: field.policy)
                    .map { "\"\(Excerpt.of($0.value.text))\"" }.joined(separator: ", ")
                throw SatchelError(
                    .fieldInConflict,
                    "Field \"\(item.subject.name(in: type))\" of \(type.name) \(change.record) has values that a person must choose between: \(values).",
                    remedy: "Settle it with `conflicts resolve`, or repeat the edit with --settle.")
            }
        }
    }

    /// The deletes of children whose field says `cascade`; refuses where one says `restrict`.
    private func cascades(of changes: [DraftChange]) throws -> [DraftChange] {
        guard changes.contains(where: { $0.life == .delete }) else { return [] }
        try transaction.flush()
        var all = changes
        var going = Set(changes.filter { $0.life == .delete }.map(\.record))
        var index = 0
        while index < all.count {
            let change = all[index]
            index += 1
            guard change.life == .delete else { continue }
            for child in try transaction.visibleChildren(of: change.record, type: change.type)
            where !going.contains(child.id) {
                guard child.rule == .cascade else { throw hasChildren(change, child: child.type) }
                going.insert(child.id)
                all.append(DraftChange(type: child.type.id, record: child.id, life: .delete))
            }
        }
        return Array(all.dropFirst(changes.count))
    }

    private func hasChildren(_ change: DraftChange, child: EntityType) -> SatchelError {
        SatchelError(
            .hasChildren, "Record \(change.record) has living records of type \(child.name) that refer to it.",
            remedy: "Delete those first, or let them refer to another record.")
    }
}
