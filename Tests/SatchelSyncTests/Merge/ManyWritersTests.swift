import SatchelSync
import SatchelTestSupport
import Testing

/// The known hard cases of causality tracking: where plain version vectors lose a value, keep too many or invent a conflict
/// (Preguiça, Baquero, Almeida, Fonte, Gonçalves, arXiv:1011.5808; Almeida et al., DAIS 2014).
@Suite struct ManyWritersTests {
    private func write(_ dot: Dot, _ context: VersionVector, to state: inout RecordState) {
        let line = Lineage().line(of: dot)
        let change = RecordChange(
            type: ItemSchema.type, record: .sample(1), context: context.removing(line: line), life: nil,
            writes: [phone(UTF8Text(dot.description))])
        state.apply(change, dot: dot, time: Timestamp(milliseconds: 0), line: line)
    }

    private func dots(_ state: RecordState) -> [Dot] { state.field(ItemSchema.phone)?.dots ?? [] }

    @Test func `a hundred writers that take turns, each one read behind, never leave more than two siblings`() {
        forAll(cases: 5) { random, replay in
            var state = RecordState()
            var counters = Array(repeating: UInt64(0), count: 100)
            var lastRead = state.context
            for _ in 0..<400 {
                let writer = random.pick(below: 100)
                counters[writer] += 1
                let seen = lastRead
                lastRead = state.context
                write(Dot(.sample(writer), counters[writer]), seen, to: &state)
                #expect(dots(state).count <= 2, "\(replay)")
            }
            #expect(state.context.count > 50, "\(replay)")
        }
    }

    @Test func `two clients that write in turns on stale reads never pile up siblings`() {
        var state = RecordState()
        var reads = [VersionVector(), VersionVector()]
        for turn in 0..<200 {
            let client = turn % 2
            write(Dot(.sample(client), UInt64(turn / 2) + 1), reads[client], to: &state)
            #expect(dots(state).count <= 2)
            reads[client] = state.context
        }
        #expect(dots(state).count == 2)
    }

    @Test func `a hundred writers that had seen nothing leave a hundred siblings, and one that saw all leaves one`() {
        var state = RecordState()
        for writer in 0..<100 { write(Dot(.sample(writer), 1), VersionVector(), to: &state) }
        #expect(dots(state).count == 100)
        write(Dot(.sample(0), 2), state.context, to: &state)
        #expect(dots(state) == [a(2)])
    }

    @Test func `an actor that writes twice on the same stale read is not in conflict with himself`() {
        var state = RecordState()
        write(a(1), VersionVector(), to: &state)
        let stale = state.context
        write(b(1), stale, to: &state)
        write(a(2), stale, to: &state)
        write(a(3), stale, to: &state)
        #expect(dots(state) == [a(3), b(1)])
    }

    @Test func `a later write of one actor does not count as seen because an earlier one was`() {
        var state = RecordState()
        write(a(1), VersionVector(), to: &state)
        let seen = state.context
        write(a(2), VersionVector(), to: &state)
        write(b(1), seen, to: &state)
        #expect(dots(state) == [a(2), b(1)])
    }

    @Test func `a delete by one who had seen one of two siblings leaves the other, contested`() {
        var record = RecordScript()
        record.apply(a(1), life: .create, phone("0"))
        record.apply(a(2), phone("1"))
        record.apply(b(1), seen: [a(1)], phone("2"))
        record.apply(c(1), seen: [a(2)], life: .delete)
        #expect(record.siblings(ItemSchema.phone) == ["a2 1", "b1 2"])
        #expect(record.state.lifeStatus == .contested)
        record.apply(c(2), seen: [a(2), b(1)], life: .delete)
        #expect(record.state.lifeStatus == .deleted)
    }

    @Test func `a write that had seen one of two siblings replaces that one alone, on both ways of arrival`() {
        var one = RecordState()
        write(a(1), VersionVector(), to: &one)
        write(b(1), VersionVector(), to: &one)
        var two = RecordState()
        write(b(1), VersionVector(), to: &two)
        write(c(1), VersionVector([a(1)]), to: &one)
        write(a(1), VersionVector(), to: &two)
        write(c(1), VersionVector([a(1)]), to: &two)
        #expect(dots(one) == [b(1), c(1)] && one == two)
    }

    @Test func `a state that dropped a value and one that never had it differ in what a join brings back`() {
        var base = RecordState()
        write(a(1), VersionVector(), to: &base)
        var dropped = base
        write(b(1), base.context, to: &dropped)
        #expect(dots(dropped.joined(base)) == [b(1)])
        #expect(dots(RecordState().joined(base)) == [a(1)])
    }
}
