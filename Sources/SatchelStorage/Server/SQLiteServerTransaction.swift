import Foundation
import GRDB
package import SatchelSync

/// One write transaction on a server's store, valid inside the closure it was passed to.
///
/// Records, feed and head are kept in memory until ``flush()``, which a savepoint and the end of the transaction call.
package final class SQLiteServerTransaction {
    /// What the transaction sees, less what is not flushed.
    package let snapshot: SQLiteServerSnapshot
    let db: Database
    let actors: ActorTable
    private var session: RecordSession
    private var storedHead: StoreHead
    private var feed: [Int64: (old: ServerSequence, new: ServerSequence)] = [:]
    /// Where log and sequences stand, this transaction's entries included.
    package private(set) var head: StoreHead

    init(_ db: Database, schema: Schema) throws {
        self.db = db
        actors = ActorTable()
        snapshot = SQLiteServerSnapshot(db, schema: schema, actors: actors)
        session = RecordSession(db, schema: schema, actors: actors)
        storedHead = try snapshot.head()
        head = storedHead
    }

    /// Runs `body` so that its writes are in whole or not at all; where it throws, what was done before stays.
    package func savepoint<Result>(_ body: () throws -> Result) throws -> Result {
        try flush()
        let (headBefore, storedBefore) = (head, storedHead)
        var result: Result?
        do {
            try db.inSavepoint {
                result = try body()
                try flush()
                return .commit
            }
        } catch {
            (head, storedHead) = (headBefore, storedBefore)
            feed.removeAll()
            actors.reset()
            session = RecordSession(db, schema: snapshot.schema, actors: actors)
            throw error
        }
        guard let result else { throw damaged("a savepoint that ended without a result") }
        return result
    }

    /// The record as it stands in this transaction; `nil` when the store has none.
    package func record(_ id: RecordID) throws -> StoredRecord? { try session.record(id) }

    /// The record as it stands, or a new one that nothing is known of.
    package func recordOrNew(_ id: RecordID, type: EntityTypeID) throws -> StoredRecord {
        try session.recordOrNew(id, type: type)
    }

    /// The type of a record; `nil` when the store has none.
    package func type(of id: RecordID) throws -> EntityTypeID? {
        let statement = try db.cachedStatement(sql: "SELECT type FROM satchel_record WHERE id = ?")
        if let number = try UInt32.fetchOne(statement, arguments: [id.blob]) { return EntityTypeID(number) }
        return session.pendingCount == 0 ? nil : try session.record(id)?.type
    }

    /// Whether a record lives; for one that waits to be flushed, by its own state alone.
    package func status(of id: RecordID) throws -> LifeStatus { try session.status(of: id) }

    /// The visible records that refer to `id`, as far as they are flushed.
    package func visibleChildren(of id: RecordID, type: EntityTypeID) throws -> [(
        type: EntityType, id: RecordID, rule: DeleteRule
    )] {
        try session.visibleChildren(of: id, type: type)
    }

    /// Keeps a record as changed by the change-set at this sequence and log position.
    package func save(_ record: StoredRecord, at sequence: ServerSequence, position: Int64) throws {
        var record = record
        feed[record.key] = (feed[record.key]?.old ?? record.sequence, sequence)
        record.sequence = sequence
        session.save(record)
        try db.cachedStatement(sql: "INSERT INTO satchel_log_part (record, position) VALUES (?, ?)")
            .execute(arguments: [record.key, position])
    }

    /// Appends to the log, moves the actor's frontier, and gives an applied change-set its sequence.
    ///
    /// A parked one is noted as such; one that only tells of another verdict moves no frontier.
    ///
    /// - Precondition: the entry is the next of its actor or a revision; the sequence of an applied one is the next of the store.
    package func append(_ entry: LogEntry) throws {
        precondition(
            entry.sequence.number == (entry.verdict.isApplied ? head.sequence.number + 1 : 0), "a sequence out of order"
        )
        let key = try actors.key(of: entry.dot.actor, db)
        head.position += 1
        head.chain = entry.chain(after: head.chain, position: head.position)
        if entry.verdict.isApplied { head.sequence = entry.sequence }
        if entry.dot.actor.isRelease {
            try setName(ActorName(user: entry.author, device: entry.device), of: entry.dot.actor)
        }
        let rejection = entry.verdict.rejection
        let field = rejection?.field.map { Int64($0.number) }
        try db.cachedStatement(
            sql: """
                INSERT INTO satchel_log (position, actor, counter, digest, author, device, label, made_at, corrected_at,
                  accepted_at, verdict, code, record, field, sentence, sequence, body, chain, is_revision)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            head.position, key, Int64(entry.dot.counter), Data(entry.digest), entry.author, entry.device, entry.label,
            entry.madeAt.milliseconds, entry.correctedAt.milliseconds, entry.acceptedAt.milliseconds,
            entry.verdict.stored, rejection?.code, rejection?.record?.blob, field, rejection?.sentence,
            Int64(entry.sequence.number), entry.body.map { Data($0) }, Data(head.chain), entry.isRevision,
        ])
        guard !entry.isRevision else { return }
        if let rejection { try park(entry, rejection: rejection, actorKey: key) }
        try db.cachedStatement(
            sql: """
                INSERT INTO satchel_frontier (actor, counter, digest) VALUES (?, ?, ?)
                ON CONFLICT (actor) DO UPDATE SET counter = excluded.counter, digest = excluded.digest
                """
        ).execute(arguments: [key, Int64(entry.dot.counter), Data(entry.digest)])
    }

    /// Keeps who an actor is.
    package func setName(_ name: ActorName, of actor: ActorID) throws { try actors.setName(name, of: actor, db) }

    /// Writes what was kept in memory.
    ///
    /// The feed's row of a record goes where the record goes: the old one is stale and is dropped in passing.
    package func flush() throws {
        try session.flush()
        if !feed.isEmpty {
            let drop = try db.cachedStatement(
                sql: "DELETE FROM satchel_feed WHERE scope = ? AND sequence = ? AND record = ?")
            let append = try db.cachedStatement(
                sql: "INSERT INTO satchel_feed (scope, sequence, record) VALUES (?, ?, ?)")
            for (key, move) in feed.sorted(by: { ($0.value.new, $0.key) < ($1.value.new, $1.key) }) {
                if move.old != .zero {
                    try drop.execute(arguments: [ServerTables.everything, Int64(move.old.number), key])
                }
                try append.execute(arguments: [ServerTables.everything, Int64(move.new.number), key])
            }
            feed.removeAll(keepingCapacity: true)
        }
        guard head != storedHead else { return }
        try db.cachedStatement(sql: "UPDATE satchel_meta SET sequence = ?, position = ?, chain = ?")
            .execute(arguments: [Int64(head.sequence.number), head.position, Data(head.chain)])
        storedHead = head
    }
}
