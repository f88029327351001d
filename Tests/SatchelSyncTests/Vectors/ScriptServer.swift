import SatchelSync
import SatchelTestSupport

/// A change-set with the corrected time that its server gave, or would give, to it.
struct SentChangeSet {
    let changeSet: ChangeSet
    let time: Timestamp

    /// The line of its dot: no script that is run here forks.
    var line: VersionVector { Lineage().line(of: changeSet.dot) }
}

/// A server of a few lines: known, needs, right, apply (causality.md §3), over `RecordState`.
struct ScriptServer {
    private(set) var states: [RecordID: RecordState] = [:]
    private(set) var verdicts: [Dot: Verdict] = [:]
    private(set) var log: [SentChangeSet] = []
    private var held: Set<RecordID> = []
    var rejectedTexts: Set<String> = []

    /// Takes one change-set in its turn.
    mutating func take(_ sent: SentChangeSet) throws -> Verdict {
        let changeSet = sent.changeSet
        if let known = verdicts[changeSet.dot] { return known }
        let last = verdicts.keys.filter { $0.actor == changeSet.dot.actor }.map(\.counter).max() ?? 0
        guard changeSet.dot.counter == last + 1 else { throw ScriptFailure("a gap before \(changeSet.dot)") }
        let verdict = judge(changeSet)
        verdicts[changeSet.dot] = verdict
        log.append(sent)
        if case .held(let rejection) = verdict, let record = rejection.record { held.insert(record) }
        guard verdict.isApplied else { return verdict }
        for change in changeSet.changes {
            guard !held.contains(change.record) else { throw ScriptFailure.unsupported("held work is released") }
            states[change.record, default: RecordState()].apply(
                change, dot: changeSet.dot, time: sent.time, line: sent.line)
        }
        return verdict
    }

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
