import Foundation
import GRDB
package import SatchelSync

// What an exchange reads and changes.
extension ReplicaTransaction {
    /// Notes that these change-sets are handed to the network; answers which of them for the first time.
    package func markSent(_ positions: [Int64]) throws -> [Int64] {
        let statement = try db.cachedStatement(
            sql: "UPDATE satchel_change_set SET state = ? WHERE position = ? AND state = ?")
        let state = Mutant.sentIsConfirmed.isPlanted ? QueueState.applied : .sent
        return try positions.filter { position in
            try statement.execute(arguments: [state.rawValue, position, QueueState.queued.rawValue])
            return db.changesCount > 0
        }
    }

    /// Notes that these were not handed to the network after all.
    package func unmarkSent(_ positions: [Int64]) throws {
        let statement = try db.cachedStatement(
            sql: "UPDATE satchel_change_set SET state = ? WHERE position = ? AND state = ?")
        for position in positions {
            try statement.execute(arguments: [QueueState.queued.rawValue, position, QueueState.sent.rawValue])
        }
    }

    /// Keeps the server's answer to an own change-set.
    ///
    /// A parked one stands in the effective state under its `x*` from now on. A later verdict on parked work says what became of
    /// it; work that came back stays in the overlay until base holds it.
    ///
    /// The records that it touched are put together again by ``settleVerdicts()``, once for all verdicts of a reply.
    ///
    /// Idempotent: the same verdict again changes nothing. `original` is the name under which the store has the same change-set;
    /// `isReoffered` says that a restored store has judged it anew.
    package func setVerdict(
        _ verdict: Verdict, correctedTime: Timestamp, timeErrorMilliseconds: Int64? = nil, of dot: Dot,
        isReleased: Bool = false, original: Dot? = nil, isReoffered: Bool = false
    ) throws {
        guard let own = try ownChangeSet(dot), !own.state.hasVerdict || own.state.isParked || isReoffered else {
            return
        }
        let state: QueueState =
            switch verdict {
            case .applied: .applied
            case .appliedWithConflicts: .appliedWithConflicts
            case .held: .held
            case .rejected: Mutant.rejectedIsApplied.isPlanted ? .applied : .rejected
            case .reissued: .reissued
            }
        let rejection = verdict.rejection
        // A double is in base under another name, or will be with this reply; and a base of an earlier life of the store still holds
        // what that one had let in.
        let isDouble = rejection?.isDuplicate == true
        let isShown = try rejection != nil && !isDouble && !isReturning()
        try db.cachedStatement(
            sql: """
                UPDATE satchel_change_set SET state = ?, estimated_at = ?, time_error = ?, code = ?, record = ?, field = ?,
                  sentence = ?, is_released = ?, is_in_overlay = is_in_overlay OR (? AND fixed_by IS NULL),
                  base_state = ?, original_actor = coalesce(?, original_actor),
                  original_counter = coalesce(?, original_counter)
                WHERE position = ?
                """
        ).execute(arguments: [
            state.rawValue, correctedTime.milliseconds, timeErrorMilliseconds, rejection?.code, rejection?.record?.blob,
            rejection?.field?.number, rejection?.sentence, isReleased, isShown, try baseState(of: own)?.rawValue,
            original?.actor.blob, original.map { Int64($0.counter) }, own.position,
        ])
        judged.formUnion(own.changeSet.changes.map(\.record))
    }

    /// The state that base goes by, where a verdict of a later life than base's comes.
    private func baseState(of own: OwnChangeSet) throws -> QueueState? {
        try isReturning() && own.state.hasVerdict ? own.laidState : nil
    }

    /// Puts the records together again of which own change-sets got a verdict.
    ///
    /// - Complexity: O(what is laid over each), however many verdicts there were.
    package func settleVerdicts() throws {
        guard !judged.isEmpty else { return }
        let lineage = try meta.identity().lineage
        for record in judged.sorted() { try rebuild(record, lineage: lineage) }
        judged = []
    }

