import Foundation
import GRDB
import SatchelSync

/// Holds a store's rows against those that its log makes, table by table, each in the order of its key.
///
/// - Complexity: O(rows of both) time; one row of each is in memory.
struct StoreComparison {
    /// What the log makes, and where tasks are kept.
    let wanted: Database
    /// The store.
    let found: Database
    let schema: Schema
    /// What differs.
    private(set) var findings = StoreFindings()

    init(wanted: Database, found: Database, schema: Schema) throws {
        self.wanted = wanted
        self.found = found
        self.schema = schema
        try wanted.execute(sql: "DELETE FROM satchel_task; DELETE FROM satchel_stand")
    }

    /// Compares everything.
    mutating func run(progress: (VerificationProgress) throws -> Void) throws {
        try progress(VerificationProgress(.checkingFile, done: 0, total: 0))
        try compareFile()
        try compareObjects()
        try compareHead()
        try compareActors()
        try compareLines()
        try compareRecords(progress)
        try compareFeed()
        try compareWaiting()
        try compareParked()
        try compareParts()
        findings.recordCount = try StoreTask.count(of: .served, in: wanted)
    }

    /// Notes a difference, and what mends it.
    mutating func note(_ difference: StoreDifference, _ tasks: StoreTask...) throws {
        findings.add(difference)
        for task in tasks { try task.note(in: wanted) }
    }

    /// Calls `body` with the rows of both sides, key by key; the key is the first column, and a number.
    ///
    /// Without `foundSQL` there is nothing on that side.
    func walk(
        wanted wantedSQL: String, found foundSQL: String?, _ body: (_ wanted: Row?, _ found: Row?) throws -> Void
    ) throws {
        let left = try Row.fetchCursor(wanted, sql: wantedSQL)
        let right = try foundSQL.map { try Row.fetchCursor(found, sql: $0) }
        var (one, other) = (try left.next(), try right?.next())
        while one != nil || other != nil {
            let (key, otherKey) = (one.map { $0[0] as Int64 } ?? .max, other.map { $0[0] as Int64 } ?? .max)
            try body(key <= otherKey ? one : nil, otherKey <= key ? other : nil)
            if key <= otherKey { one = try left.next() }
            if otherKey <= key { other = try right?.next() }
        }
    }

    /// The names of the columns that two rows have otherwise.
    func differingColumns(_ wanted: Row, _ found: Row) -> [String] {
        zip(wanted, found).compactMap { $0.1 == $1.1 ? nil : $0.0 }
    }

    // MARK: - The file, its tables and its indexes

    /// What SQLite finds: an index that lacks a row is made anew, a page that cannot be read is beyond mending.
    private mutating func compareFile() throws {
        let lines = try String.fetchAll(found, sql: "PRAGMA integrity_check(100)").flatMap { $0.split(separator: "\n") }
        var indexes: Set<String> = []
        for line in lines.map(String.init) where line != "ok" {
            if let match = line.firstMatch(of: /(?:missing from index|entries in index|entry in index) (\S+)$/) {
                let name = String(match.1)
                guard indexes.insert(name).inserted else { continue }
                try note(
                    StoreDifference(table: name, kind: .differs, columns: [line]),
                    StoreTask(.object, name: Data(name.utf8)))
            } else if line.contains(#/^(?:NULL value|CHECK constraint failed|\S+ value) in /#) {
                // The rows are compared by what they hold; whether they fit then is asked once they are mended.
                continue
            } else if line.contains(#/^\*\*\* in database/#) {
                continue
            } else {
                findings.add(StoreDifference(table: "", kind: .differs, columns: [line], canBeMended: false))
            }
        }
    }

    /// Tables and indexes that are not there, or are others.
    private mutating func compareObjects() throws {
        let sql =
            "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite~_%' ESCAPE '~' AND sql IS NOT NULL"
        var present: [String: String] = [:]
        for row in try Row.fetchAll(found, sql: sql) { present[row["name"]] = row["sql"] }
        for row in try Row.fetchAll(wanted, sql: sql + " ORDER BY type DESC, name") {
            let (type, name): (String, String) = (row["type"], row["name"])
            guard !StoreTask.ownTables.contains(name) else { continue }
            let task = StoreTask(.object, name: Data(name.utf8))
            if present[name] == nil {
                try note(StoreDifference(table: name, kind: .missing), task)
            } else if type == "index", present[name] != row["sql"] {
                try note(StoreDifference(table: name, kind: .differs), task)
            }
        }
    }

    /// The columns of a table of the store, each its own name or nothing where the table lacks it; `nil` where there is no table.
    func present(_ columns: [String], in table: String) throws -> String? {
        guard try found.tableExists(table) else { return nil }
        let names = Set(try found.columns(in: table).map(\.name))
        return columns.map { names.contains($0) ? $0.quoted : "NULL AS \($0.quoted)" }.joined(separator: ", ")
    }

