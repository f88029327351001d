import GRDB
import SatchelServer
import SatchelStorage
import SatchelSync
import SatchelTestSupport
import SatchelWire
import Testing

/// Requests that are refused as a whole, and those that do not go on with their line: nothing of them is stored, nothing is lost.
@Suite struct LineTests {
    private func serverWithOneEdit() async throws -> (TestServer, TestDevice) {
        let server = try TestServer()
        var ann = try await server.device("ann")
        ann.edit(.sample(1), life: .create, .name("Acme"))
        try await ann.sync()
        return (server, ann)
    }

    /// Where the device is told to go on as another actor; `nil` where it is not.
    private func fork(_ device: TestDevice) async throws -> ForkPoint? {
        let frames = try await device.server.engine().frames(for: device.request(), from: device.account)
        #expect(frames.deltas.isEmpty || frames.fork == nil)
        return frames.fork
    }

    private func failure(_ device: TestDevice, _ request: SyncRequest) async -> ExchangeFailure? {
        do {
            _ = try await device.server.engine().frames(for: request, from: device.account)
            return nil
        } catch {
            return ExchangeFailure(any: error)
        }
    }

    @Test func `a gap names the counter that is wanted next`() async throws {
        var (server, ann) = try await serverWithOneEdit()
        ann.edit(.sample(1), .phone("1"))
        ann.edit(.sample(1), .phone("2"))
        let failure = await failure(ann, ann.request(changeSets: Array(ann.queued.dropFirst())))
        #expect(failure?.error.code == .dotGap)
        #expect(failure?.nextCounter == 2)
        #expect(try await server.frontier(of: ann) == 1)
    }

    @Test func `a gap inside a push stores nothing of it`() async throws {
        var (server, ann) = try await serverWithOneEdit()
        for text in ["1", "2", "3"] { ann.edit(.sample(1), .phone(text)) }
        let failure = await failure(ann, ann.request(changeSets: [ann.queued[0], ann.queued[2]]))
        #expect(failure?.nextCounter == 3)
        #expect(try await server.frontier(of: ann) == 1)
    }

    @Test func `a counter below the frontier is a fork`() async throws {
        let (_, ann) = try await serverWithOneEdit()
        var copy = ann
        copy.counter = 0
        copy.confirmed = nil
        #expect(try await fork(copy) == ForkPoint(actor: copy.actor, counter: 0))
    }

    @Test func `another digest at a known counter is a fork`() async throws {
        let (server, ann) = try await serverWithOneEdit()
        var (one, twin) = (ann, ann)
        one.edit(.sample(1), .phone("1"))
        try await one.sync()
        twin.edit(.sample(1), .phone("2"))
        #expect(try await fork(twin) == ForkPoint(actor: twin.actor, counter: 1))
        #expect(try await server.state(.sample(1))?.field(ItemSchema.phone)?.siblings.map(\.value) == [.text("1")])
    }

    @Test func `another digest at the confirmed mark is a fork`() async throws {
        let (_, ann) = try await serverWithOneEdit()
        var liar = ann
        liar.confirmed = ConfirmedMark(counter: 1, digest: Array(repeating: 7, count: 32))
        #expect(await failure(liar, liar.request())?.error.code == .forkDetected)
    }

    @Test func `a confirmed mark above the highest counter is no request`() async throws {
        var (_, ann) = try await serverWithOneEdit()
        ann.counter = 0
        #expect(await failure(ann, ann.request())?.error.code == .invalidRequest)
    }

    @Test func `a confirmed mark past the frontier asks for what is missing`() async throws {
        let (_, ann) = try await serverWithOneEdit()
        var ahead = ann
        ahead.counter = 3
        ahead.confirmed = ConfirmedMark(counter: 3, digest: Array(repeating: 7, count: 32))
        #expect(await failure(ahead, ahead.request())?.nextCounter == 2)
    }

    @Test func `an unknown fork token is a fork`() async throws {
        let (_, ann) = try await serverWithOneEdit()
        var copy = ann
        copy.forkToken = Array(repeating: 1, count: 16)
        #expect(try await fork(copy) == ForkPoint(actor: copy.actor, counter: 1))
    }

