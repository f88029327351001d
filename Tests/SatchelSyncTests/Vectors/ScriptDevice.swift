import SatchelSync
import SatchelTestSupport

/// The reference field of the scripts' schema.
enum ItemParent {
    static let field = ItemSchema.parent
}

/// A device of a few lines: base, and an overlay of what is unconfirmed or parked (causality.md §2 and §5).
struct ScriptDevice {
    /// A change-set of the overlay.
    struct Entry {
        let sent: SentChangeSet
        var isParked = false
    }

    let actor: ActorID
    private(set) var base: [RecordID: RecordState] = [:]
    private(set) var overlay: [Entry] = []
    private var counter: UInt64 = 0
    private var tokens: [String: (record: RecordID, context: VersionVector)] = [:]

    init(actor: ActorID) { self.actor = actor }

    /// Base, then the overlay in own order.
    ///
    /// A parked change-set stands under its released dot; own later work had seen it.
    var effective: [RecordID: RecordState] {
        var states = base
        var parked = VersionVector()
        for entry in overlay {
            let changeSet = entry.sent.changeSet
            let dot = entry.isParked ? changeSet.dot.released : changeSet.dot
            for change in changeSet.changes {
                states[change.record, default: RecordState()].apply(
                    change, dot: dot, time: entry.sent.time, line: entry.sent.line.union(parked))
            }
            if entry.isParked { parked.insert(dot) }
        }
        return states
    }

    /// Keeps the context of a record under a name.
    mutating func read(_ record: RecordID, as token: String) {
        tokens[token] = (record, context(of: record, in: effective))
    }

    /// K(r) of the effective state, without the released dots of work that is still parked.
    private func context(of record: RecordID, in states: [RecordID: RecordState]) -> VersionVector {
        (states[record]?.context ?? VersionVector()).removing { $0.isRelease }
    }

    /// Makes one change-set; answers `false` where the replica refuses.
    mutating func edit(_ drafts: [DraftChange], readAt token: String?, time: Timestamp) throws -> Dot? {
        let states = effective
        for draft in drafts where isRefused(draft, states) { return nil }
        let read = token.flatMap { tokens[$0] }
        if token != nil, read == nil { throw ScriptFailure("a token nobody read") }
        let changes = drafts.map { draft in
            DraftChange(
                type: draft.type, record: draft.record, life: draft.life, writes: draft.writes,
                readAt: read?.record == draft.record ? read?.context : nil)
        }
        counter += 1
        let changeSet = Draft(label: "edit", changes: changes).sealed(
            dot: Dot(actor, counter), author: "author", time: time, schemaVersion: 1, lineage: Lineage(),
            contextOf: { context(of: $0, in: states) })
        overlay.append(Entry(sent: SentChangeSet(changeSet: changeSet, time: time)))
        return changeSet.dot
    }

    private func isRefused(_ draft: DraftChange, _ states: [RecordID: RecordState]) -> Bool {
        switch draft.life {
        case .create: return false
        case .revive: return states[draft.record] == nil
        case .delete:
            return !lifeStatus(of: draft.record, in: states).isVisible || hasLivingChildren(draft.record, in: states)
        case nil: return !lifeStatus(of: draft.record, in: states).isVisible
        }
    }

    /// One full exchange.
    ///
    /// Without a reply the server has done everything and the device knows nothing of it.
    mutating func sync(with server: inout ScriptServer, times: Int, isReplyLost: Bool) throws {
        var verdicts: [Verdict] = []
        for _ in 0..<times {
            verdicts = []
            for entry in overlay { verdicts.append(try server.take(entry.sent)) }
        }
        guard !isReplyLost else { return }
        overlay = zip(overlay, verdicts).compactMap { entry, verdict in
            verdict.isApplied ? nil : Entry(sent: entry.sent, isParked: true)
        }
        base = server.states
    }

    /// Whether anything has no verdict yet.
    var hasPending: Bool { overlay.contains { !$0.isParked } }
}
