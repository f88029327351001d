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

    /// Makes a change-set of a draft and lets it in, children that go with their parents included.
    ///
    /// - Throws: ``SatchelError`` where the draft does not fit. Nothing of it was written then.
    func make(_ draft: Draft, at time: Timestamp) throws -> LogEntry {
        let draft = Draft(label: draft.label, changes: try withCascades(draft.changes))
        let frontier = try transaction.snapshot.frontier(of: identity.actor)
        let dot = Dot(identity.actor, frontier.counter + 1)
        let changeSet = try draft.sealed(
            dot: dot, author: user, time: time, schemaVersion: schema.version, lineage: Lineage()
        ) { try transaction.record($0)?.state.context ?? VersionVector() }
        let bytes = changeSet.canonicalBytes
        let digest = Hashing.changeSetDigest(canonicalBytes: bytes, previous: frontier.digest)
        let line = Lineage().line(of: dot)
        var judge = Judge(transaction: transaction, schema: schema, servedUpTo: nil)
        if let rejection = try judge.rejection(
            of: changeSet, byteCount: bytes.count, digest: digest, line: line)
        {
            throw SatchelError(
                SatchelError.Code(rejection.code), rejection.sentence,
                remedy: "Correct it and try again; nothing was written.")
        }
        let merger = Merger(transaction: transaction, schema: schema)
        return try merger.take(
            changeSet, bytes: bytes, digest: digest, line: line, rejection: nil,
            origin: Origin(device: identity.name, clockOffsetMilliseconds: 0, now: now))
    }

    /// Refuses a write of a field whose values a person must choose between, unless the editor means to settle it.
    func requireNoDecision(on changes: [DraftChange]) throws {
        for change in changes {
            guard let type = schema.type(change.type), let state = try transaction.record(change.record)?.state else {
                continue
            }
            for item in state.conflicts(in: type) where item.severity == .decide {
                guard case .field(let id) = item.subject, change.writes.contains(where: { $0.field == id }),
                    let field = type.field(id)
                else { continue }
                let values = Winner.distinctValues(of: state.field(id)?.siblings ?? [], policy: field.policy)
                    .map { "\"\($0.value.text)\"" }.joined(separator: ", ")
                throw SatchelError(
                    .fieldInConflict,
                    "Field \"\(field.name)\" of \(type.name) \(change.record) has values that a person must choose between: \(values).",
                    remedy: "Settle it with `conflicts resolve`, or repeat the edit with --settle.")
            }
        }
    }

    /// Adds the deletes of children whose field says `cascade`; refuses where one says `restrict`.
    private func withCascades(_ changes: [DraftChange]) throws -> [DraftChange] {
        guard changes.contains(where: { $0.life == .delete }) else { return changes }
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
        return all
    }

    private func hasChildren(_ change: DraftChange, child: EntityType) -> SatchelError {
        SatchelError(
            .hasChildren, "Record \(change.record) has living records of type \(child.name) that refer to it.",
            remedy: "Delete those first, or let them refer to another record.")
    }
}
