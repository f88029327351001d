import GRDB

/// The statements of a connection, or of one transaction, each prepared when it is first wanted.
package final class StatementShelf {
    /// What a statement does.
    enum Purpose: UInt8 {
        case standing, recordByID, recordByKey, plainRow, writeRecord, insertRow, updateRow, deleteRow
        case rowByID, rowByKey, rowSequence, appendLog, appendFeed, setHead, logByDot, frontier
        case sequenceOfDot, logAfter, logByPosition
    }

    /// What a statement does, and what its text depends on.
    struct Key: Hashable {
        let purpose: Purpose
        var type: UInt32 = 0
        /// Which of its columns it names.
        var shape: UInt32 = 0
    }

    private let db: Database
    private var statements: [Key: HotStatement] = [:]

    init(_ db: Database) { self.db = db }

    /// The statement for a key, prepared from `sql` the first time.
    func statement(_ key: Key, _ sql: () -> String) throws -> HotStatement {
        if let statement = statements[key] { return statement }
        let statement = try HotStatement(db, sql())
        statements[key] = statement
        return statement
    }
}
