import GRDB
import GRDBSQLite
import SatchelSync

/// A prepared statement of a path that runs for every change: bound and read by position, nothing boxed, nothing looked up by name.
///
/// GRDB's rows and arguments are collections of existentials, which cost more than what SQLite does with them. The statement is
/// GRDB's own, from the cache of its connection. Bind in the order of the marks, then ``run()`` or ``row(_:)``.
@safe
final class HotStatement {
    private let owner: Statement
    private let handle: OpaquePointer
    private var bound: Int32 = 0
    private var failure: Int32 = SQLITE_OK

    /// Prepares `sql`, or takes it from the connection's cache.
    init(_ db: Database, _ sql: String) throws {
        owner = try db.cachedStatement(sql: sql)
        unsafe handle = owner.sqliteStatement
    }

    /// Binds the next mark to NULL.
    func bindNull() { unsafe check(sqlite3_bind_null(handle, next())) }

    /// Binds the next mark to a number, or to NULL.
    func bind(_ number: Int64?) {
        guard let number else { return bindNull() }
        unsafe check(sqlite3_bind_int64(handle, next(), number))
    }

    /// Binds the next mark to text, or to NULL.
    func bind(_ text: String?) {
        guard var text else { return bindNull() }
        let index = next()
        // An empty text may have no address, and no address would be NULL.
        guard !text.isEmpty else { return unsafe check(sqlite3_bind_text(handle, index, "", 0, Self.transient)) }
        text.withUTF8 { bytes in
            let start = unsafe UnsafeRawPointer(bytes.baseAddress)?.assumingMemoryBound(to: CChar.self)
            unsafe check(sqlite3_bind_text(handle, index, start, Int32(clamping: bytes.count), Self.transient))
        }
    }

    /// Binds the next mark to bytes, or to NULL.
    func bind(_ bytes: [UInt8]?) {
        guard let bytes else { return bindNull() }
        let index = next()
        guard !bytes.isEmpty else { return unsafe check(sqlite3_bind_zeroblob(handle, index, 0)) }
        unsafe bytes.withUnsafeBytes { buffer in
            unsafe check(
                sqlite3_bind_blob(handle, index, buffer.baseAddress, Int32(clamping: buffer.count), Self.transient))
        }
    }

    /// Runs the statement to its end.
    ///
    /// - Throws: GRDB's `DatabaseError`.
    func run() throws {
        defer { reset() }
        while try step() {}
    }

    /// Runs the statement as far as its first row and reads that; `nil` where there is none.
    ///
    /// `read` must not run the same statement again.
    /// - Throws: GRDB's `DatabaseError`, and what `read` throws.
    func row<Result>(_ read: (HotRow) throws -> Result) throws -> Result? {
        defer { reset() }
        return try step() ? try unsafe read(HotRow(handle: handle)) : nil
    }

    /// Runs the statement and reads row after row, until `read` says that it has enough.
    func rows(_ read: (HotRow) throws -> Bool) throws {
        defer { reset() }
        while try step() {
            guard try unsafe read(HotRow(handle: handle)) else { return }
        }
    }

    private func step() throws -> Bool {
        let status = failure == SQLITE_OK ? unsafe sqlite3_step(handle) : failure
        switch status {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default:
            let message = unsafe sqlite3_errmsg(sqlite3_db_handle(handle)).map { unsafe String(cString: $0) }
            throw DatabaseError(resultCode: ResultCode(rawValue: status), message: message, sql: owner.sql)
        }
    }

    private func reset() {
        unsafe sqlite3_reset(handle)
        bound = 0
        failure = SQLITE_OK
    }

    private func next() -> Int32 {
        bound += 1
        return bound
    }

    private func check(_ status: Int32) {
        if status != SQLITE_OK { failure = status }
    }

    /// SQLite's word for "copy it": what a value lends ends with the call.
    private static var transient: sqlite3_destructor_type { unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self) }
}

/// The row at which a ``HotStatement`` stands, valid until it moves on.
@safe
struct HotRow {
    private let handle: OpaquePointer

    fileprivate init(handle: OpaquePointer) { unsafe self.handle = handle }

    /// The kind of value in a column: one of SQLite's five.
    func storage(_ column: Int32) -> Int32 { unsafe sqlite3_column_type(handle, column) }

    /// Whether a column holds nothing.
    func isNull(_ column: Int32) -> Bool { storage(column) == SQLITE_NULL }

    /// A column as a number; 0 where it holds nothing.
    func integer(_ column: Int32) -> Int64 { unsafe sqlite3_column_int64(handle, column) }

    /// A column as text; empty where it holds nothing.
    func text(_ column: Int32) -> String {
        guard let start = unsafe sqlite3_column_text(handle, column) else { return "" }
        let count = Int(unsafe sqlite3_column_bytes(handle, column))
        return unsafe String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }

    /// A column as bytes; empty where it holds nothing.
    func blob(_ column: Int32) -> [UInt8] {
        guard let start = unsafe sqlite3_column_blob(handle, column) else { return [] }
        let count = Int(unsafe sqlite3_column_bytes(handle, column))
        return unsafe Array(UnsafeRawBufferPointer(start: start, count: count))
    }

    /// A column as GRDB has it, whatever it holds.
    func value(_ column: Int32) -> DatabaseValue { unsafe DatabaseValue(sqliteStatement: handle, index: column) }
}
