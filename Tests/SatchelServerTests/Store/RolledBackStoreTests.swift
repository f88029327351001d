import Foundation
import Logging
import SatchelServer
import SatchelStorage
import SatchelSync
import SatchelTestSupport
import SatchelWire
import Testing

/// A store that is older than what it has served: it is noticed by the first device that knows more, and nobody is served from then on.
@Suite struct RolledBackStoreTests {
    private let manager = FileManager.default

    private func desk(_ server: TestServer) -> AlarmDesk {
        AlarmDesk(clock: server.clock, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private func copy(_ folder: TemporaryFolder, to copy: TemporaryFolder, logToo: Bool) throws {
        for suffix in logToo ? ["", "-wal"] : [""] {
            try manager.copyItem(
                at: folder["satchel.sqlite\(suffix)"], to: copy["satchel.sqlite\(suffix)"])
        }
        // What a killed server leaves of its lease.
        try Data("process 1 (satchel-server serve)".utf8).write(to: copy["satchel.lease"])
    }

    /// A store whose first change-set is in its file and whose second is in its log, as a killed server leaves it; with the log, and without.
    private func crashed() async throws -> (
        whole: TemporaryFolder, part: TemporaryFolder, ann: TestDevice, bo: TestDevice
    ) {
        let before = try TestServer()
        var (ann, bo) = (try await before.device("ann"), try await before.device("bo"))
        ann.edit(.sample(1), life: .create, .name("Acme"))
        try await ann.sync()
        try await bo.sync()
        try before.store.close()
        let server = try TestServer(reopening: before.folder)
        ann.edit(.sample(1), .name("Later"))
        try await ann.sync(with: server.engine())
        let (whole, part) = (try TemporaryFolder(), try TemporaryFolder())
        try copy(server.folder, to: whole, logToo: true)
        try copy(server.folder, to: part, logToo: false)
        return (whole, part, ann, bo)
    }

    @Test func `a store that was killed is as it was`() async throws {
        var (whole, _, ann, bo) = try await crashed()
        let server = try TestServer(reopening: whole)
        let engine = server.engine(alarms: desk(server))
        ann.edit(.sample(1), .name("Again"))
        #expect(try await ann.sync(with: engine).map(\.verdict) == [.applied])
        try await bo.sync(with: engine)
        #expect(bo.states[.sample(1)] == ann.states[.sample(1)])
    }

    @Test func `one that lost its log takes nothing once a device has shown that it was served more`() async throws {
        var (_, part, ann, bo) = try await crashed()
        let server = try TestServer(reopening: part)
        let alarms = desk(server)
        let engine = server.engine(alarms: alarms)
        #expect(try await server.store.read { try $0.head().sequence } == ServerSequence(1))
        ann.edit(.sample(1), .name("Again"))
        bo.edit(.sample(1), .phone("1"))
        #expect(await code { try await ann.sync(with: engine) } == .storeRolledBack)
        // Nor of others, whose work would get the numbers of what is missing.
        #expect(await code { try await bo.sync(with: engine) } == .storeRolledBack)
        #expect(ann.queued.count == 1 && bo.queued.count == 1)
        #expect(try await server.store.read { try $0.head().sequence } == ServerSequence(1))
        try await alarms.write(to: server.queue)
        let written = try await server.store.read { try $0.alarms() }
        #expect(written.map(\.code) == ["store_rolled_back"] && written.first?.count == 1)

        // The next server knows it, and nobody can say that it is to go on so.
        let next = desk(server)
        try await next.begin(with: server.store)
        #expect(await code { try await bo.sync(with: server.engine(alarms: next)) } == .storeRolledBack)
        let service = OperatorService(
            store: server.store, queue: server.queue, presence: server.presence, clock: server.clock, alarms: next)
        let refused = await code { _ = try await service.perform(.confirmAlarms(code: "store_rolled_back")) }
        #expect(refused == .invalidRequest)
        #expect(await code { try await bo.sync(with: server.engine(alarms: next)) } == .storeRolledBack)
    }

    @Test func `a claim without a proof turns nobody away`() async throws {
        let server = try TestServer()
        var (ann, bo) = (try await server.device("ann"), try await server.device("bo"))
        ann.edit(.sample(1), life: .create, .name("Acme"))
        let engine = server.engine(alarms: desk(server))
        try await ann.sync(with: engine)
        let claim = ann.request(resumeAfter: ServerSequence(99))
        #expect(await code { _ = try await engine.frames(for: claim, from: ann.account) } == .invalidCheckpoint)
        bo.checkpoint = Checkpoint(
            epoch: bo.epoch, sequence: ServerSequence(99), proof: ann.checkpoint?.proof ?? [])
        #expect(await code { try await bo.sync(with: engine) } == .invalidCheckpoint)
        bo.checkpoint = nil
        try await bo.sync(with: engine)
    }
}
