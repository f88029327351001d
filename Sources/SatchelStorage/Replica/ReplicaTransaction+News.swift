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

    package init(
        key: Int64 = 0, heardAt: Timestamp, record: RecordID, type: EntityTypeID, kind: Int, subject: String,
        before: String?, after: String?, dot: Dot?, madeAt: Timestamp?, label: String?, isOwnValue: Bool
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
    }
}

// What others did, as the last syncs brought it.
extension ReplicaTransaction {
    /// How many lines are kept; older ones go.
    package static let newsMax: Int64 = 5_000

    /// Keeps a line.
    package func add(_ news: StoredNews) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO satchel_news (
                  heard_at, record, type, kind, subject, before, after, actor, counter, made_at, label, is_own_value)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            news.heardAt.milliseconds, news.record.blob, news.type.number, news.kind, news.subject, news.before,
            news.after, try news.dot.map { try actors.key(of: $0.actor, db) },
            news.dot.map { Int64(clamping: $0.counter) }, news.madeAt?.milliseconds, news.label, news.isOwnValue,
        ])
    }

    /// Drops all but the last lines.
    package func trimNews() throws {
        try db.execute(
            sql: "DELETE FROM satchel_news WHERE key <= (SELECT max(key) FROM satchel_news) - ?",
            arguments: [Self.newsMax])
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
                isOwnValue: row["is_own_value"])
        }
    }

    /// How many lines there are behind a number.
    package func newsCount(after key: Int64) throws -> Int {
        try Int.fetchOne(db, sql: "SELECT count(*) FROM satchel_news WHERE key > ?", arguments: [key]) ?? 0
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
