import SatchelSync
import SatchelTestSupport
import Testing

@Suite struct LifeTests {
    private var record = RecordScript()

    init() { record.apply(a(1), life: .create, phone("100"), tag(add: ["new"])) }

    private var status: LifeStatus { record.state.lifeStatus }

    @Test func `a record that nobody made is absent, one that was made is alive`() {
        #expect(RecordState().lifeStatus == .absent)
        #expect(status == .alive)
    }

    @Test mutating func `a delete that saw everything deletes, and the values stay for inspection`() {
        record.apply(b(1), seen: [a(1)], life: .delete)
        #expect(status == .deleted)
        #expect(record.life == ["b1 deleted"])
        #expect(record.siblings(ItemSchema.phone) == ["a1 100"])
        #expect(record.tags == ["new: a1"])
    }

    @Test mutating func `a delete keeps with its pair what its author had seen and itself`() throws {
        record.apply(b(3), seen: [a(1)], life: .delete)
        #expect(
            record.state.life.map(\.mark) == [.deleted(context: DeletingContext(vector: VersionVector([a(1), b(3)])))])
    }

    @Test mutating func `a delete keeps what it had not seen and the record is contested`() {
        record.apply(b(1), seen: [a(1)], phone("7"))
        record.apply(c(1), seen: [a(1)], life: .delete)
        #expect(status == .contested)
        #expect(record.siblings(ItemSchema.phone) == ["b1 7"])
    }

    @Test mutating func `an edit that comes to a deleted record makes it contested`() {
        record.apply(c(1), seen: [a(1)], life: .delete)
        #expect(status == .deleted)
        record.apply(b(1), seen: [a(1)], phone("7"))
        #expect(status == .contested)
    }

    @Test mutating func `an element added unseen makes a deleted record contested`() {
        record.apply(c(1), seen: [a(1)], life: .delete)
        record.apply(b(1), seen: [a(1)], tag(add: ["vip"]))
        #expect(status == .contested)
    }

    @Test mutating func `a remove unseen by a delete leaves nothing and contests nothing`() {
        record.apply(c(1), seen: [a(1)], life: .delete)
        record.apply(b(1), seen: [a(1)], tag(remove: ["new"]))
        #expect(status == .deleted)
    }

    @Test mutating func `a delete that had not seen the create stands beside it`() {
        record.apply(b(1), seen: [], life: .delete)
        #expect(record.life == ["a1 alive", "b1 deleted"])
        #expect(status == .contested)
    }

    @Test mutating func `two deletes are one deleted record`() {
        record.apply(b(1), seen: [a(1)], life: .delete)
        record.apply(c(1), seen: [a(1)], life: .delete)
        #expect(record.life == ["b1 deleted", "c1 deleted"])
        #expect(status == .deleted)
    }

    @Test mutating func `two deletes cover together what neither had seen alone`() {
        record.apply(a(2), phone("1"))
        record.apply(b(1), seen: [a(1)], tag(add: ["vip"]))
        record.apply(b(2), life: .delete)
        #expect(status == .contested)
        record.apply(a(3), life: .delete)
        #expect(status == .deleted)
    }

    @Test mutating func `a revive that saw the delete makes the record alive`() {
        record.apply(b(1), seen: [a(1)], life: .delete)
        record.apply(c(1), seen: [a(1), b(1)], life: .revive)
        #expect(record.life == ["c1 alive"])
        #expect(status == .alive)
    }

    @Test mutating func `a revive against another delete is contested`() {
        record.apply(b(1), seen: [a(1)], life: .delete)
        record.apply(a(2), seen: [b(1)], life: .revive)
        record.apply(c(1), seen: [a(1)], life: .delete)
        #expect(record.life == ["a2 alive", "c1 deleted"])
        #expect(status == .contested)
    }

    @Test mutating func `a revive of a contested record settles it`() {
        record.apply(b(1), seen: [a(1)], life: .delete)
        record.apply(c(1), seen: [a(1)], phone("7"))
        record.apply(c(2), seen: [b(1)], life: .revive)
        #expect(status == .alive)
        #expect(record.siblings(ItemSchema.phone) == ["c1 7"])
    }

    @Test mutating func `a delete of a contested record settles it`() {
        record.apply(b(1), seen: [a(1)], life: .delete)
        record.apply(c(1), seen: [a(1)], phone("7"))
        record.apply(b(2), seen: [a(1), c(1)], life: .delete)
        #expect(record.life == ["b2 deleted"])
        #expect(status == .deleted)
    }

    @Test mutating func `an edit that saw a revive does not bring the delete back`() {
        record.apply(b(1), seen: [a(1)], life: .delete)
        record.apply(b(2), life: .revive)
        record.apply(a(2), seen: [b(2)], phone("8"))
        #expect(status == .alive)
    }

    @Test mutating func `an edit by someone who had seen the delete contests it still`() {
        record.apply(b(1), seen: [a(1)], life: .delete)
        record.apply(c(1), seen: [a(1), b(1)], phone("7"))
        #expect(status == .contested)
    }

    @Test func `an alive or a contested record is shown, a deleted or an absent one is not`() {
        #expect(LifeStatus.alive.isVisible && LifeStatus.contested.isVisible)
        #expect(!LifeStatus.deleted.isVisible && !LifeStatus.absent.isVisible)
    }
}
