import SatchelStorage
import SatchelSync
import SatchelWire

/// Asks the log about a record's open conflicts: who wrote each value, what they had seen, and what stood before.
struct ConflictInquiry<Snapshot: ServerSnapshot> {
    let snapshot: Snapshot
    let record: StoredRecord

    /// The open conflicts.
    var items: [ConflictItem] {
        snapshot.schema.type(record.type).map { record.state.conflicts(in: $0, life: record.status) } ?? []
    }

    /// Where each of the change-sets in conflict comes from, in dot order.
    func provenance(of items: [ConflictItem]) throws -> [Provenance] {
        try Set(items.flatMap { record.state.dots(of: $0.subject) }).sorted().compactMap(provenance)
    }

    /// Where one change-set comes from; `nil` when the log does not have it, or it did not touch the record.
    func provenance(of dot: Dot) throws -> Provenance? {
        guard let entry = try snapshot.logEntry(dot), let changeSet = try entry.changeSet(),
            let change = changeSet.changes.first(where: { $0.record == record.id })
        else { return nil }
        return Provenance(
            dot: dot, label: entry.label, author: entry.author, deviceTime: entry.madeAt,
            context: change.context.union(try snapshot.placement(of: dot, changeSet).line))
    }

    /// For each field in conflict the value before: of the last write that every author of a standing value had seen.
    ///
    /// - Complexity: O(change-sets of the record back to those writes).
    func bases(of items: [ConflictItem]) throws -> [ConflictSubject: FieldValue] {
        var open: [ConflictSubject: [VersionVector]] = [:]
        for item in items where item.subject != .life {
            open[item.subject] = try record.state.dots(of: item.subject).map {
                try provenance(of: $0)?.context ?? VersionVector()
            }
        }
        var bases: [ConflictSubject: FieldValue] = [:]
        guard !open.isEmpty else { return bases }
        try snapshot.forEachPart(of: record, after: 0) { entry in
            // Most of a contended record's past is not seen by all: it need not be read to know that.
            let seen = open.filter { $0.value.allSatisfy { $0.covers(entry.dot) } }
            guard !seen.isEmpty else { return true }
            let change = try entry.changeSet()?.changes.first { $0.record == record.id }
            for (subject, value) in change?.registerWrites ?? [] where seen[subject] != nil {
                bases[subject] = value
                open[subject] = nil
            }
            return !open.isEmpty
        }
        return bases
    }
}

extension RecordChange {
    /// What the change writes into registers, keys of maps included.
    fileprivate var registerWrites: [(subject: ConflictSubject, value: FieldValue)] {
        writes.flatMap { entry -> [(subject: ConflictSubject, value: FieldValue)] in
            switch entry.write {
            case .register(let value): [(.field(entry.field), value)]
            case .map(let keys): keys.map { (.key(entry.field, $0.key), $0.value) }
            case .set, .counter: []
            }
        }
    }
}
