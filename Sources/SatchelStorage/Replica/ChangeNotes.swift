package import SatchelSync

/// What transactions changed of the records that an application shows, noted while they run.
///
/// Nobody notes anything unless somebody follows, and never more than a number of records: beyond it one has to look at all of
/// them anyway.
package final class ChangeNotes {
    /// What changed of one record, from the beginning of the notes to their end.
    package struct Entry: Hashable, Sendable {
        /// The record's type.
        package let type: EntityTypeID
        /// The record.
        package let record: RecordID
        /// The fields whose value in the table, or whose values beside it, are others now, and those that an edit wrote.
        package var fields: Set<FieldID> = []
        /// Whether the plain table had a row of it.
        package fileprivate(set) var hadRow: Bool?
        /// Whether it has one now.
        package fileprivate(set) var hasRow = false
        /// The severity of the severest open conflict before, 0 where there was none.
        fileprivate var conflictBefore: UInt8?
        fileprivate var conflictNow: UInt8 = 0

        /// How much the record's open conflicts ask of people; `nil` without one.
        package var conflict: ConflictSeverity? { ConflictSeverity(rawValue: conflictNow) }

        /// Whether an application would see a difference.
        var isVisible: Bool {
            guard hadRow == true || hasRow else { return false }
            return hadRow != hasRow || !fields.isEmpty || conflictBefore != conflictNow
        }
    }

    private let limit: Int
    private var committed: [Entry] = []
    private var isCommittedFull = false
    private var open: [RecordID: Entry] = [:]
    private var order: [RecordID] = []
    private var isOpenFull = false

    /// Notes at most `limit` records.
    package init(limit: Int) { self.limit = limit }

    /// What was noted of transactions that are on the disk, in the order in which it happened, and whether it was too much to
    /// note; forgets it.
    package func take() -> (entries: [Entry], isFull: Bool) {
        defer { (committed, isCommittedFull) = ([], false) }
        return isCommittedFull ? ([], true) : (committed, false)
    }

    /// The transaction is on the disk.
    func commit() {
        committed += order.compactMap { id in open[id].flatMap { $0.isVisible ? $0 : nil } }
        isCommittedFull = isCommittedFull || isOpenFull || committed.count > limit
        if isCommittedFull { committed = [] }
        rollBack()
    }

    /// The transaction never was.
    func rollBack() {
        (open, order, isOpenFull) = ([:], [], false)
    }

    /// An edit of this device is laid over a record.
    func note(_ change: RecordChange, of record: StoredRecord) {
        note(change.record, change.type) { entry in
            entry.fields.formUnion(change.writes.map(\.field))
            // The row itself tells nothing: where plain SQL made or deleted it, it is so already.
            if entry.hadRow == nil { entry.hadRow = record.status.isVisible }
        }
    }

    /// Something happened that only a look at everything shows.
    func giveUp() { (open, order, isOpenFull) = ([:], [], true) }

    /// A record is put together anew.
    func note(_ record: RecordID, _ type: EntityTypeID, from old: RecordState, to new: RecordState) {
        let fields = new.fieldsShowingOthers(than: old)
        guard !fields.isEmpty else { return }
        note(record, type) { $0.fields.formUnion(fields) }
    }

    /// A record is written.
    func note(_ new: StoredRecord, over old: StoredRecord, type: EntityType) {
        note(new.id, new.type) { entry in
            if entry.hadRow == nil { entry.hadRow = old.row != nil }
            if entry.conflictBefore == nil { entry.conflictBefore = old.conflict }
            entry.hasRow = new.row != nil
            entry.conflictNow = new.conflict
            guard let before = old.row, let row = new.row, before.count == row.count else { return }
            for (index, field) in type.fields.enumerated() where before[index] != row[index] {
                entry.fields.insert(field.id)
            }
        }
    }

    private func note(_ record: RecordID, _ type: EntityTypeID, _ change: (inout Entry) -> Void) {
        guard !isOpenFull else { return }
        if open[record] == nil {
            guard order.count < limit else { return giveUp() }
            order.append(record)
        }
        change(&open[record, default: Entry(type: type, record: record)])
    }
}

extension RecordState {
    /// The fields whose standing values differ from those of `other`; who wrote them, and when, does not count.
    fileprivate func fieldsShowingOthers(than other: RecordState) -> [FieldID] {
        let before = Dictionary(other.fields.map { ($0.field, $0.state.standingValues) }) { first, _ in first }
        let now = Dictionary(fields.map { ($0.field, $0.state.standingValues) }) { first, _ in first }
        return Set(before.keys).union(now.keys).filter { (before[$0] ?? []) != (now[$0] ?? []) }
    }
}

extension FieldState {
    /// Every value that stands, as something to compare.
    fileprivate var standingValues: Set<StandingValue> {
        switch self {
        case .register(let siblings): Set(siblings.map { StandingValue(value: $0.value) })
        case .set(let elements): Set(elements.map { StandingValue(key: $0.value) })
        case .counter(let parts):
            [StandingValue(value: .integer(parts.reduce(0) { $0.addingReportingOverflow($1.sum).partialValue }))]
        case .map(let entries):
            Set(entries.flatMap { entry in entry.siblings.map { StandingValue(key: entry.key, value: $0.value) } })
        }
    }
}

/// A value of a register, an element of a set, the total of a counter, or a value of a map's key.
private struct StandingValue: Hashable {
    var key: UTF8Text = ""
    var value = FieldValue.null
}
