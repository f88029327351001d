import Foundation
import SatchelClient
import SatchelSchemaFile
import SatchelServer
import SatchelStorage
import SatchelSync
import SatchelTestSupport
import Testing

/// A server whose store is put back to a backup: what it lacks comes back from the devices, under its name and with its verdict, and
/// what nobody holds is named.
@Suite struct RestoredServerTests {
    private let server: ExchangeServer
    private let ann: ExchangeHome
    private let bo: ExchangeHome

    /// One record that both homes have, in a backup.
    init() async throws {
        server = try ExchangeServer()
        ann = try await server.enrol("ann", actor: .sample(1))
        bo = try await server.enrol("bo", actor: .sample(2))
        _ = try ann.edit(Self.draft(1, [.name("base")], life: .create))
        try await ann.sync()
        try await bo.sync()
        try await server.backUp(as: "early")
    }

    private static func draft(_ record: Int, _ writes: [FieldChange], life: LifeWrite? = nil) -> Draft {
        Draft(
            label: "edit",
            changes: [DraftChange(type: ItemSchema.type, record: .sample(record), life: life, writes: writes)])
    }

    private static func visits(_ count: Int64) -> FieldChange { FieldChange(ItemSchema.visits, .counter(count)) }

    private func recovery(_ request: OperatorRequest = .recovery) async throws -> RecoveryReply {
        guard case .recovery(let reply) = try await server.service.perform(request) else {
            throw SatchelError.unexpectedReply
        }
        return reply
    }

    private func visits() async throws -> Int64 {
        let parts = try await server.records().first?.state.field(ItemSchema.visits)?.parts ?? []
        return parts.reduce(0) { $0 + $1.sum }
    }

    private func requireSettled(_ homes: ExchangeHome...) async throws {
        for _ in 0..<3 {
            for home in homes { try await home.sync() }
        }
        for problem in try await SettledCheck(server: server, homes: homes).problems() { Issue.record("\(problem)") }
    }

    @Test
    func `a restore is no copy of a home, and what the backup has is told before anything is made in the new life`()
        async throws
    {
        for name in ["1", "2"] { _ = try ann.edit(Self.draft(1, [.name(name)])) }
        try await ann.sync()
        try server.restore("early")
        try await server.backUp(as: "later")
        try await ann.sync()
        #expect(try ann.replica.safetyReport().backedUpCount == 1)
        _ = try ann.edit(Self.draft(1, [.phone("3")]))
        try await ann.sync()
        guard case .devices(let devices) = try await server.service.perform(.devices) else {
            throw SatchelError.unexpectedReply
        }
        let device = try #require(devices.first { $0.user == "ann" })
        #expect(device.forks.map(\.isAfterRestore) == [true])
        #expect(device.presentActor == device.forks.first?.actor && device.presentActor != device.actor)
        #expect(try ann.replica.safetyReport().backedUpCount == 1)
    }

    @Test func `work of after the backup comes back under its name, and the report says from whom`() async throws {
        for name in ["1", "2"] { _ = try ann.edit(Self.draft(1, [.name(name)])) }
        try await ann.sync()
        let digest = try await server.digest()
        try server.restore("early")
        #expect(try await server.digest() != digest)
        let report = try await ann.sync()
        #expect(report.isServerRestored)
        #expect(report.returnedCount == 3)
        #expect(try await server.digest() == digest)
        #expect(try ann.own().map(\.changeSet.dot) == (1...3).map { Dot(.sample(1), $0) })
        try await bo.sync()
        let recovery = try await recovery(.closeRecovery)
        #expect(recovery.devices.map(\.changeSetCount) == [2, 0])
        #expect(recovery.devices.allSatisfy { $0.lastSeenAt != nil })
        #expect(recovery.missing.isEmpty)
        #expect(recovery.phase == .closed)
        try await requireSettled(ann, bo)
    }

    @Test func `a rejected change-set comes back rejected, whatever the rules say by now`() async throws {
        try server.store.allowOnly(["base"])
        _ = try ann.edit(Self.draft(1, [.name("bad")]))
        try await ann.sync()
        try server.store.allowOnly(nil)
        try server.restore("early")
        try await ann.sync()
        #expect(try ann.own().map(\.state) == [.applied, .rejected])
        #expect(try await server.ledger()[Dot(.sample(1), 2)] == .parked)
        _ = try await recovery(.closeRecovery)
        try await requireSettled(ann, bo)
    }

