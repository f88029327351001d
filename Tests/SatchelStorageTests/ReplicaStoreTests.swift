import Foundation
import GRDB
import SatchelStorage
import SatchelSync
import SatchelTestSupport
import Testing

@Suite("A replica's store")
struct ReplicaStoreTests {
    @Test func `an edit shows in the plain table and waits in the queue`() throws {
        let fixture = try ReplicaFixture()
        try fixture.edit(.sample(1), life: .create, [.name("阿斯特"), .tags(add: ["vip", "北京"])])
        let row = try #require(try fixture.row(.sample(1)))
        #expect(row["name"] == "阿斯特")
        #expect(row["tags"] == #"["vip","北京"]"#)
        let queued = try fixture.turn { try $0.read { try $0.ownChangeSets(.unconfirmed) } }
        #expect(queued.map(\.changeSet.dot) == [Dot(fixture.actor, 1)])
        #expect(queued.map(\.state) == [.queued])
    }

    @Test func `a deleted record leaves the plain table and keeps its values`() throws {
        let fixture = try ReplicaFixture()
        try fixture.edit(.sample(1), life: .create, [.name("Shop")])
        try fixture.edit(.sample(1), life: .delete)
        #expect(try fixture.row(.sample(1)) == nil)
        let record = try #require(try fixture.turn { try $0.read { try $0.record(.sample(1)) } })
        #expect(record.status == .deleted)
        #expect(record.state.field(ItemSchema.name)?.siblings.map(\.value) == [.text("Shop")])
    }

    @Test func `a record that is made anew after a delete gets its row back`() throws {
        let fixture = try ReplicaFixture()
        try fixture.edit(.sample(1), life: .create, [.name("Shop")])
        try fixture.edit(.sample(1), life: .delete)
        try fixture.edit(.sample(1), life: .revive)
        #expect(try fixture.row(.sample(1))?["name"] == "Shop")
    }

    @Test func `a confirmed change-set leaves the overlay when base holds it`() throws {
        let fixture = try ReplicaFixture()
        let own = try fixture.edit(.sample(1), life: .create, [.name("Shop")])
        try fixture.turn { store in
            try store.write { transaction in
                try transaction.setVerdict(
                    .applied, correctedTime: Timestamp(milliseconds: 5_000), of: own.changeSet.dot)
                #expect(try transaction.ownCount(.inOverlay) == 1)
                var state = RecordState()
                state.apply(
                    own.changeSet.changes[0], dot: own.changeSet.dot, time: Timestamp(milliseconds: 5_000),
                    line: VersionVector())
                try transaction.replaceBase(
                    .sample(1), type: ItemSchema.type, state: state, sequence: ServerSequence(1), provenance: nil)
                try transaction.settleOverlay()
            }
        }
        try fixture.turn { store in
            try store.read { (transaction) throws in
                #expect(try transaction.ownCount(.inOverlay) == 0)
                let record = try #require(try transaction.record(.sample(1)))
                #expect(record.base == nil)
                #expect(record.state.life.map(\.time.milliseconds) == [5_000])
            }
        }
    }

    @Test func `a pull replaces base beneath a pending edit and keeps the edit on top`() throws {
        let fixture = try ReplicaFixture()
        let own = try fixture.edit(.sample(1), life: .create, [.name("Mine")])
        var server = RecordState()
        server.apply(
            RecordChange(
                type: ItemSchema.type, record: .sample(1), context: VersionVector(), life: .create,
                writes: [.name("Theirs"), .tags(add: ["x"])]),
            dot: Dot(.sample(9), 1), time: Timestamp(milliseconds: 10), line: VersionVector())
        try fixture.turn { store in
            try store.write { transaction in
                try transaction.replaceBase(
                    .sample(1), type: ItemSchema.type, state: server, sequence: ServerSequence(7), provenance: nil)
                try transaction.settleOverlay()
            }
        }
        let record = try #require(try fixture.turn { try $0.read { try $0.record(.sample(1)) } })
        #expect(record.confirmed == server)
        #expect(
            record.state.field(ItemSchema.name)?.siblings.map(\.dot).sorted()
                == [own.changeSet.dot, Dot(.sample(9), 1)].sorted())
        #expect(try fixture.row(.sample(1))?["tags"] == #"["x"]"#)
    }

    @Test func `a rejected change-set stays on screen under the dot of its release`() throws {
        let fixture = try ReplicaFixture()
        let own = try fixture.edit(.sample(1), life: .create, [.name("Shop")])
        let rejection = Rejection(code: "invalid_value", record: .sample(1), field: ItemSchema.name, sentence: "No.")
        try fixture.turn { store in
            try store.write { transaction in
                try transaction.setVerdict(
                    .rejected(rejection), correctedTime: Timestamp(milliseconds: 1), of: own.changeSet.dot)
                try transaction.settleOverlay()
            }
        }
        let (record, parked) = try fixture.turn { store in
            try store.read { (try $0.record(.sample(1)), try $0.ownChangeSets(.parked)) }
        }
        #expect(record?.state.life.map(\.dot) == [own.changeSet.dot.released])
        #expect(record?.confirmed == RecordState())
        #expect(parked.map(\.rejection) == [rejection])
        #expect(try fixture.row(.sample(1))?["name"] == "Shop")
    }

    @Test func `a failed transaction leaves nothing behind`() throws {
        struct Stop: Error {}
        let fixture = try ReplicaFixture()
        try fixture.turn { store in
            #expect(throws: Stop.self) {
                try store.write { transaction in
                    _ = try fixture.append(.sample(1), life: .create, [.name("Shop")], transaction)
                    throw Stop()
                }
            }
            // The same connection goes on: numbers given to actors in the lost transaction are forgotten.
            _ = try store.write { try fixture.append(.sample(2), life: .create, [.name("Other")], $0) }
        }
        #expect(try fixture.row(.sample(1)) == nil)
        #expect(try fixture.row(.sample(2))?["name"] == "Other")
    }

    @Test func `staged frames come back in order and are dropped together`() throws {
        let fixture = try ReplicaFixture()
        try fixture.turn { store in
            try store.write { try $0.stage([1, 2], sequence: ServerSequence(4)) }
            try store.write { try $0.stage([3], sequence: ServerSequence(9)) }
        }
        try fixture.turn { store in
            try store.write { transaction in
                #expect(try transaction.stagedThrough() == ServerSequence(9))
                var frames: [[UInt8]] = []
                try transaction.forEachStaged { frames.append($0) }
                #expect(frames == [[1, 2], [3]])
                try transaction.dropStaged()
                #expect(try transaction.stagedThrough() == nil)
            }
        }
    }
}
