import GRDB
package import SatchelSync

/// Something that an operator should look at.
package struct Alarm: Hashable, Sendable {
    /// A stable word, listed in `Protocol/errors.md`.
    package let code: String
    /// What it is about, such as a device's id; empty where it is about the server.
    package let subject: String
    /// What happened, in a sentence.
    package let sentence: String
    /// When it began, by the server's clock; anew where it comes back after an operator has confirmed it.
    package let since: Timestamp
    /// When it was last seen.
    package let lastSeenAt: Timestamp
    /// How often.
    package let count: Int
    /// When an operator confirmed it; `nil` where nobody did since it was last seen.
    package let confirmedAt: Timestamp?
    /// By how much it makes the server's times uncertain, in milliseconds.
    package let doubtMilliseconds: Int64
}

extension SQLiteServerSnapshot {
    /// All alarms, those that nobody confirmed first, then the latest first.
    package func alarms() throws -> [Alarm] {
        let rows = try Row.fetchAll(
            db, sql: "SELECT * FROM satchel_alarm ORDER BY confirmed_at IS NOT NULL, last_seen_at DESC, code, subject")
        return rows.map { row in
            Alarm(
                code: row["code"], subject: row["subject"], sentence: row["sentence"],
                since: Timestamp(milliseconds: row["since"]), lastSeenAt: Timestamp(milliseconds: row["last_seen_at"]),
                count: row["count"], confirmedAt: (row["confirmed_at"] as Int64?).map { Timestamp(milliseconds: $0) },
                doubtMilliseconds: row["doubt"])
        }
    }
}

extension SQLiteServerTransaction {
    /// Keeps that something should be looked at; once more where that is so already.
    package func raiseAlarm(
        code: String, subject: String, sentence: String, doubtMilliseconds: Int64, at time: Timestamp
    ) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO satchel_alarm (code, subject, sentence, since, last_seen_at, count, doubt)
                VALUES (?, ?, ?, ?, ?, 1, ?)
                ON CONFLICT (code, subject) DO UPDATE SET sentence = excluded.sentence,
                  since = CASE WHEN confirmed_at IS NULL THEN since ELSE excluded.since END,
                  doubt = CASE WHEN confirmed_at IS NULL THEN doubt ELSE 0 END + excluded.doubt,
                  last_seen_at = excluded.last_seen_at, count = count + 1, confirmed_at = NULL
                """
        ).execute(arguments: [code, subject, sentence, time.milliseconds, time.milliseconds, doubtMilliseconds])
    }

    /// Keeps that an operator has looked at all alarms of a code, and returns how many there were that nobody had.
    package func confirmAlarms(code: String, at time: Timestamp) throws -> Int {
        try db.execute(
            sql: "UPDATE satchel_alarm SET confirmed_at = ? WHERE code = ? AND confirmed_at IS NULL",
            arguments: [time.milliseconds, code])
        return db.changesCount
    }
}
