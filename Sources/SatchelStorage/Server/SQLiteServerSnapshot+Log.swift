import Foundation
import GRDB
package import SatchelSync

extension SQLiteServerSnapshot {
    /// The first entry of a dot.
    ///
    /// Without the index's name SQLite would ask of each bound counter whether it is the 1 of `satchel_log_first`, and prepare the
    /// statement anew each time.
    private static let fromLogByDot = """
        FROM satchel_log INDEXED BY satchel_log_by_dot WHERE actor = ? AND counter = ? AND NOT is_revision
        """

    /// What the log has of a change-set; `nil` when it never came.
    package func logEntry(_ dot: Dot) throws -> LogEntry? {
        guard let key = try actors.existingKey(of: dot.actor, db), let counter = Int64(exactly: dot.counter) else {
            return nil
        }
        let statement = try table.shelf.statement(.init(purpose: .logByDot)) {
            "SELECT \(LogEntry.columns) \(Self.fromLogByDot)"
        }
        statement.bind(key)
        statement.bind(counter)
        return try statement.row { try LogEntry($0, dot: dot) }
    }

    /// Where a change-set stands in the order of commits; `nil` when it was not applied here.
    package func sequence(of dot: Dot) throws -> ServerSequence? {
        guard let key = try actors.existingKey(of: dot.actor, db), let counter = Int64(exactly: dot.counter) else {
            return nil
        }
        let statement = try table.shelf.statement(.init(purpose: .sequenceOfDot)) {
            "SELECT sequence \(Self.fromLogByDot)"
        }
        statement.bind(key)
        statement.bind(counter)
        guard let stored = try statement.row({ $0.integer(0) }), stored != 0 else { return nil }
        return try ServerSequence(stored: stored)
    }

    /// The first change-set in the log that is `dot` under another name, given its digest; `nil` when there is none.
    ///
    /// An equal digest is an equal line up to there (causality.md §2), so it is worth asking only for the first change-set of an
    /// actor, for one whose predecessor is such a double (``Frontier/isNextSuspect``), and for those of an actor that others were forked
    /// from: a request that was sent before the fork and comes behind it brings what the fork has renamed.
    /// - Complexity: O(log actors) for the first of an actor; O(forks of the actor) and O(actors) for others.
    package func double(of dot: Dot, digest: [UInt8]) throws -> Dot? {
        let first = """
            SELECT actor, counter FROM satchel_log WHERE digest = ? AND counter = 1 AND NOT is_revision
            ORDER BY position LIMIT 1
            """
        let later = """
            SELECT l.actor, l.counter FROM satchel_actor a
            JOIN satchel_log l ON l.actor = a.key AND l.counter = ? AND NOT l.is_revision
            WHERE l.digest = ? ORDER BY l.position LIMIT 1
            """
        let forked = """
            WITH RECURSIVE fork (key, base) AS (
              SELECT key, fork_counter FROM satchel_actor WHERE parent = :actor AND fork_counter < :counter
              UNION ALL
              SELECT a.key, fork.base + a.fork_counter FROM fork JOIN satchel_actor a ON a.parent = fork.key
            )
            SELECT l.actor, l.counter FROM fork
            JOIN satchel_log l ON l.actor = fork.key AND l.counter = :counter - fork.base AND NOT l.is_revision
            WHERE l.digest = :digest ORDER BY l.position LIMIT 1
            """
        if dot.counter == 1 {
            return try Row.fetchOne(try db.cachedStatement(sql: first), arguments: [Data(digest)]).map(self.dot)
        }
        let (counter, data) = (Int64(dot.counter), Data(digest))
        if let key = try actors.existingKey(of: dot.actor, db),
            let row = try Row.fetchOne(
                try db.cachedStatement(sql: forked), arguments: ["actor": key, "counter": counter, "digest": data])
        {
            return try self.dot(row)
        }
        return try Row.fetchOne(try db.cachedStatement(sql: later), arguments: [counter, data]).map(self.dot)
    }

    /// Whether others were forked from an actor.
    package func isForked(_ actor: ActorID) throws -> Bool {
        guard let key = try actors.existingKey(of: actor, db) else { return false }
        let statement = try db.cachedStatement(
            sql: "SELECT EXISTS (SELECT 1 FROM satchel_actor WHERE parent = ?)")
        return try Bool.fetchOne(statement, arguments: [key]) ?? false
    }

    /// The change-set with this digest in the line of `end`; `nil` when there is none.
    /// - Complexity: O(parked work of the line); O(change-sets of the line) where none of that is meant.
    package func dot(withDigest digest: [UInt8], below end: Dot) throws -> Dot? {
        if let dot = try ownDot(withDigest: digest, below: end) { return dot }
        for ancestor in try lineage(of: end.actor).ancestors.reversed() where ancestor.counter > 0 {
            if let dot = try ownDot(withDigest: digest, below: Dot(ancestor.actor, ancestor.counter + 1)) { return dot }
        }
        return nil
    }

