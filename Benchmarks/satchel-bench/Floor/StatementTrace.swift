import GRDBSQLite
import SatchelSync
import Synchronization

/// The SQL that the connections of this process run, with what was bound: what a store asks of SQLite, whoever asks.
///
/// SQLite tells of each statement with its values spelled out (https://www.sqlite.org/c3ref/expanded_sql.html); they are read
/// back, so that the same can be run again with prepared statements and nothing around them.
enum StatementTrace {
    /// One statement that ran, as it was prepared and as it ran.
    struct Entry: Sendable {
        /// With a mark for each value.
        let sql: String
        /// With the values in their places.
        let expanded: String
    }

    private static let entries = Mutex<[Entry]?>(nil)

    /// Has every connection that is opened from now on tell what it runs.
    static func watchNewConnections() {
        typealias Extension = @convention(c) (OpaquePointer?, UnsafeMutableRawPointer?, UnsafeRawPointer?) -> Int32
        let watch: Extension = { connection, _, _ in
            unsafe sqlite3_trace_v2(
                connection, UInt32(SQLITE_TRACE_STMT), { unsafe StatementTrace.note($0, $1, $2, $3) }, nil)
        }
        unsafe sqlite3_auto_extension(unsafeBitCast(watch, to: (@convention(c) () -> Void).self))
    }

    /// Leaves connections that are opened from now on alone.
    static func endWatching() { sqlite3_reset_auto_extension() }

    /// What ran while `body` ran.
    static func of(_ body: () async throws -> Void) async throws -> [Entry] {
        entries.withLock { $0 = [] }
        defer { entries.withLock { $0 = nil } }
        try await body()
        return entries.withLock { $0 ?? [] }
    }

    private static func note(
        _ kind: UInt32, _: UnsafeMutableRawPointer?, _ statement: UnsafeMutableRawPointer?, _: UnsafeMutableRawPointer?
    ) -> Int32 {
        entries.withLock { entries in
            guard entries != nil, let statement = unsafe statement else { return }
            let handle = OpaquePointer(statement)
            guard let sql = unsafe sqlite3_sql(handle), let expanded = unsafe sqlite3_expanded_sql(handle) else {
                return
            }
            defer { unsafe sqlite3_free(expanded) }
            entries?.append(unsafe Entry(sql: String(cString: sql), expanded: String(cString: expanded)))
        }
        return 0
    }
}

extension StatementTrace.Entry {
    /// What was bound, in the order of the marks.
    ///
    /// - Throws: `SatchelError` where the two texts do not fit each other.
    func values() throws(SatchelError) -> [RawValue] {
        var values: [RawValue] = []
        var ran = expanded.utf8[...]
        for byte in sql.utf8 {
            if byte == UInt8(ascii: "?"), let value = Self.takeValue(&ran) {
                values.append(value)
            } else {
                guard ran.popFirst() == byte else { throw misfit }
            }
        }
        guard ran.isEmpty else { throw misfit }
        return values
    }

    private var misfit: SatchelError {
        SatchelError(.internalError, "What SQLite says that it ran is not what was prepared: \(sql.prefix(200)).")
    }

    /// A literal as `sqlite3_expanded_sql` writes it.
    private static func takeValue(_ text: inout Substring.UTF8View) -> RawValue? {
        if text.starts(with: "NULL".utf8) {
            text = text.dropFirst(4)
            return .null
        }
        if text.starts(with: "x'".utf8) {
            let digits = text.dropFirst(2).prefix { $0 != UInt8(ascii: "'") }
            text = text.dropFirst(digits.count + 3)
            return [UInt8](hexString: Substring(digits)).map { .blob($0) }
        }
        if text.first == UInt8(ascii: "'") { return .text(takeText(&text)) }
        let digits = text.prefix { $0 == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        text = text.dropFirst(digits.count)
        return Int64(String(decoding: Array(digits), as: UTF8.self)).map { .integer($0) }
    }

    /// A text between quotes, of which each within stands twice.
    private static func takeText(_ text: inout Substring.UTF8View) -> [UInt8] {
        let quote = UInt8(ascii: "'")
        var bytes: [UInt8] = []
        text = text.dropFirst()
        while let byte = text.popFirst() {
            if byte == quote {
                guard text.first == quote else { break }
                text = text.dropFirst()
            }
            bytes.append(byte)
        }
        return bytes
    }
}
