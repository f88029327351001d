import Foundation
import GRDB
package import SatchelSync

extension SQLiteServerSnapshot {
    /// What the log has of a change-set; `nil` when it never came.
    package func logEntry(_ dot: Dot) throws -> LogEntry? {
        guard let key = try actors.existingKey(of: dot.actor, db), let counter = Int64(exactly: dot.counter) else {
            return nil
        }
        let statement = try db.cachedStatement(
            sql: "SELECT * FROM satchel_log WHERE actor = ? AND counter = ? AND NOT is_revision")
        return try Row.fetchOne(statement, arguments: [key, counter]).map { try LogEntry($0, dot: dot) }
    }

    /// Where a change-set stands in the order of commits; `nil` when it was not applied here.
    package func sequence(of dot: Dot) throws -> ServerSequence? {
        guard let key = try actors.existingKey(of: dot.actor, db), let counter = Int64(exactly: dot.counter) else {
            return nil
        }
        let statement = try db.cachedStatement(
            sql: "SELECT sequence FROM satchel_log WHERE actor = ? AND counter = ? AND NOT is_revision AND sequence > 0"
        )
        return try Int64.fetchOne(statement, arguments: [key, counter]).map { try ServerSequence(stored: $0) }
    }

    /// The first change-set in the log with this digest; `nil` when there is none.
    package func dot(withDigest digest: [UInt8]) throws -> Dot? {
        let statement = try db.cachedStatement(
            sql: """
                SELECT actor, counter FROM satchel_log
                WHERE substr(digest, 1, 8) = ? AND digest = ? ORDER BY position LIMIT 1
                """)
        return try Row.fetchOne(statement, arguments: [Data(digest.prefix(8)), Data(digest)]).map(dot)
    }

    /// Calls `body` with the entries of the log past a position, in its order, each with its position and the hash of the chain
    /// that is stored beside it, until it says that it has enough.
    package func forEachLogEntry(after position: Int64, _ body: (LogEntry, Int64, [UInt8]) throws -> Bool) throws {
        let cursor = try Row.fetchCursor(
            db, sql: "SELECT * FROM satchel_log WHERE position > ? ORDER BY position", arguments: [position])
        while let row = try cursor.next() {
            guard try body(try LogEntry(row, dot: try dot(row)), row["position"], Array(row["chain"] as Data)) else {
                return
            }
        }
    }

    /// Calls `body` with the applied change-sets that touched a record past a position of the log, the latest first, until it says
    /// that it has enough.
    /// - Complexity: O(entries read).
    package func forEachPart(ofRecord key: Int64, after position: Int64, _ body: (LogEntry) throws -> Bool) throws {
        let cursor = try Row.fetchCursor(
            db,
            sql: """
                SELECT l.* FROM satchel_log_part p JOIN satchel_log l ON l.position = p.position
                WHERE p.record = ? AND p.position > ? ORDER BY p.position DESC
                """, arguments: [key, position])
        while let row = try cursor.next() {
            guard try body(try LogEntry(row, dot: try dot(row))) else { return }
        }
    }

    private func dot(_ row: Row) throws -> Dot {
        guard let counter = UInt64(exactly: row["counter"] as Int64), counter >= 1 else { throw damaged("a dot") }
        return Dot(try actors.actor(row["actor"], db), counter)
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
            if let rejection = entry.verdict.rejection, rejection.code != SatchelError.Code.duplicate.word {
                parked[entry.dot] = entry.verdict
            }
            // Another verdict has no body; what is released keeps the digest that it has in its own line.
            if entry.isRevision { return true }
            let own = entry.dot.actor.releasedDot ?? entry.dot
            if let body = entry.body {
                let previous = own == entry.dot ? digests[own.actor] ?? [] : try digest(before: own)
                guard Hashing.changeSetDigest(canonicalBytes: body, previous: previous) == entry.digest else {
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
        dot.counter == 1 ? [] : try logEntry(Dot(dot.actor, dot.counter - 1))?.digest ?? []
    }
}
