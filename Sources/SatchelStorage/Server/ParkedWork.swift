import Foundation
import GRDB
package import SatchelSync

/// A change-set that was parked, and what became of it since (causality.md §4).
///
/// The log keeps the verdict that was given first and appends every other; this is the last.
package struct ParkedWork: Hashable, Sendable {
    /// The change-set.
    package let dot: Dot
    /// The position of its entry in the log.
    package let position: Int64
    /// Held, rejected or, once it came back, reissued.
    package let verdict: Verdict
    /// The change-set that stands in its place: its own release, or a fix; `nil` where it is parked still.
    package let reissuedAs: Dot?

    package init(dot: Dot, position: Int64, verdict: Verdict, reissuedAs: Dot?) {
        self.dot = dot
        self.position = position
        self.verdict = verdict
        self.reissuedAs = reissuedAs
    }
}

extension SQLiteServerSnapshot {
    /// What became of a change-set that was parked; `nil` where it never was.
    package func parkedWork(_ dot: Dot) throws -> ParkedWork? {
        guard let key = try actors.existingKey(of: dot.actor, db), let counter = Int64(exactly: dot.counter) else {
            return nil
        }
        let statement = try db.cachedStatement(sql: "SELECT * FROM satchel_parked WHERE actor = ? AND counter = ?")
        return try Row.fetchOne(statement, arguments: [key, counter]).map(parkedWork)
    }

    /// The held change-sets that wait for a record, in the order in which they came.
    package func waiting(for record: RecordID) throws -> [ParkedWork] {
        let statement = try db.cachedStatement(
            sql: "SELECT * FROM satchel_parked WHERE record = ? AND verdict = 3 ORDER BY position")
        return try Row.fetchAll(statement, arguments: [record.blob]).map(parkedWork)
    }

    /// The fixes and discards that wait for what they fix to come back to a restored store, in the order in which they came.
    package func waitingForReturn() throws -> [ParkedWork] {
        let statement = try db.cachedStatement(
            sql: "SELECT * FROM satchel_parked WHERE record IS NULL AND verdict = 3 AND code = ? ORDER BY position")
        return try Row.fetchAll(statement, arguments: [SatchelError.Code.awaitsReturn.word]).map(parkedWork)
    }

    /// The change-sets that are parked still, past a position, in the order in which they came.
    package func parkedWork(after position: Int64, limit: Int) throws -> [ParkedWork] {
        let statement = try db.cachedStatement(
            sql: """
                SELECT * FROM satchel_parked WHERE reissued_actor IS NULL AND verdict IN (3, 4) AND position > ?
                ORDER BY position LIMIT ?
                """)
        return try Row.fetchAll(statement, arguments: [position, Int64(limit)]).map(parkedWork)
    }

    /// How many change-sets of a device are parked still, under whatever of its names, counted up to `most`.
    ///
    /// - Complexity: O(change-sets of the device that were ever parked).
    package func parkedCount(ofDevice key: Int64, upTo most: Int) throws -> Int {
        let statement = try db.cachedStatement(
            sql: """
                SELECT count(*) FROM (
                  SELECT 1 FROM satchel_line l CROSS JOIN satchel_parked p ON p.actor = l.actor
                  WHERE l.device = ? AND p.reissued_actor IS NULL AND p.verdict IN (3, 4) LIMIT ?)
                """)
        return try Int.fetchOne(statement, arguments: [key, Int64(most)]) ?? 0
    }

    /// Checks that what is told of parked work is what the log says of it, given its last verdict on each.
    func verifyParked(against verdicts: [Dot: Verdict]) throws {
        var count = 0
        let cursor = try Row.fetchCursor(db, sql: "SELECT * FROM satchel_parked ORDER BY position")
        while let row = try cursor.next() {
            let work = try parkedWork(row)
            count += 1
            let isTrue =
                if let dot = work.reissuedAs {
                    try work.verdict == .reissued && logEntry(dot)?.verdict.isApplied == true
                } else {
                    work.verdict == verdicts[work.dot]
                }
            guard isTrue, verdicts[work.dot] != nil else {
                throw damaged("what became of parked change-set \(work.dot)")
            }
        }
        guard count == verdicts.count else { throw damaged("the list of parked change-sets") }
    }

    private func parkedWork(_ row: Row) throws -> ParkedWork {
        let dot = try dot(actor: row["actor"], counter: row["counter"])
        let reissued: Dot? =
            if let actor = row["reissued_actor"] as Int64?, let counter = row["reissued_counter"] as Int64? {
                try self.dot(actor: actor, counter: counter)
            } else { nil }
        return ParkedWork(dot: dot, position: row["position"], verdict: try Verdict(row), reissuedAs: reissued)
    }
}

extension SQLiteServerTransaction {
    /// Keeps what became of parked work; the log tells of it too, in an entry of its own.
    package func setParked(_ dot: Dot, verdict: Verdict, reissuedAs: Dot?) throws {
        writeCount += 1
        let rejection = verdict.rejection
        try db.cachedStatement(
            sql: """
                UPDATE satchel_parked SET verdict = ?, code = ?, record = ?, field = ?, sentence = ?,
                  reissued_actor = ?, reissued_counter = ?
                WHERE actor = ? AND counter = ?
                """
        ).execute(arguments: [
            verdict.stored, rejection?.code, rejection?.record?.blob, rejection?.field.map { Int64($0.number) },
            rejection?.sentence, try reissuedAs.map { try actors.key(of: $0.actor, db) },
            reissuedAs.map { Int64($0.counter) }, try actors.key(of: dot.actor, db), Int64(dot.counter),
        ])
    }

    /// Notes a change-set that was just appended to the log as parked.
    func park(_ entry: LogEntry, rejection: Rejection, actorKey: Int64) throws {
        // What is in the store under another name waits for nobody.
        guard !rejection.isDuplicate else { return }
        try db.cachedStatement(
            sql: """
                INSERT INTO satchel_parked (position, actor, counter, verdict, code, record, field, sentence)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            head.position, actorKey, Int64(entry.dot.counter), entry.verdict.stored, rejection.code,
            rejection.record?.blob, rejection.field.map { Int64($0.number) }, rejection.sentence,
        ])
    }
}
