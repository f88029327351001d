import ScenarioRunner
import Testing

/// The catalogue of failure scenarios, in quick size: all that can be played yet.
@Suite(.serialized) struct ScenarioTests {
    static let played = Catalogue.all.filter { $0.play != nil }.map(\.id)

    @Test(arguments: played) func `a scenario of the catalogue holds`(id: String) async throws {
        let scenario = try #require(Catalogue.scenarios(named: id).first)
        let outcome = await scenario.outcome(size: .quick, seed: Seed.fresh("scenario \(id)"))
        print(outcome.line)
        #expect(outcome.verdict == .passed, "\(outcome.line)\n\(outcome.detail)")
    }

    @Test func `what five devices see while lines fail and processes die contradicts no causality`() async throws {
        let result = try await HistoryRecorder.record(for: .seconds(10), seed: Seed.fresh("history"))
        print(result.sight)
        #expect(result.problems.isEmpty)
        #expect(result.history.count > 20)
    }

    @Test func `the catalogue has every scenario once`() {
        let ids = Catalogue.all.map(\.id)
        #expect(ids.count == 81 && Set(ids).count == 81)
        #expect(Catalogue.scenarios(named: "m1").map(\.id) == (10...19).map { "M\($0)" })
        #expect(Catalogue.scenarios(named: "N1").count == 3)
    }
}
