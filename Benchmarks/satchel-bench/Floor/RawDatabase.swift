import GRDBSQLite
import SatchelSync

/// A value as SQLite takes it.
enum RawValue: Sendable {
    /// No value.
    case null
    /// A whole number.
    case integer(Int64)
    /// Text, as its bytes.
    case text([UInt8])
    /// Bytes.
    case blob([UInt8])
}

/// SQLite with nothing between: one connection and statements that are prepared once.
@safe
final class RawDatabase {
    private var handle: OpaquePointer?
    private var statements: [OpaquePointer] = unsafe []

    /// Opens a file as a program does that wants its commits to last.
    init(path: String) throws {
        var handle: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
        let status = unsafe sqlite3_open_v2(path, &handle, flags, nil)
        guard status == SQLITE_OK, let handle = unsafe handle else { throw Self.failure("opening \(path)", status) }
        unsafe self.handle = handle
        try execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -32768")
    }

    deinit { close() }

    /// Ends all statements and the connection; nothing may be run after.
    func close() {
        while let statement = unsafe statements.popLast() { unsafe sqlite3_finalize(statement) }
        unsafe sqlite3_close_v2(handle)
        unsafe handle = nil
    }

    /// Runs SQL without values.
    func execute(_ sql: String) throws {
        let status = unsafe sqlite3_exec(handle, sql, nil, nil, nil)
        guard status == SQLITE_OK else { throw Self.failure(sql, status) }
    }

    /// Prepares a statement and gives its number, from 0.
    func prepare(_ sql: String) throws -> Int {
        var statement: OpaquePointer?
        let status = unsafe sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
        guard status == SQLITE_OK, let statement = unsafe statement else { throw Self.failure(sql, status) }
        unsafe statements.append(statement)
        return unsafe statements.count - 1
    }

    /// Runs a prepared statement to its end; rows, if there are any, are passed over.
    func run(_ number: Int, _ values: [RawValue] = []) throws {
        try unsafe read(number, values) { _ in }
    }

    /// Runs a prepared statement to its end, and hands over the first column of each row as bytes.
    func read(_ number: Int, _ values: [RawValue] = [], onRow: (UnsafeRawBufferPointer) -> Void) throws {
        let statement = unsafe statements[number]
        for (index, value) in values.enumerated() { unsafe Self.bind(value, at: Int32(index + 1), of: statement) }
        var status = unsafe sqlite3_step(statement)
        while status == SQLITE_ROW {
            let count = Int(unsafe sqlite3_column_bytes(statement, 0))
            unsafe onRow(UnsafeRawBufferPointer(start: sqlite3_column_blob(statement, 0), count: count))
            status = unsafe sqlite3_step(statement)
        }
        unsafe sqlite3_reset(statement)
        guard status == SQLITE_DONE else { throw Self.failure("statement \(number)", status) }
    }

    private static func bind(_ value: RawValue, at index: Int32, of statement: OpaquePointer) {
        switch value {
        case .null: unsafe sqlite3_bind_null(statement, index)
        case .integer(let number): unsafe sqlite3_bind_int64(statement, index, number)
        case .text(let bytes):
            unsafe bytes.withUnsafeBytes { buffer in
                let start = unsafe buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
                _ = unsafe sqlite3_bind_text(statement, index, start, Int32(buffer.count), transient)
            }
        case .blob(let bytes):
            unsafe bytes.withUnsafeBytes { buffer in
                _ = unsafe sqlite3_bind_blob(statement, index, buffer.baseAddress, Int32(buffer.count), transient)
            }
        }
    }

    /// SQLite's word for "copy it": what an array lends ends with the call.
    private static var transient: sqlite3_destructor_type { unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self) }

    private static func failure(_ what: String, _ status: Int32) -> SatchelError {
        SatchelError(.storageFailed, "SQLite ended \(what.prefix(200)) with \(status).")
    }
}
