import Foundation
import GRDB
import SatchelSync

// Records: the list of them, their plain rows with the states beside, the feed, and who waits for whom.
extension StoreComparison {
    mutating func compareRecords(_ progress: (VerificationProgress) throws -> Void) throws {
        let total = try Int.fetchOne(wanted, sql: "SELECT count(*) FROM satchel_record") ?? 0
        var done = 0
        // Each record is met twice: in the list, and as a row.
        func advance() throws {
            if done.isMultiple(of: 1_024) {
                try progress(VerificationProgress(.comparing, done: done / 2, total: total))
            }
            done += 1
        }
        try compareList(advance)
        for type in schema.types { try compareRows(of: type, advance) }
        try progress(VerificationProgress(.comparing, done: total, total: total))
    }

    private static let listColumns = [
        "key", "id", "ending", "type", "status", "conflict", "sequence", "position", "state",
    ]

    /// The list of records, which holds the states of those that are hidden.
    private mutating func compareList(_ advance: () throws -> Void) throws {
        let present = try present(Self.listColumns, in: "satchel_record")
            .map { "SELECT \($0) FROM satchel_record ORDER BY key" }
        let sql = "SELECT \(Self.listColumns.joined(separator: ", ")) FROM satchel_record ORDER BY key"
        var copy = self
        try walk(wanted: sql, found: present) { wanted, found in
            guard let row = wanted ?? found else { return }
            let key: Int64 = row[0]
            try advance()
            if let wanted, !(wanted["state"] as DatabaseValue).isNull {
                try copy.stand(key, at: wanted["sequence"])
            }
            var columns = if let wanted, let found { copy.differingColumns(wanted, found) } else { [String]() }
            if columns == ["state"], let wanted, let found, copy.isSameHiddenState(wanted, found) { columns = [] }
            guard wanted == nil || found == nil || !columns.isEmpty else { return }
            let isServedSo = !columns.isEmpty && Set(columns).isSubset(of: ["ending", "conflict", "status"])
            try copy.note(
                StoreDifference(
                    table: "satchel_record", record: copy.id(row), row: "number \(key)",
                    kind: .init(wanted, found), columns: columns),
                [StoreTask(.record, number: key)]
                    + (wanted == nil || isServedSo ? [] : [StoreTask(.served, number: key)]))
        }
        self = copy
    }

    /// The plain rows of a type.
    private mutating func compareRows(of type: EntityType, _ advance: () throws -> Void) throws {
        let columns =
            ["satchel_key", "id", "satchel_sequence", "satchel_position", "satchel_conflict", "satchel_state"]
            + type.columnNames
        let list = columns.map(\.quoted).joined(separator: ", ")
        let order = "FROM \(type.name.quoted) ORDER BY satchel_key"
        let present = try present(columns, in: type.name).map { "SELECT \($0) \(order)" }
        var copy = self
        try walk(wanted: "SELECT \(list) \(order)", found: present) { wanted, found in
            guard let row = wanted ?? found else { return }
            let key: Int64 = row[0]
            try advance()
            if let wanted { try copy.stand(key, at: wanted["satchel_sequence"]) }
            let differing = if let wanted, let found { copy.difference(wanted, found, type: type) } else { [String]() }
            guard wanted == nil || found == nil || !differing.isEmpty else { return }
            let id = String.fromDatabaseValue(row["id"]).flatMap { RecordID($0) }
            let tasks = [StoreTask(.record, number: key)]
            try copy.note(
                StoreDifference(
                    table: type.name, record: id, row: "number \(key)", kind: .init(wanted, found), columns: differing),
                // A record that is to be hidden is served as such by its line in the list.
                tasks
                    + (try copy.isListed(key) && differing != ["satchel_conflict"]
                        ? [StoreTask(.served, number: key)] : []))
        }
        self = copy
    }

    private mutating func note(_ difference: StoreDifference, _ tasks: [StoreTask]) throws {
        try note(difference)
        for task in tasks { try task.note(in: wanted) }
    }

    /// The columns of two plain rows that say something else.
    ///
    /// A state is packed beside its row, and says the same in more than one form.
    private func difference(_ wanted: Row, _ found: Row, type: EntityType) -> [String] {
        var columns = differingColumns(wanted, found)
        guard columns.contains("satchel_state") else { return columns }
        let values = values(of: wanted, type)
        if let state = state(wanted["satchel_state"], values, type, self.wanted),
            state == self.state(found["satchel_state"], values, type, self.found)
        {
            columns.removeAll { $0 == "satchel_state" }
        }
        return columns
    }

    private func values(of row: Row, _ type: EntityType) -> [ColumnValue] {
        let stored = Array(row.databaseValues)
        var place = 6
        return type.fields.map { field in
            defer { place += field.columnNames.count }
            return ColumnCodec.columnValue(Array(stored[place..<(place + field.columnNames.count)]), kind: field.kind)
        }
    }

    private func isSameHiddenState(_ wanted: Row, _ found: Row) -> Bool {
        guard let type = schema.type(EntityTypeID(wanted["type"] as UInt32)),
            let state = state(wanted["state"], nil, type, self.wanted)
        else { return false }
        return state == self.state(found["state"], nil, type, self.found)
    }

