import Foundation
package import GRDB
package import SatchelSync

/// Changes to records within one write transaction: states first, plain rows after, so that order does not matter.
///
/// What is saved is kept in memory until ``flush()``, which decides who lives, writes the rows and packs the states beside
/// them. A parent that its author deleted while somebody added a child stays visible, contested; a reference to a record that
/// this store does not have yet shows as NULL until the record comes.
package final class RecordSession<Layout: RecordLayout> {
    /// How the store keeps records.
    package let layout: Layout
    /// The connection of the transaction.
    package var db: Database { layout.db }
    /// The schema that rows are written by.
    package var schema: Schema { layout.schema }
    /// The records in memory: those that wait to be written, and where nobody else writes rows those that were read or written before.
    private var slots: [RecordID: Slot] = [:]
    private var waiting: [Slot] = []
    private var nextKey: Int64?
    /// Which numbers new records get; `nil` where each gets the next.
    var numbers: RecordNumbers?
    /// What rows that changed without this session referred to, before or since.
    private var noted: Set<RecordID> = []

    package init(_ layout: Layout) { self.layout = layout }

    /// A record in memory.
    ///
    /// It is changed where it is: a record is large, and moving it from table to table costs more than changing it.
    private final class Slot {
        var record: StoredRecord
        /// Whether it was saved and is not flushed yet.
        var isWaiting = false

        init(_ record: StoredRecord) { self.record = record }
    }

    /// How many records are kept beside those that wait to be flushed.
    private static var knownMax: Int { 8_192 }

    /// How many records wait to be flushed.
    package var pendingCount: Int { waiting.count }

    /// The record as it stands in this transaction; `nil` when the store has none.
    ///
    /// `type` is what the caller thinks it is, which may save a lookup.
    package func record(_ id: RecordID, likely type: EntityTypeID? = nil) throws -> StoredRecord? {
        if let slot = slots[id] { return slot.record }
        guard let record = try layout.record(id, likely: type) else { return nil }
        if layout.isSoleWriter { slots[id] = Slot(record) }
        return record
    }

    /// The record with this number.
    package func record(key: Int64) throws -> StoredRecord {
        let record = try layout.record(key: key)
        return slots[record.id]?.record ?? record
    }

    /// The record as it stands, or a new one that nothing is known of.
    package func recordOrNew(_ id: RecordID, type: EntityTypeID) throws -> StoredRecord {
        if let record = try record(id, likely: type) { return record }
        let key = try numbers?.number(of: id, type: type) ?? takeNextKey()
        return StoredRecord(
            key: key, type: type, id: id, sequence: .zero, state: RecordState(), base: nil, status: .absent, row: nil)
    }

    private func takeNextKey() throws -> Int64 {
        let key = try nextKey ?? ((Int64.fetchOne(db, sql: "SELECT max(key) FROM satchel_record") ?? 0) + 1)
        nextKey = key + 1
        return key
    }

    /// Keeps a record as changed.
    package func save(_ record: StoredRecord) {
        let slot: Slot
        if let present = slots[record.id] {
            present.record = record
            slot = present
        } else {
            slot = Slot(record)
            slots[record.id] = slot
        }
        guard !slot.isWaiting else { return }
        slot.isWaiting = true
        waiting.append(slot)
    }

    /// Notes that a row changed, or goes, without this session writing it: what it referred to, or refers to now, may have lost or
    /// gained the living child that keeps it in sight.
    package func noteReferences(in row: [ColumnValue]?) { noted.formUnion(Self.parents(in: row)) }

    /// Whether the record lives, living children included, as far as it is flushed; own state alone for a changed one.
    package func status(of id: RecordID) throws -> LifeStatus { try standing(of: id)?.status ?? .absent }

    /// The living records that refer to `id`, with the rule of the field that does.
    /// - Complexity: O(children), by index.
    package func visibleChildren(of id: RecordID, type: EntityTypeID) throws -> [(
        type: EntityType, id: RecordID, rule: DeleteRule
    )] {
        try schema.references(to: type).flatMap { child, field, rule in
            let statement = try db.cachedStatement(
                sql: "SELECT id FROM \(child.name.quoted) WHERE \(field.name.quoted) = ? AND id <> ? ORDER BY id")
            return try String.fetchAll(statement, arguments: [id.description, id.description])
                .compactMap { RecordID($0) }.map { (child, $0, rule) }
        }
    }

    /// Writes everything that was saved: rows, packed states, conflicts.
    ///
    /// Which records are shown follows from the states alone: those that live by their own state, and of the deleted ones those
    /// that a shown record refers to, the least such set. So two deleted records that refer to each other do not keep each other.
    /// - Complexity: O(records saved × fields).
    package func flush() throws {
        guard !waiting.isEmpty else { return }
        var suspects = Array(noted)
        noted.removeAll(keepingCapacity: true)
        for slot in waiting {
            let own = slot.record.state.lifeStatus
            if own == .deleted { suspects.append(slot.record.id) } else { suspects += try write(slot, as: own) }
        }
        try settleDeleted(suspects)
        for slot in waiting { slot.isWaiting = false }
        waiting.removeAll(keepingCapacity: true)
        if !layout.isSoleWriter || slots.count > Self.knownMax { slots.removeAll(keepingCapacity: true) }
    }

    /// The place of a record in memory until the session is flushed.
    private func slot(_ id: RecordID) throws -> Slot? {
        if let slot = slots[id] { return slot }
        guard let record = try layout.record(id) else { return nil }
        let slot = Slot(record)
        slots[id] = slot
        return slot
    }

    /// Decides for deleted records, and for those that only they kept in sight, which ones a living child keeps.
    private func settleDeleted(_ suspects: [RecordID]) throws {
        var hidden: Set<RecordID> = []
        var queue = suspects
        while let id = queue.popLast() {
            guard !hidden.contains(id), let slot = try slot(id), slot.record.state.lifeStatus == .deleted else {
                continue
            }
            hidden.insert(id)
            if slot.isWaiting || slot.record.status != .deleted { queue += try write(slot, as: .deleted) }
        }
        var again = Array(hidden)
        while !again.isEmpty {
            let ids = again
            again.removeAll()
            for id in ids {
                guard let slot = try slot(id), slot.record.state.lifeStatus == .deleted, slot.record.status == .deleted,
                    try !visibleChildren(of: id, type: slot.record.type).isEmpty
                else { continue }
                again += try write(slot, as: .contested)
            }
        }
    }

    /// Writes a record as living or not; returns the records to which it has begun or ceased to refer.
    private func write(_ slot: Slot, as status: LifeStatus) throws -> [RecordID] {
        let old = slot.record
        guard let type = schema.type(old.type) else {
            throw damaged("record \(old.id) of type number \(old.type.number), which the schema does not have")
        }
        slot.record.status = status
        slot.record.row = status.isVisible ? try plainRow(of: old, type: type) : nil
        slot.record.conflict = old.state.conflicts(in: type, life: status).map(\.severity.rawValue).max() ?? 0
        try layout.write(slot.record, over: old, type: type)
        let wasThere = old.status != .absent
        let touched = Self.references(lostOrGained: old.row, slot.record.row).filter { $0 != old.id }
        guard !wasThere, status != .absent else { return touched }
        var parents = touched
        // What waited for this record can show its reference now.
        for id in try takeDangling(of: old.id) where id != old.id {
            if let child = try self.slot(id) { parents += try write(child, as: child.record.status) }
        }
        return parents
    }

    /// The winners of a record.
    private func plainRow(of record: StoredRecord, type: EntityType) throws -> [ColumnValue] {
        var columns = record.state.columns(of: type)
        for index in type.fields.indices {
            guard case .reference(let target, _) = type.fields[index].kind, case .register(let value) = columns[index]
            else { continue }
            // A server never forgets a record: what was shown before can be shown still.
            if layout.isSoleWriter, let row = record.row, !value.isNull, row[index] == columns[index] { continue }
            columns[index] = .register(try shownReference(value, to: target, of: record))
        }
        return columns
    }

    /// The reference that a plain column can show: SQLite keeps foreign keys, so what names no record of the right type shows
    /// as NULL.
    ///
    /// Where the record may still come, it is noted that this one waits for it.
    private func shownReference(
        _ value: FieldValue, to target: EntityTypeID, of record: StoredRecord
    ) throws -> FieldValue {
        guard case .reference(let parent) = value else { return .null }
        if parent == record.id { return record.type == target ? value : .null }
        guard let (type, status) = try standing(of: parent), status != .absent else {
            try db.cachedStatement(sql: "INSERT OR IGNORE INTO satchel_dangling (parent, child) VALUES (?, ?)")
                .execute(arguments: [parent.blob, record.key])
            return .null
        }
        return type == target ? value : .null
    }

    /// The type of a record, and whether it lives; `nil` when the store has none.
    package func standing(of id: RecordID) throws -> (type: EntityTypeID, status: LifeStatus)? {
        guard let slot = slots[id] else { return try layout.standing(of: id) }
        return (slot.record.type, slot.isWaiting ? slot.record.state.lifeStatus : slot.record.status)
    }

    /// A record whose id the server gave to another type: the row of the type that it had here goes.
    ///
    /// What refers to it as such is own work that the server refuses too; it is put together again with the overlay.
    package func retype(_ record: StoredRecord, as type: EntityTypeID) throws -> StoredRecord {
        if record.row != nil, let old = schema.type(record.type) {
            noteReferences(in: record.row)
            try db.execute(
                sql: "DELETE FROM \(old.name.quoted) WHERE id = ?", arguments: [record.id.description])
        }
        return StoredRecord(
            key: record.key, type: type, id: record.id, sequence: record.sequence, state: RecordState(), base: nil,
            status: .absent, row: nil)
    }

    private func takeDangling(of id: RecordID) throws -> [RecordID] {
        let select = try db.cachedStatement(
            sql: """
                SELECT r.id FROM satchel_dangling d JOIN satchel_record r ON r.key = d.child WHERE d.parent = ?
                """)
        let children = try Data.fetchAll(select, arguments: [id.blob]).compactMap { RecordID(blob: $0) }
        guard !children.isEmpty else { return [] }
        try db.cachedStatement(sql: "DELETE FROM satchel_dangling WHERE parent = ?").execute(arguments: [id.blob])
        return children
    }

    private static func parents(in row: [ColumnValue]?) -> [RecordID] {
        (row ?? []).compactMap { if case .register(.reference(let parent)) = $0 { parent } else { nil } }
    }

    private static func references(lostOrGained old: [ColumnValue]?, _ new: [ColumnValue]?) -> [RecordID] {
        let (before, since) = (parents(in: old), parents(in: new))
        return before == since ? [] : Array(Set(before).symmetricDifference(since))
    }
}
