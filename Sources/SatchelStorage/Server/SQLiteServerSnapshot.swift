import Foundation
import GRDB
package import SatchelSync

/// One consistent view of a server's store, valid inside the closure it was passed to.
package struct SQLiteServerSnapshot {
    let db: Database
    /// The schema that the view is read with.
    package let schema: Schema
    let actors: ActorTable
    let table: StateInRow

    init(_ db: Database, schema: Schema, actors: ActorTable, shelf: StatementShelf? = nil) {
        self.db = db
        self.schema = schema
        self.actors = actors
        table = StateInRow(db, schema: schema, actors: actors, shelf: shelf)
    }

    /// Who the store is.
    package func identity() throws -> StoreIdentity {
        guard let row = try Row.fetchOne(db, sql: "SELECT * FROM satchel_meta"), let actor = ActorID(blob: row["actor"])
        else { throw damaged("the store's identity") }
        return StoreIdentity(
            epoch: try StoreEpoch(stored: row["epoch"]), actor: actor,
            checkpointKey: Array(row["checkpoint_key"] as Data),
            name: row["name"], schemaSource: row["schema_source"])
    }

    /// Where log and sequences stand in this view.
    package func head() throws -> StoreHead {
        let statement = try db.cachedStatement(sql: "SELECT sequence, position, chain FROM satchel_meta")
        guard let row = try Row.fetchOne(statement) else { throw damaged("the store's head") }
        return StoreHead(
            sequence: try ServerSequence(stored: row["sequence"]), position: row["position"],
            chain: Array(row["chain"] as Data))
    }

    /// How far an actor came: its highest counter in the log.
    package func frontier(of actor: ActorID) throws -> Frontier {
        guard let key = try actors.existingKey(of: actor, db) else { return .none }
        let statement = try table.shelf.statement(.init(purpose: .frontier)) {
            """
            SELECT counter, digest, code FROM satchel_log WHERE actor = ? AND NOT is_revision ORDER BY counter DESC LIMIT 1
            """
        }
        statement.bind(key)
        return try statement.row { row in
            Frontier(
                counter: try unsigned(row.integer(0), "a frontier"), digest: row.blob(1),
                isNextSuspect: row.text(2) == SatchelError.Code.duplicate.word)
        } ?? .none
    }

    /// Who an actor is; `nil` when nobody said.
    package func name(of actor: ActorID) throws -> ActorName? { try ActorTable.name(of: actor, db) }
}

extension SQLiteServerSnapshot {
    /// The record with this name; `nil` when the store has none.
    package func record(_ id: RecordID) throws -> StoredRecord? { try table.record(id) }

    /// Finds the record that a person names by its whole id or by a unique ending.
    ///
    /// - Throws: ``SatchelError`` `unknown_record`, `ambiguous_id`, `invalid_request`.
    package func resolve(_ text: String, type: EntityTypeID?) throws -> RecordID {
        try table.resolve(text, type: type)
    }

    /// The shortest unique ending of a record's id.
    package func shortestEnding(of id: RecordID) throws -> String { try table.shortestEnding(of: id) }

    /// Calls `body` with every record, in the order of ids.
    package func forEachRecord(_ body: (StoredRecord) throws -> Void) throws { try table.forEach(body) }

    /// The records with an open conflict of at least this severity, in the order of their numbers.
    package func conflicting(atLeast severity: ConflictSeverity, after key: Int64, limit: Int) throws
        -> [StoredRecord]
    {
        try table.conflicting(atLeast: severity, after: key, limit: limit)
    }

    /// Calls `body` with the visible records of a type past an id, in the order of ids, until it says that it has enough.
    package func forEachVisible(of type: EntityType, after id: RecordID?, _ body: (StoredRecord) throws -> Bool) throws
    {
        let cursor = try String.fetchCursor(
            db, sql: "SELECT id FROM \(type.name.quoted) WHERE id > ? ORDER BY id", arguments: [id?.description ?? ""])
        while let text = try cursor.next() {
            guard let id = RecordID(text), let record = try table.record(id) else { continue }
            guard try body(record) else { return }
        }
    }
}

extension SQLiteServerSnapshot {
    /// The records that changed past `sequence`, up to about as many and as large as the limits say, on a sequence border.
    ///
    /// A feed row whose record has a newer sequence is stale: it is skipped, for the record comes later, and named to be dropped.
    /// - Complexity: O(records of the page and stale rows before them), whatever the store's size.
    package func feedPage(after sequence: ServerSequence, recordsMax: Int, bytesMax: Int) throws -> FeedPage {
        let statement = try db.cachedStatement(
            sql: """
                SELECT f.sequence, f.record, r.type FROM satchel_feed f JOIN satchel_record r ON r.key = f.record
                WHERE f.scope = ? AND f.sequence > ? ORDER BY f.sequence, f.record
                """)
        var page = FeedPage(last: sequence)
        var group: [StoredRecord] = []
        var groupSequence = sequence
        var byteCount = 0
        let cursor = try Row.fetchCursor(
            statement,
            arguments: [
                ServerTables.everything, Int64(sequence.number) + (Mutant.pullSkipsOne.isPlanted ? 1 : 0),
            ])
        while let row = try cursor.next() {
            let (number, key): (Int64, Int64) = (row[0], row[1])
            let next = try ServerSequence(stored: number)
            if next != groupSequence {
                page.close(&group, at: groupSequence, byteCount)
                if page.records.count >= recordsMax || byteCount >= bytesMax { return page }
                groupSequence = next
            }
            guard let record = try record(key, type: row[2], ifAt: next) else {
                page.stale.append(FeedPage.Row(sequence: next, record: key))
                continue
            }
            byteCount += record.state.valueByteCount
            group.append(record)
            let isOver = page.records.count + group.count > recordsMax || byteCount > bytesMax
            if isOver, !page.records.isEmpty { return page }
        }
        page.close(&group, at: groupSequence, byteCount)
        page.isLast = true
        return page
    }

    /// The record with this number where its newest change is at `sequence`.
    private func record(_ key: Int64, type number: UInt32, ifAt sequence: ServerSequence) throws -> StoredRecord? {
        if let type = schema.type(EntityTypeID(number)),
            let shown = try table.sequence(ofShown: key, type: type), shown != sequence.number
        {
            return nil
        }
        let record = try table.record(key: key)
        return record.sequence == sequence ? record : nil
    }
}

extension FeedPage {
    fileprivate mutating func close(_ group: inout [StoredRecord], at sequence: ServerSequence, _ byteCount: Int) {
        records += group
        self.byteCount = byteCount
        last = sequence
        group.removeAll(keepingCapacity: true)
    }
}