    /// Whether base is to come again as a whole, since it was lost with a damaged file.
    package func isBaseLost() throws -> Bool { try meta.number(.isBaseLost) == 1 }

    /// Notes that base is complete again.
    package func noteBaseFound() throws { if try isBaseLost() { try meta.set(.isBaseLost, nil) } }

    /// Up to where base is complete; zero before the first pull, and while it is to come again as a whole.
    package func completeThrough() throws -> ServerSequence {
        try isBaseLost() ? .zero : exchangeFacts().checkpoint?.sequence ?? .zero
    }

    /// Whether something is known to be left to fetch: a fetch ended before all was here, or base is to come again.
    package func isFetchUnfinished() throws -> Bool {
        try meta.number(.isFetchUnfinished) == 1 || stagedThrough() != nil || isBaseLost()
    }

    /// Notes that all was fetched, or that a fetch ended before it was.
    package func noteFetch(isFinished: Bool) throws {
        guard isFinished == (try meta.number(.isFetchUnfinished) == 1) else { return }
        try meta.set(.isFetchUnfinished, isFinished ? nil : 1)
    }

    /// Keeps a frame until the checkpoint that completes it.
    package func stage(_ frame: [UInt8], sequence: ServerSequence) throws {
        try db.cachedStatement(sql: "INSERT INTO satchel_stage (sequence, frame) VALUES (?, ?)")
            .execute(arguments: [Int64(sequence.number), Data(frame)])
    }

    /// After which sequence a cut reply resumes; `nil` when nothing is staged.
    package func stagedThrough() throws -> ServerSequence? {
        let skipped: Int64 = Mutant.resumeSkipsOne.isPlanted ? 1 : 0
        return try Int64.fetchOne(db, sql: "SELECT max(sequence) FROM satchel_stage")
            .map { ServerSequence(UInt64($0 + skipped)) }
    }

    /// Calls `body` with each staged frame in the order in which it came.
    package func forEachStaged(_ body: ([UInt8]) throws -> Void) throws {
        let cursor = try Row.fetchCursor(db, sql: "SELECT frame FROM satchel_stage ORDER BY position")
        while let row = try cursor.next() { try body(Array(row["frame"] as Data)) }
    }

    /// Drops the staged frames: they are applied, or of no use.
    package func dropStaged() throws { try db.execute(sql: "DELETE FROM satchel_stage") }

    /// Puts the server's newer state of a record into base, and the overlay on top of it (causality.md §5).
    ///
    /// An older state than base has already is left alone. `handle` is what the server names the record by; `nil` where it does not
    /// say.
    package func replaceBase(
        _ id: RecordID, type: EntityTypeID, state: RecordState, sequence: ServerSequence, provenance: [UInt8]?,
        handle: UInt64? = nil
    ) throws {
        var record = try session.recordOrNew(id, type: type)
        guard sequence >= record.sequence else { return }
        if record.type != type {
            // This device made a record of another type under the same id. The server's stands; the own one is parked there, and
            // its writes are kept whole in the queue.
            let isOverlaid = record.base != nil
            record = try retyped(record, as: type)
            record.base = isOverlaid ? state : nil
        }
        if try isReturning() { try putAside(record.confirmed, of: record, unless: state) }
        record.sequence = sequence
        record.handle = handle ?? record.handle
        try setProvenance(provenance, of: record)
        // Overlaid records are put together again when it is known which change-sets this checkpoint confirms.
        if record.base != nil, !Mutant.overlayForgotten.isPlanted {
            record.base = state
        } else {
            records.notes?.note(id, type, from: record.state, to: state)
            record.state = state
        }
        session.save(record)
        if session.pendingCount >= Self.recordsInMemoryMax { try flush() }
    }

    /// The record as one of another type, that nothing stands in yet.
    func retyped(_ record: StoredRecord, as type: EntityTypeID) throws -> StoredRecord {
        records.notes?.giveUp()
        return try Captures.suspended(db) { try session.retype(record, as: type) }
    }

