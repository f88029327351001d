import Foundation
package import GRDB
package import SatchelSync

/// The rows of `satchel_record`: for each record its number, its packed state and what lists need to know of it.
package struct RecordTable {
    private let db: Database
    let schema: Schema
    private let actors: ActorTable
    private let readsCaptures: Bool

    /// Reads the records of one transaction.
    ///
    /// `readsCaptures` says that rows may have been changed by plain SQL that nobody has sealed: those are read as they were.
    package init(_ db: Database, schema: Schema, actors: ActorTable, readsCaptures: Bool = false) {
        self.db = db
        self.schema = schema
        self.actors = actors
        self.readsCaptures = readsCaptures
    }

    var database: Database { db }

    package static func create(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE satchel_record (
                  key INTEGER PRIMARY KEY,
                  id BLOB NOT NULL UNIQUE,
                  ending INTEGER NOT NULL,
                  type INTEGER NOT NULL,
                  sequence INTEGER NOT NULL,
                  status INTEGER NOT NULL,
                  conflict INTEGER NOT NULL,
                  state BLOB NOT NULL,
                  base BLOB
                );
                CREATE INDEX satchel_record_by_ending ON satchel_record (ending);
                CREATE INDEX satchel_record_by_conflict ON satchel_record (conflict, key) WHERE conflict > 0;
                CREATE INDEX satchel_record_with_base ON satchel_record (key) WHERE base IS NOT NULL;
                CREATE TABLE satchel_dangling (
                  parent BLOB NOT NULL,
                  child INTEGER NOT NULL,
                  PRIMARY KEY (parent, child)
                ) WITHOUT ROWID;
                """)
    }

    /// The record with this name; `nil` when the store has none.
    package func record(_ id: RecordID) throws -> StoredRecord? {
        let statement = try db.cachedStatement(sql: "SELECT * FROM satchel_record WHERE id = ?")
        return try Row.fetchOne(statement, arguments: [id.blob]).map(record)
    }

    /// The record with this number.
    ///
    /// - Throws: ``SatchelError`` `damaged_data` when there is none.
    package func record(key: Int64) throws -> StoredRecord {
        let statement = try db.cachedStatement(sql: "SELECT * FROM satchel_record WHERE key = ?")
        guard let row = try Row.fetchOne(statement, arguments: [key]) else { throw damaged("record number \(key)") }
        return try record(row)
    }

    /// What a record is and whether it lives, without unpacking it; `nil` when the store has none.
    package func standing(of id: RecordID) throws -> (type: EntityTypeID, status: LifeStatus)? {
        let statement = try db.cachedStatement(sql: "SELECT type, status FROM satchel_record WHERE id = ?")
        guard let row = try Row.fetchOne(statement, arguments: [id.blob]) else { return nil }
        guard let status = LifeStatus(rawValue: row["status"]) else { throw damaged("the life of record \(id)") }
        return (EntityTypeID(row["type"]), status)
    }

    /// Calls `body` with every record, in the order of ids.
    /// - Complexity: O(records); one is unpacked at a time.
    package func forEach(_ body: (StoredRecord) throws -> Void) throws {
        let cursor = try Row.fetchCursor(db, sql: "SELECT * FROM satchel_record ORDER BY id")
        while let row = try cursor.next() { try body(try record(row)) }
    }

    /// The records with an open conflict of at least this severity, in the order of their numbers.
    package func conflicting(atLeast severity: ConflictSeverity, after key: Int64 = 0, limit: Int) throws
        -> [StoredRecord]
    {
        let sql = "SELECT * FROM satchel_record WHERE conflict >= ? AND conflict > 0 AND key > ? ORDER BY key LIMIT ?"
        return try Row.fetchAll(db, sql: sql, arguments: [severity.rawValue, key, limit]).map(record)
    }

    /// How many records have an open conflict whose severest is this.
    package func conflictCount(_ severity: ConflictSeverity) throws -> Int {
        try Int.fetchOne(
            db, sql: "SELECT count(*) FROM satchel_record WHERE conflict = ?", arguments: [severity.rawValue]) ?? 0
    }

    private func record(_ row: Row) throws -> StoredRecord {
        let typeID = EntityTypeID(row["type"])
        guard let type = schema.type(typeID), let id = RecordID(blob: row["id"]),
            let status = LifeStatus(rawValue: row["status"])
        else { throw damaged("record number \(row["key"] as Int64)") }
        let plain = status.isVisible ? try plainRow(of: id, type: type) : nil
        let codec = RecordStateCodec(type: type, actors: actors, db: db)
        let base = try (row["base"] as Data?).map { try codec.decode(Array($0), row: nil) }
        return StoredRecord(
            key: row["key"], type: typeID, id: id, sequence: try ServerSequence(stored: row["sequence"]),
            state: try codec.decode(Array(row["state"] as Data), row: plain), base: base, status: status, row: plain)
    }

    /// What the plain row of a record holds, in the order of the type's fields; `nil` when there is none.
    ///
    /// Where another program changed the row and nobody has sealed the change yet, this is the row as it was before.
    package func plainRow(of id: RecordID, type: EntityType) throws -> [ColumnValue]? {
        if readsCaptures, let captured = try Captures.before(of: id, type: type, db) { return captured.columns }
        return try currentRow(of: id, type: type)
    }

    /// What the plain row holds now, a change by another program included.
    package func currentRow(of id: RecordID, type: EntityType) throws -> [ColumnValue]? {
        let statement = try db.cachedStatement(
            sql: "SELECT \(type.columnList) FROM \(type.name.quoted) WHERE id = ?")
        return try Row.fetchOne(statement, arguments: [id.description]).map { Self.columns(of: $0, type: type) }
    }

    static func columns(of row: Row, type: EntityType) -> [ColumnValue] {
        var index = 0
        return type.fields.map { field in
            let count = field.columnNames.count
            defer { index += count }
            let stored = (index..<(index + count)).map { row[$0] as DatabaseValue }
            return ColumnCodec.columnValue(stored, kind: field.kind)
        }
    }

    /// Finds the record that a person names by its whole id or by a unique ending of four or more digits.
    ///
    /// - Throws: ``SatchelError`` `unknown_record`, `ambiguous_id` with the candidates' shortest endings, `invalid_request`.
    package func resolve(_ text: String, type: EntityTypeID?) throws -> RecordID {
        if let id = RecordID(text) { return id }
        let digits = Array(text.lowercased().utf8.filter { $0 != UInt8(ascii: "-") })
        guard (4...32).contains(digits.count), let range = RecordEnding.range(ofDigits: digits) else {
            throw SatchelError(
                .invalidRequest, "\"\(text)\" is not an id, nor the last four or more digits of one.",
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
                .unknownRecord, "No record has an id that ends in \"\(text)\".", remedy: "Take the ending from `list`.")
        }
        guard matches.count == 1 else {
            let endings = try matches.prefix(5).map { try shortestEnding(of: $0) }.joined(separator: ", ")
            throw SatchelError(
                .ambiguousID, "\(matches.count) records have ids that end in \"\(text)\": \(endings).",
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
