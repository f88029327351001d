import SatchelSync
import SatchelTestSupport
import Testing

@Suite struct RegisterTests {
    private var record = RecordScript()

    init() { record.apply(a(1), life: .create, phone("100")) }

    @Test mutating func `a write drops the pairs its context covers`() {
        record.apply(b(1), seen: [a(1)], phone("200"))
        #expect(record.siblings(ItemSchema.phone) == ["b1 200"])
    }

    @Test mutating func `a write leaves the pairs its context does not cover`() {
        record.apply(b(1), seen: [], phone("200"))
        #expect(record.siblings(ItemSchema.phone) == ["a1 100", "b1 200"])
    }

    @Test mutating func `a write drops its own line without carrying it`() {
        record.apply(b(1), seen: [a(1)], phone("200"))
        record.apply(a(2), phone("300"))
        record.apply(a(3), phone("400"))
        #expect(record.siblings(ItemSchema.phone) == ["a3 400", "b1 200"])
    }

    @Test mutating func `a write of one field leaves the others`() {
        record.apply(b(1), seen: [a(1)], name("Shop"))
        #expect(record.siblings(ItemSchema.phone) == ["a1 100"])
        #expect(record.siblings(ItemSchema.name) == ["b1 Shop"])
    }

    @Test mutating func `after a write the record covers the dot and not the change's context`() {
        record.apply(b(1), seen: [c(9)], phone("200"))
        #expect(record.state.context == VersionVector([a(1), b(1)]))
    }

    @Test mutating func `a change that was applied does nothing the second time`() {
        record.apply(b(1), phone("200"))
        let once = record.state
        record.apply(b(1), phone("200"))
        #expect(record.state == once)
    }

    @Test mutating func `where the record covers the dot already what its author had seen still goes`() {
        record.apply(b(2), phone("300"))
        record.apply(b(1), seen: [a(1)], phone("200"))
        #expect(record.siblings(ItemSchema.phone) == ["b2 300"])
    }

    @Test mutating func `an emptied field is a value like any other`() {
        record.apply(b(1), seen: [a(1)], FieldChange(ItemSchema.phone, .register(.null)))
        #expect(record.siblings(ItemSchema.phone) == ["b1 "])
        record.apply(c(1), seen: [a(1)], phone("300"))
        #expect(record.siblings(ItemSchema.phone) == ["b1 ", "c1 300"])
    }

    @Test mutating func `concurrent equal values are one distinct value with two dots`() throws {
        record.apply(b(1), seen: [a(1)], phone("9"))
        record.apply(c(1), seen: [a(1)], phone("9"))
        #expect(record.siblings(ItemSchema.phone) == ["b1 9", "c1 9"])
        let siblings = try #require(record.state.field(ItemSchema.phone)).siblings
        let distinct = Winner.distinctValues(of: siblings, policy: .manual)
        #expect(distinct.map(\.value) == [.text("9")])
        #expect(distinct.first?.siblings.map(\.dot) == [b(1), c(1)])
        let type = try #require(try ItemSchema.make().type(ItemSchema.type))
        #expect(record.state.conflicts(in: type).isEmpty)
    }

    @Test mutating func `an edit that saw both equal values covers both`() {
        record.apply(b(1), seen: [a(1)], phone("9"))
        record.apply(c(1), seen: [a(1)], phone("9"))
        record.apply(a(2), seen: [b(1), c(1)], phone("10"))
        #expect(record.siblings(ItemSchema.phone) == ["a2 10"])
    }

    @Test mutating func `a resolution that missed a straggler leaves it standing`() {
        record.apply(b(1), seen: [a(1)], phone("1"))
        record.apply(c(1), seen: [a(1)], phone("2"))
        record.apply(a(2), seen: [b(1)], phone("3"))
        #expect(record.siblings(ItemSchema.phone) == ["a2 3", "c1 2"])
    }

    @Test func `a hundred interleaved writers leave at most two siblings`() {
        var state = RecordState()
        var readByNext = state.context
        for writer in 0..<100 {
            let read = readByNext
            readByNext = state.context
            let dot = Dot(.sample(writer), 1)
            let change = RecordChange(
                type: ItemSchema.type, record: .sample(1), context: read, life: nil,
                writes: [FieldChange(ItemSchema.phone, .register(.integer(Int64(writer))))])
            state.apply(change, dot: dot, time: Timestamp(milliseconds: 0), line: VersionVector())
            let standing = (state.field(ItemSchema.phone)?.siblings ?? []).map(\.dot)
            #expect(standing == (max(0, writer - 1)...writer).map { Dot(.sample($0), 1) })
        }
        #expect(state.context.count == 100)
    }

    @Test func `two clients that write by turns without reading each other leave two siblings`() {
        var record = RecordScript()
        for turn in 1...50 {
            record.apply(a(UInt64(turn)), phone("a"))
            record.apply(b(UInt64(turn)), phone("b"))
            #expect(record.siblings(ItemSchema.phone) == ["a\(turn) a", "b\(turn) b"])
        }
    }
}
