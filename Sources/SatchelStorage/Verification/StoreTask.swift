import Foundation
import GRDB
import SatchelSync

/// One row, or one record, that is to be written as the log has it.
///
/// The list of tasks is kept in the derived database, so that memory does not grow with the damage.
struct StoreTask {
    /// What is written.
    enum Kind: Int64 {
        /// A table or an index, by its name; one that SQLite does not find whole is made anew.
        case object = 1
        /// The row of an actor.
        case actor
        /// The first line of a device, by its actor.
        case line
        /// What is kept of a record: its line in the list, its plain row, its state.
        case record
        /// The row of the feed by which a record is served: `other` is its sequence.
        case feed
        /// A row of the feed that nothing asks for: `other` is its sequence, `third` its scope.
        case strayFeed
        /// A note that the record `number` waits for the record `name`.
        case waiting
        /// Such a note that nothing asks for.
        case strayWaiting
        /// What became of the parked change-set whose entry stands at `number`.
        case parked
        /// Which records the entry at `number` touched.
        case parts
        /// Where sequences stand.
        case head
        /// A record that devices may have fetched as it must not be, or never: it is served anew.
        case served
    }

    let kind: Kind
    var number: Int64 = 0
    var other: Int64 = 0
    var third: Int64 = 0
    var name = Data()

    init(_ kind: Kind, number: Int64 = 0, other: Int64 = 0, third: Int64 = 0, name: Data = Data()) {
        (self.kind, self.number, self.other, self.third, self.name) = (kind, number, other, third, name)
    }

    /// Makes the list, and what else is kept beside derived rows.
    static func createTables(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE satchel_task (
                  kind INTEGER NOT NULL, number INTEGER NOT NULL, other INTEGER NOT NULL, third INTEGER NOT NULL,
                  name BLOB NOT NULL, PRIMARY KEY (kind, number, other, third, name)
                ) WITHOUT ROWID;
                CREATE TABLE satchel_given (number INTEGER PRIMARY KEY);
                CREATE TABLE satchel_stand (record INTEGER PRIMARY KEY, sequence INTEGER NOT NULL);
                """)
    }

    /// The tables of the derived database that a store has not.
    static let ownTables: Set = ["satchel_task", "satchel_given", "satchel_stand"]

    /// Puts it on the list of a derived database, once.
    func note(in db: Database) throws {
        try db.cachedStatement(
            sql: "INSERT OR IGNORE INTO satchel_task (kind, number, other, third, name) VALUES (?, ?, ?, ?, ?)"
        ).execute(arguments: [kind.rawValue, number, other, third, name])
    }

    /// Calls `body` with all tasks, in the order in which they can be done.
    static func forEach(in db: Database, _ body: (StoreTask) throws -> Void) throws {
        let rows = try Row.fetchCursor(
            db,
            sql: "SELECT kind, number, other, third, name FROM satchel_task ORDER BY kind, number, other, third, name")
        while let row = try rows.next() {
            guard let kind = Kind(rawValue: row[0]) else { continue }
            try body(StoreTask(kind, number: row[1], other: row[2], third: row[3], name: row[4]))
        }
    }

    /// How many tasks there are, of one kind where one is named.
    static func count(of kind: Kind? = nil, in db: Database) throws -> Int {
        try Int.fetchOne(
            db, sql: "SELECT count(*) FROM satchel_task WHERE kind = coalesce(?, kind)", arguments: [kind?.rawValue])
            ?? 0
    }
}
