import Foundation
import GRDB
package import SatchelSync

/// The notes of backups in a store, and the note that a copy holds of itself.
///
/// A copy tells by a row without a path what it is a copy of, so that it can be verified alone. In a store that was restored from
/// it that row says nothing any more: only rows with a path, which were verified, count.
enum BackupTable {
    static let create = """
        CREATE TABLE satchel_backup (
          key INTEGER PRIMARY KEY,
          epoch TEXT NOT NULL,
          sequence INTEGER NOT NULL,
          position INTEGER NOT NULL,
          chain BLOB NOT NULL,
          digest TEXT NOT NULL,
          last_actor BLOB,
          last_counter INTEGER,
          made_at INTEGER NOT NULL,
          path TEXT,
          byte_count INTEGER,
          verified_at INTEGER
        );
        """

    /// Notes a restore point; without `note` as the one of the copy that holds the row.
    static func add(_ point: RestorePoint, note: BackupNote?, _ db: Database) throws {
        try db.execute(
            sql: """
                INSERT INTO satchel_backup (epoch, sequence, position, chain, digest, last_actor, last_counter, made_at, path,
                  byte_count, verified_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                point.epoch.description, Int64(point.sequence.number), point.position, Data(point.chain), point.digest,
                point.lastChangeSet?.actor.blob, point.lastChangeSet.map { Int64($0.counter) },
                point.madeAt.milliseconds, note?.path, note?.byteCount, note?.verifiedAt.milliseconds,
            ])
    }

    /// What a copy says of itself; `nil` where it is none.
    static func ownPoint(_ db: Database) throws -> RestorePoint? {
        guard try db.tableExists("satchel_backup") else { return nil }
        return try Row.fetchOne(db, sql: "SELECT * FROM satchel_backup WHERE path IS NULL ORDER BY key DESC LIMIT 1")
            .map(point)
    }

    static func note(_ row: Row) throws -> BackupNote {
        BackupNote(
            point: try point(row), path: row["path"] ?? "", byteCount: row["byte_count"] ?? 0,
            verifiedAt: Timestamp(milliseconds: row["verified_at"] ?? 0))
    }

    private static func point(_ row: Row) throws -> RestorePoint {
        var last: Dot?
        if let blob = row["last_actor"] as Data? {
            guard let actor = ActorID(blob: blob),
                let counter = UInt64(exactly: row["last_counter"] as Int64? ?? 0), counter >= 1
            else { throw damaged("the last change-set of a backup") }
            last = Dot(actor, counter)
        }
        return RestorePoint(
            epoch: try StoreEpoch(stored: row["epoch"]),
            head: StoreHead(
                sequence: try ServerSequence(stored: row["sequence"]), position: row["position"],
                chain: Array(row["chain"] as Data)),
            digest: row["digest"], lastChangeSet: last, madeAt: Timestamp(milliseconds: row["made_at"]))
    }
}

extension SQLiteServerTransaction {
    /// Notes a backup of this store, or the one that it was restored from.
    package func addBackup(_ note: BackupNote) throws { try BackupTable.add(note.point, note: note, db) }
}

extension SQLiteServerSnapshot {
    /// The verified backups that the store knows of, the newest first.
    package func backups(limit: Int) throws -> [BackupNote] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT * FROM satchel_backup WHERE verified_at IS NOT NULL
                ORDER BY position DESC, made_at DESC, key DESC LIMIT ?
                """, arguments: [Int64(limit)]
        ).map(BackupTable.note)
    }

    /// The newest verified backup that is a beginning of this store's log; `nil` where there is none.
    package func newestBackup() throws -> BackupNote? { try ownBackups(limit: 1).first }

    /// The verified backups that are a beginning of this store's log, the newest first.
    package func ownBackups(limit: Int) throws -> [BackupNote] {
        let statement = try db.cachedStatement(
            sql: """
                SELECT b.* FROM satchel_backup b LEFT JOIN satchel_log l ON l.position = b.position
                WHERE b.verified_at IS NOT NULL AND (b.position = 0 OR l.chain = b.chain)
                ORDER BY b.position DESC, b.made_at DESC, b.key DESC LIMIT ?
                """)
        return try Row.fetchAll(statement, arguments: [Int64(limit)]).map(BackupTable.note)
    }

