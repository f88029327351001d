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
        var isFixed = false
    }

    let actor: ActorID
    private(set) var base: [RecordID: RecordState] = [:]
    private(set) var overlay: [Entry] = []
    private var confirmed: [SentChangeSet] = []
    private var counter: UInt64 = 0
    private var tokens: [String: (record: RecordID, context: VersionVector)] = [:]

    init(actor: ActorID) { self.actor = actor }

    /// Base, then the overlay in the order of places.
    ///
    /// A parked change-set stands under its released dot and a fix in the place of what it fixes; own later work had seen both, also
    /// what base holds of it.
    var effective: [RecordID: RecordState] {
        var states = base
        let standing = overlay.filter { !$0.isFixed }.sorted { $0.sent.place < $1.sent.place }
        var seen: [Dot] = []
        for entry in standing {
            let changeSet = entry.sent.changeSet
            let dot = entry.isParked ? changeSet.dot.released : changeSet.dot
            for change in changeSet.changes {
                var late = LateRule()
                for other in confirmed where entry.sent.place < other.place {
                    for part in other.changeSet.changes where part.record == change.record {
                        late.insert(part, dot: other.changeSet.dot)
                    }
                }
                states[change.record, default: RecordState()].apply(
                    change, dot: dot, time: entry.sent.time, line: entry.sent.line, seenDots: seen, late: late)
            }
            seen.append(dot)
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
            dot: Dot(actor, counter), author: "author", time: time, schemaVersion: 1,
            line: Lineage().line(of: Dot(actor, counter)), contextOf: { context(of: $0, in: states) })
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

    /// Makes a change-set that stands in the place of a parked one, with new writes or with none.
    mutating func fix(_ target: Dot, by drafts: [DraftChange], time: Timestamp) throws -> Dot? {
        guard let index = overlay.firstIndex(where: { $0.sent.changeSet.dot == target && $0.isParked && !$0.isFixed })
        else { return nil }
        let fixed = overlay[index].sent
        let seen = Dictionary(uniqueKeysWithValues: fixed.changeSet.changes.map { ($0.record, $0.context) })
        counter += 1
        let changeSet = Draft(label: "fix", fixes: fixed.digest, changes: drafts).sealed(
            dot: Dot(actor, counter), author: "author", time: time, schemaVersion: 1, line: fixed.line,
            contextOf: { seen[$0] ?? VersionVector() })
        overlay[index].isFixed = true
        overlay.append(Entry(sent: SentChangeSet(changeSet: changeSet, time: time, fixed: [target] + fixed.fixed)))
        return changeSet.dot
    }

    /// One full exchange.
    ///
    /// Without a reply the server has done everything and the device knows nothing of it.
    mutating func sync(with server: inout ScriptServer, times: Int, isReplyLost: Bool) throws {
        for _ in 0..<times {
            for entry in overlay { _ = try server.take(entry.sent) }
        }
        guard !isReplyLost else { return }
        var rest: [Entry] = []
        for entry in overlay {
            switch server.verdicts[entry.sent.changeSet.dot] {
            case .held, .rejected: rest.append(Entry(sent: entry.sent, isParked: true, isFixed: entry.isFixed))
            case .applied, .appliedWithConflicts: confirmed.append(entry.sent)
            case .reissued: break
            case nil: rest.append(entry)
            }
        }
        overlay = rest
        base = server.states
    }

    /// Whether anything has no verdict yet.
    var hasPending: Bool { overlay.contains { !$0.isParked } }
}