    @Test func `what waited for a record that its author fixed comes back behind the fix, while recovery is open`()
        async throws
    {
        try server.store.allowOnly(["base", "good", "5"])
        _ = try ann.edit(Self.draft(2, [.name("bad")], life: .create))
        _ = try ann.edit(Self.draft(2, [.phone("5")]))
        try await ann.sync()
        _ = try ann.replica.fix(
            Dot(.sample(1), 2),
            changes: [
                DraftChange(type: ItemSchema.type, record: .sample(2), life: .create, writes: [.name("good")])
            ])
        try await ann.sync()
        let (digest, ledger) = (try await server.digest(), try await server.ledger())
        #expect(ledger[Dot(.sample(1), 3)] == .reissued)
        try server.restore("early")
        // The edit of the phone stands before the fix in its line, and needs what that brings.
        let report = try await ann.sync()
        #expect(report.returnedCount == 4)
        #expect(try await server.digest() == digest)
        try await ann.sync()
        #expect(try await server.ledger() == ledger)
        #expect(try ann.own().map(\.state) == [.applied, .reissued, .reissued, .applied])
        _ = try await recovery(.closeRecovery)
        try await requireSettled(ann, bo)
    }

    @Test func `a fix that comes back to what was released meanwhile takes its place`() async throws {
        try server.store.allowOnly(["base", "good"])
        _ = try ann.edit(Self.draft(2, [.name("bad")], life: .create))
        try await ann.sync()
        try await server.backUp(as: "parked")
        _ = try ann.replica.fix(
            Dot(.sample(1), 2),
            changes: [
                DraftChange(type: ItemSchema.type, record: .sample(2), life: .create, writes: [.name("good")])
            ])
        try await ann.sync()
        try server.restore("parked")
        _ = try await recovery(.closeRecovery)
        _ = try await server.service.perform(.release(dot: Dot(.sample(1), 2).description))
        try await ann.sync()
        let record = try #require(try await server.records().first { $0.id == .sample(2) })
        #expect(record.state.field(ItemSchema.name)?.siblings.map(\.value) == [.text("good")])
        try await requireSettled(ann, bo)
    }

    @Test(arguments: [true, false])
    func `what comes back before its record was seen by who names it`(isConfirmed: Bool) async throws {
        _ = try bo.edit(Self.draft(3, [.name("bo")], life: .create))
        try await bo.sync()
        try await ann.sync()
        _ = try ann.edit(Self.draft(3, [.name("ann")]))
        try await ann.sync()
        try await bo.sync()
        _ = try bo.edit(Self.draft(3, [.name("bo, who had seen it")]))
        if isConfirmed { try await bo.sync() }
        _ = try ann.edit(Self.draft(3, [.name("ann again")]))
        try server.restore("early")
        _ = try await recovery(.closeRecovery)
        try await ann.sync()
        #expect(try ann.own().map(\.rejection?.code) == [nil, "awaits_return", "unknown_record"])
        try await bo.sync()
        let record = try #require(try await server.records().first { $0.id == .sample(3) })
        // What she wrote later stands beside his work: neither had seen the other's.
        let names = record.state.field(ItemSchema.name)?.siblings.map(\.value) ?? []
        #expect(Set(names) == [.text("bo, who had seen it"), .text("ann again")])
        try await requireSettled(ann, bo)
    }

    @Test func `what still waits when the store is put back once more is offered in the same sync`() async throws {
        _ = try ann.edit(Self.draft(3, [.name("ann")], life: .create))
        try await ann.sync()
        try await server.backUp(as: "three")
        try await bo.sync()
        for record in [3, 1] { _ = try bo.edit(Self.draft(record, [.name("bo")])) }
        try await bo.sync()
        let digest = try await server.digest()
        // Record 3 is not back, and both edits wait for it.
        try server.restore("early")
        try await bo.sync()
        #expect(try bo.replica.reading { try $0.reofferedCount() } == 2)
        try server.restore("three")
        let report = try await bo.sync()
        #expect(report.returnedCount == 2)
        #expect(try await server.digest() == digest)
        _ = try await recovery(.closeRecovery)
        try await requireSettled(ann, bo)
    }

