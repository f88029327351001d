import Foundation
import GRDB
package import SatchelSync

/// One line of what others did, as a replica keeps it.
package struct StoredNews: Hashable, Sendable {
    /// Its number; later news have higher ones.
    package var key: Int64 = 0
    /// When the replica heard of it, by the device's clock.
    package let heardAt: Timestamp
    /// The record.
    package let record: RecordID
    /// Its type.
    package let type: EntityTypeID
    /// What happened, as whoever keeps it counts.
    package let kind: Int
    /// The field, or `life`.
    package let subject: String
    /// The value before.
    package let before: String?
    /// The value after.
    package let after: String?
    /// The change-set that did it.
    package let dot: Dot?
    /// When that was made, by the server's reckoning.
    package let madeAt: Timestamp?
    /// What its author called it.
    package let label: String?
    /// Whether the value before was the replica's own.
    package let isOwnValue: Bool
    /// Whether it is about what the replica wrote itself: what others did in bulk never takes its place.
    package let isOwn: Bool
    /// The value before as a person types it to write it again; `nil` where that was not the replica's own, or is too long.
    package let restore: String?

    package init(
        key: Int64 = 0, heardAt: Timestamp, record: RecordID, type: EntityTypeID, kind: Int, subject: String,
        before: String?, after: String?, dot: Dot?, madeAt: Timestamp?, label: String?, isOwnValue: Bool,
        isOwn: Bool, restore: String?
    ) {
        self.key = key
        self.heardAt = heardAt
        self.record = record
        self.type = type
        self.kind = kind
        self.subject = subject
        self.before = before
        self.after = after
        self.dot = dot
        self.madeAt = madeAt
        self.label = label
        self.isOwnValue = isOwnValue
        self.isOwn = isOwn
        self.restore = restore
    }
}

// What others did, as the last syncs brought it.
extension ReplicaTransaction {
    /// How many lines of what others did are kept; older ones go.
    package static let newsMax: Int64 = 5_000
    /// How many lines are kept of what became of the replica's own writes.
    package static let ownNewsMax: Int64 = 20_000
    /// Of how many syncs is kept how much of their news is left out.
    private static let syncsLeftOutMax = 1_000

    /// Keeps a line.
    package func add(_ news: StoredNews) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO satchel_news (
                  heard_at, record, type, kind, subject, before, after, actor, counter, made_at, label, is_own_value,
                  is_own, restore)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            news.heardAt.milliseconds, news.record.blob, news.type.number, news.kind, news.subject, news.before,
            news.after, try news.dot.map { try actors.key(of: $0.actor, db) },
            news.dot.map { Int64(clamping: $0.counter) }, news.madeAt?.milliseconds, news.label, news.isOwnValue,
            news.isOwn, news.restore,
        ])
    }

    /// Drops all but the last lines, of what others did and of what became of own writes each by itself.
    package func trimNews() throws {
        try trimNews(own: false, keeping: Self.newsMax)
        try trimNews(own: true, keeping: Self.ownNewsMax)
    }

    private func trimNews(own: Bool, keeping count: Int64) throws {
        let last = try Int64.fetchOne(
            db, sql: "SELECT key FROM satchel_news WHERE is_own = ? ORDER BY key DESC LIMIT 1 OFFSET ?",
            arguments: [own, count])
        guard let last else { return }
        try db.execute(
            sql: """
                INSERT INTO satchel_news_left_out (heard_at, count)
                SELECT heard_at, count(*) FROM satchel_news WHERE is_own = :own AND key <= :last GROUP BY heard_at
                ON CONFLICT (heard_at) DO UPDATE SET count = count + excluded.count
                """, arguments: ["own": own, "last": last])
        try db.execute(sql: "DELETE FROM satchel_news WHERE is_own = ? AND key <= ?", arguments: [own, last])
        try db.execute(
            sql: """
                DELETE FROM satchel_news_left_out WHERE heard_at <= (
                  SELECT heard_at FROM satchel_news_left_out ORDER BY heard_at DESC LIMIT 1 OFFSET ?)
                """, arguments: [Self.syncsLeftOutMax])
    }

    /// The lines behind a number that were heard of at an instant or later, in their order.
    package func news(after key: Int64, heardSince time: Timestamp?) throws -> [StoredNews] {
        let rows = try Row.fetchAll(
            db, sql: "SELECT * FROM satchel_news WHERE key > ? AND heard_at >= ? ORDER BY key",
            arguments: [key, time?.milliseconds ?? Int64.min])
        return try rows.compactMap { row in
            guard let record = RecordID(blob: row["record"]) else { return nil }
            let counter = (row["counter"] as Int64?).flatMap { $0 > 0 ? UInt64($0) : nil }
            let actor = try (row["actor"] as Int64?).map { try actors.actor($0, db) }
            return StoredNews(
                key: row["key"], heardAt: Timestamp(milliseconds: row["heard_at"]), record: record,
                type: EntityTypeID(row["type"] as UInt32), kind: row["kind"], subject: row["subject"],
                before: row["before"], after: row["after"],
                dot: actor.flatMap { actor in counter.map { Dot(actor, $0) } },
                madeAt: (row["made_at"] as Int64?).map { Timestamp(milliseconds: $0) }, label: row["label"],
                isOwnValue: row["is_own_value"], isOwn: row["is_own"], restore: row["restore"])
        }
    }

    /// How many lines there were behind a number, those that are kept no more included.
    package func newsCount(after key: Int64) throws -> Int {
        // Numbers have no gaps, and the last line of all is always kept.
        let last = try Int64.fetchOne(db, sql: "SELECT max(key) FROM satchel_news") ?? key
        return Int(clamping: max(0, last - key))
    }

    /// How many lines behind a number that were heard of at an instant or later are kept no more.
    package func newsLeftOutCount(after key: Int64, heardSince time: Timestamp?) throws -> Int {
        guard let time else {
            let kept = try Int.fetchOne(db, sql: "SELECT count(*) FROM satchel_news WHERE key > ?", arguments: [key])
            return try max(0, newsCount(after: key) - (kept ?? 0))
        }
        return try Int.fetchOne(
            db, sql: "SELECT sum(count) FROM satchel_news_left_out WHERE heard_at >= ?", arguments: [time.milliseconds])
            ?? 0
    }

    /// The number of the last line that a person was shown, and when that was.
    package func newsShown() throws -> (key: Int64, at: Timestamp?) {
        (try meta.number(.newsShown) ?? 0, try meta.number(.newsShownAt).map { Timestamp(milliseconds: $0) })
    }

    /// Keeps that a person was shown the lines up to this one.
    package func noteNewsShown(through key: Int64, at time: Timestamp) throws {
        try meta.set(.newsShown, key)
        try meta.set(.newsShownAt, time.milliseconds)
    }
}
