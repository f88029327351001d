import Foundation
package import GRDB
package import SatchelSync

/// Where a store keeps its records: the packed states, and the plain rows that show them.
///
/// Each record has a row in `satchel_record`, with its number, its id, its type, and what lists need to know of it. A device keeps
/// the states there too, apart from the plain rows, which other programs may replace; a server keeps the state of a shown record
/// in its plain row.
package protocol RecordLayout {
    /// The connection.
    var db: Database { get }
    /// The schema that rows are read and written with.
    var schema: Schema { get }
    /// The statements of the transaction.
    var shelf: StatementShelf { get }
    /// Whether nothing but a session changes rows, so that what it read stays true to the end of its transaction.
    var isSoleWriter: Bool { get }

    /// The record with this name; `nil` when the store has none.
    ///
    /// `type` is what the caller thinks it is, which may save a lookup.
    func record(_ id: RecordID, likely type: EntityTypeID?) throws -> StoredRecord?
    /// The record with this number.
    ///
    /// - Throws: ``SatchelError`` `damaged_data` when there is none.
    func record(key: Int64) throws -> StoredRecord
    /// Writes a record, its row included, where `old` is what the tables hold of it.
    func write(_ record: StoredRecord, over old: StoredRecord, type: EntityType) throws
}

extension RecordLayout {
    /// The indexes and tables that stand beside `satchel_record` in either layout.
    static func createLists(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE INDEX satchel_record_by_ending ON satchel_record (ending);
                CREATE INDEX satchel_record_by_conflict ON satchel_record (conflict, key) WHERE conflict > 0;
                CREATE TABLE satchel_dangling (
                  parent BLOB NOT NULL,
                  child INTEGER NOT NULL,
                  PRIMARY KEY (parent, child)
                ) WITHOUT ROWID;
                """)
    }

    /// The record with this name; `nil` when the store has none.
    package func record(_ id: RecordID) throws -> StoredRecord? { try record(id, likely: nil) }

    /// Calls `body` with every record, in the order of ids.
    /// - Complexity: O(records); one is unpacked at a time.
    package func forEach(_ body: (StoredRecord) throws -> Void) throws {
        let keys = try Int64.fetchCursor(db, sql: "SELECT key FROM satchel_record ORDER BY id")
        while let key = try keys.next() { try body(try record(key: key)) }
    }

    /// What a record is and whether it lives, without unpacking it; `nil` when the store has none.
    package func standing(of id: RecordID) throws -> (type: EntityTypeID, status: LifeStatus)? {
        let statement = try shelf.statement(.init(purpose: .standing)) {
            "SELECT type, status FROM satchel_record WHERE id = ?"
        }
        statement.bind(id.bytes)
        return try statement.row { row in
            guard let type = UInt32(exactly: row.integer(0)), let status = LifeStatus(stored: row.integer(1)) else {
                throw damaged("the type or the life of record \(id)")
            }
            return (EntityTypeID(type), status)
        }
    }

    /// The records with an open conflict of at least this severity, in the order of their numbers.
    package func conflicting(atLeast severity: ConflictSeverity, after key: Int64 = 0, limit: Int) throws
        -> [StoredRecord]
    {
        let sql = "SELECT key FROM satchel_record WHERE conflict >= ? AND conflict > 0 AND key > ? ORDER BY key LIMIT ?"
        return try Int64.fetchAll(db, sql: sql, arguments: [severity.rawValue, key, limit]).map { try record(key: $0) }
    }

    /// How many records have an open conflict whose severest is this.
    package func conflictCount(_ severity: ConflictSeverity) throws -> Int {
        try Int.fetchOne(
            db, sql: "SELECT count(*) FROM satchel_record WHERE conflict = ?", arguments: [severity.rawValue]) ?? 0
    }

    /// Finds the record that a person names by its whole id or by a unique ending of four or more digits.
    ///
    /// - Throws: ``SatchelError`` `unknown_record`, `ambiguous_id` with the candidates' shortest endings, `invalid_request`.
    package func resolve(_ text: String, type: EntityTypeID?) throws -> RecordID {
        if let id = RecordID(text) { return id }
        let digits = Array(text.lowercased().utf8.filter { $0 != UInt8(ascii: "-") })
        guard (4...32).contains(digits.count), let range = RecordEnding.range(ofDigits: digits) else {
            throw SatchelError(
                .invalidRequest, "\"\(Excerpt.of(text))\" is not an id, nor the last four or more digits of one.",
                remedy: "Take the id, or its ending, from `list`.")
        }
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT id FROM satchel_record WHERE ending BETWEEN ? AND ? AND type = coalesce(?, type)
                ORDER BY ending LIMIT 50
                """, arguments: [range.lowerBound, range.upperBound, type?.number])
        let ending = String(decoding: digits, as: UTF8.self)
        let matches = rows.compactMap { row -> RecordID? in
            guard let id = RecordID(blob: row["id"]) else { return nil }
            return (id.high.hexDigits + id.low.hexDigits).hasSuffix(ending) ? id : nil
        }
        guard let first = matches.first else {
            throw SatchelError(
                .unknownRecord, "No record has an id that ends in \"\(Excerpt.of(text))\".",
                remedy: "Take the ending from `list`.")
        }
        guard matches.count == 1 else {
            let endings = try matches.prefix(5).map { try shortestEnding(of: $0) }.joined(separator: ", ")
            throw SatchelError(
                .ambiguousID, "\(matches.count) records have ids that end in \"\(Excerpt.of(text))\": \(endings).",
                remedy: "Add digits to the left.")
        }
        return first
    }

    /// The shortest ending, of four or more digits, that names this record alone.
    /// - Complexity: O(log records).
    package func shortestEnding(of id: RecordID) throws -> String {
        let index = RecordEnding.index(of: id)
        let below = try db.cachedStatement(
            sql: "SELECT ending FROM satchel_record WHERE ending <= ? AND id <> ? ORDER BY ending DESC LIMIT 1")
        let above = try db.cachedStatement(
            sql: "SELECT ending FROM satchel_record WHERE ending >= ? AND id <> ? ORDER BY ending LIMIT 1")
        let neighbours = [
            try Int64.fetchOne(below, arguments: [index, id.blob]),
            try Int64.fetchOne(above, arguments: [index, id.blob]),
        ]
        let count = neighbours.compactMap { $0.map { RecordEnding.digitsToTell(index, from: $0) } }.max() ?? 4
        let text = id.description
        guard count <= 12 else { return text }
        return String(text.suffix(max(count, 4)))
    }
}