    @Test func `a discard that comes before what it discards waits for that, and then does its work`() async throws {
        _ = try bo.edit(Self.draft(3, [.name("other")], life: .create))
        try await bo.sync()
        try await ann.sync()
        try server.store.allowOnly(["base", "other", "mine"])
        _ = try ann.edit(Self.draft(3, [.name("mine")]))
        _ = try ann.edit(Self.draft(1, [.name("bad")]))
        try await ann.sync()
        #expect(try ann.own().map(\.state) == [.applied, .applied, .rejected])
        try server.restore("early")
        _ = try ann.replica.discard(Dot(.sample(1), 3))
        // What she wrote to bo's record waits for that one to come back, and what she discards stands behind it.
        try await ann.sync()
        #expect(try ann.own().last?.rejection?.code == "awaits_return")
        #expect(try !ann.replica.safetyReport().needsPerson)
        // And what is given up in its turn takes that with it.
        _ = try ann.replica.discard(try #require(ann.own().last?.changeSet.dot))
        try await ann.sync()
        try await bo.sync()
        try await ann.sync()
        try await ann.sync()
        #expect(try ann.own().map(\.state) == [.applied, .applied, .reissued, .reissued, .reissued])
        #expect(try await server.service.perform(.parked(after: 0, limit: 10)).parkedPage().work.isEmpty)
        _ = try await recovery(.closeRecovery)
        try await requireSettled(ann, bo)
    }

    @Test func `an increment that may have been counted waits for the end, and is counted once`() async throws {
        _ = try ann.edit(Self.draft(1, [Self.visits(3)]))
        // The store has counted it; its author does not know.
        await #expect(throws: SatchelError.self) { try await ann.sync(.replyLost) }
        try server.restore("early")
        try await ann.sync()
        #expect(try await visits() == 0)
        #expect(try ann.own().last?.rejection?.code == "in_recovery")
        let parked = try await server.service.perform(.parked(after: 0, limit: 10)).parkedPage().work
        let dot = try #require(parked.first?.dot)
        await #expect(throws: SatchelError.self) { try await server.service.perform(.release(dot: dot)) }
        _ = try await recovery(.closeRecovery)
        #expect(try await visits() == 3)
        try await requireSettled(ann, bo)
    }

    @Test func `what takes more than one push to give back comes back, and new work behind it`() async throws {
        for number in 1...40 {
            _ = try ann.edit(Self.draft(1, [.name("\(number) " + String(repeating: "x", count: 180))]))
        }
        try await ann.sync()
        try server.restore("early")
        _ = try ann.edit(Self.draft(1, [.phone("5")]))
        // As after a slow line.
        try ann.replica.withTurn(purpose: "test") { try $0.write { try $0.setPushBytes(2_048) } }
        let report = try await ann.sync()
        #expect(report.isServerRestored)
        #expect(try ann.replica.reading { try $0.reofferedCount() } == 0)
        #expect(try ann.own().map(\.state).allSatisfy(\.isApplied))
        #expect(try await server.ledger().count == 42)
        _ = try await recovery(.closeRecovery)
        try await requireSettled(ann, bo)
    }

    @Test func `own work stays on the screen as it was until all of a restored server is there`() async throws {
        _ = try ann.edit(Self.draft(1, [Self.visits(3), .name("mine")]))
        await #expect(throws: SatchelError.self) { try await ann.sync(.replyLost) }
        try server.restore("early")
        try await ann.sync()
        _ = try ann.edit(Self.draft(1, [.phone("5")]))
        try await ann.sync()
        // Her increment waits for the end of a recovery, and base knows that she has seen it.
        #expect(try ann.own().map(\.state) == [.applied, .held, .applied])
        let before = try ann.state(of: .sample(1))
        try server.restore("early")
        _ = try await recovery(.closeRecovery)
        var cuts = 0
        while await (try? ann.sync(.cut(after: cuts))) == nil, cuts < 10 {
            #expect(try ann.state(of: .sample(1)) == before, "after \(cuts) frames")
            cuts += 1
        }
        #expect(cuts > 1)
        #expect(try ann.own().map(\.state) == [.applied, .applied, .applied])
        #expect(try await visits() == 3)
        try await requireSettled(ann, bo)
    }

    @Test func `what another device had received comes back while the window is open, and is not counted twice`()
        async throws
    {
        _ = try ann.edit(Self.draft(1, [Self.visits(3), .name("late")]))
        _ = try ann.edit(Self.draft(2, [.name("new")], life: .create))
        let asleep = try ann.copied(as: "asleep")
        try await ann.sync()
        try await bo.sync()
        let digest = try await server.digest()
        try server.restore("early")
        _ = try await recovery(.openRecovery)
        try await bo.sync()
        #expect(try await server.digest() == digest)
        let report = try await recovery()
        #expect(report.devices.map(\.stateCount) == [0, 2])
        // No dot is absent, though the log has none of these.
        let ledger = try await server.ledgerLines()
        #expect([2, 3].allSatisfy { ledger[Dot(.sample(1), $0)]?.changeSet == "" })
        #expect([2, 3].allSatisfy { ledger[Dot(.sample(1), $0)]?.state == LedgerState.visible.rawValue })
        let unknown = await #expect(throws: SatchelError.self) {
            _ = try await server.service.perform(.explain(type: nil, what: Dot(.sample(1), 2).description))
        }
        #expect(unknown?.remedy?.contains("explain item ") == true)
        for limit in 1...3 {
            let paged = try await server.ledgerLines(pageOf: limit)
            #expect(paged.mapValues(\.state) == ledger.mapValues(\.state), "in pages of \(limit)")
        }
        // A copy of the author's home that never heard of its verdicts brings the same under another name.
        try await asleep.sync()
        _ = try await recovery(.closeRecovery)
        #expect(try await visits() == 3)
        try await asleep.sync()
        #expect(try asleep.own().contains { $0.rejection?.code == "maybe_counted" })
        try await ann.sync()
        #expect(try await visits() == 3)
        #expect(try await recovery().missing.isEmpty)
        try await requireSettled(ann, asleep, bo)
    }

