import SatchelServer
import SatchelStorage
import SatchelSync
import SatchelTestSupport
import SatchelWire
import Testing

@Suite struct AcceptanceRuleTests {
    @Test func `a create is applied and gets the next sequence`() async throws {
        let server = try TestServer()
        var ann = try await server.device("ann")
        ann.edit(.sample(1), life: .create, .name("Acme"))
        ann.edit(.sample(1), .phone("1"))
        let verdicts = try await ann.sync()
        #expect(verdicts.map(\.verdict) == [.applied, .applied])
        #expect(try await server.store.read { try $0.head().sequence } == ServerSequence(2))
        #expect(try await server.store.read { try $0.record(.sample(1))?.sequence } == ServerSequence(2))
        #expect(ann.checkpoint?.sequence == ServerSequence(2))
    }

    @Test func `the same push twice gives the same verdicts and changes nothing`() async throws {
        let server = try TestServer()
        var ann = try await server.device("ann")
        ann.edit(.sample(1), life: .create, .name("Acme"))
        ann.edit(.sample(2), .name("nowhere"))
        let request = ann.request()
        let first = try await server.engine().frames(for: request, from: ann.account)
        let head = try await server.store.read { try $0.head() }
        server.clock.advance(milliseconds: 60_000)
        let second = try await server.engine().frames(for: request, from: ann.account)
        #expect(first.verdicts == second.verdicts)
        #expect(first.verdicts.map(\.verdict.word) == ["applied", "held"])
        #expect(first.opening?.forkToken == second.opening?.forkToken)
        #expect(try await server.store.read { try $0.head() } == head)
    }

    @Test func `concurrent values are kept and both verdicts say so`() async throws {
        let server = try TestServer()
        var (ann, bo) = (try await server.device("ann"), try await server.device("bo"))
        ann.edit(.sample(1), life: .create, .name("Acme"))
        try await ann.sync()
        try await bo.sync()
        ann.edit(.sample(1), .phone("1"))
        bo.edit(.sample(1), .phone("2"))
        #expect(try await ann.sync().map(\.verdict) == [.applied])
        #expect(try await bo.sync().map(\.verdict) == [.appliedWithConflicts])
        #expect(try await server.state(.sample(1))?.field(ItemSchema.phone)?.siblings.count == 2)
    }

    @Test func `an edit that has seen the other value settles it`() async throws {
        let server = try TestServer()
        var (ann, bo) = (try await server.device("ann"), try await server.device("bo"))
        ann.edit(.sample(1), life: .create, .name("Acme"), .phone("1"))
        try await ann.sync()
        try await bo.sync()
        bo.edit(.sample(1), .phone("2"))
        #expect(try await bo.sync().map(\.verdict) == [.applied])
        #expect(try await server.state(.sample(1))?.field(ItemSchema.phone)?.siblings.map(\.value) == [.text("2")])
    }

    @Test func `a context that was never served is an overclaim`() async throws {
        let server = try TestServer()
        var (ann, bo) = (try await server.device("ann"), try await server.device("bo"))
        ann.edit(.sample(1), life: .create, .name("Acme"))
        try await ann.sync()
        try await bo.sync()
        ann.edit(.sample(1), .phone("1"))
        try await ann.sync()
        bo.edit(.sample(1), context: VersionVector([Dot(ann.actor, 2)]), .phone("2"))
        let verdict = try #require(try await bo.sync().first?.verdict)
        #expect(verdict.rejection?.code == "context_overclaim")
        #expect(try await server.state(.sample(1))?.field(ItemSchema.phone)?.siblings.map(\.value) == [.text("1")])
    }

    @Test func `a context that names nobody's dots is an overclaim`() async throws {
        let server = try TestServer()
        var ann = try await server.device("ann")
        ann.edit(.sample(1), life: .create, context: VersionVector([Dot(.sample(9), 1)]), .name("Acme"))
        #expect(try await ann.sync().first?.verdict.rejection?.code == "context_overclaim")
    }

    @Test func `one bad change-set does not stop the others`() async throws {
        let server = try TestServer()
        var ann = try await server.device("ann")
        ann.edit(.sample(1), life: .create, .name("Acme"))
        ann.edit(.sample(7), .name("touches what is not there"))
        ann.edit(.sample(2), life: .create, .name("Bolt"), .parent(.sample(8)))
        ann.edit(.sample(3), life: .create, .name(String(repeating: "x", count: 201)))
        ann.edit(.sample(1), .phone("1"))
        let verdicts = try await ann.sync().map(\.verdict)
        #expect(verdicts.map(\.word) == ["applied", "held", "held", "rejected", "applied"])
        #expect(verdicts[1].rejection?.code == "unknown_record")
        #expect(verdicts[2].rejection?.record == .sample(8))
        #expect(verdicts[3].rejection?.code == "too_large")
        #expect(try await server.frontier(of: ann) == 5)
        #expect(try await server.store.read { try $0.head().sequence } == ServerSequence(2))
    }

