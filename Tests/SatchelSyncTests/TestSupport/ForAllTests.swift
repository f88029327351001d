import SatchelTestSupport
import Testing

@Suite struct ForAllTests {
    @Test func `a seed gives the same numbers every time and another seed others`() {
        func draw(_ seed: UInt64) -> [UInt64] {
            var random = SeededRandom(seed: seed)
            return (0..<4).map { _ in random.next() }
        }
        #expect(draw(1) == draw(1))
        #expect(draw(1) != draw(2))
        #expect(draw(0)[0] == 0xE220_A839_7B1D_CDAF)
    }

    @Test(.enabled(if: Seeds.replayed == nil))
    func `a property runs once a seed`() {
        var seeds: [UInt64] = []
        forAll(cases: 3, seed: 40) { _, replay in seeds.append(replay.seed) }
        #expect(Seeds.forThisRun(cases: 3, first: 40).count == 3)
        #expect(seeds.count == 3 && Set(seeds).count == 3)
    }

    @Test func `a replay names the seed and the suite`() {
        let replay = Replay(seed: 7, fileID: "SatchelSyncTests/JoinTests.swift")
        #expect(replay.description == "SATCHEL_SEED=7 swift test --filter JoinTests")
    }

    @Test func `what a case throws stops the walk`() {
        struct Stop: Error {}
        var count = 0
        #expect(throws: Stop.self) {
            try forAll(cases: 5) { _, _ in
                count += 1
                throw Stop()
            }
        }
        #expect(count == 1)
    }

    @Test func `a list is shrunk to the elements that matter`() {
        let smallest = shrink(Array(0..<100), simpler: simplerNumbers) { $0.contains { $0 >= 17 } }
        #expect(smallest == [17])
        let pair = shrink(Array(0..<100)) { $0.contains(30) && $0.contains(70) }
        #expect(pair == [30, 70])
    }

    @Test func `shrinking stops where nothing smaller fails, and an empty list may be the smallest`() {
        #expect(shrink([1, 2, 3]) { _ in true }.isEmpty)
        #expect(shrink([1, 2, 3]) { $0 == [1, 2, 3] } == [1, 2, 3])
    }

    @Test func `a broken property is shown small, with the way to see it again`() throws {
        let failure = try #require(throws: Counterexample.self) {
            try forAllShrinking(
                cases: 50, generate: { random in (0..<20).map { _ in random.pick(below: 1_000) } },
                simpler: simplerNumbers, problem: { $0.contains { $0 >= 500 } ? "There is a large number." : nil })
        }
        #expect(failure.smallest == "[500]")
        #expect(failure.problem == "There is a large number.")
        #expect(failure.description.contains("swift test --filter ForAllTests"))
    }

    @Test func `a property that holds throws nothing`() throws {
        try forAllShrinking(cases: 10, generate: { [$0.pick(below: 9)] }, problem: { $0.count == 1 ? nil : "More." })
    }
}
