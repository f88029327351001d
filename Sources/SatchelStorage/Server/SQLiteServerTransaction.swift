import Foundation
import GRDB
package import SatchelSync

/// One write transaction on a server's store, valid inside the closure it was passed to.
///
/// Records, feed and head are kept in memory until ``flush()``, which a savepoint and the end of the transaction call.
package final class SQLiteServerTransaction {
    /// What the transaction sees, less what is not flushed.
    package let snapshot: SQLiteServerSnapshot
    /// Whether the store was ever restored from a backup.
    package let isRestored: Bool
    let db: Database
    let actors: ActorTable
    private var session: RecordSession<StateInRow>
    private var storedHead: StoreHead
    private var feed: [Int64: ServerSequence] = [:]
    /// The records that the next entry of the log touches.
    private var parts = LogParts()
    /// Where log and sequences stand, this transaction's entries included.
    package private(set) var head: StoreHead
    /// How much the transaction has kept of records, log and parked work, so that one can tell whether a step kept something.
    package internal(set) var writeCount = 0

    /// Begins; `numbers` says which numbers new records get, where they have to be those of another store.
    init(_ db: Database, schema: Schema, desk: WriterDesk, numbers: RecordNumbers? = nil) throws {
        self.db = db
        actors = desk.actors
        snapshot = SQLiteServerSnapshot(db, schema: schema, actors: actors, shelf: desk.shelf(of: db))
        isRestored = try snapshot.epochStanding().isRestored
        session = RecordSession(snapshot.table)
        session.numbers = numbers
        storedHead = try snapshot.head()
        head = storedHead
    }

    /// What a flush ended with: what is in memory may stand in the file by half, so nothing is committed until a savepoint takes it back.
    private var failure: (any Error)?

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
            parts = LogParts()
            actors.reset()
            session = RecordSession(snapshot.table)
            failure = nil
            throw error
        }
        guard let result else { throw damaged("a savepoint that ended without a result") }
        return result
    }

    /// Forgets what it knows of the store, whose rows were written otherwise than by it.
    func reload() throws {
        actors.reset()
        session = RecordSession(snapshot.table)
        feed.removeAll()
        parts = LogParts()
        storedHead = try snapshot.head()
        head = storedHead
    }

    /// The record as it stands in this transaction; `nil` when the store has none.
    ///
    /// `type` is what the caller thinks it is, which may save a lookup.
    package func record(_ id: RecordID, likely type: EntityTypeID?) throws -> StoredRecord? {
        try session.record(id, likely: type)
    }

    /// The record as it stands, or a new one that nothing is known of.
    package func recordOrNew(_ id: RecordID, type: EntityTypeID) throws -> StoredRecord {
        try session.recordOrNew(id, type: type)
    }

    /// The type of a record; `nil` when the store has none.
    package func type(of id: RecordID) throws -> EntityTypeID? { try session.standing(of: id)?.type }

    /// Whether a record lives; for one that waits to be flushed, by its own state alone.
    package func status(of id: RecordID) throws -> LifeStatus { try session.status(of: id) }

    /// The visible records that refer to `id`, as far as they are flushed.
    package func visibleChildren(of id: RecordID, type: EntityTypeID) throws -> [(
        type: EntityType, id: RecordID, rule: DeleteRule
    )] {
        try session.visibleChildren(of: id, type: type)
    }

    /// What went with a record by the same deletes, and would come back with it (`RecordSession.goneWith`).
    package func goneWith(_ id: RecordID, type: EntityTypeID) throws -> [(type: EntityTypeID, id: RecordID)] {
        try session.goneWith(id, type: type)
    }

    /// Keeps a record as changed by the change-set that is appended to the log next.
    package func save(_ record: StoredRecord) throws {
        writeCount += 1
        var record = record
        let position = head.position + 1
        parts.append(record.key, before: record.position, at: position)
        record.position = position
        record.sequence = ServerSequence(head.sequence.number + 1)
        feed[record.key] = record.sequence
        session.save(record)
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
        writeCount += 1
        let key = try actors.key(of: entry.dot.actor, db)
        head.position += 1
        head.chain = entry.chain(after: head.chain, position: head.position)
        if entry.verdict.isApplied { head.sequence = entry.sequence }
        if entry.dot.actor.isRelease {
            try setName(ActorName(user: entry.author, device: entry.device), of: entry.dot.actor)
        }
        try writeEntry(entry, actorKey: key)
        if !entry.isRevision, !Mutant.parkedForgotten.isPlanted, let rejection = entry.verdict.rejection {
            try park(entry, rejection: rejection, actorKey: key)
        }
    }

    private func writeEntry(_ entry: LogEntry, actorKey: Int64) throws {
        let statement = try snapshot.table.shelf.statement(.init(purpose: .appendLog)) {
            """
            INSERT INTO satchel_log (position, actor, counter, digest, author, device, label, made_at, corrected_at,
              accepted_at, verdict, code, record, field, sentence, sequence, is_revision, parts, body, chain, time_error)
            VALUES (\(marks(21)))
            """
        }
        let rejection = entry.verdict.rejection
        statement.bind(head.position)
        statement.bind(actorKey)
        statement.bind(Int64(entry.dot.counter))
        statement.bind(entry.digest)
        statement.bind(entry.author)
        statement.bind(entry.device)
        statement.bind(entry.label)
        statement.bind(entry.madeAt.milliseconds)
        statement.bind(entry.correctedAt.milliseconds)
        statement.bind(entry.acceptedAt.milliseconds)
        statement.bind(Int64(entry.verdict.stored))
        statement.bind(rejection?.code)
        statement.bind(rejection?.record?.bytes)
        statement.bind(rejection?.field.map { Int64($0.number) })
        statement.bind(rejection?.sentence)
        statement.bind(Int64(entry.sequence.number))
        statement.bind(entry.isRevision ? 1 : 0)
        statement.bind(entry.verdict.isApplied ? parts.bytes : nil)
        statement.bind(entry.body)
        statement.bind(head.chain)
        statement.bind(entry.timeErrorMilliseconds)
        try statement.run()
        parts = LogParts()
    }

    /// Keeps who an actor is.
    package func setName(_ name: ActorName, of actor: ActorID) throws { try actors.setName(name, of: actor, db) }

    /// Writes what was kept in memory.
    package func flush() throws {
        if let failure { throw failure }
        do {
            try writeAll()
        } catch {
            failure = error
            throw error
        }
    }

    private func writeAll() throws {
        try session.flush()
        try appendFeed()
        guard head != storedHead else { return }
        let statement = try snapshot.table.shelf.statement(.init(purpose: .setHead)) {
            "UPDATE satchel_meta SET sequence = ?, position = ?, chain = ?"
        }
        statement.bind(Int64(head.sequence.number))
        statement.bind(head.position)
        statement.bind(head.chain)
        try statement.run()
        storedHead = head
    }

    /// Puts each record where its newest change stands; where it stood before is stale from now on.
    private func appendFeed() throws {
        guard !feed.isEmpty else { return }
        let statement = try snapshot.table.shelf.statement(.init(purpose: .appendFeed)) {
            "INSERT INTO satchel_feed (scope, sequence, record) VALUES (\(ServerTables.everything), ?, ?)"
        }
        for (key, sequence) in feed.sorted(by: { ($0.value, $0.key) < ($1.value, $1.key) }) {
            statement.bind(Int64(sequence.number))
            statement.bind(key)
            try statement.run()
        }
        feed.removeAll(keepingCapacity: true)
    }

    /// Drops rows of the feed that a pull has found stale.
    package func dropFromFeed(_ rows: [FeedPage.Row]) throws {
        let statement = try db.cachedStatement(
            sql: "DELETE FROM satchel_feed WHERE scope = ? AND sequence = ? AND record = ?")
        for row in rows {
            try statement.execute(arguments: [ServerTables.everything, Int64(row.sequence.number), row.record])
        }
    }
}
