import SatchelClient
import SatchelServer
import SatchelStorage
import SatchelSync
import SatchelTestSupport
import Testing

/// Parked work that comes back: by itself, by an operator, by its author (causality.md §4).
@Suite struct ReissueTests {
    private func create(_ number: Int, _ writes: [FieldChange]) -> Draft {
        Draft(
            label: "new",
            changes: [DraftChange(type: ItemSchema.type, record: .sample(number), life: .create, writes: writes)])
    }

    private func edit(_ number: Int, _ writes: [FieldChange]) -> Draft {
        Draft(label: "edit", changes: [DraftChange(type: ItemSchema.type, record: .sample(number), writes: writes)])
    }

    private func parked(_ server: ExchangeServer) async throws -> [ParkedReply] {
        try await server.service.perform(.parked(after: 0, limit: 100)).parkedPage().work
    }

    private func requireSettled(_ server: ExchangeServer, _ homes: [ExchangeHome]) async throws {
        for _ in 0..<2 { for home in homes { try await home.sync() } }
        #expect(try await SettledCheck(server: server, homes: homes).problems() == [])
    }

    @Test func `work that waits goes in with the record, and what it brings frees the next`() async throws {
        let server = try ExchangeServer()
        let ann = try await server.enrol("ann", actor: .sample(1))
        try server.store.allowOnly(["good", "child", "grandchild", "5"])
        let root = try #require(try ann.edit(create(1, [.name("BAD")])))
        _ = try ann.edit(create(2, [.name("child"), .parent(.sample(1))]))
        _ = try ann.edit(create(3, [.name("grandchild"), .parent(.sample(2))]))
        _ = try ann.edit(edit(3, [.phone("5")]))
        try await ann.sync()
        #expect(try await parked(server).map(\.verdict) == ["rejected", "held", "held", "held"])
        #expect(try await server.records().isEmpty)
        _ = try ann.replica.fix(
            root, record: nil,
            assignments: [
                Assignment(field: "name", operation: .assign, value: "good")
            ])
        try await ann.sync()
        #expect(try await parked(server).isEmpty)
        #expect(try await server.records().map(\.status) == [.alive, .alive, .alive])
        #expect(try ann.replica.parkedWork().isEmpty)
        #expect(try ann.own().map(\.state.word) == ["reissued", "reissued", "reissued", "reissued", "applied"])
        try await requireSettled(server, [ann])
    }

    @Test func `what is no longer valid when its record comes is rejected in place, and the log is whole`() async throws
    {
        let server = try ExchangeServer()
        let ann = try await server.enrol("ann", actor: .sample(1))
        try server.store.allowOnly(["good", "later"])
        let root = try #require(try ann.edit(create(1, [.name("BAD")])))
        let waiting = try #require(try ann.edit(edit(1, [.name("later")])))
        try await ann.sync()
        try server.store.allowOnly(["good"])
        _ = try ann.replica.fix(
            root, record: nil,
            assignments: [
                Assignment(field: "name", operation: .assign, value: "good")
            ])
        try await ann.sync()
        let left = try await parked(server)
        #expect(left.map(\.dot) == [waiting.description])
        #expect(left.map(\.verdict) == ["rejected"])
        #expect(left.map(\.code) == ["invalid_value"])
        // Its author learns of it, and can fix it like any other.
        #expect(try ann.own()[1].state == .rejected)
        _ = try ann.replica.discard(waiting)
        try await ann.sync()
        #expect(try await parked(server).isEmpty)
        try await requireSettled(server, [ann])
    }

    @Test func `an operator's release enters once, under a name of its own, whatever the rules of the house say`()
        async throws
    {
        let server = try ExchangeServer()
        let (ann, bo) = (
            try await server.enrol("ann", actor: .sample(1)), try await server.enrol("bo", actor: .sample(2))
        )
        _ = try ann.edit(create(1, [.name("Shop"), .phone("1")]))
        try await ann.sync()
        try await bo.sync()
        try server.store.allowOnly(["2"])
        let dot = try #require(try ann.edit(edit(1, [.phone("BAD"), FieldChange(ItemSchema.visits, .counter(3))])))
        try await ann.sync()
        _ = try bo.edit(edit(1, [.phone("2")]))
        try await bo.sync()
        let released = try await server.service.perform(.release(dot: dot.description)).parkedPage().work
        #expect(released.map(\.reissuedAs) == [dot.released.description])
        let head = try await server.store.read { try $0.head() }
        _ = try await server.service.perform(.release(dot: dot.description))
        #expect(try await server.store.read { try $0.head() } == head)
        try await ann.sync()
        let state = try ann.state(of: .sample(1))
        #expect(state.field(ItemSchema.phone)?.siblings.map(\.dot).contains(dot.released) == true)
        #expect(state.field(ItemSchema.phone)?.siblings.count == 2)
        #expect(state.field(ItemSchema.visits)?.parts.map(\.sum) == [3])
        #expect(try ann.own().last?.state == .reissued)
        try await requireSettled(server, [ann, bo])
    }

    @Test func `an edit after the news of a release claims no more than was served`() async throws {
        let server = try ExchangeServer()
        let ann = try await server.enrol("ann", actor: .sample(1))
        _ = try ann.edit(create(1, [.phone("1")]))
        try await ann.sync()
        try server.store.allowOnly(["2", "3"])
        let dot = try #require(try ann.edit(edit(1, [.phone("BAD")])))
        _ = try ann.edit(edit(1, [.phone("2")]))
        try await ann.sync()
        _ = try await server.service.perform(.release(dot: dot.description))
        // The verdicts come, the records do not: what came back stands where it stood, under what was edited over it.
        await #expect(throws: SatchelError.self) { try await ann.sync(.cut(after: 2)) }
        #expect(try ann.own().map(\.state) == [.applied, .reissued, .applied])
        #expect(try ann.state(of: .sample(1)).field(ItemSchema.phone)?.siblings.map(\.value) == [.text("2")])
        _ = try ann.edit(edit(1, [.phone("3")]))
        try await ann.sync()
        #expect(try ann.own().last?.state == .applied)
        try await requireSettled(server, [ann])
    }

