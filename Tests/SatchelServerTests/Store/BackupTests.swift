import Foundation
import GRDB
import SatchelServer
import SatchelSync
import SatchelTestSupport
import Synchronization
import Testing

@testable import SatchelStorage

/// A device that pushes an edit in the course of each step of a backup, and holds the step up meanwhile.
private final class Pusher: Sendable {
    private let state: Mutex<(device: TestDevice, steps: Set<BackupProgress.Step>)>

    init(_ device: TestDevice) { state = Mutex((device, [])) }

    var steps: Set<BackupProgress.Step> { state.withLock { $0.steps } }

    func pushOnce(during step: BackupProgress.Step) {
        guard state.withLock({ $0.steps.insert(step).inserted }) else { return }
        let done = DispatchSemaphore(value: 0)
        Task.detached { [self] in
            var device = state.withLock { $0.device }
            device.edit(.sample(1), .name("changed while \(step)"))
            try await device.sync()
            let pushed = device
            state.withLock { $0.device = pushed }
            done.signal()
        }
        #expect(done.wait(timeout: .now() + 20) == .success)
    }
}

@Suite struct BackupTests {
    private func server(records: Int = 5) async throws -> (server: TestServer, device: TestDevice) {
        let server = try TestServer()
        var ann = try await server.device("ann")
        for number in 1...records { ann.edit(.sample(number), life: .create, .name("record \(number)")) }
        ann.edit(.sample(900), .name("nowhere"))
        try await ann.sync()
        return (server, ann)
    }

    private func verify(_ path: String) throws -> RestorePoint {
        let schema = try ItemSchema.make()
        return try BackupFile.verify(path: path, readSchema: { _ in schema })
    }

    private func code(_ body: () async throws -> Void) async -> String? {
        do {
            try await body()
            return nil
        } catch {
            return (error as? SatchelError)?.code.word ?? "\(error)"
        }
    }

