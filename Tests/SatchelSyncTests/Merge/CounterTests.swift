import SatchelSync
import SatchelTestSupport
import Testing

@Suite struct CounterTests {
    private var record = RecordScript()
    private let field: Field

    init() throws {
        record.apply(a(1), life: .create, count(10))
        field = try #require(try ItemSchema.make().type(ItemSchema.type)?.field(ItemSchema.visits))
    }

    private var total: Int64 { record.state.total(of: field) }

    @Test mutating func `increments of all actors add up, whatever their authors had seen`() {
        record.apply(b(1), seen: [], count(-3))
        record.apply(c(1), seen: [a(1), b(1)], count(5))
        record.apply(a(2), seen: [], count(1))
        #expect(total == 13)
        #expect(record.state.field(ItemSchema.visits)?.parts.map(\.dot) == [a(2), b(1), c(1)])
    }

    @Test mutating func `an increment that comes again counts once`() {
        record.apply(b(1), seen: [], count(-3))
        record.apply(b(1), seen: [], count(-3))
        record.apply(a(1), life: .create, count(10))
        #expect(total == 7)
    }

    @Test mutating func `a join takes each actor's part with the higher counter`() {
        let before = record.state
        record.apply(a(2), seen: [], count(1))
        record.apply(b(1), seen: [], count(2))
        #expect(before.joined(record.state) == record.state && record.state.joined(before) == record.state)
        #expect(total == 13)
    }

    @Test mutating func `an increment that the author of a delete had not seen contests it`() {
        var deleted = record
        deleted.apply(b(1), seen: [a(1)], life: .delete)
        #expect(deleted.state.lifeStatus == .deleted)
        deleted.apply(a(2), seen: [], count(1))
        #expect(deleted.state.lifeStatus == .contested)
        record.apply(a(2), seen: [], count(1))
        record.apply(b(1), seen: [a(1)], life: .delete)
        #expect(record.state.lifeStatus == .contested && record.state == deleted.state)
    }

    @Test mutating func `a sum that 64 bits cannot hold stays at their end`() {
        record.apply(b(1), seen: [], count(.max))
        #expect(total == .max)
        record.apply(b(2), seen: [], count(.max))
        record.apply(c(1), seen: [], count(.min))
        #expect(total == 9)
    }

    @Test mutating func `a counter is never in conflict`() throws {
        record.apply(b(1), seen: [], count(1))
        #expect(record.state.conflicts(in: try #require(try ItemSchema.make().type(ItemSchema.type))).isEmpty)
    }
}