    @Test func `a fix that comes after a release stays parked, and discarding it leaves the release alone`()
        async throws
    {
        let server = try ExchangeServer()
        let ann = try await server.enrol("ann", actor: .sample(1))
        _ = try ann.edit(create(1, [.phone("1")]))
        try await ann.sync()
        try server.store.allowOnly(["fixed"])
        let dot = try #require(try ann.edit(edit(1, [.phone("BAD")])))
        try await ann.sync()
        let fix = try ann.replica.fix(dot, changes: edit(1, [.phone("fixed")]).changes).dot
        _ = try await server.service.perform(.release(dot: dot.description))
        try await ann.sync()
        #expect(try ann.replica.parkedWork().map(\.dot) == [fix])
        #expect(try ann.replica.parkedWork().map(\.code) == ["already_reissued"])
        await #expect(throws: SatchelError.self) {
            _ = try await server.service.perform(.release(dot: fix.description))
        }
        _ = try ann.replica.discard(fix)
        try await ann.sync()
        #expect(try ann.replica.parkedWork().isEmpty)
        #expect(try await parked(server).isEmpty)
        let values = try ann.state(of: .sample(1)).field(ItemSchema.phone)?.siblings.map(\.value)
        #expect(values == [.text("BAD")])
        try await requireSettled(server, [ann])
    }

    @Test func `a fix of a fix stands where the first stood, and own later work wins over it`() async throws {
        let server = try ExchangeServer()
        let ann = try await server.enrol("ann", actor: .sample(1))
        _ = try ann.edit(create(1, [.name("Shop"), .phone("1")]))
        try await ann.sync()
        try server.store.allowOnly(["good", "9"])
        let dot = try #require(try ann.edit(edit(1, [.name("BAD"), .phone("BAD")])))
        _ = try ann.edit(edit(1, [.phone("9")]))
        try await ann.sync()
        let first = try ann.replica.fix(dot, changes: edit(1, [.name("WORSE"), .phone("good")]).changes).dot
        try await ann.sync()
        #expect(try ann.replica.parkedWork().map(\.dot) == [first])
        #expect(try await parked(server).count == 2)
        #expect(throws: SatchelError.self) { try ann.replica.discard(dot) }
        _ = try ann.replica.fix(first, changes: edit(1, [.name("good"), .phone("good")]).changes)
        let before = try ann.state(of: .sample(1))
        #expect(before.field(ItemSchema.phone)?.siblings.map(\.value) == [.text("9")])
        #expect(before.field(ItemSchema.name)?.siblings.map(\.value) == [.text("good")])
        try await ann.sync()
        #expect(try await parked(server).isEmpty)
        #expect(try ann.own().map(\.state.word) == ["applied", "reissued", "applied", "reissued", "applied"])
        let after = try ann.state(of: .sample(1))
        #expect(after.field(ItemSchema.phone)?.siblings.map(\.value) == [.text("9")])
        #expect(after.field(ItemSchema.name)?.siblings.map(\.value) == [.text("good")])
        try await requireSettled(server, [ann])
    }

    @Test func `a discarded creation is gone from the tables, and what waits for it stays`() async throws {
        let server = try ExchangeServer()
        let ann = try await server.enrol("ann", actor: .sample(1))
        try server.store.allowOnly(["child"])
        let root = try #require(try ann.edit(create(1, [.name("BAD")])))
        let child = try #require(try ann.edit(create(2, [.name("child"), .parent(.sample(1))])))
        try await ann.sync()
        _ = try ann.replica.discard(root)
        #expect(try ann.state(of: .sample(1)).life.isEmpty)
        try await ann.sync()
        #expect(try ann.replica.parkedWork().map(\.dot) == [child])
        #expect(try await parked(server).map(\.verdict) == ["held"])
        try await requireSettled(server, [ann])
    }

    @Test func `what needs a refused record is known to its author, and may be given up with it`() async throws {
        let server = try ExchangeServer()
        let ann = try await server.enrol("ann", actor: .sample(1))
        try server.store.allowOnly(["good", "child", "grandchild", "5"])
        let root = try #require(try ann.edit(create(1, [.name("BAD")])))
        let child = try #require(try ann.edit(create(2, [.name("child"), .parent(.sample(1))])))
        _ = try ann.edit(create(9, [.name("good")]))
        let grandchild = try #require(try ann.edit(create(3, [.name("grandchild"), .parent(.sample(2))])))
        let later = try #require(try ann.edit(edit(3, [.phone("5")])))
        #expect(try ann.replica.workNeeding(root).map(\.dot) == [child, grandchild, later])
        try await ann.sync()
        #expect(try ann.replica.workNeeding(root).map(\.dot) == [child, grandchild, later])
        #expect(try ann.replica.workNeeding(grandchild).map(\.dot) == [later])
        #expect(try ann.replica.workNeeding(later).isEmpty)
        #expect(try ann.replica.discard([root, child, grandchild, later]).count == 4)
        try await ann.sync()
        #expect(try await parked(server).isEmpty)
        #expect(try ann.replica.parkedWork().isEmpty)
        #expect(try await server.records().map(\.id) == [.sample(9)])
        try await requireSettled(server, [ann])
    }
}
