import SatchelSync
import SatchelTestSupport
import Testing

/// Random histories of two to six devices through one server, against an oracle that knows only who had seen what.
@Suite struct OracleTests {
    private let type: EntityType

    init() throws { type = try HistorySchema.makeType() }

    @Test func `what stands is what nobody had seen, at the server and on every device`() async throws {
        let comparison = OracleComparison(type: type)
        let parts = Seeds.replayed == nil ? 4 : 1
        let tally = try await withThrowingTaskGroup(of: OracleTally.self) { group in
            for part in 0..<parts {
                group.addTask {
                    var tally = OracleTally()
                    try forAllShrinking(
                        cases: 100, seed: UInt64(part) * 1_000_000 + 1,
                        generate: { OracleComparison.history(steps: 60...260, &$0) }, simpler: \.simpler,
                        describe: HistoryStep.pasteable, problem: { comparison.difference(in: $0, tally: &tally) })
                    return tally
                }
            }
            return try await group.reduce(into: OracleTally()) { $0.add($1) }
        }
        print(
            "Oracle: \(tally.histories) histories, \(tally.pairs) pairs, precision \(tally.precision),",
            "recall \(tally.recall); \(tally.agreed) conflicts, three siblings or more \(tally.manySiblings),",
            "contested \(tally.contested), deleted \(tally.deleted), counters \(tally.counted),",
            "released \(tally.released), fixed \(tally.fixed)")
        #expect(tally.precision == 1 && tally.recall == 1)
        guard Seeds.replayed == nil else { return }
        #expect(tally.pairs >= 100_000)
        #expect(tally.agreed > 1_000 && tally.contested > 50 && tally.deleted > 5 && tally.manySiblings > 50)
        #expect(tally.released > 100 && tally.fixed > 100 && tally.counted > 100)
    }

    @Test func `short histories are compared after every step`() throws {
        let comparison = OracleComparison(type: type, stride: 1)
        var tally = OracleTally()
        try forAllShrinking(
            cases: 300, seed: 9_000_001, generate: { OracleComparison.history(steps: 5...40, &$0) },
            simpler: \.simpler, describe: HistoryStep.pasteable,
            problem: { comparison.difference(in: $0, tally: &tally) })
        #expect(tally.precision == 1 && tally.recall == 1)
        #expect(Seeds.replayed != nil || tally.deleted > 20 && tally.contested > 20)
    }

    @Test(arguments: PlantedFault.allCases)
    func `the oracle sees a planted fault and shrinks it to a few steps`(fault: PlantedFault) throws {
        let comparison = OracleComparison(type: type, fault: fault, stride: 4)
        var tally = OracleTally()
        var smallest: [HistoryStep]?
        for seed in UInt64(1)...400 where smallest == nil {
            var random = SeededRandom(seed: seed)
            let steps = OracleComparison.history(steps: 10...90, &random)
            guard comparison.difference(in: steps, tally: &tally) != nil else { continue }
            print("Oracle: \(fault) was found in history \(seed)")
            smallest = shrink(steps, simpler: \.simpler) { comparison.difference(in: $0, tally: &tally) != nil }
        }
        let steps = try #require(smallest)
        #expect(steps.count <= 12, "\(HistoryStep.pasteable(steps))")
        #expect(OracleComparison(type: type).difference(in: steps, tally: &tally) == nil)
    }

    @Test func `every history of two devices that edit, send and fetch once each agrees with the oracle`() {
        let comparison = OracleComparison(type: type)
        var choices = EveryChoice()
        var tally = OracleTally()
        var count = 0
        repeat {
            var steps: [HistoryStep] = [
                .edit(device: 0, record: 0, .create, fromForm: false), .push(device: 0, atMost: 1, isParked: false),
                .pull(device: 0),
                .pull(device: 1),
            ]
            var next = [0, 0]
            while next != [4, 4] {
                let device = next[0] == 4 ? 1 : next[1] == 4 ? 0 : choices.pick(below: 2)
                switch next[device] {
                case 0, 3:
                    let edits: [HistoryStep.Edit] = [.write(register: 1, value: device), .delete, .add(0), .remove(0)]
                    let edit = next[device] == 0 ? choices.pick(from: edits) : .write(register: 1, value: 2)
                    steps.append(.edit(device: device, record: 0, edit, fromForm: false))
                case 1: steps.append(.push(device: device, atMost: 1, isParked: false))
                default: steps.append(.pull(device: device))
                }
                next[device] += 1
            }
            steps += [
                .push(device: 0, atMost: 1, isParked: false), .push(device: 1, atMost: 1, isParked: false),
                .pull(device: 0), .pull(device: 1),
            ]
            if let difference = comparison.difference(in: steps, tally: &tally) {
                Issue.record("\(difference)\n\(HistoryStep.pasteable(steps))")
                return
            }
            count += 1
        } while choices.advance()
        #expect(count == 70 * 16)
    }
}