    /// Whether a backup is a beginning of this store's log.
    package func isOwn(_ point: RestorePoint) throws -> Bool {
        guard point.position > 0 else { return true }
        let chain = try Data.fetchOne(
            db, sql: "SELECT chain FROM satchel_log WHERE position = ?", arguments: [point.position])
        return chain == Data(point.chain)
    }

    /// How many change-sets of each actor the log has past a position; releases, which come back with what they release, are not
    /// counted.
    /// - Complexity: O(entries past it).
    package func changeSetCounts(after position: Int64) throws -> [ActorID: Int] {
        let rows = try Row.fetchAll(
            db,
            sql: "SELECT actor, count(*) FROM satchel_log WHERE position > ? AND NOT is_revision GROUP BY actor",
            arguments: [position])
        var counts: [ActorID: Int] = [:]
        for row in rows {
            let actor = try actors.actor(row[0], db)
            if actor.releasedDot == nil { counts[actor] = row[1] }
        }
        return counts
    }

    /// How many change-sets of the line that ends with `actor` lie before a position of the log, counted from the line's beginning
    /// and through its forks; of an actor that the store does not know yet `fork` says from where it goes on.
    /// - Complexity: O(ancestors × log change-sets).
    package func countOfLine(_ actor: ActorID, from fork: ForkPoint? = nil, upTo position: Int64) throws -> UInt64 {
        var count: UInt64 = 0
        var ancestors = try lineage(of: actor).ancestors
        if ancestors.isEmpty, let fork, try frontier(of: actor).counter == 0 {
            ancestors = try lineage(of: fork.actor).ancestors + [fork]
        }
        for ancestor in ancestors {
            let own = try counter(of: ancestor.actor, upTo: position, below: ancestor.counter + 1)
            count += own
            if own < ancestor.counter { return count }
        }
        return count + (try counter(of: actor, upTo: position, below: .max))
    }

    /// The highest counter of an actor, below `end`, that the log has up to a position: later counters stand further on in the log.
    private func counter(of actor: ActorID, upTo position: Int64, below end: UInt64) throws -> UInt64 {
        var (low, high) = (UInt64(0), min(try frontier(of: actor).counter, end - 1))
        while low < high {
            let middle = high - (high - low) / 2
            guard let found = try self.position(of: Dot(actor, middle)) else { throw damaged("the log of \(actor)") }
            if found <= position { low = middle } else { high = middle - 1 }
        }
        return low
    }

    private func position(of dot: Dot) throws -> Int64? {
        guard let key = try actors.existingKey(of: dot.actor, db), let counter = Int64(exactly: dot.counter) else {
            return nil
        }
        let statement = try db.cachedStatement(
            sql: """
                SELECT position FROM satchel_log INDEXED BY satchel_log_by_dot
                WHERE actor = ? AND counter = ? AND NOT is_revision
                """)
        return try Int64.fetchOne(statement, arguments: [key, counter])
    }

    /// Where the store stands in this view; `digest` is that of its records.
    func restorePoint(digest: String, at time: Timestamp) throws -> RestorePoint {
        let head = try head()
        let last = try Row.fetchOne(
            db,
            sql: """
                SELECT actor, counter FROM satchel_log WHERE position <= ? AND sequence > 0 ORDER BY position DESC LIMIT 1
                """, arguments: [head.position])
        return RestorePoint(
            epoch: try identity().epoch, head: head, digest: digest,
            lastChangeSet: try last.map { try dot(actor: $0["actor"], counter: $0["counter"]) }, madeAt: time)
    }

    /// The digest of all records in this view.
    func digest(telling progress: (_ done: Int, _ total: Int) throws -> Void) throws -> String {
        let total = try Int.fetchOne(db, sql: "SELECT count(*) FROM satchel_record") ?? 0
        var (digest, done) = (StoreDigest(schema: schema), 0)
        try forEachRecord { record in
            if done.isMultiple(of: 1_024) { try progress(done, total) }
            digest.add(record.state, type: record.type, record: record.id)
            done += 1
        }
        try progress(done, total)
        return digest.finalized()
    }
}
