import Foundation
import GRDB
package import SatchelSync

/// An actor that the replica was or is and that made something, with what its name was made of.
package struct OwnLine: Hashable, Sendable {
    /// The actor.
    package let actor: ActorID
    /// Where it was forked; `nil` for the one that was named at enrolment.
    package let origin: ForkOrigin?
    /// The digest of its first change-set.
    package let firstDigest: [UInt8]
}

/// A state that was put aside when base was replaced.
package struct AsideState: Sendable {
    /// Its number in the list.
    package let key: Int64
    /// The record.
    package let record: RecordID
    /// Its type.
    package let type: EntityTypeID
    /// The state that an earlier life of the store gave.
    package let state: RecordState
}

// What a replica does when its server was restored from a backup (causality.md §7).
extension ReplicaTransaction {
    /// Goes over to another life of the store: forks at `point`, and gets all that was confirmed ready to be offered again.
    ///
    /// Base stays until the first whole reply of that life; sequences and numbers of the old one mean nothing any more.
    ///
    /// - Returns: How many change-sets have another name now.
    package func goOver(to epoch: StoreEpoch, forkingAt point: ForkPoint) throws -> Int {
        let renamed = try fork(at: point, in: epoch)
        var facts = try meta.exchangeFacts()
        facts.epoch = epoch
        facts.checkpoint = nil
        facts.backup = nil
        try meta.setExchangeFacts(facts)
        try setReturning(true)
        // That life has acknowledged nothing yet.
        try meta.set(.acknowledged, nil)
        try forgetHandles()
        try db.execute(sql: "UPDATE satchel_record SET sequence = 0")
        try db.execute(
            sql: "UPDATE satchel_change_set SET is_reoffered = 1 WHERE state >= ?",
            arguments: [QueueState.applied.rawValue])
        return renamed
    }

    /// The lines of the replica, the oldest first: the actors that made something.
    package func ownLines() throws -> [OwnLine] {
        let identity = try meta.identity()
        let lines = identity.formerLines + [FormerOrigin(actor: identity.actor, fork: identity.fork)]
        return try lines.compactMap { line in
            try ownDigest(of: Dot(line.actor, 1)).map {
                OwnLine(actor: line.actor, origin: line.fork, firstDigest: $0)
            }
        }
    }

    /// The first confirmed change-sets that the store may lack, in own order, and whether more wait behind them.
    package func firstReoffered(countMax: Int, bytesMax: Int) throws -> (batch: [OwnChangeSet], hasMore: Bool) {
        let cursor = try Row.fetchCursor(
            db, sql: "SELECT * FROM satchel_change_set WHERE is_reoffered ORDER BY position")
        var batch: [OwnChangeSet] = []
        var bytes = 0
        while let row = try cursor.next() {
            bytes += (row["body"] as Data).count
            if !batch.isEmpty, batch.count == countMax || bytes > bytesMax { return (batch, true) }
            batch.append(try ownChangeSet(row))
        }
        return (batch, false)
    }

    /// How many confirmed change-sets wait to be taken again.
    package func reofferedCount() throws -> Int {
        try Int.fetchOne(db, sql: "SELECT count(*) FROM satchel_change_set WHERE is_reoffered") ?? 0
    }

    /// The store has a line up to there.
    package func noteTaken(_ actor: ActorID, upTo counter: UInt64) throws {
        guard let key = try actors.existingKey(of: actor, db) else { return }
        try db.execute(
            sql: "UPDATE satchel_change_set SET is_reoffered = 0 WHERE actor = ? AND counter <= ? AND is_reoffered",
            arguments: [key, Int64(clamping: counter)])
    }

    /// Has what a restored store does not let in, or not yet, laid over base, when base is put together the next time.
    ///
    /// - Complexity: O(own change-sets + records of the overlay), where the store was restored; O(1) where not.
    package func overlayReturning() throws {
        guard try isReturning() || reofferedCount() > 0 else { return }
        try flush()
        try db.execute(sql: "UPDATE satchel_change_set SET base_state = NULL WHERE base_state IS NOT NULL")
        try db.execute(
            sql: """
                UPDATE satchel_change_set SET is_in_overlay = 1
                WHERE is_reoffered AND (fixed_by IS NULL OR is_released)
                  OR state IN (?, ?) AND code <> ? AND fixed_by IS NULL
                """,
            arguments: [
                QueueState.held.rawValue, QueueState.rejected.rawValue, SatchelError.Code.duplicate.word,
            ])
        let ids = try Data.fetchAll(
            db,
            sql: """
                SELECT DISTINCT r.id FROM satchel_change_set c JOIN satchel_change_part p ON p.position = c.position
                JOIN satchel_record r ON r.key = p.record
                WHERE c.is_in_overlay AND r.base IS NULL ORDER BY r.key
                """)
        for id in ids.compactMap({ RecordID(blob: $0) }) {
            guard var record = try session.record(id) else { continue }
            record.base = record.state
            session.save(record)
        }
    }

