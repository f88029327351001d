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
        try Set(items.flatMap { dots(of: $0.subject) }).sorted().compactMap(provenance)
    }

    /// Where one change-set comes from; `nil` when the log does not have it, or it did not touch the record.
    func provenance(of dot: Dot) throws -> Provenance? {
        guard let entry = try snapshot.logEntry(dot), let changeSet = try entry.changeSet(),
            let change = changeSet.changes.first(where: { $0.record == record.id })
        else { return nil }
        return Provenance(
            dot: dot, label: entry.label, author: entry.author, deviceTime: entry.madeAt,
            context: change.context.union(Lineage().line(of: dot)))
    }

    /// For each field in conflict the value before: of the last write that every author of a standing value had seen.
    ///
    /// - Complexity: O(change-sets of the record back to those writes).
    func bases(of items: [ConflictItem]) throws -> [FieldID: FieldValue] {
        var open: [FieldID: [VersionVector]] = [:]
        for item in items {
            guard case .field(let field) = item.subject else { continue }
            open[field] = try dots(of: item.subject).map { try provenance(of: $0)?.context ?? VersionVector() }
        }
        var bases: [FieldID: FieldValue] = [:]
        guard !open.isEmpty else { return bases }
        try snapshot.forEachPart(ofRecord: record.key) { entry in
            let change = try entry.changeSet()?.changes.first { $0.record == record.id }
            for write in change?.writes ?? [] {
                guard case .register(let value) = write.write, let contexts = open[write.field],
                    contexts.allSatisfy({ $0.covers(entry.dot) })
                else { continue }
                bases[write.field] = value
                open[write.field] = nil
            }
            return !open.isEmpty
        }
        return bases
    }

    /// The change-sets whose values stand against each other; for a life also those that no delete had seen.
    private func dots(of subject: ConflictSubject) -> [Dot] {
        switch subject {
        case .field(let field): return record.state.field(field)?.dots ?? []
        case .life:
            var covered = VersionVector()
            for pair in record.state.life {
                if case .deleted(let context) = pair.mark { covered.formUnion(context) }
            }
            return record.state.life.map(\.dot)
                + record.state.fields.flatMap { $0.state.dots.filter { !covered.covers($0) } }
        }
    }
}
