import Foundation
import SatchelClient
import SatchelServer
import SatchelStorage
import SatchelSync
import SatchelTestSupport
import SatchelWire
import Synchronization
import Testing

/// A home's folder that was copied or put back: whichever of two comes second goes on as a new actor, and nothing is lost,
/// doubled, or in conflict for that alone.
@Suite struct CopiedHomeTests {
    private let server: ExchangeServer
    private let first: ExchangeHome
    private let copy: ExchangeHome

    /// One record at the server, and a home that was copied right after it synced.
    init() async throws {
        server = try ExchangeServer()
        first = try await server.enrol("ann", actor: .sample(1))
        _ = try first.edit(Self.draft("base", life: .create))
        try await first.sync()
        copy = try first.copied(as: "copy")
    }

    private static func draft(_ name: String, life: LifeWrite? = nil) -> Draft {
        Draft(
            label: name,
            changes: [DraftChange(type: ItemSchema.type, record: .sample(1), life: life, writes: [.name(name)])])
    }

    private func identity(of home: ExchangeHome) throws -> ReplicaIdentity {
        try home.replica.reading { try $0.identity() }
    }

    private func standing() async throws -> Set<String> {
        let siblings = try await server.records().first?.state.field(ItemSchema.name)?.siblings ?? []
        return Set(siblings.compactMap(\.value.text))
    }

    /// Lets all come to rest, and holds them against the server.
    private func requireSettled(_ homes: ExchangeHome...) async throws {
        for _ in 0..<2 {
            for home in homes { try await home.sync() }
        }
        #expect(try await SettledCheck(server: server, homes: homes).problems() == [])
    }

