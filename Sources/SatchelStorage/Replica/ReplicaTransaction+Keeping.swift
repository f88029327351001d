import Foundation
import GRDB
package import SatchelSync

// How long the replica keeps what its acknowledged change-sets wrote.
extension ReplicaTransaction {
    /// Notes which own change-sets are acknowledged now; `now` is the later of what the server's and the own clock say.
    package func noteAcknowledged(at now: Timestamp) throws {
        let first = try Int64.fetchOne(
            db,
            sql: """
                SELECT min(position) FROM satchel_change_set
                WHERE state < \(QueueState.applied.rawValue) OR is_reoffered
                """)
        let last = try Int64.fetchOne(db, sql: "SELECT max(position) FROM satchel_change_set") ?? 0
        let kept = try acknowledgementMarks()
        var marks = kept
        marks.note(first.map { $0 - 1 } ?? last, at: now)
        guard marks != kept else { return }
        try meta.set(.acknowledged, marks.stored)
    }

    private func acknowledgementMarks() throws -> AcknowledgementMarks {
        AcknowledgementMarks(stored: try meta.text(.acknowledged) ?? "")
    }

    /// Gives up, the oldest first, what acknowledged change-sets wrote that a verified backup has or that were acknowledged thirty
    /// days ago, until so many bytes are free in the file; `now` is the earlier of what the server's and the own clock say.
    ///
    /// Rows, digests and verdicts stay, and of each change-set its outline. What stands apart from its turn, is to be offered again,
    /// or touches a record over which something is laid keeps all it has.
    ///
    /// - Returns: How many bytes were given up.
    /// - Complexity: O(rows looked at), a thousand at most; the next call goes on behind them.
    package func giveUpWrites(_ byteCount: UInt64, at now: Timestamp) throws -> UInt64 {
        let backedUp = try meta.exchangeFacts().backup?.count ?? 0
        let lastBackedUp =
            backedUp == 0
            ? nil
            : try Int64.fetchOne(
                db,
                sql: "SELECT max(position) FROM (SELECT position FROM satchel_change_set ORDER BY position LIMIT ?)",
                arguments: [Int64(clamping: backedUp)])
        let end = max(lastBackedUp ?? 0, try acknowledgementMarks().placeKeptLongEnough(at: now))
        let start = try meta.number(.outlinedThrough) ?? 0
        guard end > start else { return 0 }
        let rows = try Row.fetchCursor(
            db, sql: Self.ordinaryRows,
            arguments: [
                start, end, QueueState.applied.rawValue, QueueState.appliedWithConflicts.rawValue, Self.rowsPerCallMax,
            ])
        let overlaid = Set(try Data.fetchAll(db, sql: "SELECT id FROM satchel_record WHERE base IS NOT NULL"))
        var outlines: [(position: Int64, body: [UInt8])] = []
        var (freed, last, seen) = (UInt64(0), start, 0)
        while freed < byteCount, let row = try rows.next() {
            (last, seen) = (row["position"], seen + 1)
            guard row["is_ordinary"] else { continue }
            guard let changeSet = try ownChangeSet(try dot(at: last))?.changeSet, !changeSet.isOutline,
                !changeSet.changes.contains(where: { overlaid.contains($0.record.blob) })
            else { continue }
            let (body, outline) = ((row["body"] as Data).count, changeSet.outline.canonicalBytes)
            guard body >= outline.count + Self.bytesWorthIt else { continue }
            outlines.append((last, outline))
            freed += UInt64(body - outline.count)
        }
        for outline in outlines {
            try db.execute(
                sql: "UPDATE satchel_change_set SET body = ? WHERE position = ?",
                arguments: [Data(outline.body), outline.position])
            forgetDecoded(outline.position)
        }
        let isAtEnd = freed < byteCount && seen < Self.rowsPerCallMax
        try meta.set(.outlinedThrough, isAtEnd ? end : last)
        if !outlines.isEmpty { try meta.set(.outlineCount, try outlineCount() + outlines.count) }
        return freed
    }

    private static let rowsPerCallMax = 1_000
    /// An outline that is hardly smaller is no gain.
    private static let bytesWorthIt = 32

    private static let ordinaryRows = """
        SELECT c.position, c.body,
          c.state IN (?3, ?4) AND NOT c.is_in_overlay AND NOT c.is_reoffered AND c.place IS NULL AND c.fixed_by IS NULL
            AS is_ordinary
        FROM satchel_change_set c WHERE c.position > ?1 AND c.position <= ?2 ORDER BY c.position LIMIT ?5
        """

    private func dot(at position: Int64) throws -> Dot {
        guard
            let row = try Row.fetchOne(
                db, sql: "SELECT actor, counter FROM satchel_change_set WHERE position = ?", arguments: [position])
        else { throw damaged("the queue") }
        return try storedDot(row)
    }

    /// Of how many own change-sets only the outline is kept.
    package func outlineCount() throws -> Int { Int(clamping: try meta.number(.outlineCount) ?? 0) }

    /// How many of those are in no verified backup, as the server told last: what they wrote is at the server alone.
    ///
    /// - Complexity: O(change-sets in no backup) where there is any outline.
    package func outlineCountWithoutBackup() throws -> Int {
        guard try outlineCount() > 0 else { return 0 }
        let rows = try Row.fetchCursor(
            db,
            sql:
                "SELECT actor, counter FROM satchel_change_set WHERE position <= ? ORDER BY position LIMIT -1 OFFSET ?",
            arguments: [
                try meta.number(.outlinedThrough) ?? .max,
                Int64(clamping: try meta.exchangeFacts().backup?.count ?? 0),
            ])
        var count = 0
        while let row = try rows.next() {
            if try ownChangeSet(try storedDot(row))?.changeSet.isOutline == true { count += 1 }
        }
        return count
    }
}

extension AcknowledgementMarks {
    /// Reads `time:place` in milliseconds, one after another; what cannot be read tells nothing.
    fileprivate init(stored text: String) {
        self.init(
            text.split(separator: " ").compactMap { entry in
                let parts = entry.split(separator: ":").compactMap { Int64($0) }
                return parts.count == 2 ? Mark(time: Timestamp(milliseconds: parts[0]), place: parts[1]) : nil
            })
    }

    fileprivate var stored: String { marks.map { "\($0.time.milliseconds):\($0.place)" }.joined(separator: " ") }
}
