import SatchelSync
import SatchelTestSupport

/// How the pairs of writes of one register or key compare: the oracle's verdict beside the engine's.
struct OracleTally: Sendable {
    var histories = 0, pairs = 0, agreed = 0, missed = 0, invented = 0
    var contested = 0, deleted = 0, manySiblings = 0, released = 0, fixed = 0, counted = 0

    /// The part of the conflicts that the engine reports which are conflicts.
    var precision: Double { agreed + invented == 0 ? 1 : Double(agreed) / Double(agreed + invented) }
    /// The part of the conflicts that the engine reports.
    var recall: Double { agreed + missed == 0 ? 1 : Double(agreed) / Double(agreed + missed) }

    /// Adds what another part of the run has counted.
    mutating func add(_ other: OracleTally) {
        let counts: [WritableKeyPath<OracleTally, Int>] = [
            \.histories, \.pairs, \.agreed, \.missed, \.invented, \.contested, \.deleted, \.manySiblings, \.released,
            \.fixed, \.counted,
        ]
        for count in counts { self[keyPath: count] += other[keyPath: count] }
    }
}

/// Walks histories on both sides.
struct OracleComparison: Sendable {
    static let records = 2

    let type: EntityType
    var fault: PlantedFault?
    /// Every so many steps all outcomes are compared; they always are at the end.
    var stride = 100

    /// The first difference, `nil` when there is none.
    func difference(in steps: [HistoryStep], tally: inout OracleTally) -> String? {
        let count = (steps.map(\.device).max() ?? 0) + 1
        var oracle = SeenOracle(devices: count)
        var engine = EngineWorld(devices: count, type: type, fault: fault)
        var first: String?
        for (place, step) in steps.enumerated() {
            engine.take(step, name: oracle.take(step))
            guard first == nil, place % stride == stride - 1 || place == steps.count - 1 else { continue }
            first = difference(oracle, engine, devices: count, &tally)
        }
        tallyPairs(oracle, engine, &tally)
        return first
    }

    private func difference(
        _ oracle: SeenOracle, _ engine: EngineWorld, devices: Int, _ tally: inout OracleTally
    ) -> String? {
        for record in 0..<Self.records {
            let predicted = oracle.outcome(of: record, known: oracle.server)
            let found = engine.outcome(of: engine.server[record])
            if predicted != found { return "Record \(record) at the server: \(found)\nand not \(predicted)." }
            for device in 0..<devices {
                let predicted = oracle.outcome(of: record, known: oracle.view(of: device))
                let found = engine.outcome(of: engine.effective(device, record: record))
                if predicted.life == "deleted" { tally.deleted += 1 }
                if predicted != found {
                    return "Record \(record) at device \(device): \(found)\nand not \(predicted)."
                }
            }
        }
        return nil
    }

    private func tallyPairs(_ oracle: SeenOracle, _ engine: EngineWorld, _ tally: inout OracleTally) {
        tally.histories += 1
        tally.released += oracle.releasedCount
        tally.fixed += oracle.fixedCount
        for record in 0..<Self.records {
            let predicted = oracle.outcome(of: record, known: oracle.server)
            let found = engine.outcome(of: engine.server[record])
            if predicted.life == "contested" { tally.contested += 1 }
            if predicted.total != 0 { tally.counted += 1 }
            let edits = oracle.server.filter { oracle.events[$0].record == record }
            for place in SeenOracle.places {
                let writes = edits.compactMap { edit in
                    oracle.events[edit].edit.value(at: place).map { (edit: edit, value: $0) }
                }
                if (predicted.siblings[place]?.count ?? 0) > 2 { tally.manySiblings += 1 }
                let isPredicted = predicted.conflicts.contains(place)
                let isFound = found.conflicts.contains(place)
                let (mine, theirs) = (predicted.siblings[place] ?? EditSet(), found.siblings[place] ?? EditSet())
                tally.pairs += writes.count * (writes.count - 1) / 2
                guard isPredicted || isFound else { continue }
                for (index, one) in writes.enumerated() {
                    for two in writes[(index + 1)...] where one.value != two.value {
                        let isReal = isPredicted && mine.contains(one.edit) && mine.contains(two.edit)
                        let isReported = isFound && theirs.contains(one.edit) && theirs.contains(two.edit)
                        switch (isReal, isReported) {
                        case (true, true): tally.agreed += 1
                        case (true, false): tally.missed += 1
                        case (false, true): tally.invented += 1
                        case (false, false): break
                        }
                    }
                }
            }
        }
    }

    /// Draws a history of two to six devices, whose records exist from the start.
    static func history(steps: ClosedRange<Int>, _ random: inout SeededRandom) -> [HistoryStep] {
        let devices = random.pick(in: 2...6)
        let opening: [HistoryStep] = [
            .edit(device: 0, record: 0, .create, fromForm: false),
            .edit(device: 0, record: 1, .create, fromForm: false),
            .push(device: 0, atMost: 2, isParked: false),
        ]
        let first = random.pick(below: HistorySchema.registers.count)
        let second = random.pick(below: HistorySchema.registers.count)
        let scope = HistoryStep.Scope(
            devices: devices, records: random.isOnce(in: 3) ? 2 : 1, registers: [first, second])
        return opening + (0..<devices).map { .pull(device: $0) }
            + (0..<random.pick(in: steps)).map { _ in .random(in: scope, using: &random) }
    }
}