    /// Whether base is still that of an earlier life of the store.
    package func isReturning() throws -> Bool {
        if let returning { return returning }
        let isReturning = try meta.number(.isReturning) == 1
        returning = isReturning
        return isReturning
    }

    private func setReturning(_ isReturning: Bool) throws {
        try meta.set(.isReturning, isReturning ? 1 : nil)
        returning = isReturning
    }

    /// Takes out of base what the first whole reply of this life did not have, and keeps it aside.
    ///
    /// - Complexity: O(records).
    package func dropUntold() throws {
        try flush()
        let ids = try Data.fetchAll(db, sql: "SELECT id FROM satchel_record WHERE sequence = 0 ORDER BY key")
        for id in ids.compactMap({ RecordID(blob: $0) }) {
            guard var record = try session.record(id), record.confirmed != RecordState() else { continue }
            try putAside(record.confirmed, of: record)
            record.base = RecordState()
            if let made = try typeMade(of: record), made != record.type {
                record = try retyped(record, as: made)
                record.base = RecordState()
            }
            session.save(record)
        }
        try setReturning(false)
    }

    /// As what the owner of the replica made a record that the store does not have.
    private func typeMade(of record: StoredRecord) throws -> EntityTypeID? {
        for own in try layers(of: record) {
            let change = own.changeSet.changes.first { $0.record == record.id && $0.life == .create }
            if let change { return change.type }
        }
        return nil
    }

    /// Keeps a state of base that is about to be replaced, where the new one does not cover all of it.
    func putAside(_ state: RecordState, of record: StoredRecord, unless newer: RecordState = RecordState()) throws {
        guard state.context.entries.contains(where: { !newer.context.covers($0) }),
            let type = schema.type(record.type)
        else { return }
        let codec = RecordStateCodec(type: type, actors: actors, db: db)
        try db.execute(
            sql: "INSERT INTO satchel_aside (record, type, state) VALUES (?, ?, ?)",
            arguments: [record.id.blob, record.type.number, Data(try codec.encode(state, row: nil))])
    }

    /// The first states aside that were not offered yet; one at least, however large.
    package func firstAside(countMax: Int, bytesMax: Int) throws -> [AsideState] {
        let cursor = try Row.fetchCursor(
            db, sql: "SELECT * FROM satchel_aside WHERE NOT is_offered ORDER BY key LIMIT ?",
            arguments: [Int64(countMax)])
        var rows: [Row] = []
        var bytes = 0
        while let row = try cursor.next() {
            bytes += (row["state"] as Data).count
            if !rows.isEmpty, bytes > bytesMax { break }
            rows.append(row.copy())
        }
        return try rows.compactMap { row in
            let type = EntityTypeID(row["type"] as UInt32)
            guard let id = RecordID(blob: row["record"]), let entity = schema.type(type) else { return nil }
            let codec = RecordStateCodec(type: entity, actors: actors, db: db)
            return AsideState(
                key: row["key"], record: id, type: type,
                state: try codec.decode(Array(row["state"] as Data), row: nil))
        }
    }

    /// The store has joined the states aside up to this one.
    package func noteOffered(through key: Int64) throws {
        try db.execute(sql: "UPDATE satchel_aside SET is_offered = 1 WHERE key <= ?", arguments: [key])
    }

    /// Keeps whether the store gets back what a restore has cost it; where it does not any more, nothing is joined and what is
    /// aside is dropped.
    package func noteRecovery(_ isRecovering: Bool, isWindowOpen: Bool) throws {
        try meta.set(.isWindowOpen, isWindowOpen ? 1 : nil)
        guard !isRecovering, try !isReturning() else { return }
        try db.execute(sql: "DELETE FROM satchel_aside")
    }

    /// Whether states are aside that the store takes and was not offered.
    package func hasStatesToOffer() throws -> Bool {
        guard try meta.number(.isWindowOpen) == 1, try !isReturning() else { return false }
        return try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM satchel_aside WHERE NOT is_offered)") ?? false
    }

    /// Whether the store may lack something that this replica has.
    package func mayReturn() throws -> Bool {
        try isReturning() || reofferedCount() > 0
            || Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM satchel_aside)") ?? false
    }
}
