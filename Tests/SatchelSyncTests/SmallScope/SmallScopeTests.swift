import Foundation
import SatchelSync
import SatchelTestSupport
import Testing

/// Every history of three actors with a few operations each, against the oracle that knows only who had seen what.
@Suite struct SmallScopeTests {
    /// Whether `SATCHEL_EXHAUSTIVE` asks for all that a scope allows, as `Scripts/exhaustive` does; else two operations an actor.
    private static let isFull = ProcessInfo.processInfo.environment["SATCHEL_EXHAUSTIVE"] != nil
    private let type: EntityType

    init() throws { type = try HistorySchema.makeType() }

    @Test(arguments: SmallScope.all)
    func `what stands is what nobody had seen, in every history`(scope: SmallScope) {
        var walk = SmallScopeWalk(Self.isFull ? scope : scope.limited(to: 2), type: type)
        let start = ContinuousClock.now
        let difference = walk.firstDifference()
        let tally = walk.tally
        print(
            "Small scope: \(scope.name): \(tally.histories) behaviours, \(tally.comparisons) outcomes compared,",
            "in conflict \(tally.conflicts), three siblings or more \(tally.manySiblings),",
            "contested \(tally.contested), deleted \(tally.deleted), \(ContinuousClock.now - start)")
        #expect(difference == nil, "\(difference?.description ?? "")")
        #expect(tally.histories >= (Self.isFull ? 5_000 : 200))
        #expect(!scope.policyHasConflicts || tally.conflicts > 0 && tally.manySiblings > 0)
        #expect(!["life", "creation", "parked work"].contains(scope.name) || tally.contested > 0 && tally.deleted > 0)
    }

    @Test(arguments: PlantedFault.allCases)
    func `a planted fault shows in a history of a few operations`(fault: PlantedFault) throws {
        let scope = try #require(SmallScope.all.first { $0.name == fault.scopeName })
        var walk = SmallScopeWalk(scope, type: type, fault: fault)
        let found = walk.firstDifference()
        let difference = try #require(found)
        print("Small scope: \(fault) was found in history \(walk.tally.histories) of \(scope.name)")
        var tally = OracleTally()
        #expect(OracleComparison(type: type).difference(in: difference.steps, tally: &tally) == nil)
    }
}

extension PlantedFault {
    /// The world in which the fault shows.
    fileprivate var scopeName: String {
        switch self {
        case .formSeesThePresent: "forms"
        case .nothingSeen, .lineForgotten, .lastWriterWins: "manual"
        case .lateRuleForgotten, .releaseUnseen, .lateDotForgotten, .parkedDotReused: "parked work"
        case .fixOutOfPlace: "fixes"
        case .countersAdded: "counter"
        case .removeTakesAll: "set"
        }
    }
}

extension SmallScope: CustomTestStringConvertible {
    /// Whether the scope walks a policy under which two values are a conflict.
    fileprivate var policyHasConflicts: Bool {
        name == "map" || HistorySchema.registers.contains { $0.word == name && $0.severity != nil }
    }

    var testDescription: String { name }
}
