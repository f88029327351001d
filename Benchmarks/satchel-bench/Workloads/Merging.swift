import Foundation
import SatchelServer
import SatchelStorage
import SatchelSync
import SatchelWire

/// W1: a hundred reps come back from a day offline.
struct Merging {
    private typealias Cursor = SyncEngine<SQLiteServerStore>.Cursor

    private let bench: Bench
    private let template: ServerTemplate
    private let floorTemplate: URL
    private let plan: FloorPlan
    private let pushes: [(actor: String, changeSets: [OfferedChangeSet])]
    private let transactions: [[FloorStep]]
    private var count: Int { pushes.reduce(0) { $0 + $1.changeSets.count } }

    /// Reads the workload and makes both stores.
    init(_ bench: Bench) async throws {
        self.bench = bench
        let folder = try WorkloadFolder("w1-merge", in: bench.input)
        var historian = Historian(schema: bench.schema)
        var plan = FloorPlan(schema: bench.schema)
        let seed = try historian.seed(folder.lines(of: "seed.jsonl"))
        var pushes: [(actor: String, changeSets: [OfferedChangeSet])] = []
        for file in try folder.files(prefix: "dev-") {
            let changeSets = try folder.lines(of: file).map { try historian.changeSet($0) }
            pushes.append((String(file.dropLast(".jsonl".count)), changeSets))
        }
        let seeding = [plan.transaction(seed)]
        transactions = pushes.map { plan.transaction($0.changeSets) }
        self.plan = plan
        self.pushes = pushes
        template = try await ServerTemplate.make(
            in: bench.place(), source: bench.source, schema: bench.schema, actors: pushes.map(\.actor), seed: seed)
        floorTemplate = bench.place()
        try FloorStore.make(at: floorTemplate, plan: plan, transactions: seeding)
    }

    /// One commit a push.
    func oneCommitEach() async throws {
        try await bench.compare("w1", count: count) { place in
            let server = try template.copy(to: place)
            let requests = try await requests(to: server)
            var cursors: [Cursor] = []
            let usage = try await Usage.of {
                for (request, device) in requests {
                    cursors.append(try await server.engine.begin(request, from: device.account))
                }
            }
            try check(cursors)
            try server.store.close()
            return usage
        } floor: {
            try await floor(transactions, at: $0)
        }
    }

    /// All pushes waiting at once, beside a floor that commits them one by one and beside one that commits them together.
    func allWaiting() async throws {
        try await bench.compare("w1-waiting", count: count, ours: merge) { try await floor(transactions, at: $0) }
        let inside = transactions.map { $0.dropFirst().dropLast() }.joined()
        let together: [FloorStep] = [(FloorPlan.begin, [])] + inside + [(FloorPlan.commit, [])]
        try await bench.compare("w1-waiting-one-commit", count: count, ours: merge) {
            try await floor([together], at: $0)
        }
    }

    /// The SQL of the same merge and nothing around it: what the layout of the store costs, whatever the engine costs.
    func layout() async throws {
        StatementTrace.watchNewConnections()
        defer { StatementTrace.endWatching() }
        let place = bench.place()
        let server = try template.copy(to: place)
        let requests = try await requests(to: server)
        let trace = try await StatementTrace.of {
            for (request, device) in requests { _ = try await server.engine.begin(request, from: device.account) }
        }
        try server.store.close()
        var replay = FloorPlan(schema: bench.schema)
        let steps = try trace.map { entry in (replay.number(of: entry.sql), try entry.values()) }
        try await bench.compare("w1-layout", count: count) { place in
            let database = template.folder.appending(path: "satchel.sqlite")
            let store = try FloorStore(copyOf: database, as: place, plan: replay, settings: FloorStore.serverSettings)
            return try await Usage.of { try store.run(steps) }
        } floor: {
            try await floor(transactions, at: $0)
        }
    }

    private func merge(at place: URL) async throws -> Usage {
        let server = try template.copy(to: place)
        let requests = try await requests(to: server)
        var cursors: [Cursor] = []
        let usage = try await Usage.of {
            cursors = try await withThrowingTaskGroup { group in
                for (request, device) in requests {
                    group.addTask { try await server.engine.begin(request, from: device.account) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
        }
        try check(cursors)
        try server.store.close()
        return usage
    }

    private func floor(_ transactions: [[FloorStep]], at place: URL) async throws -> Usage {
        let store = try FloorStore(copyOf: floorTemplate, as: place, plan: plan)
        return try await Usage.of { for steps in transactions { try store.run(steps) } }
    }

    private func requests(to server: BenchServer) async throws -> [(SyncRequest, BenchDevice)] {
        var requests: [(SyncRequest, BenchDevice)] = []
        for push in pushes {
            let device = try await server.device(named: push.actor)
            requests.append((device.request(pushing: push.changeSets, wantsRecords: false), device))
        }
        return requests
    }

    private func check(_ cursors: [Cursor]) throws {
        let applied = cursors.flatMap(\.opening).reduce(0) { count, frame in
            guard case .verdicts(let entries) = frame else { return count }
            return count + entries.count { $0.verdict.isApplied }
        }
        guard applied == count else {
            throw SatchelError(.internalError, "Of \(count) change-sets \(applied) were applied.")
        }
    }
}