    @Test func `a lost reply is answered again with the same token`() async throws {
        var (server, ann) = try await serverWithOneEdit()
        ann.edit(.sample(1), .phone("1"))
        let before = ann
        try await ann.sync()
        let again = try await server.engine().frames(for: before.request(), from: ann.account)
        #expect(again.opening?.forkToken == ann.forkToken)
        #expect(again.verdicts.map(\.verdict) == [.applied])
    }

    @Test func `replies may be lost as often as they like while the device works on`() async throws {
        var (server, ann) = try await serverWithOneEdit()
        let token = ann.forkToken
        var answered: Set<[UInt8]> = []
        for text in ["1", "2", "3"] {
            ann.edit(.sample(1), .phone(text))
            let frames = try await server.engine().frames(for: ann.request(), from: ann.account)
            answered.insert(try #require(frames.opening).forkToken)
            #expect(ann.forkToken == token)
        }
        #expect(answered.count == 1)
        #expect(answered.first != token)
    }

    @Test func `the previous token is a fork once the current one was used`() async throws {
        var (_, ann) = try await serverWithOneEdit()
        ann.edit(.sample(1), .phone("1"))
        var copy = ann
        try await ann.sync()
        try await ann.sync()
        #expect(try await fork(copy) == ForkPoint(actor: copy.actor, counter: 2))
        copy.queued = []
        #expect(try await fork(copy) == ForkPoint(actor: copy.actor, counter: 1))
    }

    @Test func `a used token is remembered when the server starts again`() async throws {
        var (server, ann) = try await serverWithOneEdit()
        ann.edit(.sample(1), .phone("1"))
        let copy = ann
        try await ann.sync()
        try await ann.sync()
        try await server.presence.flush(to: server.queue)
        try server.store.close()
        let restarted = try TestServer(reopening: server.folder)
        let frames = try await restarted.engine().frames(for: copy.request(), from: copy.account)
        #expect(frames.fork == ForkPoint(actor: copy.actor, counter: 2))
    }

    @Test func `a quiet sync writes nothing`() async throws {
        var (server, ann) = try await serverWithOneEdit()
        try await ann.sync()
        let connection = try server.connection()
        let version = "PRAGMA data_version"
        let before = try connection.inDatabase { try Int.fetchOne($0, sql: version) }
        let token = ann.forkToken
        for _ in 0..<3 { try await ann.sync() }
        #expect(try connection.inDatabase { try Int.fetchOne($0, sql: version) } == before)
        #expect(ann.forkToken == token)
    }

    @Test func `a digest that does not fit the bytes is malformed`() async throws {
        var (_, ann) = try await serverWithOneEdit()
        ann.edit(.sample(1), .phone("1"))
        let offered = OfferedChangeSet(
            changeSet: ann.queued[0].changeSet, digest: Array(repeating: 0, count: 32))
        #expect(await failure(ann, ann.request(changeSets: [offered]))?.error.code == .malformedBody)
    }

    @Test func `a change-set by another author refuses the whole push`() async throws {
        var (server, ann) = try await serverWithOneEdit()
        ann.edit(.sample(1), .phone("1"))
        ann.make(
            [
                RecordChange(
                    type: ItemSchema.type, record: .sample(1), context: VersionVector(), life: nil,
                    writes: [.phone("2")])
            ],
            author: "bo")
        #expect(await failure(ann, ann.request())?.error.code == .actorMismatch)
        #expect(try await server.frontier(of: ann) == 1)
    }

    @Test func `another device's actor is refused`() async throws {
        let (server, ann) = try await serverWithOneEdit()
        var bo = try await server.device("bo")
        bo.actor = ann.actor
        bo.counter = 1
        #expect(await failure(bo, bo.request())?.error.code == .actorMismatch)
    }

    @Test func `a checkpoint with another proof is refused`() async throws {
        var (_, ann) = try await serverWithOneEdit()
        let checkpoint = try #require(ann.checkpoint)
        ann.checkpoint = Checkpoint(
            epoch: checkpoint.epoch, sequence: ServerSequence(99), proof: checkpoint.proof)
        #expect(await failure(ann, ann.request())?.error.code == .invalidCheckpoint)
    }

    @Test func `another device's checkpoint is refused`() async throws {
        let (server, ann) = try await serverWithOneEdit()
        var bo = try await server.device("bo")
        bo.checkpoint = ann.checkpoint
        #expect(await failure(bo, bo.request())?.error.code == .invalidCheckpoint)
    }
}
