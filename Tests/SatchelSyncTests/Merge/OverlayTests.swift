import SatchelSync
import SatchelTestSupport
import Testing

/// The effective state of a record where own work is parked or fixed (causality.md §2 to §4).
@Suite struct OverlayTests {
    private func entry(
        _ dot: Dot, place: Dot? = nil, isParked: Bool = false, isInBase: Bool = false, life: LifeWrite? = nil,
        _ writes: FieldChange...
    ) -> OverlayEntry {
        let change = RecordChange(
            type: ItemSchema.type, record: .sample(1), context: VersionVector(), life: life, writes: writes)
        return OverlayEntry(
            changes: [change], dot: dot, place: place, time: Timestamp(milliseconds: 0), isParked: isParked,
            isInBase: isInBase)
    }

    private func dots(_ state: RecordState, _ field: FieldID = ItemSchema.phone) -> [Dot] {
        state.field(field)?.dots ?? []
    }

    private func overlaid(_ entries: OverlayEntry..., base: RecordState = RecordState()) -> RecordState {
        base.overlaid(with: entries, lineage: Lineage())
    }

    @Test func `a discard leaves later work that is not confirmed in place`() {
        let state = overlaid(entry(a(3), place: a(1)), entry(a(2), phone("2")))
        #expect(dots(state) == [a(2)])
    }

    @Test func `a fix stands beside later work of another field, and below later work of the same`() {
        let beside = overlaid(entry(a(3), place: a(1), name("n")), entry(a(2), phone("2")))
        #expect(dots(beside, ItemSchema.name) == [a(3)] && dots(beside) == [a(2)])
        let below = overlaid(entry(a(3), place: a(1), phone("1")), entry(a(2), phone("2")))
        #expect(dots(below) == [a(2)])
    }

    @Test func `two fixes in crossed places both stand`() {
        let state = overlaid(entry(a(4), place: a(1), name("n")), entry(a(3), place: a(2), phone("2")))
        #expect(dots(state, ItemSchema.name) == [a(4)] && dots(state) == [a(3)])
    }

    @Test func `increments count whatever was fixed before them`() {
        let state = overlaid(entry(a(3), place: a(1), count(1)), entry(a(2), count(10)), entry(a(4), count(100)))
        #expect(state.field(ItemSchema.visits)?.parts.map(\.sum) == [111])
    }

    @Test func `parked work stands under its own actor until later work covers it`() {
        #expect(dots(overlaid(entry(a(1), isParked: true, phone("1")))) == [a(1).released])
        #expect(dots(overlaid(entry(a(1), isParked: true, phone("1")), entry(a(2), phone("2")))) == [a(2)])
    }

    @Test func `what was parked before a fork had not seen what its actor made between`() {
        var base = RecordScript()
        base.apply(a(3), phone("3"))
        let state = base.state.overlaid(
            with: [
                entry(a(2), isParked: true, phone("2")), entry(a(3), isInBase: true, phone("3")),
            ],
            lineage: Lineage(ancestors: [ForkPoint(actor: a(3).actor, counter: 3)]))
        #expect(dots(state) == [a(3)])
    }

    @Test func `a fix that is parked itself stands below work made between`() {
        let state = overlaid(entry(a(3), place: a(1), isParked: true, phone("1")), entry(a(2), phone("2")))
        #expect(dots(state) == [a(2)])
    }

    @Test func `what base holds of later work keeps a fix out`() {
        var base = RecordScript()
        base.apply(a(2), phone("2"))
        base.apply(b(1), seen: [a(2)], phone("b"))
        let state = overlaid(
            entry(a(3), place: a(1), phone("1")), entry(a(2), isInBase: true, phone("2")), base: base.state)
        #expect(dots(state) == [b(1)])
    }

    @Test func `a delete covers a fix that comes after it in the place of earlier work`() {
        let state = overlaid(
            entry(a(1), life: .create), entry(a(4), place: a(2), phone("1")), entry(a(3), life: .delete))
        #expect(state.lifeStatus == .deleted)
    }

    @Test func `a delete in the place of earlier work does not cover work made between`() {
        let state = overlaid(
            entry(a(4), place: a(2), life: .delete), entry(a(3), phone("2")), base: created)
        #expect(state.lifeStatus == .contested)
        let again = overlaid(entry(a(4), place: a(2), life: .delete), base: created)
        #expect(again.lifeStatus == .deleted)
    }

    private var created: RecordState {
        var base = RecordScript()
        base.apply(a(1), life: .create)
        return base.state
    }
}