    @Test func `a request of before a fork that comes behind it brings nothing twice`() async throws {
        // Copied while its first push was on the way, and never told of the token that came with the answer.
        let bo = try await server.enrol("bo", actor: .sample(2))
        try await bo.sync()
        _ = try bo.edit(Self.draft("his"))
        let twin = try bo.copied(as: "twin")
        for _ in 0..<2 { try await bo.sync() }
        _ = try twin.edit(
            Draft(
                label: "count",
                changes: [
                    DraftChange(
                        type: ItemSchema.type, record: .sample(1),
                        writes: [FieldChange(ItemSchema.visits, .counter(3))])
                ]))
        let late = LateLine()
        await #expect(throws: SatchelError.self) {
            try await SyncRunner(replica: twin.replica, transport: late).run()
        }
        #expect(try await twin.sync().forkCount == 1)
        // The server starts again, and does not know any more who has shown which token.
        let engine = server.engine(recordsPerPage: 10, presence: DevicePresence())
        let (request, token) = try #require(late.kept)
        let hash = DeviceToken.hash(of: token)
        let account = try #require(try await server.store.read { try $0.device(tokenHash: hash) })
        let frames = try await engine.frames(for: request, from: account)
        #expect(frames.verdicts.map { $0.verdict.rejection?.code } == [nil, "duplicate"])
        try await requireSettled(first, bo, twin)
        let parts = try await server.records().first?.state.field(ItemSchema.visits)?.parts ?? []
        #expect(parts.map(\.sum) == [3])
    }

    @Test func `edits of both are kept, as those of two devices are`() async throws {
        _ = try first.edit(Self.draft("first"))
        _ = try copy.edit(Self.draft("copy"))
        try await first.sync()
        let report = try await copy.sync()
        #expect(report.forkCount == 1)
        #expect(report.renamedCount == 1)
        #expect(report.pushedCount == 1)
        let identity = try identity(of: copy)
        #expect(identity.lineage.ancestors == [ForkPoint(actor: .sample(1), counter: 1)])
        #expect(try copy.own().map(\.changeSet.dot) == [Dot(.sample(1), 1), Dot(identity.actor, 1)])
        #expect(try await standing() == ["first", "copy"])
        try await requireSettled(first, copy)
        #expect(try await server.ledger().count == 3)
    }

    @Test func `the first is the one that goes on anew when the copy comes before it`() async throws {
        _ = try first.edit(Self.draft("first"))
        _ = try copy.edit(Self.draft("copy"))
        try await copy.sync()
        #expect(try await first.sync().forkCount == 1)
        #expect(try identity(of: copy).actor == .sample(1))
        #expect(try identity(of: first).actor != .sample(1))
        try await requireSettled(first, copy)
    }

    @Test func `a copy with the same number of edits is told apart by what they are`() async throws {
        for name in ["1", "2"] { _ = try first.edit(Self.draft(name)) }
        for name in ["3", "4", "5"] { _ = try copy.edit(Self.draft(name)) }
        try await first.sync()
        #expect(try await copy.sync().renamedCount == 3)
        #expect(try await standing() == ["2", "5"])
        try await requireSettled(first, copy)
        #expect(try await server.ledger().count == 6)
    }

    @Test func `a copy that has not edited is found by its token, and gets its name with its first edit`() async throws
    {
        _ = try first.edit(Self.draft("first"))
        try await first.sync()
        try await first.sync()
        #expect(try await copy.sync().forkCount == 1)
        #expect(try identity(of: copy).fork?.isNamed == false)
        #expect(try await copy.sync().forkCount == 0)
        _ = try copy.edit(Self.draft("copy"))
        #expect(try identity(of: copy).fork?.isNamed == true)
        try await requireSettled(first, copy)
        #expect(try await standing() == ["copy"])
    }

    @Test func `a form that was open when the copy was found claims what was seen and no more`() async throws {
        _ = try copy.edit(Self.draft("pending"))
        let read = try copy.replica.reading { transaction in
            ReadToken(
                actor: try transaction.identity().actor, record: .sample(1),
                context: try transaction.record(.sample(1))?.state.context ?? VersionVector())
        }
        for name in ["1", "2", "3"] { _ = try first.edit(Self.draft(name)) }
        try await first.sync()
        try await copy.sync()
        let identity = try identity(of: copy)
        let context = try read.context(forEditOf: .sample(1), by: identity.actor, lineage: identity.lineage)
        #expect(context.entries == [Dot(.sample(1), 1)])
        let change = DraftChange(
            type: ItemSchema.type, record: .sample(1), life: nil, writes: [.name("form")], readAt: context)
        _ = try copy.edit(Draft(label: "form", changes: [change]))
        try await requireSettled(first, copy)
        #expect(try await standing() == ["3", "form"])
    }

    @Test func `the same pending work from both enters once, and the next edit tells them apart`() async throws {
        _ = try first.edit(Self.draft("pending"))
        let twin = try first.copied(as: "twin")
        try await first.sync()
        try await twin.sync()
        #expect(try await server.ledger().count == 2)
        _ = try first.edit(Self.draft("first"))
        _ = try twin.edit(Self.draft("twin"))
        try await twin.sync()
        #expect(try await first.sync().renamedCount == 1)
        #expect(try identity(of: first).lineage.ancestors == [ForkPoint(actor: .sample(1), counter: 2)])
        try await requireSettled(first, twin)
        #expect(try await standing() == ["first", "twin"])
    }

    @Test func `more pending work than a push takes is shared up to the last that both have`() async throws {
        for number in 0..<(Limits.changeSetsPerPushMax + 20) {
            let (type, record) = (ItemSchema.type, RecordID.sample(number + 2))
            _ = try first.edit(
                Draft(label: "new", changes: [DraftChange(type: type, record: record, life: .create, writes: [])]))
        }
        let twin = try first.copied(as: "twin")
        _ = try twin.edit(Self.draft("twin"))
        try await first.sync()
        _ = try first.edit(Self.draft("first"))
        try await first.sync()
        let shared = UInt64(Limits.changeSetsPerPushMax + 21)
        #expect(try await twin.sync().renamedCount == 1)
        #expect(try identity(of: twin).lineage.ancestors == [ForkPoint(actor: .sample(1), counter: shared)])
        #expect(try await standing() == ["first", "twin"])
    }

    @Test func `two copies that nobody edited since go on under the same name with the same work`() async throws {
        _ = try first.edit(Self.draft("first"))
        try await first.sync()
        try await first.sync()
        _ = try copy.edit(Self.draft("copy"))
        let third = try copy.copied(as: "third")
        try await copy.sync()
        try await third.sync()
        #expect(try identity(of: third).actor == identity(of: copy).actor)
        #expect(try await server.ledger().count == 3)
        _ = try third.edit(Self.draft("third"))
        _ = try copy.edit(Self.draft("copy again"))
        try await third.sync()
        #expect(try await copy.sync().forkCount == 1)
        #expect(try identity(of: copy).lineage.ancestors.count == 2)
        try await requireSettled(first, copy, third)
        #expect(try await standing() == ["third", "copy again"])
    }

    @Test(arguments: [false, true]) func `a home that was put back gets its work again from the server`(isEdited: Bool)
        async throws
    {
        _ = try first.edit(Self.draft("lost to the home"))
        try await first.sync()
        try await first.sync()
        if isEdited { _ = try copy.edit(Self.draft("made again")) }
        #expect(try await copy.sync().forkCount == 1)
        #expect(try await standing() == (isEdited ? ["lost to the home", "made again"] : ["lost to the home"]))
        try await requireSettled(copy)
    }

    @Test func `a lost answer is never taken for a copy`() async throws {
        for name in ["1", "2", "3"] {
            _ = try first.edit(Self.draft(name))
            await #expect(throws: SatchelError.self) { try await first.sync(.replyLost) }
        }
        #expect(try await first.sync().forkCount == 0)
        try await requireSettled(first)
    }

    @Test func `an answer that tells of the fork may be lost`() async throws {
        _ = try first.edit(Self.draft("first"))
        try await first.sync()
        _ = try copy.edit(Self.draft("copy"))
        for _ in 0..<3 { await #expect(throws: SatchelError.self) { try await copy.sync(.replyLost) } }
        #expect(try await copy.sync().renamedCount == 1)
        try await requireSettled(first, copy)
        #expect(try await standing() == ["first", "copy"])
    }
}

/// A line on which a request stays for so long that nobody waits for it.
private final class LateLine: ExchangeTransport {
    private let state = Mutex<(SyncRequest, String)?>(nil)

    /// The request, and the credential that it came with.
    var kept: (SyncRequest, String)? { state.withLock { $0 } }

    func exchange(
        _ request: SyncRequest, agreement: WireAgreement, token: String, onFrame: (SyncFrame) async throws -> Void
    ) async throws {
        state.withLock { $0 = (request, token) }
        throw SatchelError(.networkUnavailable, "It is on its way.", isTransient: true)
    }

    func schemaSource(token: String) async throws -> String { ExchangeServer.schemaSource }
}