    // MARK: - Heads and actors

    private mutating func compareHead() throws {
        let sql = "SELECT sequence FROM satchel_meta"
        guard
            try Int64.fetchOne(wanted, sql: sql)
                != DatabaseValue.fetchOne(found, sql: sql).flatMap(Int64.fromDatabaseValue)
        else { return }
        try note(StoreDifference(table: "satchel_meta", kind: .differs, columns: ["sequence"]), StoreTask(.head))
    }

    private mutating func compareActors() throws {
        let sql = "SELECT key, name, user, device, fork_digest FROM satchel_actor ORDER BY key"
        var notes: [(StoreDifference, StoreTask)] = []
        try walk(wanted: sql, found: sql) { wanted, found in
            guard let wanted, let actor = ActorID(blob: wanted["name"]) else { return }
            let columns = found.map { differingColumns(wanted, $0) } ?? []
            guard found == nil || !columns.isEmpty else { return }
            notes.append(
                (
                    StoreDifference(
                        table: "satchel_actor", row: actor.description, kind: found == nil ? .missing : .differs,
                        columns: columns), StoreTask(.actor, number: wanted["key"])
                ))
        }
        for (difference, task) in notes { try note(difference, task) }
    }

    /// Devices without the line that they were enrolled with.
    private mutating func compareLines() throws {
        let present = try found.tableExists("satchel_line") ? "SELECT actor FROM satchel_line ORDER BY actor" : nil
        let sql = """
            SELECT l.actor, a.name FROM satchel_line l JOIN satchel_actor a ON a.key = l.actor ORDER BY l.actor
            """
        var copy = self
        try walk(wanted: sql, found: present) { wanted, found in
            guard let wanted, found == nil, let actor = ActorID(blob: wanted["name"]) else { return }
            try copy.note(
                StoreDifference(table: "satchel_line", row: actor.description, kind: .missing),
                StoreTask(.line, number: wanted["actor"]))
        }
        self = copy
    }

    // MARK: - Parked work and the parts of the log

    private mutating func compareParked() throws {
        let columns = [
            "position", "actor", "counter", "verdict", "code", "record", "field", "sentence", "reissued_actor",
            "reissued_counter",
        ]
        let sql = "SELECT \(columns.joined(separator: ", ")) FROM satchel_parked ORDER BY position"
        let present = try present(columns, in: "satchel_parked").map {
            "SELECT \($0) FROM satchel_parked ORDER BY position"
        }
        var copy = self
        try walk(wanted: sql, found: present) { wanted, found in
            let differing = if let wanted, let found { copy.differingColumns(wanted, found) } else { [String]() }
            guard wanted == nil || found == nil || !differing.isEmpty, let row = wanted ?? found else { return }
            let position: Int64 = row["position"]
            try copy.note(
                StoreDifference(
                    table: "satchel_parked", row: try copy.dot(atEntry: position), kind: .init(wanted, found),
                    columns: differing), StoreTask(.parked, number: position))
        }
        self = copy
    }

    private mutating func compareParts() throws {
        let sql = "SELECT position, parts FROM satchel_log ORDER BY position"
        var copy = self
        try walk(wanted: sql, found: sql) { wanted, found in
            guard let wanted, let found, wanted["parts"] as DatabaseValue != found["parts"] as DatabaseValue else {
                return
            }
            let (one, other) = (Self.parts(wanted["parts"]), Self.parts(found["parts"]))
            guard one == nil || one != other else { return }
            let position: Int64 = wanted["position"]
            try copy.note(
                StoreDifference(
                    table: "satchel_log", row: try copy.dot(atEntry: position), kind: .differs, columns: ["parts"]),
                StoreTask(.parts, number: position))
        }
        self = copy
    }

    /// The parts of an entry in the order of records; `nil` where they cannot be read.
    private static func parts(_ value: DatabaseValue) -> [[Int64]]? {
        guard let bytes = Data.fromDatabaseValue(value), let parts = try? LogParts(Array(bytes)) else { return nil }
        return parts.parts.map { [$0.record, $0.before] }.sorted { $0[0] < $1[0] }
    }

    /// The change-set whose entry stands at a position, or the position where there is none.
    private func dot(atEntry position: Int64) throws -> String {
        let row = try Row.fetchOne(
            wanted,
            sql: """
                SELECT a.name, l.counter FROM satchel_log l JOIN satchel_actor a ON a.key = l.actor WHERE l.position = ?
                """, arguments: [position])
        guard let row, let actor = ActorID(blob: row[0]), let counter = UInt64(exactly: row[1] as Int64), counter > 0
        else { return "entry \(position)" }
        return Dot(actor, counter).description
    }
}

extension StoreDifference.Kind {
    /// What is wrong, given the row of either side.
    init(_ wanted: Row?, _ found: Row?) {
        self = found == nil ? .missing : wanted == nil ? .superfluous : .differs
    }
}
