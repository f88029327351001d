import Foundation
package import GRDB
package import SatchelSync

/// How plain SQL writes are noticed: triggers keep each row as it was before the first change that nobody has sealed yet.
///
/// They use nothing but built-in SQL, since a `sqlite3` shell has none of our functions. The difference between the row as it
/// was and as it is becomes the edit, so `INSERT OR REPLACE` on a known id is an update of the columns it changed.
package enum Captures {
    /// A row as it was before it was first changed.
    package struct Before {
        /// What the columns held; `nil` when there was no row.
        package let columns: [ColumnValue]?
    }

    /// Makes the switch that turns capturing off while our own merges write.
    static func create(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE satchel_capture_switch (is_on INTEGER NOT NULL);
                INSERT INTO satchel_capture_switch (is_on) VALUES (1);
                """)
    }

    /// Makes the tables and triggers that `schema` asks for, anew, since columns may have come.
    ///
    /// - Precondition: nothing captured waits to be sealed.
    static func prepare(_ db: Database, schema: Schema) throws {
        for type in schema.types {
            let kept = tableName(type)
            let columns = type.columnNames.map(\.quoted)
            let definitions = columns.map { "\($0) BLOB" }.joined(separator: ", ")
            try db.execute(
                sql: """
                    DROP TABLE IF EXISTS \(kept);
                    CREATE TABLE \(kept) (id TEXT PRIMARY KEY, existed INTEGER NOT NULL, \(definitions)) WITHOUT ROWID;
                    """)
            let list = columns.joined(separator: ", ")
            let old = columns.map { "OLD.\($0)" }.joined(separator: ", ")
            let isFirst = { (id: String) in "NOT EXISTS (SELECT 1 FROM \(kept) WHERE id = \(id))" }
            // The row that an insert or an update is about to replace, and the fact that there was none.
            let keepTarget = """
                INSERT INTO \(kept) (id, existed, \(list))
                  SELECT id, 1, \(list) FROM \(type.name.quoted) WHERE id = NEW.id AND \(isFirst("NEW.id"));
                INSERT INTO \(kept) (id, existed) SELECT NEW.id, 0 WHERE \(isFirst("NEW.id"));
                """
            let keepOld = """
                INSERT INTO \(kept) (id, existed, \(list)) SELECT OLD.id, 1, \(old) WHERE \(isFirst("OLD.id"));
                """
            for (event, body) in [
                ("INSERT", keepTarget), ("UPDATE", keepOld + keepTarget), ("DELETE", keepOld),
            ] {
                let name = "satchel_capture_\(type.name)_\(event.lowercased())".quoted
                try db.execute(
                    sql: """
                        DROP TRIGGER IF EXISTS \(name);
                        CREATE TRIGGER \(name) BEFORE \(event) ON \(type.name.quoted)
                        WHEN (SELECT is_on FROM satchel_capture_switch) BEGIN \(body) END;
                        """)
            }
        }
    }

    /// Runs `body`, whose writes to plain tables are our own, with capturing off.
    static func suspended<Result>(_ db: Database, _ body: () throws -> Result) throws -> Result {
        try db.execute(sql: "UPDATE satchel_capture_switch SET is_on = 0")
        let result = try body()
        // Where `body` throws, the transaction is rolled back, and the switch with it.
        try db.execute(sql: "UPDATE satchel_capture_switch SET is_on = 1")
        return result
    }

    /// Whether anything captured waits to be sealed.
    package static func isEmpty(_ db: Database, schema: Schema) throws -> Bool {
        try schema.types.allSatisfy { type in
            try Row.fetchOne(db, sql: "SELECT 1 FROM \(tableName(type)) LIMIT 1") == nil
        }
    }

    /// The row as it was before a change that nobody has sealed; `nil` when there was no such change.
    static func before(of id: RecordID, type: EntityType, _ db: Database) throws -> Before? {
        let statement = try db.cachedStatement(
            sql: "SELECT \(type.columnList), existed FROM \(tableName(type)) WHERE id = ?")
        return try Row.fetchOne(statement, arguments: [id.description]).map { before($0, type: type) }
    }

    /// The records of a type that were changed by plain SQL, each with its row as it was, in the order of ids.
    static func all(of type: EntityType, _ db: Database) throws -> [(id: String, before: Before)] {
        try Row.fetchAll(db, sql: "SELECT \(type.columnList), existed, id FROM \(tableName(type)) ORDER BY id").map {
            ($0["id"], before($0, type: type))
        }
    }

    /// Forgets what was captured of a row: it is sealed.
    static func clear(_ id: RecordID, of type: EntityType, _ db: Database) throws {
        try db.cachedStatement(sql: "DELETE FROM \(tableName(type)) WHERE id = ?").execute(arguments: [id.description])
    }

    private static func before(_ row: Row, type: EntityType) -> Before {
        let existed: Bool = row["existed"]
        return Before(columns: existed ? ColumnCodec.columnValues(of: row, type: type) : nil)
    }

    private static func tableName(_ type: EntityType) -> String { "satchel_captured_\(type.name)".quoted }
}
