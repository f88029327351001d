import Foundation
import SatchelClient
import SatchelSchemaFile
import SatchelStorage
import SatchelSync
import SatchelWire

/// What a rep waits for: commands from their start to their end, beside static programs in C that do no more than they have to.
///
/// The records are those of W3, taken into the CRM schema.
struct Commanding {
    /// Where the programs are that are run.
    struct Programs {
        /// The folder with `satchel`.
        let ours: URL
        /// The folder with `empty` and `floor`.
        let floor: URL
    }

    private let bench: Bench
    private let satchel: ChildProcess
    private let empty: ChildProcess
    private let floor: ChildProcess
    private let replica: Replica
    private let home: URL
    private let floorFile: URL
    private let accounts: [RecordID]
    private let count: Int

    /// Makes a home and a plain database with the records.
    init(_ bench: Bench, programs: Programs) throws {
        self.bench = bench
        let crm = try SchemaFile.crm
        let lines = try WorkloadFolder("w3-bootstrap", in: bench.input.appending(path: "day")).lines(of: "seed.jsonl")
        var historian = Historian(schema: crm.schema)
        var plan = FloorPlan(schema: crm.schema)
        let seed = try historian.seed(lines)
        let account = try crm.schema.requireType(named: "account").id
        accounts = seed.flatMap(\.changeSet.changes).filter { $0.type == account }.map(\.record)
        count = lines.count
        guard !accounts.isEmpty else { throw SatchelError(.missingData, "There is no account in the workload.") }
        let seeding = [plan.transaction(seed)]
        home = bench.place()
        let template = try HomeTemplate(in: bench.place(), source: crm.source, schema: crm.schema, seed: seed)
        replica = try template.copy(to: home)
        floorFile = bench.place()
        try FloorStore.make(at: floorFile, plan: plan, transactions: seeding)
        let variables = [
            "HOME=\(home.path)-user", "XDG_STATE_HOME=\(home.path)-state", "SATCHEL_HOME=\(home.path)", "LANG=C.UTF-8",
            "TZ=UTC",
        ]
        func program(_ name: String, in folder: URL) -> ChildProcess {
            ChildProcess(executable: folder.appending(path: name).path, environment: variables)
        }
        satchel = program("satchel", in: programs.ours)
        empty = program("empty", in: programs.floor)
        floor = program("floor", in: programs.floor)
    }

    /// The lines of the day: first those that find nothing waiting, as in the morning.
    func measure() throws {
        try status()
        try list()
        try search()
        try visit()
    }

    private func status() throws {
        try compare("status") {
            try satchel.run(["status"])
        } floor: {
            try empty.run([])
        }
        let pages = try FileManager.default.contentsOfDirectory(atPath: home.path).map { "\(home.path)/\($0)" }
        try compare("status-cold") {
            FilePages.forget(pages + [satchel.executable])
            return try satchel.run(["status"])
        } floor: {
            FilePages.forget([empty.executable])
            return try empty.run([])
        }
    }

    /// The floor asks the same file.
    private var database: String { DataFolder(path: home.path).databasePath }

    private func list() throws {
        try compare("list") {
            try satchel.run(["list", "account", "--sort", "name", "--quiet"])
        } floor: {
            try floor.run([database, "SELECT * FROM account ORDER BY name COLLATE NOCASE, id LIMIT 201"])
        }
    }

    private func search() throws {
        // The first one makes the index.
        _ = try replica.search("index", limit: 1)
        for (name, word, match) in [("search-zh", "上海", "\"上海\""), ("search-latin", "pharm", "\"pharm\" *")] {
            guard try !replica.search(word, limit: 1).isEmpty else {
                throw SatchelError(.missingData, "Nobody in the workload is found by \(word).")
            }
            try compare(name) {
                try satchel.run(["search", word, "--quiet"])
            } floor: {
                try floor.run([
                    database,
                    """
                    SELECT id, type, title, body FROM satchel_search WHERE satchel_search MATCH '\(match)'
                    ORDER BY rowid DESC LIMIT 21
                    """,
                ])
            }
        }
    }

    /// A visit with a check-in, a picture and a note: three commands, each durable when it ends.
    ///
    /// The picture of a megabyte is read by ours alone.
    private func visit() throws {
        let picture = bench.place().path
        var number = 0
        try compare("visit") {
            number += 1
            let account = accounts[number % accounts.count].description
            let bytes =
                [0xFF, 0xD8, 0xFF] + Array(repeating: UInt8(truncatingIfNeeded: number), count: 1_000_000 + number)
            try Data(bytes).write(to: URL(filePath: picture))
            return try [
                ["visit", "start", account, "--at", "31.2304,121.4737,12", "--quiet"],
                ["photo", "add", picture, "--of", account, "--quiet"],
                ["visit", "end", "--outcome", "Ordered 40", "--note", "They want blue ones next time.", "--quiet"],
            ].map { try satchel.run($0) }.reduce(Usage(cpuMilliseconds: 0, wallMilliseconds: 0), +)
        } floor: {
            let account = accounts[number % accounts.count].description
            let ids = (0..<4).map { _ in RecordID.random(at: SystemClock().now()).description }
            let now = SystemClock().now().description
            return try [
                """
                INSERT INTO visit (id, account, rep, status, planned, started_at)
                VALUES ('\(ids[0])', '\(account)', 'ann', 'on_site', 0, '\(now)');
                INSERT INTO check_in (id, visit, account, taken_at, position, verdict, distance_m, radius_m)
                VALUES ('\(ids[1])', '\(ids[0])', '\(account)', '\(now)', '31.2304,121.4737,12', 'unverified', NULL, 300);
                """,
                """
                INSERT INTO photo (id, account, sha256, bytes, file_name)
                VALUES ('\(ids[2])', '\(account)', '\(String(repeating: "a", count: 64))', 1000000, 'shelf.jpg');
                """,
                """
                UPDATE visit SET status = 'done', ended_at = '\(now)', outcome = 'Ordered 40' WHERE id = '\(ids[0])';
                INSERT INTO note (id, body, visit, written_at)
                VALUES ('\(ids[3])', 'They want blue ones next time.', '\(ids[0])', '\(now)');
                """,
            ].map { try floor.run([floorFile.path, "BEGIN IMMEDIATE; \($0) COMMIT;"]) }
                .reduce(Usage(cpuMilliseconds: 0, wallMilliseconds: 0), +)
        }
        let queued = try replica.queuedWork().count
        guard queued == number * 3 else {
            throw SatchelError(.internalError, "\(number) visits made \(queued) change-sets, and not three each.")
        }
    }

    /// Each once before the clock starts, then in turns.
    private func compare(_ name: String, ours: () throws -> Usage, floor: () throws -> Usage) throws {
        _ = (try ours(), try floor())
        try bench.compareWaiting(name, count: count, ours: ours, floor: floor)
    }
}
