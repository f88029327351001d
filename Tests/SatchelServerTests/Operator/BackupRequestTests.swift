import Foundation
import Logging
import SatchelStorage
import SatchelSync
import SatchelTestSupport
import SatchelWire
import Testing

@testable import SatchelServer

@Suite struct BackupRequestTests {
    private func receipt(of device: TestDevice) async throws -> BackupReceipt? {
        let frames = try await device.server.engine().frames(for: device.request(), from: device.account)
        guard case .opening(let opening)? = frames.first else { return nil }
        return opening.backup
    }

    @Test func `an operator has a backup made, and finds it in the list`() async throws {
        let server = try TestServer()
        var ann = try await server.device("ann")
        ann.edit(.sample(1), life: .create, .name("Acme"))
        try await ann.sync()
        let path = server.folder["office.backup"].path
        let backup = try await server.service.makeBackup(path) { _, _, _ in }
        #expect(backup.sequence == 1)
        #expect(backup.lastChangeSet == Dot(ann.actor, 1).description)
        guard case .backups(let listed) = try await server.service.perform(.backups(limit: 10)) else {
            Issue.record("no list")
            return
        }
        #expect(listed.map(\.path) == [path])
        await #expect(throws: SatchelError.self) { try await server.service.makeBackup(path) { _, _, _ in } }
        await #expect(throws: SatchelError.self) { try await server.service.perform(.backUp(path: "relative")) }
        await #expect(throws: SatchelError.self) { try await server.service.perform(.backupState(path: "/nothing")) }
    }

    @Test func `a reply says how much of a line the newest backup has`() async throws {
        let server = try TestServer()
        var ann = try await server.device("ann")
        for number in 1...3 { ann.edit(.sample(number), life: .create, .name("record \(number)")) }
        try await ann.sync()
        #expect(try await receipt(of: ann) == nil)
        let first = server.clock.now()
        _ = try await server.service.makeBackup(server.folder["first"].path) { _, _, _ in }
        ann.edit(.sample(1), .name("later"))
        try await ann.sync()
        #expect(try await receipt(of: ann) == BackupReceipt(count: 3, madeAt: first))
        server.clock.advance(milliseconds: 1_000)
        _ = try await server.service.makeBackup(server.folder["second"].path) { _, _, _ in }
        #expect(try await receipt(of: ann) == BackupReceipt(count: 4, madeAt: server.clock.now()))
        let bo = try await server.device("bo")
        #expect(try await receipt(of: bo)?.count == 0)
    }

    @Test func `a backup is made every day, the last ones are kept, and an old one is told of`() async throws {
        let server = try TestServer()
        let log = CollectedLog()
        let alarms = AlarmDesk(clock: server.clock, logger: log.logger)
        let folder = server.folder["daily"]
        let plan = BackupPlan(folder: folder.path, keptMax: 2)
        let daily = DailyBackup(
            plan: plan, store: server.store, desk: server.service.backupDesk, queue: server.queue, alarms: alarms,
            clock: server.clock, logger: log.logger)
        var notice = DailyBackup<SQLiteServerStore>.Notice()
        for _ in 1...8 {
            await daily.look(&notice)
            server.clock.advance(milliseconds: 12 * 3_600_000)
        }
        let kept = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(kept.count == 2)
        #expect(kept.allSatisfy { $0.hasSuffix(".backup") })
        #expect(try await server.store.read { try $0.backups(limit: 10) }.count == 4)
        #expect(log.lines.map(\.message) == Array(repeating: "a backup was made and verified", count: 4))

        let none = DailyBackup(
            plan: nil, store: server.store, desk: server.service.backupDesk, queue: server.queue, alarms: alarms,
            clock: server.clock, logger: log.logger)
        await none.look(&notice)
        server.clock.advance(milliseconds: 24 * 3_600_000)
        await none.look(&notice)
        await none.look(&notice)
        func open() async throws -> [Bool] {
            try await alarms.write(to: server.queue)
            return try await server.store.read {
                try $0.alarms().map { $0.code == "backup_old" && $0.confirmedAt == nil }
            }
        }
        #expect(log.lines.dropFirst(4).map { $0.metadata["alarm"] } == ["backup_old"])
        #expect(try await open() == [true])

        // Confirmed, it stays so for a day, and the log tells of it; then it is open again.
        let now = server.clock.now()
        _ = try await server.queue.run { try $0.confirmAlarms(code: "backup_old", at: now) }
        server.clock.advance(milliseconds: 2 * 3_600_000)
        await none.look(&notice)
        #expect(log.lines.last?.metadata["code"] == "backup_old")
        #expect(try await open() == [false])
        server.clock.advance(milliseconds: 24 * 3_600_000)
        await none.look(&notice)
        #expect(try await open() == [true])
        // A backup ends it.
        await daily.look(&notice)
        #expect(try await open() == [false])
    }

    @Test func `own work may go once a verified backup has it, or after thirty days where space is short`() {
        let receipt = BackupReceipt(count: 3, madeAt: Timestamp(milliseconds: 0))
        let day = Duration.seconds(86_400)
        let rows: [(place: UInt64, age: Duration?, isShort: Bool, receipt: BackupReceipt?, mayGo: Bool)] = [
            (3, .zero, false, receipt, true), (4, .zero, false, receipt, false), (3, nil, true, receipt, false),
            (4, day * 31, false, receipt, false), (4, day * 31, true, receipt, true), (4, day * 30, true, nil, false),
            (1, day * 31, true, nil, true), (1, nil, true, nil, false),
        ]
        for row in rows {
            #expect(
                BackupReceipt.mayDrop(
                    place: row.place, confirmedFor: row.age, isShortOfSpace: row.isShort, receipt: row.receipt)
                    == row.mayGo, "\(row)")
        }
    }
}
