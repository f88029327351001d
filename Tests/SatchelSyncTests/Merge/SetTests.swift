import SatchelSync
import SatchelTestSupport
import Testing

@Suite struct SetTests {
    private var record = RecordScript()

    init() { record.apply(a(1), life: .create, tag(add: ["new", "old"])) }

    @Test mutating func `concurrent adds are united in byte order`() {
        record.apply(b(1), seen: [a(1)], tag(add: ["vip"]))
        record.apply(c(1), seen: [a(1)], tag(add: ["Zoo"]))
        #expect(record.tags == ["Zoo: c1", "new: a1", "old: a1", "vip: b1"])
    }

    @Test mutating func `a remove takes the adds that it had seen`() {
        record.apply(b(1), seen: [a(1)], tag(remove: ["old"]))
        #expect(record.tags == ["new: a1"])
    }

    @Test mutating func `a remove cannot remove what it had not seen`() {
        record.apply(b(1), seen: [], tag(remove: ["old"]))
        #expect(record.tags == ["new: a1", "old: a1"])
    }

    @Test mutating func `an add wins over a remove that had not seen it`() {
        record.apply(b(1), seen: [a(1)], tag(add: ["old"]))
        record.apply(c(1), seen: [a(1)], tag(remove: ["old"]))
        #expect(record.tags == ["new: a1", "old: b1"])
    }

    @Test mutating func `an add takes the place of the adds that it had seen`() {
        record.apply(b(1), seen: [], tag(add: ["old"]))
        #expect(record.tags == ["new: a1", "old: a1 b1"])
        record.apply(c(1), seen: [a(1)], tag(add: ["old"]))
        #expect(record.tags == ["new: a1", "old: b1 c1"])
    }

    @Test mutating func `a remove of one element leaves the others of the same change-set`() {
        record.apply(b(1), seen: [a(1)], tag(remove: ["new"]))
        #expect(record.tags == ["old: a1"])
    }

    @Test mutating func `an element that came again after a remove stays`() {
        record.apply(b(1), seen: [a(1)], tag(remove: ["old"]))
        record.apply(b(2), tag(add: ["old"]))
        #expect(record.tags == ["new: a1", "old: b2"])
    }

    @Test mutating func `a change-set adds some elements and removes others`() {
        record.apply(b(1), seen: [a(1)], tag(add: ["vip"], remove: ["new"]))
        #expect(record.tags == ["old: a1", "vip: b1"])
    }

    @Test mutating func `elements that are canonically equivalent are two`() {
        record.apply(b(1), seen: [a(1)], tag(add: ["e\u{301}", "\u{E9}"], remove: ["new", "old"]))
        #expect(record.state.field(ItemSchema.tags)?.elements.count == 2)
        record.apply(b(2), tag(remove: ["\u{E9}"]))
        #expect(record.tags == ["e\u{301}: b1"])
    }

    @Test mutating func `a set whose last element went is still there, and empty`() {
        record.apply(b(1), seen: [a(1)], tag(remove: ["new", "old"]))
        #expect(record.state.field(ItemSchema.tags) == .set([]))
    }

    @Test mutating func `a set is never in conflict`() throws {
        record.apply(b(1), tag(add: ["vip"], remove: ["old"]))
        record.apply(c(1), tag(add: ["old"], remove: ["vip"]))
        let type = try #require(try ItemSchema.make().type(ItemSchema.type))
        #expect(record.state.conflicts(in: type).isEmpty)
    }
}
