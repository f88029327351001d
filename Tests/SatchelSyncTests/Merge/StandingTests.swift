import SatchelSync
import SatchelTestSupport
import Testing

@Suite struct StandingTests {
    private var record = RecordScript()

    init() { record.apply(a(1), life: .create, phone("0"), tag(add: ["x"])) }

    private func standing(
        _ dot: Dot, life: LifeWrite? = nil, status: LifeStatus? = nil, _ writes: FieldChange...
    ) -> LedgerState {
        let change = RecordChange(
            type: ItemSchema.type, record: .sample(1), context: VersionVector(), life: life, writes: writes)
        return record.state.standing(of: change, dot: dot, life: status)
    }

    @Test mutating func `the only value is visible`() {
        record.apply(b(1), seen: [a(1)], phone("1"))
        #expect(standing(b(1), phone("1")) == .visible)
        #expect(standing(a(1), phone("0")) == .superseded)
        #expect(standing(a(1), life: .create, phone("0")) == .visible)
    }

    @Test mutating func `one of several values is a sibling, and equal values are one`() {
        record.apply(b(1), phone("1"))
        #expect(standing(b(1), phone("1")) == .sibling)
        #expect(standing(a(1), phone("0")) == .sibling)
        record.apply(c(1), seen: [a(1)], phone("1"))
        #expect(standing(b(1), phone("1")) == .visible)
        #expect(standing(c(1), phone("1")) == .visible)
    }

    @Test mutating func `the strongest of its writes decides`() {
        record.apply(b(1), phone("1"))
        #expect(standing(a(1), phone("0"), tag(add: ["x"])) == .sibling)
        record.apply(b(2), seen: [a(1)], phone("2"))
        #expect(standing(a(1), phone("0"), tag(add: ["x"])) == .visible)
        record.apply(b(3), seen: [a(1)], tag(remove: ["x"]))
        #expect(standing(a(1), phone("0"), tag(add: ["x"])) == .superseded)
    }

    @Test mutating func `a remove counts as visible for ever`() {
        record.apply(b(1), seen: [a(1)], tag(remove: ["x"]))
        record.apply(c(1), seen: [b(1)], tag(add: ["x"]))
        #expect(standing(b(1), tag(remove: ["x"])) == .visible)
    }

    @Test mutating func `a delete is visible, contested a sibling, covered superseded`() {
        record.apply(b(1), seen: [a(1)], life: .delete)
        #expect(standing(b(1), life: .delete) == .visible)
        record.apply(c(1), seen: [a(1)], phone("7"))
        #expect(standing(b(1), life: .delete) == .sibling)
        #expect(standing(c(1), phone("7")) == .visible)
        record.apply(b(2), seen: [a(1), c(1)], life: .delete)
        #expect(standing(b(1), life: .delete) == .superseded)
    }

    @Test mutating func `a delete that a living child contests is a sibling`() {
        record.apply(b(1), seen: [a(1)], life: .delete)
        #expect(standing(b(1), life: .delete, status: .contested) == .sibling)
    }
}
