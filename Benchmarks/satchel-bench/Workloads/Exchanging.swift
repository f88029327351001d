import Foundation
import SatchelServer
import SatchelStorage
import SatchelSync
import SatchelWire

/// W5: one record edited by many devices in turns, who push and pull in the order of `exchange.jsonl`.
struct Exchanging {
    /// One line of the exchange.
    private enum Step {
        case push(String, ClosedRange<Int>)
        case pull(String)
    }

    private let bench: Bench
    private let seed: [OfferedChangeSet]
    private let history: [String: [OfferedChangeSet]]
    private let exchange: [Step]

    /// Reads the history and who pushed and pulled when.
    init(_ bench: Bench) throws {
        self.bench = bench
        let folder = try WorkloadFolder("w5-history", in: bench.input)
        var historian = Historian(schema: bench.schema)
        seed = try historian.seed(folder.lines(of: "seed.jsonl"))
        var history: [String: [OfferedChangeSet]] = [:]
        for line in try folder.lines(of: "history.jsonl") {
            history[line.actor, default: []].append(try historian.changeSet(line))
        }
        self.history = history
        exchange = try folder.bytes(of: "exchange.jsonl").split(separator: UInt8(ascii: "\n")).map { line in
            let value = try JSONReader.parse(Array(line))
            if case .string(let name)? = value["pull"] { return .pull(name.string) }
            guard case .string(let name)? = value["push"], case .integer(let from)? = value["from"],
                case .integer(let to)? = value["to"], 1 <= from, from <= to
            else { throw SatchelError(.invalidRequest, "A line of exchange.jsonl is neither a push nor a pull.") }
            return .push(name.string, Int(from)...Int(to))
        }
    }

    /// The whole history, beside upserts at each push and a read of the record, where it changed, at each pull.
    func measure() async throws {
        let actors = history.keys.sorted()
        let template = try await ServerTemplate.make(
            in: bench.place(), source: bench.source, schema: bench.schema, actors: actors, seed: seed)
        var plan = FloorPlan(schema: bench.schema)
        let seeding = [plan.transaction(seed)]
        let steps = floorSteps(&plan)
        let floorTemplate = bench.place()
        try FloorStore.make(at: floorTemplate, plan: plan, transactions: seeding)
        let fixed = plan
        try await bench.compare("w5", count: history.values.reduce(0) { $0 + $1.count }) { place in
            let server = try template.copy(to: place)
            var devices: [String: BenchDevice] = [:]
            for name in actors { devices[name] = try await server.device(named: name) }
            let usage = try await Usage.of { try await run(&devices, server) }
            try server.store.close()
            return usage
        } floor: { place in
            let store = try FloorStore(copyOf: floorTemplate, as: place, plan: fixed)
            var byteCount = 0
            return try await Usage.of {
                for step in steps {
                    try unsafe store.read(step.statement, step.values) { row in byteCount += row.count }
                }
            }
        }
    }

    private func run(_ devices: inout [String: BenchDevice], _ server: BenchServer) async throws {
        for step in exchange {
            switch step {
            case .push(let name, let counters):
                let changeSets = (history[name] ?? [])[(counters.lowerBound - 1)..<counters.upperBound]
                try await devices[name]?.push(changeSets, to: server)
            case .pull(let name):
                _ = try await devices[name]?.pull(from: server)
            }
        }
    }

    /// A transaction for each push, and for each pull that finds something new a SELECT.
    private func floorSteps(_ plan: inout FloorPlan) -> [FloorStep] {
        guard let change = seed.first?.changeSet.changes.first, let type = bench.schema.type(change.type) else {
            return []
        }
        let select = plan.number(of: FloorPlan.selectAsJSON(type) + " WHERE id = ?")
        let id = RawValue.text(Array(change.record.description.utf8))
        var (pushes, seen): (Int, [String: Int]) = (0, [:])
        var steps: [FloorStep] = []
        for step in exchange {
            switch step {
            case .push(let name, let counters):
                steps += plan.transaction((history[name] ?? [])[(counters.lowerBound - 1)..<counters.upperBound])
                pushes += 1
            case .pull(let name):
                if seen[name] != pushes { steps.append((select, [id])) }
                seen[name] = pushes
            }
        }
        return steps
    }
}
