import Foundation
import SatchelServer
import SatchelStorage
import SatchelSync
import SatchelWire

/// W4: the same batch into stores of rising size.
struct Growing {
    private let bench: Bench
    private let folder: WorkloadFolder

    init(_ bench: Bench) throws {
        self.bench = bench
        folder = try WorkloadFolder("w4-growth", in: bench.input)
    }

    /// One push of the batch into each size, the smallest first.
    func measure() async throws {
        let sizes = try folder.files(prefix: "seed-").compactMap {
            Int($0.dropFirst("seed-".count).prefix { $0 != "." })
        }
        for size in sizes.sorted() { try await measure(size) }
    }

    private func measure(_ size: Int) async throws {
        var historian = Historian(schema: bench.schema)
        var plan = FloorPlan(schema: bench.schema)
        let seed = try historian.seed(folder.lines(of: "seed-\(size).jsonl"))
        let batch = try folder.lines(of: "batch-\(size).jsonl").map { try historian.changeSet($0) }
        let seeding = seed.map { plan.transaction([$0]) }
        let steps = plan.transaction(batch)
        let template = try await ServerTemplate.make(
            in: bench.place(), source: bench.source, schema: bench.schema, actors: ["dev-001"], seed: seed)
        let floorTemplate = bench.place()
        try FloorStore.make(at: floorTemplate, plan: plan, transactions: seeding)
        let fixed = plan
        try await bench.compare("w4-\(size)", count: batch.count) { place in
            let server = try template.copy(to: place)
            var device = try await server.device(named: "dev-001")
            let usage = try await Usage.of { try await device.push(batch, to: server) }
            try server.store.close()
            return usage
        } floor: { place in
            let store = try FloorStore(copyOf: floorTemplate, as: place, plan: fixed)
            return try await Usage.of { try store.run(steps) }
        }
        try? FileManager.default.removeItem(at: template.folder)
        try? FileManager.default.removeItem(at: floorTemplate)
    }
}