    @Test func `a change-set enters as a whole or not at all`() async throws {
        let server = try TestServer()
        var ann = try await server.device("ann")
        let good = RecordChange(
            type: ItemSchema.type, record: .sample(1), context: VersionVector(), life: .create, writes: [.name("Acme")])
        let bad = RecordChange(
            type: ItemSchema.type, record: .sample(2), context: VersionVector(), life: nil, writes: [.name("Bolt")])
        ann.make([good, bad])
        #expect(try await ann.sync().first?.verdict.rejection?.code == "unknown_record")
        #expect(try await server.state(.sample(1)) == nil)
    }

    @Test func `a change-set may refer to what it creates, in any order`() async throws {
        let server = try TestServer()
        var ann = try await server.device("ann")
        ann.make([
            RecordChange(
                type: ItemSchema.type, record: .sample(2), context: VersionVector(), life: .create,
                writes: [.parent(.sample(1))]),
            RecordChange(
                type: ItemSchema.type, record: .sample(1), context: VersionVector(), life: .create,
                writes: [.name("parent")]),
        ])
        #expect(try await ann.sync().map(\.verdict) == [.applied])
        let row = try await server.store.read { try $0.record(.sample(2))?.row }
        #expect(row?.contains(.register(.reference(.sample(1)))) == true)
    }

    @Test func `the same change-set under another dot is a duplicate and applies nothing`() async throws {
        let server = try TestServer()
        var ann = try await server.device("ann")
        var other = try await server.anotherDevice(of: "ann")
        ann.edit(.sample(1), life: .create, .name("Acme"))
        try await ann.sync()
        other.edit(.sample(1), life: .create, .name("Acme"))
        #expect(try await other.sync().first?.verdict.rejection?.code == "duplicate")
        #expect(try await server.state(.sample(1))?.life.count == 1)
    }

    @Test func `a delete that had not seen an edit leaves the record contested`() async throws {
        let server = try TestServer()
        var (ann, bo) = (try await server.device("ann"), try await server.device("bo"))
        ann.edit(.sample(1), life: .create, .name("Acme"))
        try await ann.sync()
        try await bo.sync()
        ann.edit(.sample(1), .phone("1"))
        bo.edit(.sample(1), life: .delete)
        try await ann.sync()
        #expect(try await bo.sync().map(\.verdict) == [.appliedWithConflicts])
        #expect(try await server.store.read { try $0.record(.sample(1))?.status } == .contested)
    }

    @Test func `a delete of a record with an unseen child is a conflict`() async throws {
        let server = try TestServer()
        var (ann, bo) = (try await server.device("ann"), try await server.device("bo"))
        ann.edit(.sample(1), life: .create, .name("Acme"))
        try await ann.sync()
        try await bo.sync()
        ann.edit(.sample(2), life: .create, .name("child"), .parent(.sample(1)))
        try await ann.sync()
        bo.edit(.sample(1), life: .delete)
        #expect(try await bo.sync().map(\.verdict) == [.appliedWithConflicts])
    }

    @Test func `corrected time takes the device's offset out and is fixed once`() async throws {
        let server = try TestServer()
        var ann = try await server.device("ann")
        let wrong = Timestamp(milliseconds: server.clock.now().milliseconds - 3_600_000)
        ann.make(
            [
                RecordChange(
                    type: ItemSchema.type, record: .sample(1), context: VersionVector(), life: .create,
                    writes: [.name("Acme")])
            ], at: wrong)
        let frames = try await server.engine().frames(for: ann.request(deviceTime: wrong), from: ann.account)
        #expect(frames.verdicts.first?.correctedTime == server.clock.now())
        #expect(frames.deltas.first?.state.life.first?.time == server.clock.now())
        let entry = try await server.logEntry(ann, 1)
        #expect(entry?.madeAt == wrong)
    }

    @Test func `a clock that ran ahead and was set right wins no tie for years`() async throws {
        let server = try TestServer()
        var device = try await server.device("ann")
        let ahead = Timestamp(milliseconds: server.clock.now().milliseconds + 10 * 365 * 86_400_000)
        let write = RecordChange(
            type: ItemSchema.type, record: .sample(1), context: VersionVector(), life: .create, writes: [.name("Shop")])
        device.make([write], at: ahead)
        let verdicts = try await device.sync()
        #expect(verdicts.map(\.correctedTime) == [server.clock.now()])
    }
}
