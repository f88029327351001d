import SatchelSync
import SatchelTestSupport

/// A change-set with the corrected time that its server gave, or would give, to it.
struct SentChangeSet {
    let changeSet: ChangeSet
    let time: Timestamp
    /// Stands for the digest: no two change-sets of a script are equal.
    var digest: [UInt8] { Array(changeSet.dot.description.utf8) }
    /// What it fixes, and what that fixes: where it stands is the last of them.
    var fixed: [Dot] = []

    /// Its place in its line.
    var place: Dot { fixed.last ?? changeSet.dot }
    /// The line of its place: no script that is run here forks.
    var line: VersionVector { Lineage().line(of: place) }
}

/// A server of a few lines: known, needs, right, apply (causality.md §3), release and fix (§4), over `RecordState`.
struct ScriptServer {
    /// A change-set whose writes are in, and the dot under which they stand.
    private struct Entered {
        let sent: SentChangeSet
        let dot: Dot
    }

    private(set) var states: [RecordID: RecordState] = [:]
    private(set) var verdicts: [Dot: Verdict] = [:]
    private(set) var log: [SentChangeSet] = []
    private var entered: [Entered] = []
    var rejectedTexts: Set<String> = []

    /// The dot under which a change-set's writes stand; `nil` where they do not.
    func enteredDot(of dot: Dot) -> Dot? { entered.first { $0.sent.changeSet.dot == dot }?.dot }

    /// Takes one change-set in its turn.
    mutating func take(_ sent: SentChangeSet) throws -> Verdict {
        let changeSet = sent.changeSet
        if let known = verdicts[changeSet.dot] { return known }
        let last = verdicts.keys.filter { $0.actor == changeSet.dot.actor }.map(\.counter).max() ?? 0
        guard changeSet.dot.counter == last + 1 else { throw ScriptFailure("a gap before \(changeSet.dot)") }
        let isLate = sent.fixed.contains { verdicts[$0]?.rejection == nil }
        let verdict = isLate && !changeSet.changes.isEmpty ? Self.alreadyReissued : judge(changeSet)
        verdicts[changeSet.dot] = verdict
        log.append(sent)
        guard verdict.isApplied else { return verdict }
        if !isLate { for dot in sent.fixed { verdicts[dot] = .reissued } }
        enter(sent, as: changeSet.dot)
        releaseWaiting()
        return verdict
    }

    /// What an operator does: rules do not matter, and twice is once.
    mutating func release(_ dot: Dot) {
        guard let sent = log.first(where: { $0.changeSet.dot == dot }), verdicts[dot]?.rejection != nil else { return }
        enter(sent, as: dot.released)
        for parked in [dot] + sent.fixed { verdicts[parked] = .reissued }
        releaseWaiting()
    }

    private mutating func releaseWaiting() {
        var isOver = false
        while !isOver {
            isOver = true
            for sent in log {
                let dot = sent.changeSet.dot
                guard case .held = verdicts[dot] else { continue }
                let verdict = judge(sent.changeSet)
                if case .held = verdict { continue }
                verdicts[dot] = verdict
                guard verdict.isApplied else { continue }
                enter(sent, as: dot.released)
                for parked in [dot] + sent.fixed { verdicts[parked] = .reissued }
                isOver = false
            }
        }
    }

    private mutating func enter(_ sent: SentChangeSet, as dot: Dot) {
        let mine = Entered(sent: sent, dot: dot)
        for change in sent.changeSet.changes {
            var late = LateRule()
            for other in entered {
                guard let part = other.sent.changeSet.changes.first(where: { $0.record == change.record }),
                    hasSeen(other, mine, context: part.context)
                else { continue }
                late.insert(part, dot: other.dot)
            }
            let seen = entered.filter { hasSeen(mine, $0, context: change.context) }.map(\.dot)
            states[change.record, default: RecordState()].apply(
                change, dot: dot, time: sent.time, line: sent.line, seenDots: seen, late: late)
        }
        entered.append(mine)
    }

    /// Whether the author of one had seen the other, by the three ways of causality.md §3.
    private func hasSeen(_ one: Entered, _ other: Entered, context: VersionVector) -> Bool {
        let (place, theirs) = (one.sent.place, other.sent.changeSet.dot)
        if context.union(one.sent.line).covers(other.dot) { return true }
        guard place.actor == theirs.actor, other.sent.place.counter < place.counter else { return false }
        // Released work stands in the line under its own name, a fix where what it fixes stood.
        return other.dot.actor.isRelease && theirs.counter < place.counter
            || !other.sent.fixed.isEmpty && place.counter < theirs.counter
    }

    private static let alreadyReissued = Verdict.rejected(
        Rejection(code: "already_reissued", record: nil, field: nil, sentence: "It came back before."))

    private func judge(_ changeSet: ChangeSet) -> Verdict {
        let created = Set(changeSet.changes.filter { $0.life == .create }.map(\.record))
        for change in changeSet.changes {
            for record in [change.record] + change.references where !created.contains(record) && states[record] == nil {
                return .held(Rejection(code: "waits", record: record, field: nil, sentence: "The record is not here."))
            }
        }
        for write in changeSet.changes.flatMap(\.writes) {
            guard write.writtenTexts.contains(where: rejectedTexts.contains) else { continue }
            return .rejected(Rejection(code: "rejected", record: nil, field: write.field, sentence: "A rule says no."))
        }
        return .applied
    }
}

extension FieldChange {
    fileprivate var writtenTexts: [String] {
        switch write {
        case .register(let value): [value.text]
        case .set(let add, _): add.map(\.string)
        case .map(let writes): writes.map(\.value.text)
        case .counter: []
        }
    }
}

/// The life of each record among others: a deleted parent of a living child is contested (causality.md §1).
func lifeStatus(of record: RecordID, in states: [RecordID: RecordState]) -> LifeStatus {
    guard let own = states[record]?.lifeStatus else { return .absent }
    return own == .deleted && hasLivingChildren(record, in: states) ? .contested : own
}

/// Whether a record that is shown refers to `parent`.
func hasLivingChildren(_ parent: RecordID, in states: [RecordID: RecordState]) -> Bool {
    states.contains { id, child in
        id != parent && child.lifeStatus.isVisible
            && (child.field(ItemParent.field)?.siblings ?? []).contains { $0.value == .reference(parent) }
    }
}
