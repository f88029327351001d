import Foundation
import GRDB
import SatchelClient
import SatchelServer
import SatchelStorage
import SatchelSync
import SatchelTestSupport
import Testing

/// A drill tries a backup as a disaster would, and touches nothing of the store.
@Suite struct DrillTests {
    private let server: ExchangeServer
    private let ann: ExchangeHome

    /// One record, in a backup.
    init() async throws {
        server = try ExchangeServer()
        _ = try await server.service.perform(.addUser(name: "office"))
        ann = try await server.enrol("ann", actor: .sample(1))
        _ = try ann.edit(Self.draft(1, [.name("base")], life: .create))
        try await ann.sync()
        try await server.backUp(as: "early")
    }

    private static func draft(_ record: Int, _ writes: [FieldChange], life: LifeWrite? = nil) -> Draft {
        Draft(
            label: "edit",
            changes: [DraftChange(type: ItemSchema.type, record: .sample(record), life: life, writes: writes)])
    }

    private func drill(_ file: String? = nil) async throws -> DrillReport {
        let path = server.folder["server"].path
        return try await RestoreDrill(path: path, scratch: path, clock: server.clock)
            .run(file: file.map { server.folder["\($0).backup"].path })
    }

    private func office(_ line: String) async throws {
        let request = ApplyRequest(lines: [.init(number: 1, text: line)], user: "office", settles: true)
        _ = try await server.service.perform(.apply(request))
    }

    private func code(_ body: () async throws -> Void) async -> String? {
        do { try await body() } catch let error as SatchelError { return error.code.word } catch { return "\(error)" }
        return nil
    }

    @Test func `what devices made since the backup comes back in the copy, whatever became of it`() async throws {
        let copy = try ann.copied(as: "copy")
        // Rejected and then released, fixed, held and let in, counted, and forked: in two lines of one device.
        try server.store.allowOnly(["base", "fixed", "over it", "by the copy"])
        for name in ["bad", "worse"] { _ = try ann.edit(Self.draft(1, [.name(name)])) }
        try await ann.sync()
        _ = try ann.replica.fix(
            Dot(.sample(1), 2),
            changes: [DraftChange(type: ItemSchema.type, record: .sample(1), writes: [.name("fixed")])])
        try await ann.sync()
        try server.store.allowOnly(nil)
        _ = try await server.service.perform(.release(dot: Dot(.sample(1), 3).description))
        _ = try copy.edit(Self.draft(1, [.name("by the copy"), FieldChange(ItemSchema.visits, .counter(3))]))
        try await copy.sync()
        try await ann.sync()
        _ = try ann.edit(Self.draft(2, [.name("over it")], life: .create))
        try await ann.sync()

        let before = try await (server.digest(), server.store.read { try $0.head() })
        let files = try FileManager.default.contentsOfDirectory(atPath: server.folder["server"].path).sorted()
        server.clock.advance(milliseconds: 3_600_000)
        let report = try await drill()
        #expect(report.isUsable && !report.needsPerson)
        #expect(report.path == server.folder["early.backup"].path)
        #expect(report.replayedDigest == report.point?.digest)
        #expect(report.epoch != report.point?.epoch)
        #expect(report.ageSeconds == 3_600)
        let since = try #require(report.since)
        #expect(since.deviceCount == 1)
        #expect(since.deviceChangeSetCount == since.changeSetCount)
        #expect(since.returnedCount == since.changeSetCount)
        #expect(since.isSame)
        #expect(try await (server.digest(), server.store.read { try $0.head() }) == before)
        #expect(try FileManager.default.contentsOfDirectory(atPath: server.folder["server"].path).sorted() == files)
        try await ann.sync()
    }

    @Test func `what nobody would offer is counted`() async throws {
        try await office("{\"type\":\"item\",\"id\":\"\(RecordID.sample(1))\",\"set\":{\"name\":\"office\"}}")
        try await ann.sync()
        try await ann.sync()
        try await server.store.write { transaction in
            // Kept by the minute in a server; here at once.
            let device = try transaction.snapshot.devices()[0]
            try transaction.setLastSeen(
                Timestamp(milliseconds: 1), checkpoint: transaction.head.sequence, clock: nil, pending: 0,
                ofDevice: device.key)
        }
        try await office("{\"type\":\"item\",\"id\":\"\(RecordID.sample(1))\",\"set\":{\"name\":\"late\"}}")
        let bo = try await server.enrol("bo", actor: .sample(2))
        _ = try bo.edit(Self.draft(7, [.name("bo's")], life: .create))
        try await bo.sync()
        let since = try #require(try await drill().since)
        #expect(since.officeChangeSetCount == 2)
        #expect(since.receivedOfficeCount == 1)
        #expect(since.strangerCount == 1)
        #expect(since.strangerChangeSetCount == 1)
        #expect(since.changeSetCount == 3)
        #expect(since.returnedCount == 0)
        #expect(!since.isSame)
    }

    @Test func `a backup that was changed cannot be used, and an older one can`() async throws {
        _ = try ann.edit(Self.draft(1, [.name("later")]))
        try await ann.sync()
        try await server.backUp(as: "late")
        let file = server.folder["late.backup"].path
        let connection = try DatabaseQueue(path: file)
        try await connection.write { try $0.execute(sql: "UPDATE item SET name = 'wrong'") }
        try connection.close()
        let report = try await drill()
        #expect(report.path == file)
        #expect(report.problem?.code == .damagedData)
        #expect(report.since == nil)
        #expect(try await drill("early").isUsable)
        #expect(try await drill("nowhere").problem?.code == .missingData)
        // One that was taken away is named, and the next one tried.
        try FileManager.default.removeItem(atPath: file)
        let older = try await drill()
        #expect(older.isUsable)
        #expect(older.missingPaths == [file])
        try FileManager.default.removeItem(at: server.folder["early.backup"])
        #expect(await code { _ = try await drill() } == "missing_data")
    }

    @Test func `a row that differs from the log needs a person, and the records are right all the same`() async throws {
        let connection = try DatabaseQueue(path: server.folder["early.backup"].path)
        try await connection.write { try $0.execute(sql: "DELETE FROM satchel_feed") }
        try connection.close()
        let report = try await drill("early")
        #expect(report.isUsable && report.needsPerson)
        #expect(report.findings.differences.map(\.table) == ["satchel_feed"])
    }

    @Test func `a drill without a store to compare with, a second one, and what a killed one left`() async throws {
        let scratch = server.folder["scratch"]
        let alone = RestoreDrill(path: nil, scratch: scratch.path, clock: server.clock)
        let left = scratch.appending(path: "satchel.drill")
        try FileManager.default.createDirectory(at: left, withIntermediateDirectories: true)
        try Data("left".utf8).write(to: left.appending(path: "satchel.sqlite"))
        let file = server.folder["early.backup"].path
        let held = try Lease(folder: left, purpose: "test", subject: .drill)
        #expect(await code { _ = try await alone.run(file: file) } == "database_in_use")
        _ = consume held
        let report = try await alone.run(file: file)
        #expect(report.isUsable)
        #expect(report.since == nil)
        #expect(!FileManager.default.fileExists(atPath: left.path))
        // Of another store.
        let other = try ExchangeServer()
        let strange = RestoreDrill(path: other.folder["server"].path, scratch: scratch.path, clock: server.clock)
        #expect(try await strange.run(file: file).since == nil)
    }
}
