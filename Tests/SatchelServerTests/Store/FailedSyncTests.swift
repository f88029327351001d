import Foundation
import SatchelServer
import SatchelStorage
import SatchelSync
import SatchelTestSupport
import SatchelWire
import Testing

/// A sync that the disk refuses: what the kernel holds of the file is doubtful from then on, so nobody goes on over it.
@Suite(.serialized) struct FailedSyncTests {
    @Test func `after a failed sync the store's connections are done with, and the file is opened anew`() async throws {
        let folder = try TemporaryFolder(inMemory: true)
        var server = try TestServer(in: folder)
        let disk = try FaultyDisk(folder: folder.url, seed: 1)
        // Opened over the disk that can fail.
        try server.store.close()
        server = try TestServer(reopening: folder)
        var ann = try await server.device("ann")
        ann.edit(.sample(1), life: .create, .name("kept"))
        try await ann.sync()

        // While all is well a push opens nothing.
        ann.edit(.sample(2), life: .create, .name("also kept"))
        disk.fail(.open, .error, at: .max)
        try await ann.sync()
        #expect(disk.callCount == 0)

        ann.edit(.sample(3), life: .create, .name("in doubt"))
        disk.fail(.sync, .error, at: 1)
        let failure = await #expect(throws: SatchelError.self) { try await ann.sync() }
        #expect(failure?.code == .storageFailed)
        #expect(disk.failureCount == 1)
        #expect(ann.queued.count == 1)

        // Not tried again over what failed: the file is closed and opened first.
        disk.fail(.open, .error, at: .max)
        #expect(try await ann.sync().map(\.verdict) == [.applied])
        #expect(disk.callCount > 0)
        disk.heal()
        // And what was acknowledged then is on the disk.
        disk.cut()
        try? server.store.close()
        _ = try disk.restore()
        let again = try TestServer(reopening: folder)
        for number in 1...3 { #expect(try await again.state(.sample(number)) != nil, "record \(number)") }
        try await again.store.read { try $0.verifyLog() }
        try again.store.close()
    }

    @Test(arguments: [(FaultyDisk.Failure.error, "storage_failed", 500), (.full, "disk_full", 507)])
    func `a push that the disk refuses is not acknowledged, and the operator is shown an alarm`(
        failure: FaultyDisk.Failure, code: String, status: Int
    ) async throws {
        let folder = try TemporaryFolder(inMemory: true)
        let disk = try FaultyDisk(folder: folder.url, seed: 1)
        try await RunningServer.with(in: folder) { server in
            let ann = try await server.enrol("ann")
            let body = try WireCodec.encode(ann.request([ann.account("Acme")]))
            disk.fail(failure == .full ? .write : .sync, failure, at: 1, lasting: true)
            // Everybody who comes meanwhile meets the same, and it is told once.
            for _ in 0..<3 {
                let refused = try await server.send("POST", "/v1/sync", token: ann.token, body: body)
                #expect(refused.status == status && refused.code == code, "\(refused)")
            }
            disk.heal()
            let alarms = try await Self.alarms(of: server)
            #expect(alarms.map(\.code) == [code])
            let taken = try await server.send("POST", "/v1/sync", token: ann.token, body: body)
            #expect(taken.status == 200, "\(taken)")
        }
    }

    /// The alarms, once there are some: they are written a moment after they are raised.
    private static func alarms(of server: RunningServer) async throws -> [AlarmReply] {
        let deadline = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < deadline {
            guard case .alarms(let alarms) = try await server.ask(.alarms) else { throw SatchelError.unexpectedReply }
            if !alarms.isEmpty { return alarms }
            await Task.yield()
        }
        return []
    }
}