    /// A state; `nil` where it cannot be read.
    private func state(_ value: DatabaseValue, _ row: [ColumnValue]?, _ type: EntityType, _ db: Database)
        -> RecordState?
    {
        guard let bytes = Data.fromDatabaseValue(value) else { return nil }
        return try? RecordStateCodec(type: type, actors: ActorTable(), db: db).decode(Array(bytes), row: row)
    }

    private func id(_ row: Row) -> RecordID? { Data.fromDatabaseValue(row["id"]).flatMap { RecordID(blob: $0) } }

    private func isListed(_ key: Int64) throws -> Bool {
        try Int.fetchOne(
            try wanted.cachedStatement(sql: "SELECT 1 FROM satchel_record WHERE key = ?"), arguments: [key]) != nil
    }

    private func stand(_ key: Int64, at sequence: Int64) throws {
        try wanted.cachedStatement(sql: "INSERT OR IGNORE INTO satchel_stand (record, sequence) VALUES (?, ?)")
            .execute(arguments: [key, sequence])
    }

    // MARK: - The feed

    /// Every record has a row where its newest change stands; older ones are stale and harmless, any other is a stray.
    mutating func compareFeed() throws {
        let table = "satchel_feed"
        let isThere = try found.tableExists(table)
        let lookUp =
            isThere
            ? "SELECT 1 FROM satchel_feed WHERE scope = ? AND sequence = ? AND record = ?"
            : "SELECT 1 WHERE ? + ? + ? IS NULL"
        let statement = try found.makeStatement(sql: lookUp)
        let stands = try Row.fetchCursor(wanted, sql: "SELECT record, sequence FROM satchel_stand ORDER BY record")
        while let row = try stands.next() {
            let (key, sequence): (Int64, Int64) = (row[0], row[1])
            guard try Row.fetchOne(statement, arguments: [ServerTables.everything, sequence, key]) == nil else {
                continue
            }
            try note(
                StoreDifference(
                    table: table, record: try recordID(key), row: "sequence \(sequence)", kind: .missing),
                StoreTask(.feed, number: key, other: sequence), StoreTask(.served, number: key))
        }
        guard isThere else { return }
        let stand = try wanted.makeStatement(sql: "SELECT sequence FROM satchel_stand WHERE record = ?")
        let rows = try Row.fetchCursor(found, sql: "SELECT scope, sequence, record FROM satchel_feed")
        while let row = try rows.next() {
            let numbers: [Int64] = Array(row.databaseValues).map { Int64.fromDatabaseValue($0) ?? -1 }
            let standing = try Int64.fetchOne(stand, arguments: [numbers[2]])
            let isStale = standing.map { (1...max($0, 1)).contains(numbers[1]) } ?? false
            if isStale, numbers[0] == Int64(ServerTables.everything) { continue }
            try note(
                StoreDifference(
                    table: table, record: try recordID(numbers[2]), row: "sequence \(numbers[1])", kind: .superfluous),
                StoreTask(.strayFeed, number: numbers[2], other: numbers[1], third: numbers[0]))
        }
    }

    private func recordID(_ key: Int64) throws -> RecordID? {
        let statement = try wanted.cachedStatement(sql: "SELECT id FROM satchel_record WHERE key = ?")
        return try Data.fetchOne(statement, arguments: [key]).flatMap { RecordID(blob: $0) }
    }

    // MARK: - Who waits for whom

    /// A shown record whose reference names a record that is not there waits for it; a note that is out of date does no harm.
    mutating func compareWaiting() throws {
        let table = "satchel_dangling"
        let sql = "SELECT parent, child FROM satchel_dangling"
        let isThere = try found.tableExists(table)
        let lookUp = isThere ? "\(sql) WHERE parent = ? AND child = ?" : "SELECT 1 WHERE ? || ? IS NULL"
        let statement = try found.makeStatement(sql: lookUp)
        let notes = try Row.fetchCursor(wanted, sql: sql)
        while let row = try notes.next() {
            let (parent, child): (Data, Int64) = (row[0], row[1])
            guard try Row.fetchOne(statement, arguments: [parent, child]) == nil, try refers(child, to: parent) else {
                continue
            }
            try note(
                StoreDifference(table: table, record: try recordID(child), kind: .missing),
                StoreTask(.waiting, number: child, name: parent))
        }
        guard isThere else { return }
        let parents = try wanted.makeStatement(sql: "SELECT 1 FROM satchel_record WHERE id = ?")
        let rows = try Row.fetchCursor(found, sql: sql)
        while let row = try rows.next() {
            guard let parent = Data.fromDatabaseValue(row[0]), let child = Int64.fromDatabaseValue(row[1]) else {
                continue
            }
            guard try Row.fetchOne(parents, arguments: [parent]) != nil || !isListed(child) else { continue }
            try note(
                StoreDifference(table: table, record: try recordID(child), kind: .superfluous),
                StoreTask(.strayWaiting, number: child, name: parent))
        }
    }

    private func refers(_ child: Int64, to parent: Data) throws -> Bool {
        let table = StateInRow(wanted, schema: schema, actors: ActorTable())
        guard let target = RecordID(blob: parent) else { return false }
        let record = try table.record(key: child)
        guard record.status.isVisible, let type = schema.type(record.type) else { return false }
        return record.state.columns(of: type).contains(.register(.reference(target)))
    }
}
