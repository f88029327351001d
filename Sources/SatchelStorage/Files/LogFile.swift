import GRDB
import GRDBSQLite

/// The write-ahead log of an open database, as SQLite has it open.
enum LogFile {
    private static let pieceBytes = 64 * 1024

    /// Writes the log again as it is read, and syncs it.
    ///
    /// After a sync that failed the kernel takes what it did not write for clean: it is read as if it were on the disk, and no later
    /// sync writes it. Once it is written again, the next sync does. Nobody else may write meanwhile; where another program does
    /// so now, the log is left as it is.
    ///
    /// - Precondition: the caller holds the lease.
    /// - Throws: GRDB's `DatabaseError` where the disk fails.
    /// - Complexity: O(bytes of the log).
    static func writeAgain(_ db: Database) throws {
        guard try String.fetchOne(db, sql: "PRAGMA journal_mode") == "wal" else { return }
        do {
            try db.beginTransaction(.immediate)
        } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
            return
        }
        do {
            try writeAll(db)
        } catch {
            try? db.rollback()
            throw error
        }
        try db.rollback()
    }

    private static func writeAll(_ db: Database) throws {
        guard let file = try unsafe open(db), let methods = unsafe file.pointee.pMethods else { return }
        var size: Int64 = 0
        try check(unsafe methods.pointee.xFileSize(file, &size))
        var piece = [UInt8](repeating: 0, count: pieceBytes)
        var place: Int64 = 0
        while place < size {
            let count = Int32(min(Int64(pieceBytes), size - place))
            try check(unsafe methods.pointee.xRead(file, &piece, count, place))
            try check(unsafe methods.pointee.xWrite(file, &piece, count, place))
            place += Int64(count)
        }
        if size > 0 { try check(unsafe methods.pointee.xSync(file, SQLITE_SYNC_NORMAL)) }
    }

    /// The file that SQLite writes the log to; within a transaction it is open.
    private static func open(_ db: Database) throws -> UnsafeMutablePointer<sqlite3_file>? {
        var file: UnsafeMutablePointer<sqlite3_file>?
        try check(
            unsafe sqlite3_file_control(db.sqliteConnection, "main", SQLITE_FCNTL_JOURNAL_POINTER, &file))
        return unsafe file
    }

    private static func check(_ status: Int32) throws {
        guard status == SQLITE_OK else {
            throw DatabaseError(
                resultCode: ResultCode(rawValue: status), message: "the write-ahead log cannot be written again")
        }
    }
}