    /// What the server names these records by, as far as it told.
    package func handles(of records: some Sequence<RecordID>) throws -> [RecordID: UInt64] {
        let statement = try db.cachedStatement(sql: "SELECT handle FROM satchel_record WHERE id = ?")
        var handles: [RecordID: UInt64] = [:]
        for record in records where handles[record] == nil {
            guard let stored = try Int64?.fetchOne(statement, arguments: [record.blob]) ?? nil, stored > 0 else {
                continue
            }
            handles[record] = UInt64(stored)
        }
        return handles
    }

    /// Forgets what the server named records by: it does not know it any more.
    package func forgetHandles() throws {
        try flush()
        try db.execute(sql: "UPDATE satchel_record SET handle = NULL WHERE handle IS NOT NULL")
    }

    /// Takes the confirmed change-sets out of the overlay, in the transaction in which base holds them, and puts every overlaid
    /// record together again.
    package func settleOverlay() throws {
        try flush()
        try db.execute(
            sql: """
                UPDATE satchel_change_set SET is_in_overlay = 0
                WHERE is_in_overlay AND NOT is_reoffered AND (state IN (?, ?, ?) OR code = ?)
                """,
            arguments: [
                QueueState.applied.rawValue, QueueState.appliedWithConflicts.rawValue, QueueState.reissued.rawValue,
                SatchelError.Code.duplicate.word,
            ])
        let lineage = try meta.identity().lineage
        let ids = try Data.fetchAll(db, sql: "SELECT id FROM satchel_record WHERE base IS NOT NULL ORDER BY key")
        for id in ids.compactMap({ RecordID(blob: $0) }) {
            try rebuild(id, lineage: lineage)
            if session.pendingCount >= Self.recordsInMemoryMax { try flush() }
        }
    }

    /// Effective state = base, then the overlay in the order of places, each with its own context.
    func rebuild(_ id: RecordID, lineage: Lineage) throws {
        guard let record = try session.record(id) else { return }
        try rebuild(record, lineage: lineage)
    }

    /// The same for a record that may not be saved yet.
    func rebuild(_ record: StoredRecord, lineage: Lineage) throws {
        var record = record
        let layers = try layers(of: record)
        let base = record.confirmed
        record.base = layers.isEmpty ? nil : base
        let before = record.state
        record.state = base.overlaid(
            with: layers.map { $0.entry(touching: record.id, type: record.type, over: base.context) }, lineage: lineage)
        records.notes?.note(record.id, record.type, from: before, to: record.state)
        let isGoing = record.row != nil && record.state.life.isEmpty
        session.save(record)
        guard isGoing else { return }
        // Its creation is gone: what refers to it waits for it again.
        for child in try session.visibleChildren(of: record.id, type: record.type) {
            if let child = try session.record(child.id) { session.save(child) }
        }
    }

    private static let recordsInMemoryMax = 2_000

    private func setProvenance(_ frame: [UInt8]?, of record: StoredRecord) throws {
        guard let frame else {
            try db.cachedStatement(sql: "DELETE FROM satchel_provenance WHERE record = ?")
                .execute(arguments: [record.key])
            return
        }
        try db.cachedStatement(
            sql: """
                INSERT INTO satchel_provenance (record, frame) VALUES (?, ?)
                ON CONFLICT (record) DO UPDATE SET frame = excluded.frame
                """
        ).execute(arguments: [record.key, Data(frame)])
    }

    /// What the server told of the change-sets behind a record's conflicts, as it came; `nil` when it told nothing.
    package func provenance(of record: StoredRecord) throws -> [UInt8]? {
        try Data.fetchOne(
            db, sql: "SELECT frame FROM satchel_provenance WHERE record = ?", arguments: [record.key]
        ).map { Array($0) }
    }

    /// One hash of base: what every replica with the same dots has.
    /// - Complexity: O(records).
    package func baseDigest() throws -> String {
        var digest = StoreDigest(schema: schema)
        try records.forEach { digest.add($0.confirmed, type: $0.type, record: $0.id) }
        return digest.finalized()
    }
}
