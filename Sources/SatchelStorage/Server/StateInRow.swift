package import GRDB
package import SatchelSync

/// A server's records: the state of a shown record stands in its plain row, under the row's integer key.
///
/// A change then touches one row: it is found by the 36-character id once, and written by its key. `satchel_record` is written
/// when a record is made, hidden, shown, or begins or ends being in conflict; it holds the states of hidden records.
package struct StateInRow: RecordLayout {
    package let db: Database
    package let schema: Schema
    package let shelf: StatementShelf
    package let isSoleWriter = true
    private let actors: ActorTable

    /// Reads and writes the records of one transaction.
    init(_ db: Database, schema: Schema, actors: ActorTable, shelf: StatementShelf? = nil) {
        self.db = db
        self.schema = schema
        self.actors = actors
        self.shelf = shelf ?? StatementShelf(db)
    }

    static func create(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE satchel_record (
                  key INTEGER PRIMARY KEY,
                  id BLOB NOT NULL UNIQUE,
                  ending INTEGER NOT NULL,
                  type INTEGER NOT NULL,
                  status INTEGER NOT NULL,
                  conflict INTEGER NOT NULL,
                  sequence INTEGER NOT NULL,
                  position INTEGER NOT NULL,
                  state BLOB
                );
                """)
        try createLists(db)
    }

    /// The columns of a plain row beside its id and its fields.
    static let rowColumns = """
        satchel_key INTEGER PRIMARY KEY,
          satchel_sequence INTEGER NOT NULL,
          satchel_position INTEGER NOT NULL,
          satchel_conflict INTEGER NOT NULL,
          satchel_state BLOB NOT NULL
        """

    private static let heads = "satchel_key, satchel_sequence, satchel_position, satchel_conflict, satchel_state"

    package func record(_ id: RecordID, likely type: EntityTypeID?) throws -> StoredRecord? {
        if let type = type.flatMap(schema.type), let record = try shown(id, type: type) { return record }
        let statement = try shelf.statement(.init(purpose: .recordByID)) {
            "SELECT key, id, type, status, sequence, position, state FROM satchel_record WHERE id = ?"
        }
        statement.bind(id.bytes)
        return try statement.row(Listed.init).map(record)
    }

    package func record(key: Int64) throws -> StoredRecord {
        let statement = try shelf.statement(.init(purpose: .recordByKey)) {
            "SELECT key, id, type, status, sequence, position, state FROM satchel_record WHERE key = ?"
        }
        statement.bind(key)
        guard let listed = try statement.row(Listed.init) else { throw damaged("record number \(key)") }
        return try record(listed)
    }

    /// The sequence of a shown record, without unpacking it; `nil` where it is not shown.
    func sequence(ofShown key: Int64, type: EntityType) throws -> Int64? {
        let statement = try shelf.statement(.init(purpose: .rowSequence, type: type.id.number)) {
            "SELECT satchel_sequence FROM \(type.name.quoted) WHERE satchel_key = ?"
        }
        statement.bind(key)
        return try statement.row { $0.integer(0) }
    }

    /// A row of `satchel_record` as it is stored, copied so that its statement may be run again.
    private struct Listed {
        let key: Int64
        let id: [UInt8]
        let type: Int64
        let status: Int64
        let sequence: Int64
        let position: Int64
        let state: [UInt8]?

        init(_ row: HotRow) {
            key = row.integer(0)
            id = row.blob(1)
            type = row.integer(2)
            status = row.integer(3)
            sequence = row.integer(4)
            position = row.integer(5)
            state = row.isNull(6) ? nil : row.blob(6)
        }
    }

    private func record(_ listed: Listed) throws -> StoredRecord {
        guard let type = UInt32(exactly: listed.type).flatMap({ schema.type(EntityTypeID($0)) }),
            let id = RecordID(bytes: listed.id), let status = LifeStatus(stored: listed.status)
        else { throw damaged("record number \(listed.key)") }
        guard let state = listed.state else {
            let statement = try shelf.statement(.init(purpose: .rowByKey, type: type.id.number)) {
                "SELECT \(Self.heads), \(type.columnList) FROM \(type.name.quoted) WHERE satchel_key = ?"
            }
            statement.bind(listed.key)
            guard let row = try statement.row({ ShownRow($0, type: type) }) else {
                throw damaged("the row of record \(id)")
            }
            return try record(id, row, type: type)
        }
        return StoredRecord(
            key: listed.key, type: type.id, id: id, sequence: try ServerSequence(stored: listed.sequence),
            state: try RecordStateCodec(type: type, actors: actors, db: db).decode(state, row: nil), base: nil,
            status: status, row: nil, position: listed.position)
    }

    private func shown(_ id: RecordID, type: EntityType) throws -> StoredRecord? {
        let statement = try shelf.statement(.init(purpose: .rowByID, type: type.id.number)) {
            "SELECT \(Self.heads), \(type.columnList) FROM \(type.name.quoted) WHERE id = ?"
        }
        statement.bind(id.description)
        return try statement.row { ShownRow($0, type: type) }.map { try record(id, $0, type: type) }
    }

    /// A plain row as it is stored.
    private struct ShownRow {
        let key: Int64
        let sequence: Int64
        let position: Int64
        let conflict: Int64
        let state: [UInt8]
        let values: [ColumnValue]

        init(_ row: HotRow, type: EntityType) {
            key = row.integer(0)
            sequence = row.integer(1)
            position = row.integer(2)
            conflict = row.integer(3)
            state = row.blob(4)
            values = row.columnValues(of: type, from: 5)
        }
    }

    private func record(_ id: RecordID, _ row: ShownRow, type: EntityType) throws -> StoredRecord {
        let state = try RecordStateCodec(type: type, actors: actors, db: db).decode(row.state, row: row.values)
        // What was deleted is shown only where a living child keeps it.
        let own = state.lifeStatus
        return StoredRecord(
            key: row.key, type: type.id, id: id, sequence: try ServerSequence(stored: row.sequence), state: state,
            base: nil, status: own == .deleted ? .contested : own, row: row.values,
            conflict: UInt8(clamping: row.conflict), position: row.position)
    }
}

extension StateInRow {
    package func write(_ record: StoredRecord, over old: StoredRecord, type: EntityType) throws {
        var state = try RecordStateCodec(type: type, actors: actors, db: db).encode(record.state, row: record.row)
        guard let row = record.row else {
            if old.row != nil { try deleteRow(of: record, type: type) }
            return try list(record, state: state)
        }
        makeRoom(in: &state, beside: row, of: record, type: type)
        guard let oldRow = old.row else {
            try list(record, state: nil)
            return try insert(record, row, state: state, type: type)
        }
        if record.status != old.status || record.conflict != old.conflict { try list(record, state: nil) }
        let changes = RowChanges(from: oldRow, to: row, type: type)
        let key = StatementShelf.Key(purpose: .updateRow, type: type.id.number, shape: changes.number)
        let statement = try shelf.statement(key) {
            let fields = changes == .none ? "" : ", " + changes.assignments(of: type)
            return """
                UPDATE \(type.name.quoted)
                SET satchel_sequence = ?, satchel_position = ?, satchel_conflict = ?, satchel_state = ?\(fields)
                WHERE satchel_key = ?
                """
        }
        statement.bind(Int64(record.sequence.number))
        statement.bind(record.position)
        statement.bind(Int64(record.conflict))
        statement.bind(state)
        changes.forEach(in: type) { statement.bind(row[$0], kind: type.fields[$0].kind) }
        statement.bind(record.key)
        try statement.run()
    }

    /// Fills a state up with zeros until its row has a round size.
    ///
    /// SQLite writes a row of unchanged size over the old one in its place; one that grows makes it tidy the page, or split it.
    private func makeRoom(
        in state: inout [UInt8], beside row: [ColumnValue], of record: StoredRecord, type: EntityType
    ) {
        var size = RowSize()
        size.add(textOf: 36)
        // The key is the row's own number and stands beside the content.
        size.addNull()
        size.add(Int64(record.sequence.number))
        size.add(record.position)
        size.add(Int64(record.conflict))
        for (field, value) in zip(type.fields, row) { size.add(value, kind: field.kind) }
        size.add(textOf: state.count)
        let room = (Self.roundSize - size.byteCount % Self.roundSize) % Self.roundSize
        state.append(contentsOf: repeatElement(0, count: room))
    }

    /// What a row's size is rounded up to, in bytes.
    private static let roundSize = 64

    private func insert(_ record: StoredRecord, _ row: [ColumnValue], state: [UInt8], type: EntityType) throws {
        let statement = try shelf.statement(.init(purpose: .insertRow, type: type.id.number)) {
            """
            INSERT INTO \(type.name.quoted) (id, \(Self.heads), \(type.columnList))
            VALUES (\(marks(type.columnNames.count + 6)))
            """
        }
        statement.bind(record.id.description)
        statement.bind(record.key)
        statement.bind(Int64(record.sequence.number))
        statement.bind(record.position)
        statement.bind(Int64(record.conflict))
        statement.bind(state)
        for (field, value) in zip(type.fields, row) { statement.bind(value, kind: field.kind) }
        try statement.run()
    }

    private func deleteRow(of record: StoredRecord, type: EntityType) throws {
        let statement = try shelf.statement(.init(purpose: .deleteRow, type: type.id.number)) {
            "DELETE FROM \(type.name.quoted) WHERE satchel_key = ?"
        }
        statement.bind(record.key)
        try statement.run()
    }

    /// Keeps what lists need to know, and the state of a hidden record.
    private func list(_ record: StoredRecord, state: [UInt8]?) throws {
        let statement = try shelf.statement(.init(purpose: .writeRecord)) {
            """
            INSERT INTO satchel_record (key, id, ending, type, status, conflict, sequence, position, state)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (key) DO UPDATE SET type = excluded.type, status = excluded.status, conflict = excluded.conflict,
              sequence = excluded.sequence, position = excluded.position, state = excluded.state
            """
        }
        let isHidden = state != nil
        statement.bind(record.key)
        statement.bind(record.id.bytes)
        statement.bind(RecordEnding.index(of: record.id))
        statement.bind(Int64(record.type.number))
        statement.bind(Int64(record.status.rawValue))
        statement.bind(Int64(record.conflict))
        statement.bind(isHidden ? Int64(record.sequence.number) : 0)
        statement.bind(isHidden ? record.position : 0)
        statement.bind(state)
        try statement.run()
    }
}
