import SatchelClient
import SatchelInspection
import SatchelServer
import SatchelSync
import SatchelTestSupport
import Testing

/// What both ends tell of change-sets and records: the server from its log, a device from its replica.
@Suite struct ExplainTests {
    private func draft(_ number: Int, life: LifeWrite? = nil, _ writes: [FieldChange]) -> Draft {
        Draft(
            label: "edit",
            changes: [DraftChange(type: ItemSchema.type, record: .sample(number), life: life, writes: writes)])
    }

    private func explained(_ dot: String, by server: ExchangeServer) async throws -> ChangeSetExplanation {
        guard case .explanation(.changeSet(let page)) = try await server.service.perform(.explain(type: nil, what: dot))
        else { throw SatchelError.unexpectedReply }
        return page
    }

    private func explained(_ dot: String, by home: ExchangeHome) throws -> ChangeSetExplanation {
        guard case .changeSet(let page) = try home.replica.explain(typeName: nil, dot) else {
            throw SatchelError.unexpectedReply
        }
        return page
    }

    @Test func `released work that comes late says who was there, and its author's later work that it had seen it`()
        async throws
    {
        let server = try ExchangeServer()
        let ann = try await server.enrol("ann", actor: .sample(1))
        try server.store.allowOnly(["one", "2", "3"])
        _ = try ann.edit(draft(1, life: .create, [.name("one"), .phone("2")]))
        let parked = try #require(try ann.edit(draft(1, [.phone("BAD")])))
        let later = try #require(try ann.edit(draft(1, [.phone("3")])))
        try await ann.sync()
        let before = try await explained(parked.description, by: server)
        #expect(before.standing.state == "parked")
        #expect(before.standing.verdict == "rejected")
        #expect(before.parts[0].writes.map(\.decision) == ["not in the store"])
        try server.store.allowOnly(["one", "2", "3", "BAD"])
        _ = try await server.service.perform(.release(dot: parked.description))
        let origin = try await explained(parked.description, by: server)
        #expect(origin.standing.state == "reissued")
        #expect(origin.relations.reissuedAs == parked.released.description)
        let released = try await explained(parked.released.description, by: server)
        #expect(released.relations.releases == parked.description)
        #expect(released.parts[0].writes.map(\.state) == ["superseded"])
        #expect(
            released.parts[0].writes.map(\.decision) == [
                "came late: \(later.shortDescription) (ann) had seen it and was there"
            ])
        let seen = try await explained(later.description, by: server).parts[0]
        #expect(seen.exceptions.map(\.dot) == [parked.released.description])
        #expect(seen.writes.map(\.decision) == ["the only value"])
        // The device tells the same of its own once it has heard of the release.
        try await ann.sync()
        #expect(try explained(parked.description, by: ann).relations.reissuedAs == parked.released.description)
        #expect(try explained(later.description, by: ann).parts[0].writes.map(\.decision) == ["the only value"])
    }

    @Test func `held work names what it needs, and a fix what it stands for`() async throws {
        let server = try ExchangeServer()
        let ann = try await server.enrol("ann", actor: .sample(1))
        try server.store.allowOnly(["good", "child"])
        let root = try #require(try ann.edit(draft(1, life: .create, [.name("BAD")])))
        let child = try #require(try ann.edit(draft(2, life: .create, [.name("child"), .parent(.sample(1))])))
        #expect(try explained(child.description, by: ann).holders.map(\.hasIt) == [true, false])
        try await ann.sync()
        let held = try await explained(child.description, by: server)
        #expect(held.standing.verdict == "held")
        #expect(held.standing.record == RecordID.sample(1).description)
        #expect(
            held.parts[0].writes.map(\.decision) == [
                "the record is not here", "the record is not here", "the record is not here",
            ])
        let fix = try ann.replica.fix(
            root, record: nil, assignments: [Assignment(field: "name", operation: .assign, value: "good")])
        #expect(try explained(root.description, by: ann).relations.reissuedAs == fix.dot.description)
        try await ann.sync()
        #expect(try await explained(fix.dot.description, by: server).relations.fixes == root.description)
        #expect(try explained(fix.dot.description, by: ann).relations.fixes == root.description)
        let back = try await explained(child.released.description, by: server)
        #expect(back.standing.state == "visible")
        #expect(try explained(child.released.description, by: ann).standing.state == "visible")
    }

    @Test func `a device is known to have what its checkpoint proves, also after the server was down`() async throws {
        let server = try ExchangeServer()
        let (ann, bo) = (
            try await server.enrol("ann", actor: .sample(1)), try await server.enrol("bo", actor: .sample(2))
        )
        _ = try await server.enrol("cy", actor: .sample(3))
        let made = try #require(try ann.edit(draft(1, life: .create, [.name("one")])))
        try await ann.sync()
        try await bo.sync()
        // Bo was sent it; whether it came he says with the next sync.
        var holders = try await explained(made.description, by: server).holders
        #expect(holders.map(\.hasIt) == [true, true, nil, false])
        #expect(holders[2].sentence.hasPrefix("had nothing yet when it last came, "))
        #expect(holders[3].sentence == "never came")
        try await bo.sync()
        holders = try await explained(made.description, by: server).holders
        #expect(holders.map(\.hasIt) == [true, true, true, false])
        #expect(holders[2].sentence == "had all up to sequence 1 when it last came, \(server.clock.now())")
        // What came since it lacks, and a later server knows as much.
        let later = try #require(try ann.edit(draft(2, life: .create, [.name("two")])))
        try await ann.sync()
        try await server.presence.flush(to: server.queue)
        let restarted = OperatorService(
            store: server.store, queue: server.queue, presence: DevicePresence(), clock: server.clock)
        for (dot, known) in [(made, [true, true, true, false]), (later, [true, true, nil, false])] {
            guard
                case .explanation(.changeSet(let page)) = try await restarted.perform(
                    .explain(type: nil, what: dot.description))
            else { throw SatchelError.unexpectedReply }
            #expect(page.holders.map(\.hasIt) == known)
        }
    }

    @Test func `a device tells of others' work what still stands, and nothing of what is gone`() async throws {
        let server = try ExchangeServer()
        let (ann, bo) = (
            try await server.enrol("ann", actor: .sample(1)), try await server.enrol("bo", actor: .sample(2))
        )
        _ = try ann.edit(draft(1, life: .create, [.name("one")]))
        try await ann.sync()
        try await bo.sync()
        let first = try #require(try bo.edit(draft(1, [.phone("2"), FieldChange(ItemSchema.visits, .counter(4))])))
        let second = try #require(try bo.edit(draft(1, [.phone("3"), FieldChange(ItemSchema.visits, .counter(1))])))
        try await bo.sync()
        try await ann.sync()
        let page = try explained(second.description, by: ann)
        #expect(!page.isWhole)
        #expect(page.by.user == "bo")
        #expect(page.parts[0].writes.map(\.value) == ["3", "5 in all"])
        let gone = try #require(throws: SatchelError.self) { try explained(first.description, by: ann) }
        #expect(gone.code == .invalidRequest)
        #expect(
            try await explained(first.description, by: server).parts[0].writes.map(\.state) == [
                "superseded", "visible",
            ])
    }

    @Test func `a record is explained by both ends, of its type alone where one is named`() async throws {
        let server = try ExchangeServer()
        let ann = try await server.enrol("ann", actor: .sample(1))
        _ = try ann.edit(draft(1, life: .create, [.name("one")]))
        try await ann.sync()
        let waiting = try #require(try ann.edit(draft(1, [.phone("2")])))
        let id = RecordID.sample(1).description
        guard case .record(let here) = try ann.replica.explain(typeName: "item", id),
            case .explanation(.record(let there)) = try await server.service.perform(.explain(type: "item", what: id))
        else { throw SatchelError.unexpectedReply }
        #expect(here.fields.map(\.field) == ["name", "phone"])
        #expect(here.waiting.map(\.by.dot) == [waiting.description])
        #expect(there.fields.map(\.field) == ["name"])
        #expect(there.waiting.isEmpty)
        #expect(there.past.map(\.state) == ["visible"])
        for type in ["remark", "nonsense"] {
            await #expect(throws: SatchelError.self) {
                _ = try await server.service.perform(.explain(type: type, what: id))
            }
            #expect(throws: SatchelError.self) { try ann.replica.explain(typeName: type, id) }
        }
    }
}
