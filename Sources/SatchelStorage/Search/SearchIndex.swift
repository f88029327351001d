import Foundation
import GRDB
package import SatchelSync

/// Finds records by words in their texts: an index of SQLite (FTS5) beside the plain tables, made when it is first asked for.
///
/// Triggers note which rows changed, with nothing but built-in SQL, since a `sqlite3` shell has none of our functions. What is noted is
/// taken into the index in batches; until then it is looked through one by one, so that a search finds what was written a moment ago.
/// Nothing else depends on it: it may be dropped at any time.
struct SearchIndex {
    let db: Database
    let schema: Schema

    /// How many noted rows are looked through before they have to be taken in.
    static let looseMax = 500

    /// Whether the index is there and knows all types of the schema.
    func isReady() throws -> Bool {
        guard try db.tableExists("satchel_search") else { return false }
        return try Set(String.fetchAll(db, sql: "SELECT type FROM satchel_search_type")) == Set(searched.map(\.name))
    }

    /// Makes what is missing; all rows of a type that it did not know are noted.
    func prepare() throws {
        try db.execute(
            sql: """
                CREATE VIRTUAL TABLE IF NOT EXISTS satchel_search
                  USING fts5 (title, body, id UNINDEXED, type UNINDEXED, tokenize = "unicode61 remove_diacritics 2",
                    prefix = "2 3");
                CREATE TABLE IF NOT EXISTS satchel_search_key (
                  id TEXT PRIMARY KEY,
                  key INTEGER NOT NULL
                ) WITHOUT ROWID;
                CREATE TABLE IF NOT EXISTS satchel_search_due (id TEXT PRIMARY KEY) WITHOUT ROWID;
                CREATE TABLE IF NOT EXISTS satchel_search_type (type TEXT PRIMARY KEY) WITHOUT ROWID;
                """)
        for type in searched {
            for (event, ids) in [("INSERT", ["NEW"]), ("UPDATE", ["OLD", "NEW"]), ("DELETE", ["OLD"])] {
                let name = "satchel_search_\(type.name)_\(event.lowercased())".quoted
                let body = ids.map { "INSERT OR IGNORE INTO satchel_search_due VALUES (\($0).id);" }.joined()
                try db.execute(
                    sql: """
                        CREATE TRIGGER IF NOT EXISTS \(name) AFTER \(event) ON \(type.name.quoted) BEGIN \(body) END;
                        """)
            }
            try db.execute(
                sql: """
                    INSERT OR IGNORE INTO satchel_search_due
                      SELECT id FROM \(type.name.quoted) WHERE NOT EXISTS (SELECT 1 FROM satchel_search_type WHERE type = ?)
                    """, arguments: [type.name])
            try db.execute(sql: "INSERT OR IGNORE INTO satchel_search_type VALUES (?)", arguments: [type.name])
        }
    }

    /// How many rows are noted; counts no further than `limit`.
    func dueCount(upTo limit: Int) throws -> Int {
        try Int.fetchOne(
            db, sql: "SELECT count(*) FROM (SELECT 1 FROM satchel_search_due LIMIT ?)", arguments: [limit]) ?? 0
    }

    /// Takes noted rows into the index; answers whether there are more.
    func takeIn(limit: Int) throws -> Bool {
        let ids = try String.fetchAll(db, sql: "SELECT id FROM satchel_search_due LIMIT ?", arguments: [limit])
        for id in ids {
            let key = try Int64.fetchOne(
                db.cachedStatement(sql: "SELECT key FROM satchel_search_key WHERE id = ?"), arguments: [id])
            if let key {
                try db.cachedStatement(sql: "DELETE FROM satchel_search WHERE rowid = ?").execute(arguments: [key])
            }
            guard let text = try text(of: id) else {
                try db.cachedStatement(sql: "DELETE FROM satchel_search_key WHERE id = ?").execute(arguments: [id])
                continue
            }
            try db.cachedStatement(
                sql: "INSERT INTO satchel_search (rowid, title, body, id, type) VALUES (?, ?, ?, ?, ?)"
            )
            .execute(arguments: [key, SearchText.indexed(text.title), SearchText.indexed(text.body), id, text.type])
            guard key == nil else { continue }
            try db.cachedStatement(sql: "INSERT INTO satchel_search_key VALUES (?, ?)")
                .execute(arguments: [id, db.lastInsertedRowID])
        }
        for id in ids {
            try db.cachedStatement(sql: "DELETE FROM satchel_search_due WHERE id = ?").execute(arguments: [id])
        }
        return ids.count == limit
    }

