import GRDB
package import SatchelSync

/// The answer to a query in SQL.
package struct QueryRows: Sendable {
    /// The names of the columns.
    package let columns: [String]
    /// The rows, as JSON values: numbers, texts, nulls; bytes as hexadecimal text.
    package let rows: [[JSONValue]]
    /// Whether there were more rows than were asked for.
    package let isCut: Bool
}

extension ReplicaTransaction {
    /// Runs one statement that only reads.
    ///
    /// The connection may write nothing (`query_only`) while it runs.
    ///
    /// - Throws: ``SatchelError`` `invalid_request` for what is no SQL, for several statements, and for one that writes.
    /// - Complexity: That of the query; rows past `limit` are not fetched.
    package func query(_ sql: String, limit: Int) throws -> QueryRows {
        do {
            let statements = try db.allStatements(sql: sql)
            guard let statement = try statements.next(), try statements.next() == nil else {
                throw Self.refusal("One statement is run at a time.")
            }
            // ATTACH and some pragmas count as reading for SQLite.
            let word = statement.sql.drop { !$0.isLetter }.prefix { $0.isLetter }.uppercased()
            guard statement.isReadonly, ["SELECT", "WITH", "VALUES", "EXPLAIN"].contains(word) else {
                throw Self.refusal("Only a query that reads is run.")
            }
            var rows: [[JSONValue]] = []
            var isCut = false
            let cursor = try Row.fetchCursor(statement)
            while let row = try cursor.next() {
                guard rows.count < limit else {
                    isCut = true
                    break
                }
                rows.append(row.databaseValues.map(\.json))
            }
            return QueryRows(columns: statement.columnNames, rows: rows, isCut: isCut)
        } catch let error as DatabaseError
            where error.resultCode == .SQLITE_ERROR || error.resultCode == .SQLITE_READONLY
        {
            throw Self.refusal("SQLite does not take it: \(error.message ?? "it is no SQL").")
        }
    }

    private static func refusal(_ sentence: String) -> SatchelError {
        SatchelError(
            .invalidRequest, sentence,
            remedy: "Write one SELECT; `schema` lists tables and columns, and edits are made with `set`.")
    }
}

extension DatabaseValue {
    fileprivate var json: JSONValue {
        switch storage {
        case .null: .null
        case .int64(let number): .integer(number)
        case .double(let number): .number(String(number))
        case .string(let text): .string(UTF8Text(text))
        case .blob(let data): .string(UTF8Text(Array(data).hexString))
        }
    }
}
