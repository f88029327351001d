import SatchelSync
import SatchelWire

/// What the floor does for one change-set: numbers of statements and what is bound.
typealias FloorStep = (statement: Int, values: [RawValue])

/// Turns change-sets into the SQL that a program without sync would run for the same rows.
///
/// Per change an upsert by primary key of the fields it sets, or a delete; per change-set one row appended to a log. The body in
/// the log is the one that Satchel keeps, so that both write the same bytes.
struct FloorPlan {
    let schema: Schema
    /// The statements that the steps name by their place.
    private(set) var statements = ["BEGIN IMMEDIATE", "COMMIT"]
    private var numbers: [String: Int] = [:]

    /// Plans for the tables of a schema.
    init(schema: Schema) { self.schema = schema }

    /// The statement that begins a transaction.
    static let begin = 0
    /// The statement that ends a transaction durably.
    static let commit = 1
    private static let log = "INSERT INTO log (actor, n, at, label, body) VALUES (?, ?, ?, ?, ?)"

    /// The tables of the floor: one a type, and the log.
    static func tables(of schema: Schema) -> String {
        let types = schema.types.map { type in
            let columns = type.fields.map { field in
                switch field.kind {
                case .integer, .boolean, .decimal, .counter: "\"\(field.name)\" INTEGER"
                default: "\"\(field.name)\" TEXT"
                }
            }
            return "CREATE TABLE \"\(type.name)\" (id TEXT PRIMARY KEY NOT NULL, \(columns.joined(separator: ", ")));"
        }
        let log = "CREATE TABLE log (seq INTEGER PRIMARY KEY, actor TEXT, n INTEGER, at TEXT, label TEXT, body BLOB);"
        return types.joined() + log
    }

    /// Reads the rows of a type as JSON, one a row; a WHERE may follow.
    static func selectAsJSON(_ type: EntityType) -> String {
        let pairs = (["id"] + type.fields.map(\.name)).map { "'\($0)', \"\($0)\"" }
        return "SELECT json_object('type', '\(type.name)', \(pairs.joined(separator: ", "))) FROM \"\(type.name)\""
    }

    /// One transaction with these change-sets.
    mutating func transaction(_ offered: some Collection<OfferedChangeSet>) -> [FloorStep] {
        var steps: [FloorStep] = [(Self.begin, [])]
        for changeSet in offered.map(\.changeSet) {
            for change in changeSet.changes { steps.append(step(for: change)) }
            steps.append(
                (
                    number(of: Self.log),
                    [
                        text(changeSet.dot.actor.description), .integer(Int64(changeSet.dot.counter)),
                        text(changeSet.time.description), text(changeSet.label), .blob(changeSet.canonicalBytes),
                    ]
                ))
        }
        steps.append((Self.commit, []))
        return steps
    }

    /// One transaction with these edits and no log.
    mutating func transaction(_ drafts: [DraftChange]) -> [FloorStep] {
        let steps = drafts.map { draft in
            step(
                for: RecordChange(
                    type: draft.type, record: draft.record, context: VersionVector(), life: draft.life,
                    writes: draft.writes))
        }
        return [(Self.begin, [])] + steps + [(Self.commit, [])]
    }

    /// The insert or upsert of the fields that a change sets, or its delete.
    mutating func step(for change: RecordChange) -> FloorStep {
        let type = schema.type(change.type)
        let table = "\"\(type?.name ?? "")\""
        let id = text(change.record.description)
        if change.life == .delete { return (number(of: "DELETE FROM \(table) WHERE id = ?"), [id]) }
        let columns = change.writes.map { "\"\(type?.field($0.field)?.name ?? "")\"" }
        let marks = Array(repeating: "?", count: columns.count + 1).joined(separator: ", ")
        let updates = columns.map { "\($0) = excluded.\($0)" }.joined(separator: ", ")
        let sql = """
            INSERT INTO \(table) (\((["id"] + columns).joined(separator: ", "))) VALUES (\(marks))
            ON CONFLICT (id) DO UPDATE SET \(updates)
            """
        return (number(of: sql), [id] + change.writes.map { value(of: $0.write) })
    }

    /// The number of a statement, given now if it has none.
    mutating func number(of sql: String) -> Int {
        if let number = numbers[sql] { return number }
        statements.append(sql)
        numbers[sql] = statements.count - 1
        return statements.count - 1
    }

    private func value(of write: FieldWrite) -> RawValue {
        switch write {
        case .register(.null): .null
        case .register(.integer(let number)): .integer(number)
        case .register(.boolean(let flag)): .integer(flag ? 1 : 0)
        case .register(.decimal(let number)): .integer(number.units)
        case .register(let value): text(value.text)
        case .set(let add, _): text(add.map { "\"\($0.string)\"" }.joined(separator: ","))
        case .counter(let amount): .integer(amount)
        case .map(let entries): text(entries.map { $0.key.string }.joined(separator: ","))
        }
    }

    private func text(_ text: String) -> RawValue { .text(Array(text.utf8)) }
}
