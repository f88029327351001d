package import GRDB
package import SatchelSync

/// The plain SQL tables, one an entity type, that hold the winners.
///
/// A program may read and write them with nothing but SQL. Columns are only ever added, and a column that the schema no longer
/// names stays with what it holds.
package enum EntityTables {
    /// Makes the tables, columns and indexes that `schema` asks for and the file lacks.
    ///
    /// `heads` are the columns of a layout that keeps more in a row than the fields.
    package static func prepare(_ db: Database, schema: Schema, heads: String? = nil) throws {
        for type in schema.types {
            if try db.tableExists(type.name) {
                try addColumns(db, type: type, schema: schema)
            } else {
                let columns = type.fields.flatMap { columnDefinitions($0, schema: schema) }
                try db.execute(
                    sql: """
                        CREATE TABLE \(type.name.quoted) (
                          \(heads.map { $0 + ",\n  " } ?? "")id TEXT \(heads == nil ? "PRIMARY KEY" : "UNIQUE") NOT NULL
                            DEFAULT (\(randomID)) CHECK (\(idCheck)),
                          \(columns.joined(separator: ",\n  "))
                        )
                        """)
            }
            for field in type.fields {
                guard case .reference = field.kind else { continue }
                try db.execute(
                    sql: """
                        CREATE INDEX IF NOT EXISTS \("satchel_\(type.name)_by_\(field.name)".quoted)
                        ON \(type.name.quoted) (\(field.name.quoted)) WHERE \(field.name.quoted) IS NOT NULL
                        """)
            }
        }
    }

    private static func addColumns(_ db: Database, type: EntityType, schema: Schema) throws {
        let present = Set(try db.columns(in: type.name).map(\.name))
        for field in type.fields {
            for (name, definition) in zip(field.columnNames, columnDefinitions(field, schema: schema))
            where !present.contains(name) {
                try db.execute(sql: "ALTER TABLE \(type.name.quoted) ADD COLUMN \(definition)")
            }
        }
    }

    private static func columnDefinitions(_ field: Field, schema: Schema) -> [String] {
        var suffix = ""
        if case .reference(let target, _) = field.kind, let parent = schema.type(target) {
            suffix = " REFERENCES \(parent.name.quoted) (id) DEFERRABLE INITIALLY DEFERRED"
        }
        return zip(field.columnNames, ColumnCodec.columnTypes(of: field.kind)).map { "\($0.quoted) \($1)\(suffix)" }
    }

    /// A UUID for a row that another program inserts without one: version 4, for SQL alone has no clock to count by.
    private static let randomID = """
        lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-a' \
        || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))
        """

    private static let idCheck = """
        typeof(id) = 'text' AND length(CAST(id AS BLOB)) = 36 AND id NOT GLOB '*[^0-9a-f-]*' AND length(replace(id, '-', '')) = 32 \
        AND substr(id, 9, 1) || substr(id, 14, 1) || substr(id, 19, 1) || substr(id, 24, 1) = '----'
        """
}

extension String {
    /// As an identifier in SQL.
    ///
    /// Names come from a checked schema; the quotes keep words of SQL apart.
    package var quoted: String { "\"\(self)\"" }
}

extension EntityType {
    /// The columns of the fields, quoted, in the order of the fields.
    package var columnList: String { columnNames.map(\.quoted).joined(separator: ", ") }
}
