import GRDB
import SatchelStorage
import SatchelSync
import SatchelTestSupport
import Testing

@Suite("References between records")
struct ReferenceTests {
    /// A state as a server would send it, made by one actor.
    private func state(
        _ actor: Int, life: LifeWrite = .create, writes: [FieldChange], context: VersionVector = .init(),
        from old: RecordState = .init()
    )
        -> RecordState
    {
        var state = old
        let dot = Dot(.sample(actor), state.context[.sample(actor)] + 1)
        state.apply(
            RecordChange(type: ItemSchema.type, record: .sample(0), context: context, life: life, writes: writes),
            dot: dot, time: Timestamp(milliseconds: 1), line: Lineage().line(of: dot))
        return state
    }

    private func put(_ states: [(RecordID, RecordState)], _ fixture: ReplicaFixture, sequence: UInt64) throws {
        try fixture.turn { store in
            try store.write { transaction in
                for (id, state) in states {
                    try transaction.replaceBase(
                        id, type: ItemSchema.type, state: state, sequence: ServerSequence(sequence), provenance: nil)
                }
                try transaction.settleOverlay()
            }
        }
    }

    @Test func `a child may come before its parent in one checkpoint`() throws {
        let fixture = try ReplicaFixture()
        try put(
            [(.sample(2), state(8, writes: [.parent(.sample(1))])), (.sample(1), state(7, writes: [.name("P")]))],
            fixture,
            sequence: 1)
        #expect(try fixture.row(.sample(2))?["parent"] == RecordID.sample(1).description)
    }

    @Test func `a reference to a record that has not come shows as nothing until it comes`() throws {
        let fixture = try ReplicaFixture()
        try put([(.sample(2), state(8, writes: [.parent(.sample(1))]))], fixture, sequence: 1)
        let row = try #require(try fixture.row(.sample(2)))
        #expect(row["parent"] == nil)
        let child = try #require(try fixture.turn { try $0.read { try $0.record(.sample(2)) } })
        #expect(child.state.field(ItemSchema.parent)?.siblings.map(\.value) == [.reference(.sample(1))])
        try put([(.sample(1), state(7, writes: [.name("P")]))], fixture, sequence: 2)
        #expect(try fixture.row(.sample(2))?["parent"] == RecordID.sample(1).description)
    }

    @Test func `a deleted parent stays visible, contested, while a child lives`() throws {
        let fixture = try ReplicaFixture()
        let made = state(7, writes: [.name("P")])
        let deleted = state(7, life: .delete, writes: [], context: made.context, from: made)
        let child = state(8, writes: [.parent(.sample(1))])
        try put([(.sample(1), made), (.sample(2), child)], fixture, sequence: 1)
        try put([(.sample(1), deleted)], fixture, sequence: 2)
        let (parent, count) = try fixture.turn { store in
            try store.read { (try $0.record(.sample(1)), try $0.records.conflictCount(.decide)) }
        }
        #expect(parent?.status == .contested)
        #expect(count == 1)
        #expect(try fixture.row(.sample(1))?["name"] == "P")

        try put(
            [(.sample(2), state(8, life: .delete, writes: [], context: child.context, from: child))], fixture,
            sequence: 3)
        let after = try fixture.turn { try $0.read { try $0.record(.sample(1)) } }
        #expect(after?.status == .deleted)
        #expect(try fixture.row(.sample(1)) == nil)
    }

    /// Two items that refer to each other, and the deletes of both.
    private func cycle() -> (made: [(RecordID, RecordState)], deleted: [(RecordID, RecordState)]) {
        let first = state(7, writes: [.name("A"), .parent(.sample(2))])
        let second = state(8, writes: [.name("B"), .parent(.sample(1))])
        return (
            [(.sample(1), first), (.sample(2), second)],
            [
                (.sample(1), state(7, life: .delete, writes: [], context: first.context, from: first)),
                (.sample(2), state(8, life: .delete, writes: [], context: second.context, from: second)),
            ]
        )
    }

    @Test func `deleted records that refer to each other do not keep each other, in whatever order they come`() throws {
        let (made, deleted) = cycle()
        for deletes in [[deleted], [deleted.reversed()], deleted.map { [$0] }, deleted.reversed().map { [$0] }] {
            let fixture = try ReplicaFixture()
            try put(made, fixture, sequence: 1)
            for (index, batch) in deletes.enumerated() { try put(batch, fixture, sequence: UInt64(index + 2)) }
            let statuses = try fixture.turn { store in
                try store.read { transaction in try made.map { try transaction.record($0.0)?.status } }
            }
            #expect(statuses == [.deleted, .deleted])
            #expect(try fixture.row(.sample(1)) == nil)
        }
    }

    @Test func `a living child keeps a deleted chain above it in sight, and lets it go`() throws {
        let fixture = try ReplicaFixture()
        let (made, deleted) = cycle()
        let child = state(9, writes: [.parent(.sample(1))])
        try put(made, fixture, sequence: 1)
        try put(deleted, fixture, sequence: 2)
        try put([(.sample(3), child)], fixture, sequence: 3)
        func statuses() throws -> [LifeStatus?] {
            try fixture.turn { store in
                try store.read { transaction in try made.map { try transaction.record($0.0)?.status } }
            }
        }
        #expect(try statuses() == [.contested, .contested])
        try put(
            [(.sample(3), state(9, life: .delete, writes: [], context: child.context, from: child))], fixture,
            sequence: 4)
        #expect(try statuses() == [.deleted, .deleted])
        let violations = try fixture.shell { try Row.fetchAll($0, sql: "PRAGMA foreign_key_check") }
        #expect(violations.isEmpty)
    }

    @Test func `a child that comes to a deleted parent brings it back as contested`() throws {
        let fixture = try ReplicaFixture()
        let made = state(7, writes: [.name("P")])
        try put(
            [(.sample(1), state(7, life: .delete, writes: [], context: made.context, from: made))], fixture, sequence: 1
        )
        #expect(try fixture.row(.sample(1)) == nil)
        try put([(.sample(2), state(8, writes: [.parent(.sample(1))]))], fixture, sequence: 2)
        #expect(try fixture.turn { try $0.read { try $0.record(.sample(1))?.status } } == .contested)
        #expect(try fixture.row(.sample(2))?["parent"] == RecordID.sample(1).description)
        let violations = try fixture.shell { try Row.fetchAll($0, sql: "PRAGMA foreign_key_check") }
        #expect(violations.isEmpty)
    }
}
