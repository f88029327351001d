package import GRDB
package import SatchelSync

/// A device's records: states apart from the plain rows, which a foreign `INSERT OR REPLACE` must not lose.
package struct StateApart: RecordLayout {
    package let db: Database
    package let schema: Schema
    package let shelf: StatementShelf
    package let isSoleWriter = false
    private let actors: ActorTable
    private let readsCaptures: Bool
    /// Where it is noted what changes; `nil` where nobody follows.
    let notes: ChangeNotes?

    /// Reads and writes the records of one transaction.
    ///
    /// `readsCaptures` says that rows may have been changed by plain SQL that nobody has sealed: those are read as they were.
    package init(
        _ db: Database, schema: Schema, actors: ActorTable, readsCaptures: Bool = false, notes: ChangeNotes? = nil
    ) {
        self.db = db
        self.schema = schema
        self.actors = actors
        self.readsCaptures = readsCaptures
        self.notes = notes
        shelf = StatementShelf(db)
    }

    static func create(_ db: Database) throws {
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
                CREATE INDEX satchel_record_with_base ON satchel_record (key) WHERE base IS NOT NULL;
                """)
        try createLists(db)
    }

    private static let columns = "key, id, type, sequence, status, conflict, state, base, handle"

    package func record(_ id: RecordID, likely type: EntityTypeID?) throws -> StoredRecord? {
        let statement = try shelf.statement(.init(purpose: .recordByID)) {
            "SELECT \(Self.columns) FROM satchel_record WHERE id = ?"
        }
        statement.bind(id.bytes)
        return try statement.row(Packed.init).map(unpacked)
    }

    package func record(key: Int64) throws -> StoredRecord {
        let statement = try shelf.statement(.init(purpose: .recordByKey)) {
            "SELECT \(Self.columns) FROM satchel_record WHERE key = ?"
        }
        statement.bind(key)
        guard let packed = try statement.row(Packed.init) else { throw damaged("record number \(key)") }
        return try unpacked(packed)
    }

    /// A row of the table as it is stored, copied so that its statement may be run again.
    private struct Packed {
        let key: Int64
        let id: [UInt8]
        let type: Int64
        let sequence: Int64
        let status: Int64
        let conflict: Int64
        let state: [UInt8]
        let base: [UInt8]?
        let handle: Int64

        init(_ row: HotRow) {
            key = row.integer(0)
            id = row.blob(1)
            type = row.integer(2)
            sequence = row.integer(3)
            status = row.integer(4)
            conflict = row.integer(5)
            state = row.blob(6)
            base = row.isNull(7) ? nil : row.blob(7)
            handle = row.integer(8)
        }
    }

    private func unpacked(_ packed: Packed) throws -> StoredRecord {
        guard let type = UInt32(exactly: packed.type).flatMap({ schema.type(EntityTypeID($0)) }),
            let id = RecordID(bytes: packed.id), let status = LifeStatus(stored: packed.status)
        else { throw damaged("record number \(packed.key)") }
        let row = status.isVisible ? try plainRow(of: id, type: type) : nil
        let codec = RecordStateCodec(type: type, actors: actors, db: db)
        return StoredRecord(
            key: packed.key, type: type.id, id: id, sequence: try ServerSequence(stored: packed.sequence),
            state: try codec.decode(packed.state, row: row),
            base: try packed.base.map { try codec.decode($0, row: nil) },
            status: status, row: row, conflict: UInt8(clamping: packed.conflict),
            handle: packed.handle > 0 ? UInt64(packed.handle) : nil)
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
        let statement = try shelf.statement(.init(purpose: .plainRow, type: type.id.number)) {
            "SELECT \(type.columnList) FROM \(type.name.quoted) WHERE id = ?"
        }
        statement.bind(id.description)
        return try statement.row { $0.columnValues(of: type, from: 0) }
    }

    package func write(_ record: StoredRecord, over old: StoredRecord, type: EntityType) throws {
        notes?.note(record, over: old, type: type)
        try writeRow(of: record, over: old, type: type)
        let codec = RecordStateCodec(type: type, actors: actors, db: db)
        let statement = try shelf.statement(.init(purpose: .writeRecord)) {
            """
            INSERT INTO satchel_record (key, id, ending, type, sequence, status, conflict, state, base, handle)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (key) DO UPDATE SET type = excluded.type, sequence = excluded.sequence, status = excluded.status,
              conflict = excluded.conflict, state = excluded.state, base = excluded.base, handle = excluded.handle
            """
        }
        let state = try codec.encode(record.state, row: record.row)
        let base = try record.base.map { try codec.encode($0, row: nil) }
        statement.bind(record.key)
        statement.bind(record.id.bytes)
        statement.bind(RecordEnding.index(of: record.id))
        statement.bind(Int64(record.type.number))
        statement.bind(Int64(record.sequence.number))
        statement.bind(Int64(record.status.rawValue))
        statement.bind(Int64(record.conflict))
        statement.bind(state)
        statement.bind(base)
        statement.bind(record.handle.flatMap { Int64(exactly: $0) })
        try statement.run()
    }

    private func writeRow(of record: StoredRecord, over old: StoredRecord, type: EntityType) throws {
        guard let row = record.row else {
            guard old.row != nil else { return }
            let statement = try shelf.statement(.init(purpose: .deleteRow, type: type.id.number)) {
                "DELETE FROM \(type.name.quoted) WHERE id = ?"
            }
            statement.bind(record.id.description)
            return try statement.run()
        }
        guard let oldRow = old.row else {
            let statement = try shelf.statement(.init(purpose: .insertRow, type: type.id.number)) {
                let columns = type.columnNames.map(\.quoted)
                let updates = columns.map { "\($0) = excluded.\($0)" }.joined(separator: ", ")
                return """
                    INSERT INTO \(type.name.quoted) (id, \(type.columnList)) VALUES (\(marks(columns.count + 1)))
                    ON CONFLICT (id) DO UPDATE SET \(updates)
                    """
            }
            statement.bind(record.id.description)
            for (field, value) in zip(type.fields, row) { statement.bind(value, kind: field.kind) }
            return try statement.run()
        }
        let changes = RowChanges(from: oldRow, to: row, type: type)
        guard changes != .none else { return }
        let key = StatementShelf.Key(purpose: .updateRow, type: type.id.number, shape: changes.number)
        let statement = try shelf.statement(key) {
            "UPDATE \(type.name.quoted) SET \(changes.assignments(of: type)) WHERE id = ?"
        }
        changes.forEach(in: type) { statement.bind(row[$0], kind: type.fields[$0].kind) }
        statement.bind(record.id.description)
        try statement.run()
    }
}
