import Foundation
import SatchelClient
import SatchelStorage
import SatchelSync

/// A tracked import: another program inserts rows into the replica by plain SQL, and the next turn seals them.
struct Importing {
    private let bench: Bench
    private let template: HomeTemplate
    private let floorTemplate: URL
    private let plan: FloorPlan
    private let steps: [FloorStep]
    private let count: Int

    /// Reads the rows, those of W1's seed, and makes both databases, empty.
    init(_ bench: Bench) throws {
        self.bench = bench
        let lines = try WorkloadFolder("w1-merge", in: bench.input).lines(of: "seed.jsonl")
        let historian = Historian(schema: bench.schema)
        var plan = FloorPlan(schema: bench.schema)
        steps = plan.transaction(try lines.flatMap { try historian.drafts(of: $0) })
        count = lines.count
        self.plan = plan
        template = try HomeTemplate(in: bench.place(), source: bench.source, schema: bench.schema, seed: [])
        floorTemplate = bench.place()
        try FloorStore.make(at: floorTemplate, plan: plan, transactions: [])
    }

    /// The same inserts, with triggers and sealing, and without.
    func measure() async throws {
        try await bench.compare("import", count: count) { place in
            let replica = try template.copy(to: place)
            let usage = try await Usage.of {
                let other = try RawDatabase(path: DataFolder(path: place.path).databasePath)
                for sql in plan.statements { _ = try other.prepare(sql) }
                for step in steps { try other.run(step.statement, step.values) }
                other.close()
                try replica.withTurn(purpose: "seal") { _ in }
            }
            let queued = try replica.reading { try $0.ownCount(.unconfirmed) }
            guard queued > 0 else { throw SatchelError(.internalError, "The import was not sealed.") }
            return usage
        } floor: { place in
            let store = try FloorStore(copyOf: floorTemplate, as: place, plan: plan)
            return try await Usage.of { try store.run(steps) }
        }
    }
}