    @Test func `a backup is the store at one sequence, for its owner alone, and is noted`() async throws {
        let (server, ann) = try await server()
        let path = server.folder["copy.backup"].path
        let note = try await server.store.backUp(to: path, clock: server.clock)
        let head = try await server.store.read { try $0.head() }
        #expect(note.point.head == head)
        #expect(note.point.lastChangeSet == Dot(ann.actor, 5))
        #expect(note.point.position == 6)
        let digest = try await server.service.perform(.digest)
        guard case .digest(let present) = digest else {
            Issue.record("no digest")
            return
        }
        #expect(note.point.digest == present)
        #expect(try verify(path) == note.point)
        let facts = try FileManager.default.attributesOfItem(atPath: path)
        #expect(facts[.posixPermissions] as? Int == 0o600)
        #expect((facts[.size] as? NSNumber)?.int64Value == note.byteCount)
        #expect(try await server.store.read { try $0.newestBackup() } == note)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: server.folder.path).sorted().filter {
                $0.hasPrefix("copy")
            } == ["copy.backup"])
    }

    @Test func `what is written while a backup is made is not in it, and does not wait for it`() async throws {
        let (server, ann) = try await server(records: 50)
        let pusher = Pusher(ann)
        let before = try await server.store.read { try $0.head() }
        let path = server.folder["copy.backup"].path
        // Each step of the backup waits until somebody's push has been merged.
        let note = try await server.store.backUp(to: path, clock: server.clock) { pusher.pushOnce(during: $0.step) }
        #expect(note.point.head == before)
        #expect(pusher.steps == [.hashing, .copying, .checking])
        #expect(try await server.store.read { try $0.head().sequence.number } == before.sequence.number + 3)
        #expect(try verify(path) == note.point)
    }

    @Test func `a backup that is put into a folder is the store that was copied`() async throws {
        let (server, ann) = try await server()
        let folder = try TemporaryFolder()
        let note = try await server.store.backUp(to: folder["satchel.sqlite"].path, clock: server.clock)
        let restored = try TestServer(reopening: folder)
        try await restored.store.read { try $0.verifyLog() }
        #expect(try await restored.store.read { try $0.head() } == note.point.head)
        #expect(try await restored.frontier(of: ann) == 6)
        #expect(try await restored.store.read { try $0.newestBackup() } == nil)
        try await restored.store.write { try $0.addBackup(note) }
        #expect(try await restored.store.read { try $0.newestBackup() } == note)
    }

    @Test func `a file that is there is not overwritten`() async throws {
        let (server, _) = try await server()
        let file = server.folder["mine"]
        try Data("mine".utf8).write(to: file)
        #expect(await code { _ = try await server.store.backUp(to: file.path, clock: server.clock) } == "data_exists")
        #expect(try Data(contentsOf: file) == Data("mine".utf8))
        let nowhere = server.folder["nowhere"].appending(path: "copy").path
        #expect(await code { _ = try await server.store.backUp(to: nowhere, clock: server.clock) } == "storage_failed")
    }

    @Test func `a backup that is given up leaves nothing behind`() async throws {
        let (server, _) = try await server()
        for step in [BackupProgress.Step.hashing, .copying, .checking] {
            await #expect(throws: CancellationError.self) {
                try await server.store.backUp(to: server.folder["copy"].path, clock: server.clock) {
                    if $0.step == step, step != .copying || $0.done < $0.total { throw CancellationError() }
                    // A small store is copied in one step, whose end nothing stops any more.
                    if step == .copying, $0.step == .checking { throw CancellationError() }
                }
            }
        }
        let left = try FileManager.default.contentsOfDirectory(atPath: server.folder.path)
        #expect(!left.contains { $0.hasPrefix("copy") })
        #expect(try await server.store.read { try $0.backups(limit: 10) } == [])
    }

    @Test(arguments: [
        "UPDATE item SET name = 'other' WHERE satchel_key = 1",
        "DELETE FROM satchel_log WHERE position = 6",
        "UPDATE satchel_log SET author = 'eve' WHERE position = 1",
        "UPDATE satchel_backup SET digest = replace(digest, substr(digest, 1, 1), 'x')",
        "UPDATE satchel_meta SET sequence = sequence - 1",
        "UPDATE satchel_meta SET epoch = '00000000000000000000000000000000'",
    ]) func `a copy that was changed is found out`(tampering: String) async throws {
        let (server, _) = try await server()
        let file = server.folder["copy"]
        _ = try await server.store.backUp(to: file.path, clock: server.clock)
        try await TestServer.connection(to: file).write { db in
            try db.execute(sql: tampering)
            #expect(db.changesCount == 1)
        }
        #expect(await code { _ = try verify(file.path) } == "damaged_data")
    }

    @Test func `what is no backup is not taken for one`() async throws {
        let (server, _) = try await server()
        #expect(await code { _ = try verify(server.folder["nothing"].path) } == "missing_data")
        try server.store.close()
        #expect(await code { _ = try verify(server.folder["satchel.sqlite"].path) } == "foreign_data")
    }

    @Test func `a line is counted up to a place in the log, through its forks`() async throws {
        let (server, ann) = try await server()
        let fork = ActorID(high: 7, low: 7)
        let counts = try await server.store.write { transaction in
            try transaction.setName(ActorName(user: "ann", device: "phone"), of: fork)
            try transaction.addLine(
                DeviceLine(
                    actor: fork, device: ann.account.key, fork: ForkPoint(actor: ann.actor, counter: 4),
                    forkToken: .ofFork(), beganAt: server.clock.now(), epoch: 1), firstDigest: [1])
            let now = server.clock.now()
            try transaction.append(
                LogEntry(
                    dot: Dot(fork, 1), digest: Hashing.sha256([]), author: "ann", device: "phone", label: "edit",
                    madeAt: now, correctedAt: now, acceptedAt: now, verdict: .applied,
                    sequence: ServerSequence(transaction.head.sequence.number + 1), body: nil))
            let view = transaction.snapshot
            return try (Int64(0)...8).map { position in
                [try view.countOfLine(ann.actor, upTo: position), try view.countOfLine(fork, upTo: position)]
            }
        }
        #expect(counts.map { $0[0] } == [0, 1, 2, 3, 4, 5, 6, 6, 6])
        #expect(counts.map { $0[1] } == [0, 1, 2, 3, 4, 4, 4, 5, 5])
    }
}
