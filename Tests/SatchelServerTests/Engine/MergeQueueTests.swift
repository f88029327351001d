import GRDB
import SatchelServer
import SatchelStorage
import SatchelSync
import SatchelTestSupport
import SatchelWire
import Testing

@Suite struct MergeQueueTests {
    @Test func `many devices at once all get in, each sequence once`() async throws {
        let server = try TestServer()
        var devices: [TestDevice] = []
        for number in 0..<12 {
            var device = try await server.device("user \(number)")
            for place in 1...5 { device.edit(.sample(number * 10 + place), life: .create, .name("x")) }
            devices.append(device)
        }
        let verdicts = try await withThrowingTaskGroup(of: [Verdict].self) { group in
            for device in devices {
                group.addTask {
                    var device = device
                    return try await device.sync().map(\.verdict)
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(verdicts == Array(repeating: .applied, count: 60))
        let sequences = try await server.connection().read { db in
            try Int.fetchAll(db, sql: "SELECT sequence FROM satchel_log ORDER BY position")
        }
        #expect(sequences == Array(1...60))
        try await server.store.read { try $0.verifyLog() }
    }

    @Test func `a request that is refused undoes nothing of those beside it`() async throws {
        let server = try TestServer()
        var (good, bad) = (try await server.device("good"), try await server.device("bad"))
        good.edit(.sample(1), life: .create, .name("kept"))
        bad.edit(.sample(2), life: .create, .name("first"))
        bad.edit(.sample(3), life: .create, .name("second"))
        let torn = [
            bad.queued[0],
            OfferedChangeSet(changeSet: bad.queued[1].changeSet, digest: Array(repeating: 0, count: 32)),
        ]
        let (request, account) = (bad.request(changeSets: torn), bad.account)
        async let refused = code { _ = try await server.engine().frames(for: request, from: account) }
        async let verdicts = good.sync()
        #expect(await refused == .malformedBody)
        #expect(try await verdicts.map(\.verdict) == [.applied])
        #expect(try await server.state(.sample(1)) != nil)
        #expect(try await server.state(.sample(2)) == nil)
    }

    @Test(arguments: ["ABORT", "ROLLBACK"]) func `a change that breaks the shared transaction fails alone`(
        failure: String
    ) async throws {
        let server = try TestServer()
        // A failure of SQLite itself, one of the statement and one that ends the transaction.
        try await server.connection().write { db in
            try db.execute(
                sql: """
                    CREATE TRIGGER trip BEFORE INSERT ON satchel_user WHEN NEW.name = 'user 3'
                    BEGIN SELECT RAISE(\(failure), 'broken'); END
                    """)
        }
        let now = server.clock.now()
        let results = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<8 {
                group.addTask {
                    do {
                        try await server.queue.run { transaction in
                            _ = try transaction.addUser(named: "user \(number)", at: now)
                        }
                        return true
                    } catch {
                        return false
                    }
                }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(results == 7)
        let names = try await server.store.read { try $0.users().map(\.name) }
        #expect(names.count == 7)
        #expect(!names.contains("user 3"))
    }
}
