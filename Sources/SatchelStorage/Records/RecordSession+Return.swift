import GRDB
package import SatchelSync

extension RecordSession {
    /// What went with a record by the same deletes, since it refers to it by a field that says `cascade`, and that nobody has deleted or revived
    /// since; a parent before its children.
    ///
    /// What refers to another record that is deleted stays so.
    /// - Complexity: O(deleted records of the types that refer to it).
    package func goneWith(_ id: RecordID, type: EntityTypeID) throws -> [(type: EntityTypeID, id: RecordID)] {
        guard let parent = try record(id, likely: type) else { return [] }
        let deletes = Set(parent.state.life.filter(\.isDelete).map(\.dot))
        guard !deletes.isEmpty else { return [] }
        try flush()
        var deleted: [EntityTypeID: [StoredRecord]] = [:]
        var (queue, back, index) = ([(type: type, id: id)], Set([id]), 0)
        while index < queue.count {
            let next = queue[index]
            index += 1
            for (child, field, rule) in schema.references(to: next.type) where rule == .cascade {
                let gone = try deleted[child.id] ?? self.deleted(child.id, by: deletes)
                deleted[child.id] = gone
                for record in gone where !back.contains(record.id) {
                    guard record.state.winningValue(of: field) == .reference(next.id),
                        try refersToNothingDeleted(record, child, but: back)
                    else { continue }
                    back.insert(record.id)
                    queue.append((child.id, record.id))
                }
            }
        }
        return Array(queue.dropFirst())
    }

    /// The deleted records of a type that no other delete than these holds.
    private func deleted(_ type: EntityTypeID, by deletes: Set<Dot>) throws -> [StoredRecord] {
        let keys = try Int64.fetchAll(
            db, sql: "SELECT key FROM satchel_record WHERE type = ? AND status = ? ORDER BY key",
            arguments: [type.number, LifeStatus.deleted.rawValue])
        return try keys.map { try record(key: $0) }.filter { record in
            record.state.life.allSatisfy { $0.isDelete && deletes.contains($0.dot) }
        }
    }

    private func refersToNothingDeleted(
        _ record: StoredRecord, _ type: EntityType, but back: Set<RecordID>
    ) throws -> Bool {
        try type.fields.allSatisfy { field in
            guard case .reference = field.kind, case .reference(let target) = record.state.winningValue(of: field),
                !back.contains(target)
            else { return true }
            return try standing(of: target)?.status != .deleted
        }
    }
}
