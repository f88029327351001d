import Foundation
import SatchelSync

/// The same rows in plain SQLite: what no program can be faster than.
struct FloorStore {
    private let database: RawDatabase

    /// Opens a copy of a file that ``make(at:plan:transactions:)`` made, with the plan's statements prepared.
    init(copyOf template: URL, as file: URL, plan: FloorPlan, settings: String = "") throws {
        try FileManager.default.copyItem(at: template, to: file)
        database = try RawDatabase(path: file.path)
        try database.execute(settings)
        for sql in plan.statements { _ = try database.prepare(sql) }
    }

    /// What Satchel's server asks of its connection beside what the floor does.
    static let serverSettings = """
        PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON; PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY
        """

    /// Makes a file that holds the rows of some transactions.
    static func make(at file: URL, plan: FloorPlan, transactions: [[FloorStep]]) throws {
        let database = try RawDatabase(path: file.path)
        try database.execute(FloorPlan.tables(of: plan.schema))
        for sql in plan.statements { _ = try database.prepare(sql) }
        for step in transactions.joined() { try database.run(step.statement, step.values) }
        try database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    }

    /// Runs statements in order.
    func run(_ steps: [FloorStep]) throws {
        for step in steps { try database.run(step.statement, step.values) }
    }

    /// Runs one statement and hands over the first column of each row.
    func read(_ statement: Int, _ values: [RawValue] = [], onRow: (UnsafeRawBufferPointer) -> Void) throws {
        try unsafe database.read(statement, values, onRow: onRow)
    }
}
