import Foundation
import GRDB
import SatchelSync

/// Whether a database file is as its last user left it, looked at before anything is written to it.
///
/// SQLite finds a broken page only when it comes to it. So the whole file is looked through where there is a reason: its last user
/// died, a write-ahead log lies beside it that nobody left there, one that was left is gone, or damage was met before.
enum DamageCheck {
    /// What names a write-ahead log: the two salts in its header, which every life of a log has anew; `nil` where there is none.
    ///
    /// Read before the file is opened: closing a descriptor would drop SQLite's locks, but a log has none.
    static func logName(path: String) -> String? {
        guard let file = FileHandle(forReadingAtPath: path + "-wal") else { return nil }
        defer { try? file.close() }
        guard let head = try? file.read(upToCount: 24), head.count == 24 else { return nil }
        return head[16...].map { String(UInt16($0) + 0x100, radix: 16).dropFirst() }.joined()
    }

    /// Whether there is a reason to look through the file at `folder`, whose lease was just taken.
    static func isDue(_ folder: DataFolder, lease: borrowing Lease) -> Bool {
        lease.wasLeftBehind || lease.expectedLog != logName(path: folder.databasePath) || hasMark(folder)
    }

    /// Looks through the whole file; where its log is not there, which a user that died cannot have put away, also for pages that do not
    /// belong together: the log may have been moved into it by half.
    ///
    /// - Throws: ``SatchelError`` `damaged_data`, naming the first thing that is wrong; GRDB's `DatabaseError` where the disk fails.
    /// - Complexity: O(pages of the file).
    static func look(_ db: Database, path: String) throws {
        let hasLog = FileManager.default.fileExists(atPath: path + "-wal")
        let found = try String.fetchAll(db, sql: hasLog ? "PRAGMA quick_check(1)" : "PRAGMA integrity_check(1)")
        guard found != ["ok"] else { return }
        let last = found.first?.split(separator: "\n").last.map(String.init) ?? "a page cannot be read"
        // A page that the disk does not hand out is told in the same way as one that is broken, with SQLite's code for it.
        if let code = last.firstMatch(of: /error code=(\d+)/).flatMap({ Int32($0.1) }) {
            let error = DatabaseError(resultCode: ResultCode(rawValue: code), message: last)
            if error.resultCode != .SQLITE_CORRUPT { throw error }
        }
        // In a list of pages it says so without a code; numbers that no page has are told in other words.
        if last.contains("failed to get page") { throw DatabaseError(resultCode: .SQLITE_IOERR, message: last) }
        throw StorageFailure.damage(path: path, last)
    }

    // MARK: - The mark

    private static func mark(_ folder: DataFolder) -> String { folder.url.appending(path: "satchel.damaged").path }

    /// Whether damage was met here.
    static func hasMark(_ folder: DataFolder) -> Bool { FileManager.default.fileExists(atPath: mark(folder)) }

    /// Looks at what a call ended with: after damage the next turn looks through the whole file before it writes.
    static func note(_ error: any Error, in folder: DataFolder) {
        let code = (error as? DatabaseError)?.resultCode
        guard code == .SQLITE_CORRUPT || code == .SQLITE_NOTADB || (error as? SatchelError)?.code == .damagedData,
            !hasMark(folder)
        else { return }
        _ = FileManager.default.createFile(atPath: mark(folder), contents: nil, attributes: [.posixPermissions: 0o600])
    }

    /// The file was looked through and is whole.
    static func clear(_ folder: DataFolder) { try? FileManager.default.removeItem(atPath: mark(folder)) }
}