    /// The records of these types, or of all, whose texts have all words of `text`: those with them in their title first, and the latest
    /// made first among them.
    /// - Complexity: O(log records × matches).
    func find(_ text: String, types: Set<String>?, limit: Int) throws -> [RecordID] {
        guard let query = SearchText.query(text) else { return [] }
        let due = try Set(String.fetchAll(db, sql: "SELECT id FROM satchel_search_due"))
        var found = try loose(matching: query, types: types)
        let names = types.map { Array($0).sorted() }
        let condition = names.map { "AND type IN (\($0.map { _ in "?" }.joined(separator: ", ")))" } ?? ""
        for match in ["{title} : (\(query))", query] where found.count < limit {
            // Rows were taken in by the time of their making, near enough, so that not every match has to be ranked.
            let cursor = try String.fetchCursor(
                db,
                sql: "SELECT id FROM satchel_search WHERE satchel_search MATCH ? \(condition) ORDER BY rowid DESC",
                arguments: StatementArguments([match] + (names ?? [])))
            while found.count < limit, let id = try cursor.next() {
                guard !due.contains(id), let record = RecordID(id), !found.contains(record) else { continue }
                found.append(record)
            }
        }
        return Array(found.prefix(limit))
    }

    /// Noted rows that match, found with an index of their own in memory.
    private func loose(matching query: String, types: Set<String>?) throws -> [RecordID] {
        let ids = try String.fetchAll(
            db, sql: "SELECT id FROM satchel_search_due LIMIT ?", arguments: [Self.looseMax])
        guard !ids.isEmpty else { return [] }
        let apart = try DatabaseQueue()
        return try apart.write { index in
            try index.execute(
                sql: """
                    CREATE VIRTUAL TABLE loose
                      USING fts5 (title, body, id UNINDEXED, tokenize = "unicode61 remove_diacritics 2")
                    """)
            for id in ids {
                guard let text = try text(of: id), types?.contains(text.type) != false else { continue }
                try index.execute(
                    sql: "INSERT INTO loose VALUES (?, ?, ?)",
                    arguments: [SearchText.indexed(text.title), SearchText.indexed(text.body), id])
            }
            return try String.fetchAll(
                index, sql: "SELECT id FROM loose WHERE loose MATCH ? ORDER BY id DESC", arguments: [query]
            )
            .compactMap { RecordID($0) }
        }
    }

    /// The types that have texts.
    private var searched: [EntityType] { schema.types.filter { $0.titleField != nil || !$0.searchedFields.isEmpty } }

    private func type(of id: RecordID) throws -> EntityType? {
        try UInt32.fetchOne(
            db.cachedStatement(sql: "SELECT type FROM satchel_record WHERE id = ?"), arguments: [id.blob]
        ).flatMap { schema.type(EntityTypeID($0)) }
    }

    /// What a row shows; `nil` where it is not there.
    private func text(of id: String) throws -> (type: String, title: String, body: String)? {
        guard let record = RecordID(id), let type = try type(of: record) else { return nil }
        let title = type.titleField?.name.quoted ?? "NULL"
        let columns = type.searchedFields.map(\.name.quoted)
        let row = try Row.fetchOne(
            db.cachedStatement(
                sql: "SELECT \(([title] + columns).joined(separator: ", ")) FROM \(type.name.quoted) WHERE id = ?"),
            arguments: [id])
        guard let row else { return nil }
        let texts = row.databaseValues.map { String.fromDatabaseValue($0) ?? "" }
        return (type.name, texts.first ?? "", texts.dropFirst().filter { !$0.isEmpty }.joined(separator: "\n"))
    }
}

extension EntityType {
    /// The fields beside the title in whose texts people look.
    fileprivate var searchedFields: [Field] {
        fields.filter { field in
            guard field.id != titleField?.id else { return false }
            switch field.kind {
            case .text, .set, .map, .json: return true
            default: return false
            }
        }
    }
}

extension ReplicaTransaction {
    /// Whether a search has to take rows into the index first: it is not there yet, or many rows changed.
    package func isSearchDue() throws -> Bool {
        let index = SearchIndex(db: db, schema: schema)
        return try !index.isReady() || index.dueCount(upTo: SearchIndex.looseMax + 1) > SearchIndex.looseMax
    }

    /// Whether somebody has searched on this replica, and rows have changed since.
    package func hasSearchWork() throws -> Bool {
        let index = SearchIndex(db: db, schema: schema)
        return try index.isReady() && index.dueCount(upTo: 1) > 0
    }

    /// How many rows are to be taken into the index yet, where there is one.
    package func searchWorkCount() throws -> Int { try SearchIndex(db: db, schema: schema).dueCount(upTo: .max) }

    /// Makes the index of what is missing, and takes changed rows into it; answers whether there are more.
    package func indexForSearch(limit: Int) throws -> Bool {
        let index = SearchIndex(db: db, schema: schema)
        if try !index.isReady() { try index.prepare() }
        return try index.takeIn(limit: limit)
    }

    /// The records whose texts have all these words, the best first.
    package func search(_ text: String, types: Set<String>?, limit: Int) throws -> [RecordID] {
        try SearchIndex(db: db, schema: schema).find(text, types: types, limit: limit)
    }
}