    @Test func `without the window received states are dropped, and what nobody offered is named`() async throws {
        _ = try ann.edit(Self.draft(1, [.name("lost")]))
        try await ann.sync()
        try await bo.sync()
        _ = try bo.edit(Self.draft(1, [.name("over it")]))
        try await bo.sync()
        try server.restore("early")
        try await bo.sync()
        let missing = try await recovery(.closeRecovery).missing
        #expect(missing.map(\.user) == ["ann"])
        #expect(missing.map { $0.from...$0.through } == [2...2])
        try await bo.sync()
        #expect(try bo.replica.reading { try $0.mayReturn() } == false)
        // Its author comes in the end: what was written over it stays alone.
        try await requireSettled(ann, bo)
        #expect(try await recovery().missing.isEmpty)
        let names = try await server.records().first?.state.field(ItemSchema.name)?.siblings.compactMap(\.value.text)
        #expect(names == ["over it"])
    }

    @Test
    func `a record that came back as another type parks what took it for its own, and its author keeps seeing that`()
        async throws
    {
        let remark = Draft(
            label: "remark",
            changes: [
                DraftChange(
                    type: EntityTypeID(2), record: .sample(2), life: .create,
                    writes: [FieldChange(FieldID(1), .register(.text("said")))]),
                DraftChange(type: ItemSchema.type, record: .sample(1), writes: [Self.visits(1)]),
            ])
        _ = try ann.edit(remark)
        try await ann.sync()
        try server.restore("early")
        _ = try bo.edit(Self.draft(2, [.name("thing")], life: .create))
        try await bo.sync()
        try await ann.sync()
        #expect(try ann.own().last?.rejection?.code == "invalid_request")
        #expect(try await server.ledger()[Dot(.sample(1), 2)] == .parked)
        _ = try await recovery(.closeRecovery)
        try await requireSettled(ann, bo)
        // Now the store loses the item, and the remark is all that is left to see.
        try server.restore("early")
        try await ann.sync()
        let shown = try ann.replica.reading { try $0.record(.sample(2)) }
        #expect(shown?.type == EntityTypeID(2))
        #expect(shown?.status == .alive)
        try await requireSettled(ann, bo)
    }

    @Test func `a store is put aside and not deleted, and a file that is no backup changes nothing`() async throws {
        let data = DataFolder(path: server.folder["server"].path)
        func restore(_ file: String) throws -> SQLiteServerStore.Restored {
            try SQLiteServerStore.restore(
                file, into: data, clock: server.clock, readSchema: { try SchemaFile.parse($0).schema })
        }
        func code(_ body: () throws -> Void) -> String? {
            do { try body() } catch let error as SatchelError { return error.code.word } catch { return "\(error)" }
            return nil
        }
        let backup = server.folder["early.backup"].path
        #expect(code { _ = try restore(backup) } == "database_in_use")
        try server.store.close()
        #expect(code { _ = try restore(data.databasePath) } == "foreign_data")
        #expect(code { _ = try restore(server.folder["nowhere"].path) } == "missing_data")
        let other = try ExchangeServer(), foreign = other.folder["foreign.backup"].path
        try await other.backUp(as: "foreign")
        #expect(code { _ = try restore(foreign) } == "foreign_data")
        let restored = try restore(backup)
        let aside = try #require(restored.replacedPath)
        #expect(FileManager.default.fileExists(atPath: aside))
        #expect(aside.hasPrefix(data.databasePath))
        let mode = try FileManager.default.attributesOfItem(atPath: data.databasePath)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        // A restore that was killed when the store was put aside, and its log not yet: nobody takes that log for another store's.
        try FileManager.default.removeItem(atPath: data.databasePath)
        try Data("a log".utf8).write(to: URL(filePath: data.databasePath + "-wal"))
        #expect(code { try data.requireRoom() } == "data_exists")
        let again = try #require(try restore(backup).replacedPath)
        #expect(try Data(contentsOf: URL(filePath: again + "-wal")) == Data("a log".utf8))
        #expect(!FileManager.default.fileExists(atPath: data.databasePath + "-wal"))
        // Nobody has the store any more: it is made from the backup alone.
        try FileManager.default.removeItem(at: data.url)
        #expect(try restore(backup).replacedPath == nil)
    }
}