    private func ownDot(withDigest digest: [UInt8], below end: Dot) throws -> Dot? {
        guard let key = try actors.existingKey(of: end.actor, db) else { return nil }
        let parked = """
            SELECT l.actor, l.counter FROM satchel_parked p JOIN satchel_log l ON l.position = p.position
            WHERE p.actor = ? AND p.counter < ? AND l.digest = ? ORDER BY p.counter LIMIT 1
            """
        let any = """
            SELECT actor, counter FROM satchel_log
            WHERE actor = ? AND counter < ? AND NOT is_revision AND digest = ? ORDER BY counter LIMIT 1
            """
        for sql in [parked, any] {
            let arguments: StatementArguments = [key, Int64(end.counter), Data(digest)]
            if let row = try Row.fetchOne(try db.cachedStatement(sql: sql), arguments: arguments) {
                return try dot(row)
            }
        }
        return nil
    }

    /// Calls `body` with the entries of the log past a position, in its order, each with its position and the hash of the chain
    /// that is stored beside it, until it says that it has enough.
    package func forEachLogEntry(after position: Int64, _ body: (LogEntry, Int64, [UInt8]) throws -> Bool) throws {
        try forEachLogRow(after: position) { entry, position, chain, _ in try body(entry, position, chain) }
    }

    /// The same, with the records that each entry touched; none where that cannot be read.
    func forEachLogPart(after position: Int64, _ body: (LogEntry, Int64, [UInt8], LogParts) throws -> Bool) throws {
        try forEachLogRow(after: position) { entry, position, chain, row in
            let parts = (try? LogParts(row.blob(LogEntry.partsColumn))) ?? LogParts()
            return try body(entry, position, chain, parts)
        }
    }

    private func forEachLogRow(
        after position: Int64, _ body: (LogEntry, Int64, [UInt8], HotRow) throws -> Bool
    ) throws {
        let statement = try table.shelf.statement(.init(purpose: .logAfter)) {
            "SELECT \(LogEntry.columns) FROM satchel_log WHERE position > ? ORDER BY position"
        }
        statement.bind(position)
        try statement.rows { row in
            try body(
                try LogEntry(row, dot: try dot(actor: row.integer(0), counter: row.integer(1))), row.integer(18),
                row.blob(19), row)
        }
    }

    /// Calls `body` with the applied change-sets that touched a record past a position of the log, the latest first, until it says
    /// that it has enough.
    ///
    /// A record that waits to be flushed is meant as it is stored.
    /// - Complexity: O(entries read).
    package func forEachPart(of record: StoredRecord, after position: Int64, _ body: (LogEntry) throws -> Bool) throws {
        let statement = try table.shelf.statement(.init(purpose: .logByPosition)) {
            "SELECT \(LogEntry.columns) FROM satchel_log WHERE position = ?"
        }
        var next = record.position
        while next > position {
            statement.bind(next)
            let found = try statement.row { row in
                (
                    entry: try LogEntry(row, dot: try dot(actor: row.integer(0), counter: row.integer(1))),
                    parts: try LogParts(row.blob(LogEntry.partsColumn))
                )
            }
            guard let found else { throw damaged("the log at \(next)") }
            guard try body(found.entry) else { return }
            guard let before = found.parts.position(before: next, of: record.key) else {
                throw damaged("the log at \(next), which does not name record \(record.id)")
            }
            next = before
        }
    }

    /// The dot that two columns name.
    func dot(actor: Int64, counter: Int64) throws -> Dot {
        guard let counter = UInt64(exactly: counter), counter >= 1 else { throw damaged("a dot") }
        return Dot(try actors.actor(actor, db), counter)
    }

    private func dot(_ row: Row) throws -> Dot {
        try dot(actor: row["actor"], counter: row["counter"])
    }

    /// Checks the whole log: every hash of the chain, its head, every body that is kept against its digest, and what is told of
    /// parked work.
    ///
    /// - Throws: ``SatchelError`` `damaged_data`, naming the first entry that does not fit.
    /// - Complexity: O(bytes of the log).
    package func verifyLog() throws {
        var chain = StoreHead.empty.chain
        var digests: [ActorID: [UInt8]] = [:]
        var last: Int64 = 0
        var parked: [Dot: Verdict] = [:]
        try forEachLogEntry(after: 0) { entry, position, stored in
            chain = entry.chain(after: chain, position: position)
            guard position == last + 1, chain == stored else {
                throw damaged("entry \(position) of the log does not fit the chain")
            }
            last = position
            // What came as a double is parked nowhere; what turned out to be one, when a recovery ended, was parked before.
            if let rejection = entry.verdict.rejection,
                entry.isRevision || !rejection.isDuplicate
            {
                parked[entry.dot] = entry.verdict
            }
            // Another verdict has no body; what is released keeps the digest that it has in its own line.
            if entry.isRevision { return true }
            let own = entry.dot.actor.releasedDot ?? entry.dot
            if let body = entry.body {
                let previous =
                    own == entry.dot
                    ? try digests[own.actor] ?? firstDigest(of: own.actor) : try digest(before: own)
                guard
                    try Hashing.changeSetDigest(canonicalBytes: body, previous: previous) == entry.digest
                        || entry.isOutline
                else {
                    throw damaged("the body of entry \(position) of the log is not the one that was judged")
                }
            }
            if own == entry.dot { digests[own.actor] = entry.digest }
            return true
        }
        let head = try head()
        guard head.position == last, head.chain == chain else { throw damaged("the log does not end at its head") }
        try verifyParked(against: parked)
    }

    private func digest(before dot: Dot) throws -> [UInt8] {
        dot.counter == 1 ? try firstDigest(of: dot.actor) : try logEntry(Dot(dot.actor, dot.counter - 1))?.digest ?? []
    }
}
