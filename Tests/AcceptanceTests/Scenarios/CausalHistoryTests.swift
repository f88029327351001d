import ScenarioRunner
import Testing

/// The checker of histories finds what contradicts causal consistency, and nothing in what does not.
@Suite struct CausalHistoryTests {
    private static func write(
        _ process: Int, _ number: Int, _ registers: Set<String> = ["x", "y"], isAcknowledged: Bool = true
    )
        -> HistoryOperation
    {
        HistoryOperation(process: process, .write(number, registers: registers, isAcknowledged: isAcknowledged))
    }

    private static func read(_ process: Int, _ numbers: Int..., x: Set<Int>? = nil, y: Set<Int>? = nil)
        -> HistoryOperation
    {
        HistoryOperation(process: process, .read(["x": x ?? Set(numbers), "y": y ?? Set(numbers)]))
    }

    private static func kinds(_ operations: HistoryOperation...) -> Set<CausalViolation.Kind> {
        Set(CausalHistory(operations).violations().map(\.kind))
    }

    @Test func `concurrent writes may be seen in any order, and a lagging reader may lag`() {
        #expect(
            Self.kinds(
                Self.write(1, 1), Self.write(2, 2), Self.read(3, 1), Self.read(4, 2), Self.read(3, 1, 2),
                Self.read(4, 1, 2),
                Self.read(5), Self.read(1, 1), Self.read(2, 2)) == [])
    }

    @Test func `a write that nobody acknowledged may be seen or not, but not be seen and then gone`() {
        let lost = Self.write(1, 1, isAcknowledged: false)
        #expect(Self.kinds(lost, Self.read(1), Self.write(1, 2), Self.read(1, 2)) == [])
        #expect(Self.kinds(lost, Self.read(1, 1), Self.read(1, 1)) == [])
        #expect(Self.kinds(lost, Self.read(1, 1), Self.write(1, 2), Self.read(1, 2)) == [.readYourWrites])
    }

    @Test func `a process that does not see its own write`() {
        #expect(Self.kinds(Self.write(1, 1), Self.read(1)) == [.readYourWrites])
    }

    @Test func `a process that no longer sees what it saw`() {
        #expect(Self.kinds(Self.write(1, 1), Self.read(2, 1), Self.read(2)) == [.monotonicReads])
    }

    @Test func `a reader who sees a write and not what its author had seen, or made before`() {
        #expect(
            Self.kinds(Self.write(1, 1), Self.read(2, 1), Self.write(2, 2), Self.read(3, 2)) == [.writesFollowReads])
        #expect(Self.kinds(Self.write(1, 1), Self.write(1, 2), Self.read(3, 2)) == [.writesFollowReads])
        // Through two others.
        #expect(
            Self.kinds(
                Self.write(1, 1), Self.read(2, 1), Self.write(2, 2), Self.read(3, 1, 2), Self.write(3, 3),
                Self.read(4, 2, 3))
                == [.writesFollowReads])
    }

    @Test func `a reader who sees a part of a change-set`() {
        #expect(Self.kinds(Self.write(1, 1), Self.read(2, x: [1], y: [])) == [.partOfAChangeSet])
    }

    @Test func `something seen before it was written, or written by nobody`() {
        #expect(Self.kinds(Self.read(1, 1), Self.write(1, 1)) == [.cycle])
        #expect(
            Self.kinds(Self.read(1, 2), Self.write(1, 1), Self.read(2, 1), Self.write(2, 2)) == [.cycle])
        #expect(Self.kinds(Self.read(1, 7)) == [.fromNowhere])
    }

    @Test func `a violation names the edges of its cycle`() throws {
        let history = CausalHistory([Self.write(1, 1), Self.read(2, 1), Self.write(2, 2), Self.read(3, 2)])
        let violation = try #require(history.violations().first)
        #expect(
            violation.description
                == "writes-follow-reads: read 3 of process 3 lacks 1 in x, y, and write 1 of process 1 —wr→ read 1 of process 2"
                + " —process→ write 2 of process 2 —wr→ read 3 of process 3 —rw→ write 1 of process 1")
        #expect(history.edgeCount == 3)
    }
}
