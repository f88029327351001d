import SatchelSync
import SatchelTestSupport
import Testing

@Suite struct DraftTests {
    private let draft = Draft(
        label: "edit",
        changes: [
            DraftChange(
                type: ItemSchema.type, record: .sample(1),
                writes: [
                    FieldChange(ItemSchema.phone, .register(.text("1"))),
                    FieldChange(ItemSchema.name, .register(.text("n"))),
                ]),
            DraftChange(
                type: ItemSchema.type, record: .sample(2), life: .revive,
                readAt: VersionVector([Dot(.sample(1), 3), Dot(.sample(0), 2)])),
        ])

    private func seal(_ dot: Dot, lineage: Lineage = Lineage(), context: VersionVector) -> ChangeSet {
        draft.sealed(
            dot: dot, author: "kim", time: Timestamp(milliseconds: 5), schemaVersion: 1, line: lineage.line(of: dot),
            contextOf: { _ in context })
    }

    @Test func `the line is left out of what a change-set carries`() {
        let context = VersionVector([Dot(.sample(0), 4), Dot(.sample(1), 9), Dot(.sample(2), 2)])
        let sealed = seal(Dot(.sample(0), 5), context: context)
        #expect(sealed.changes[0].context == VersionVector([Dot(.sample(1), 9), Dot(.sample(2), 2)]))
        let forked = seal(
            Dot(.sample(0), 5), lineage: Lineage(ancestors: [ForkPoint(actor: .sample(1), counter: 9)]),
            context: context)
        #expect(forked.changes[0].context == VersionVector([Dot(.sample(2), 2)]))
    }

    @Test func `an edit that names what its author read carries that and not the present`() {
        let sealed = seal(Dot(.sample(0), 5), context: VersionVector([Dot(.sample(1), 9)]))
        #expect(sealed.changes[1].context == VersionVector([Dot(.sample(1), 3)]))
    }

    @Test func `sealing keeps label, author, time and puts the fields in order`() {
        let sealed = seal(Dot(.sample(0), 5), context: VersionVector())
        #expect(sealed.label == "edit" && sealed.author == "kim" && sealed.time.milliseconds == 5)
        #expect(sealed.changes.map(\.record) == [.sample(1), .sample(2)])
        #expect(sealed.changes[0].writes.map(\.field) == [ItemSchema.name, ItemSchema.phone])
        #expect(sealed.changes.map(\.life) == [nil, .revive])
    }

    @Test func `what cannot be read stops the sealing`() {
        struct Unreadable: Error {}
        #expect(throws: Unreadable.self) {
            try draft.sealed(
                dot: Dot(.sample(0), 1), author: "kim", time: Timestamp(milliseconds: 0), schemaVersion: 1,
                line: VersionVector(), contextOf: { _ in throw Unreadable() })
        }
    }

    @Test func `a change names the records it refers to`() {
        let change = RecordChange(
            type: ItemSchema.type, record: .sample(1), context: VersionVector(), life: .create,
            writes: [
                FieldChange(ItemSchema.parent, .register(.reference(.sample(2)))),
                FieldChange(ItemSchema.name, .register(.text("x"))),
                FieldChange(ItemSchema.phone, .register(.null)),
            ])
        #expect(change.references == [.sample(2)])
    }
}
