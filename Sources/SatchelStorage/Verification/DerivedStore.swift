import Foundation
import GRDB
import SatchelSync

/// All that a server's store derives from its log, made anew from the log alone, in a database of its own (G20).
///
/// That database has no name: SQLite makes it where temporary files go (`SQLITE_TMPDIR`, `TMPDIR`, `/var/tmp`), readable by its owner
/// alone, and it is gone with the process, however that ends. It takes about as much space as the store; memory holds a part of it.
/// Numbers of actors and of records are those of the store, so that a row can be held against a row, and be copied.
///
/// Confined to the thread on which it is made.
package final class DerivedStore {
    private let queue: DatabaseQueue
    let source: SQLiteServerSnapshot
    private let desk = WriterDesk()
    private let numbers: RecordNumbers
    private var digests: [ActorID: [UInt8]] = [:]

    /// Begins an empty one beside a view of a store.
    package init(beside source: SQLiteServerSnapshot) throws {
        self.source = source
        numbers = RecordNumbers(db: source.db, schema: source.schema)
        var configuration = Configuration()
        configuration.label = "satchel.derived"
        configuration.foreignKeysEnabled = false
        queue = try DatabaseQueue(path: "", configuration: configuration)
        try queue.writeWithoutTransaction { db in
            try db.execute(
                sql: """
                    PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -32768; PRAGMA trusted_schema = OFF
                    """)
            for migration in ServerTables.migrations { try migration(db) }
            try EntityTables.prepare(db, schema: source.schema, heads: StateInRow.rowColumns)
            try StoreTask.createTables(db)
            for table in Self.keptTables { try Self.copy(table, from: source.db, to: db) }
            try db.execute(sql: Self.firstLines + Self.settledNames)
            numbers.register = db
            try db.execute(
                sql: "UPDATE satchel_meta SET sequence = 0, position = 0, chain = ?",
                arguments: [Data(StoreHead.empty.chain)])
        }
    }

    /// What no log tells: who the store is and was, who may edit, and which lines devices have.
    private static let keptTables = [
        "satchel_meta", "satchel_epoch", "satchel_user", "satchel_actor", "satchel_device", "satchel_line",
    ]

    /// Every device has the line that it was enrolled with.
    ///
    /// One that is gone comes back with a token that nobody has: the device goes on as a fork of itself, and nothing is lost.
    private static let firstLines = """
        INSERT INTO satchel_line (actor, device, fork_token, previous_fork_token, is_fork_token_used, began_at)
          SELECT actor, key, randomblob(16), x'', 0, enrolled_at FROM satchel_device
          WHERE actor NOT IN (SELECT actor FROM satchel_line);
        """

    /// A line of a device is known as its device; the log names each release, so what the table has of those does not count.
    private static let settledNames = """
        UPDATE satchel_actor SET user = u.name, device = d.name
        FROM satchel_line l JOIN satchel_device d ON d.key = l.device JOIN satchel_user u ON u.key = d.user
        WHERE l.actor = satchel_actor.key;
        """

    private static func copy(_ table: String, from source: Database, to target: Database) throws {
        let columns = try target.columns(in: table).map(\.name.quoted).joined(separator: ", ")
        let rows = try Row.fetchCursor(source, sql: "SELECT \(columns) FROM \(table.quoted)")
        while let row = try rows.next() {
            let values = Array(row.databaseValues)
            try target.cachedStatement(
                sql: "INSERT INTO \(table.quoted) (\(columns)) VALUES (\(marks(values.count)))"
            ).execute(arguments: StatementArguments(values))
        }
    }

    /// Reads the whole log once, checks it, and lets `merge` take each entry into the derived store.
    ///
    /// `merge` appends the entry, and does to records and parked work what the engine did when the entry was written.
    ///
    /// - Throws: ``SatchelError`` `damaged_data`, naming the first entry that does not fit the chain or its digest, or where the log
    ///   does not end at its head: nothing can be derived from such a log.
    /// - Complexity: O(bytes of the log).
    package func derive(
        progress: (VerificationProgress) throws -> Void,
        merge: (SQLiteServerTransaction, LogEntry) throws -> Void
    ) throws {
        let head = try source.head()
        let total = Int(clamping: head.position)
        try queue.inTransaction(.immediate) { db in
            let transaction = try SQLiteServerTransaction(db, schema: source.schema, desk: desk, numbers: numbers)
            try source.forEachLogPart(after: 0) { entry, position, stored, parts in
                if position % 256 == 1 {
                    try progress(VerificationProgress(.reading, done: Int(clamping: position), total: total))
                }
                try check(entry, at: position, stored: stored, in: transaction)
                numbers.begin(entry, parts: parts)
                try merge(transaction, entry)
                guard transaction.head.position == position else { throw damaged("entry \(position) of the log") }
                if position % 1_024 == 0 { try transaction.flush() }
                return true
            }
            try transaction.flush()
            guard transaction.head.position == head.position, transaction.head.chain == head.chain else {
                throw damaged("the log does not end at its head")
            }
            try db.execute(sql: Self.settledForks)
            desk.clear()
            return .commit
        }
        try progress(VerificationProgress(.reading, done: total, total: total))
    }

    /// The digest that a fork goes on from is that of the last change-set that it shares with its parent.
    private static let settledForks = """
        UPDATE satchel_actor SET fork_digest = l.digest FROM satchel_log l
        WHERE l.actor = satchel_actor.parent AND l.counter = satchel_actor.fork_counter AND NOT l.is_revision
        """

    private func check(
        _ entry: LogEntry, at position: Int64, stored: [UInt8], in transaction: SQLiteServerTransaction
    ) throws {
        let head = transaction.head
        let sequence = entry.verdict.isApplied ? head.sequence.number + 1 : 0
        guard position == head.position + 1, entry.sequence.number == sequence,
            entry.chain(after: head.chain, position: position) == stored
        else { throw damaged("entry \(position) of the log does not fit the chain") }
        // Another verdict has no body; what is released keeps the digest that it has in its own line.
        if entry.isRevision { return }
        let own = entry.dot.actor.releasedDot ?? entry.dot
        if let body = entry.body {
            let previous =
                try (own == entry.dot ? digests[own.actor] : nil) ?? digest(before: own, in: transaction.snapshot)
            guard
                try Hashing.changeSetDigest(canonicalBytes: body, previous: previous) == entry.digest
                    || entry.isOutline
            else {
                throw damaged("the body of entry \(position) of the log is not the one that was judged")
            }
        }
        if own == entry.dot { digests[own.actor] = entry.digest }
    }

    /// The digest that a change-set goes on from, as the entries before say it.
    private func digest(before dot: Dot, in snapshot: SQLiteServerSnapshot) throws -> [UInt8] {
        if dot.counter > 1 { return try snapshot.logEntry(Dot(dot.actor, dot.counter - 1))?.digest ?? [] }
        if let fork = try snapshot.lineage(of: dot.actor).ancestors.last {
            if fork.counter == 0 { return try digest(before: Dot(fork.actor, 1), in: snapshot) }
            if let digest = try snapshot.logEntry(Dot(fork.actor, fork.counter))?.digest { return digest }
        }
        return try snapshot.firstDigest(of: dot.actor)
    }

    /// The digest of all records, as the log makes them.
    package func digest() throws -> String {
        try reading { db in
            let snapshot = SQLiteServerSnapshot(db, schema: source.schema, actors: ActorTable())
            return try snapshot.digest { _, _ in }
        }
    }

    /// Compares the store with what the log makes of it, and keeps what is to be done where they differ.
    package func compare(progress: (VerificationProgress) throws -> Void) throws -> StoreFindings {
        var findings = StoreFindings()
        try queue.inTransaction(.immediate) { db in
            var comparison = try StoreComparison(wanted: db, found: source.db, schema: source.schema)
            try comparison.run(progress: progress)
            findings = comparison.findings
            return .commit
        }
        return findings
    }

    /// Runs `body` on the derived database.
    func reading<Result>(_ body: (Database) throws -> Result) throws -> Result { try queue.inDatabase(body) }

    /// Ends it; what it held is gone.
    package func close() throws { try queue.close() }
}
