import Foundation
import GRDB
import SatchelSync

/// Writes the rows of a store that differ as the log has them.
///
/// - Precondition: `store` is in a transaction that writes.
struct StoreMending {
    /// What the log makes, with the list of tasks.
    let wanted: Database
    let store: Database
    let schema: Schema

    /// Does all tasks; returns the records that are to be served anew.
    func run(progress: (VerificationProgress) throws -> Void) throws {
        let total = try StoreTask.count(in: wanted)
        var done = 0
        try StoreTask.forEach(in: wanted) { task in
            if done.isMultiple(of: 256) { try progress(VerificationProgress(.mending, done: done, total: total)) }
            done += 1
            try perform(task)
        }
    }

    private func perform(_ task: StoreTask) throws {
        switch task.kind {
        case .object: try make(String(decoding: task.name, as: UTF8.self))
        case .actor: try copyRow("satchel_actor", key: "key", task.number)
        case .line: try copyRow("satchel_line", key: "actor", task.number)
        case .record: try mendRecord(task.number)
        case .feed:
            try store.cachedStatement(
                sql: "INSERT OR IGNORE INTO satchel_feed (scope, sequence, record) VALUES (?, ?, ?)"
            ).execute(arguments: [ServerTables.everything, task.other, task.number])
        case .strayFeed:
            try store.cachedStatement(
                sql: "DELETE FROM satchel_feed WHERE scope = ? AND sequence = ? AND record = ?"
            ).execute(arguments: [task.third, task.other, task.number])
        case .waiting:
            try store.execute(
                sql: "INSERT OR IGNORE INTO satchel_dangling (parent, child) VALUES (?, ?)",
                arguments: [task.name, task.number])
        case .strayWaiting:
            try store.execute(
                sql: "DELETE FROM satchel_dangling WHERE parent = ? AND child = ?", arguments: [task.name, task.number])
        case .parked: try mendParked(task.number)
        case .parts:
            let parts = try DatabaseValue.fetchOne(
                wanted, sql: "SELECT parts FROM satchel_log WHERE position = ?", arguments: [task.number])
            try store.execute(
                sql: "UPDATE satchel_log SET parts = ? WHERE position = ?", arguments: [parts ?? .null, task.number])
        case .head:
            let sequence = try Int64.fetchOne(wanted, sql: "SELECT sequence FROM satchel_meta")
            try store.execute(sql: "UPDATE satchel_meta SET sequence = ?", arguments: [sequence])
        case .served: break
        }
    }

    /// Makes a table or an index that is not there, and an index anew that is.
    private func make(_ name: String) throws {
        let row = try Row.fetchOne(wanted, sql: "SELECT type, sql FROM sqlite_master WHERE name = ?", arguments: [name])
        let isThere =
            try Int.fetchOne(store, sql: "SELECT 1 FROM sqlite_master WHERE name = ?", arguments: [name]) != nil
        guard let row, let sql = row["sql"] as String? else {
            // An index that SQLite keeps for itself, or one that an operator has made.
            if isThere { try store.execute(sql: "REINDEX \(name.quoted)") }
            return
        }
        if isThere, row["type"] == "index" { try store.execute(sql: "DROP INDEX \(name.quoted)") }
        if !isThere || row["type"] == "index" { try store.execute(sql: sql) }
    }

    /// Writes a row as it is in the derived table, found by its key; columns that only the store has keep what they hold.
    private func copyRow(_ table: String, key: String, _ number: Int64) throws {
        let columns = try wanted.columns(in: table).map(\.name)
        let list = columns.map(\.quoted).joined(separator: ", ")
        guard
            let row = try Row.fetchOne(
                wanted, sql: "SELECT \(list) FROM \(table.quoted) WHERE \(key.quoted) = ?", arguments: [number])
        else { return }
        let changes = columns.filter { $0 != key }.map { "\($0.quoted) = excluded.\($0.quoted)" }
        try store.cachedStatement(
            sql: """
                INSERT INTO \(table.quoted) (\(list)) VALUES (\(marks(columns.count)))
                ON CONFLICT (\(key.quoted)) DO UPDATE SET \(changes.joined(separator: ", "))
                """
        ).execute(arguments: StatementArguments(Array(row.databaseValues)))
    }

    /// Puts a record into the list, and its row into the table of its type and into no other; a number that is no record's goes.
    private func mendRecord(_ key: Int64) throws {
        let row = try Row.fetchOne(
            wanted, sql: "SELECT id, type, state FROM satchel_record WHERE key = ?", arguments: [key])
        let id = row.flatMap { RecordID(blob: $0["id"]) }
        let isShown = row.map { ($0["state"] as DatabaseValue).isNull } ?? false
        let shownIn = isShown ? (row?["type"] as UInt32?).flatMap { schema.type(EntityTypeID($0)) } : nil
        for type in schema.types {
            let isHere = type.id == shownIn?.id
            // Another record may have the number, or another number the id.
            try store.execute(
                sql: """
                    DELETE FROM \(type.name.quoted) WHERE (satchel_key = ? AND NOT ?) OR (id = ? AND NOT (satchel_key = ? AND ?))
                    """, arguments: [key, isHere, id?.description ?? "", key, isHere])
            if isHere { try copyRow(type.name, key: "satchel_key", key) }
        }
        guard let id else {
            try store.execute(sql: "DELETE FROM satchel_record WHERE key = ?", arguments: [key])
            return
        }
        try store.execute(sql: "DELETE FROM satchel_record WHERE id = ? AND key <> ?", arguments: [id.blob, key])
        try copyRow("satchel_record", key: "key", key)
    }

    private func mendParked(_ position: Int64) throws {
        try store.execute(sql: "DELETE FROM satchel_parked WHERE position = ?", arguments: [position])
        let dot = try Row.fetchOne(
            wanted, sql: "SELECT actor, counter FROM satchel_parked WHERE position = ?", arguments: [position])
        guard let dot else { return }
        try store.execute(
            sql: "DELETE FROM satchel_parked WHERE actor = ? AND counter = ?",
            arguments: [dot["actor"] as DatabaseValue, dot["counter"] as DatabaseValue])
        try copyRow("satchel_parked", key: "position", position)
    }
}

extension DerivedStore {
    /// Writes what differs into the store, as the tasks of the last comparison say.
    func mend(_ store: Database, progress: (VerificationProgress) throws -> Void) throws {
        try reading { wanted in
            try StoreMending(wanted: wanted, store: store, schema: source.schema).run(progress: progress)
        }
    }

    /// Calls `body` with the records that have to be served anew, past a number, at most `limit` of them, with their types.
    ///
    /// - Returns: The number of the last; `nil` at the end.
    func served(after key: Int64, limit: Int) throws -> [(key: Int64, type: EntityTypeID, id: RecordID)] {
        try reading { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT r.key, r.type, r.id FROM satchel_task t JOIN satchel_record r ON r.key = t.number
                    WHERE t.kind = ? AND t.number > ? ORDER BY t.number LIMIT ?
                    """, arguments: [StoreTask.Kind.served.rawValue, key, limit]
            ).map { row in
                guard let id = RecordID(blob: row["id"]) else { throw damaged("a derived record") }
                return (row["key"], EntityTypeID(row["type"] as UInt32), id)
            }
        }
    }
}
