import Foundation
import GRDB
import SatchelSync

/// Which number each record of a store has: devices know records by it, so it has to stay.
///
/// Three places say it: the list of records, the plain row, and the entry of the log with which the record came. Two that agree
/// are believed.
final class RecordNumbers {
    private let db: Database
    private let schema: Schema
    private var entry: LogEntry?
    private var parts = LogParts()
    private var records: [RecordID]?
    private var highest: Int64 = 0
    /// The derived database, which keeps what was given away.
    var register: Database?

    init(db: Database, schema: Schema) {
        self.db = db
        self.schema = schema
    }

    /// Begins with the records that an entry of the log touches.
    func begin(_ entry: LogEntry, parts: LogParts) {
        self.entry = entry
        self.parts = parts
        records = nil
    }

    /// The number of a record that is new with this entry.
    func number(of record: RecordID, type: EntityTypeID) throws -> Int64 {
        let inLog = try numberInLog(of: record)
        let inList = try Int64.fetchOne(
            try db.cachedStatement(sql: "SELECT key FROM satchel_record WHERE id = ?"), arguments: [record.blob])
        if let inList, inList == inLog, try take(inList) { return inList }
        let inRow = try schema.type(type).flatMap { type in
            try Int64.fetchOne(
                try db.cachedStatement(sql: "SELECT satchel_key FROM \(type.name.quoted) WHERE id = ?"),
                arguments: [record.description])
        }
        let agreed = inRow != nil && inRow == inLog ? inRow : inList
        for number in [agreed, inLog, inRow] { if let number, try take(number) { return number } }
        let next = try max(highest, Int64.fetchOne(db, sql: "SELECT max(key) FROM satchel_record") ?? 0) + 1
        _ = try take(next)
        return next
    }

    private func numberInLog(of record: RecordID) throws -> Int64? {
        let touched: [RecordID]
        if let records {
            touched = records
        } else {
            touched = try entry?.changeSet()?.changes.map(\.record) ?? []
            records = touched
        }
        guard touched.count == parts.parts.count, let place = touched.firstIndex(of: record) else { return nil }
        return parts.parts[place].record
    }

    /// Gives a number away, unless another record has it.
    private func take(_ number: Int64) throws -> Bool {
        guard number > 0, let register else { return false }
        try register.cachedStatement(sql: "INSERT OR IGNORE INTO satchel_given (number) VALUES (?)").execute(
            arguments: [
                number
            ])
        guard register.changesCount == 1 else { return false }
        highest = max(highest, number)
        return true
    }
}
