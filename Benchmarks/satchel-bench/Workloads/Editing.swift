import Foundation
import SatchelClient
import SatchelInterchange
import SatchelStorage
import SatchelSync
import SatchelWire

/// A rep's day on the device: the edits of W2, each durable when it returns, beside one plain transaction each.
struct Editing {
    private let bench: Bench
    private let template: HomeTemplate
    private let floorTemplate: URL
    private let plan: FloorPlan
    private let drafts: [Draft]
    private let transactions: [[FloorStep]]

    /// Reads the workload and makes both databases.
    init(_ bench: Bench) throws {
        self.bench = bench
        let folder = try WorkloadFolder("w2-day", in: bench.input)
        var historian = Historian(schema: bench.schema)
        var plan = FloorPlan(schema: bench.schema)
        let seed = try historian.seed(folder.lines(of: "seed.jsonl"))
        let seeding = [plan.transaction(seed)]
        let fixed = historian
        drafts = try folder.lines(of: "dev-007.jsonl").map { line in
            Draft(label: line.edit.label ?? "edit", changes: try fixed.drafts(of: line))
        }
        transactions = drafts.map { plan.transaction($0.changes) }
        self.plan = plan
        template = try HomeTemplate(in: bench.place(), source: bench.source, schema: bench.schema, seed: seed)
        floorTemplate = bench.place()
        try FloorStore.make(at: floorTemplate, plan: plan, transactions: seeding)
    }

    /// Each edit in a turn of its own, as a command makes it; then all in one turn, as an application that stays open does.
    func measure() async throws {
        try await bench.compare("edit", count: drafts.count) { place in
            let replica = try template.copy(to: place)
            return try await Usage.of { for draft in drafts { _ = try replica.edit(draft) } }
        } floor: {
            try await floor(at: $0)
        }
        try await bench.compare("edit-in-turn", count: drafts.count) { place in
            let replica = try template.copy(to: place)
            return try await Usage.of {
                try replica.withTurn(purpose: "bench") { store in
                    for draft in drafts {
                        _ = try store.write { try Editor($0, clock: SystemClock()).commit(draft) }
                    }
                }
            }
        } floor: {
            try await floor(at: $0)
        }
    }

    /// How long the slowest of a hundred edits takes while a sync waits on a line that says nothing, beside no sync.
    func besideDeadLine() async throws {
        try await bench.compare("edit-p99-dead-line", .wall, count: drafts.count) { place in
            let replica = try template.copy(to: place)
            let line = DeadLine()
            let sync = Task { try await SyncRunner(replica: replica, transport: line).run() }
            defer { sync.cancel() }
            for await _ in line.asked { break }
            return try slowest(of: replica)
        } floor: {
            try slowest(of: try template.copy(to: $0))
        }
    }

    /// The 99th percentile of the edits' times.
    private func slowest(of replica: Replica) throws -> Usage {
        var times = try drafts.map { draft in
            let start = ContinuousClock.now
            _ = try replica.edit(draft)
            return (ContinuousClock.now - start) / .milliseconds(1)
        }
        times.sort()
        return Usage(cpuMilliseconds: 0, wallMilliseconds: times[times.count * 99 / 100])
    }

    private func floor(at place: URL) async throws -> Usage {
        let store = try FloorStore(copyOf: floorTemplate, as: place, plan: plan)
        return try await Usage.of { for steps in transactions { try store.run(steps) } }
    }
}

/// A server that is asked and never answers.
private struct DeadLine: ExchangeTransport {
    /// Says once that it was asked.
    let asked: AsyncStream<Void>
    private let isAsked: AsyncStream<Void>.Continuation

    init() { (asked, isAsked) = AsyncStream.makeStream() }

    func exchange(
        _ request: SyncRequest, agreement: WireAgreement, token: String, onFrame: (SyncFrame) async throws -> Void
    ) async throws {
        isAsked.yield()
        try await Task.sleep(for: .seconds(3_600))
    }

    func schemaSource(token: String) async throws -> String { "" }
}
