import Foundation
import SatchelClient
import SatchelServer
import SatchelStorage
import SatchelSync
import SatchelTestSupport
import Testing

/// A device that is short of space gives up what a verified backup has, and after thirty days what the server has; never more, and
/// it says so.
@Suite struct KeepingTests {
    private let server: ExchangeServer
    private let ann: ExchangeHome
    private let bo: ExchangeHome
    private static let short: @Sendable () -> UInt64? = { 1_024 }

    /// Three edits that are in a backup, and three that are not.
    init() async throws {
        server = try ExchangeServer()
        ann = try await server.enrol("ann", actor: .sample(1))
        bo = try await server.enrol("bo", actor: .sample(2))
        for number in 1...3 { try Self.create(number, at: ann) }
        try await ann.sync()
        try await server.backUp(as: "early")
        for number in 4...6 { try Self.create(number, at: ann) }
        try await ann.sync()
    }

    private static func create(_ number: Int, at home: ExchangeHome) throws {
        try edit(number, name: "\(number) " + String(repeating: "x", count: 150), life: .create, at: home)
    }

    private static func edit(_ number: Int, name: String, life: LifeWrite? = nil, at home: ExchangeHome) throws {
        _ = try #require(
            try home.edit(
                Draft(
                    label: "edit",
                    changes: [
                        DraftChange(
                            type: ItemSchema.type, record: .sample(number), life: life,
                            writes: [.name(name), FieldChange(ItemSchema.visits, .counter(1))])
                    ])))
    }

    private func pass(days: Int) { server.clock.advance(milliseconds: Int64(days) * 86_400_000) }

    private func outlines() throws -> [UInt64] {
        try ann.own().filter(\.changeSet.isOutline).map(\.changeSet.dot.counter)
    }

    private func requireSettled(_ homes: ExchangeHome...) async throws {
        for problem in try await SettledCheck(server: server, homes: homes).problems() { Issue.record("\(problem)") }
    }

    @Test func `with space enough everything is kept, however old`() async throws {
        pass(days: 400)
        try await ann.sync()
        try await ann.sync(freeBytes: { nil })
        #expect(try outlines() == [])
        #expect(try ann.replica.safetyReport().outlineCount == 0)
    }

    @Test func `what a backup has goes first, and what none has is kept for thirty days`() async throws {
        let ledger = try ann.ledger()
        pass(days: 29)
        try await ann.sync(freeBytes: Self.short)
        #expect(try outlines() == [1, 2, 3])
        #expect(try ann.replica.safetyReport().outlineCountWithoutBackup == 0)
        pass(days: 2)
        try await ann.sync(freeBytes: Self.short)
        #expect(try outlines() == [1, 2, 3, 4, 5, 6])
        let report = try ann.replica.safetyReport()
        #expect(report.outlineCount == 6)
        #expect(report.outlineCountWithoutBackup == 3)
        #expect(report.confirmedCount == 6 && report.backedUpCount == 3)
        // Ledger, history and tables are as they were, but for values that the history would tell.
        #expect(try ann.ledger() == ledger)
        let history = try ann.replica.history(typeName: "item", RecordID.sample(4).description)
        #expect(history.first?.writes.first { $0.field == "name" }?.text == .some(nil))
        #expect(history.first?.writes.first { $0.field == "visits" }?.text != .some(nil))
        #expect(try ann.replica.safetyReport().pending.isEmpty)
        try Self.edit(4, name: "later", at: ann)
        try await ann.sync()
        try await requireSettled(ann)
        try await server.backUp(as: "late")
        try await ann.sync()
        #expect(try ann.replica.safetyReport().outlineCountWithoutBackup == 0)
    }

    @Test func `a store that is put back to the backup gets all that is kept, and the place of what is not`()
        async throws
    {
        pass(days: 31)
        try await ann.sync(freeBytes: Self.short)
        try Self.create(7, at: ann)
        try await ann.sync()
        try await bo.sync()
        let digest = try await server.digest()

        try server.restore("early")
        try await ann.sync()
        let ledger = try await server.ledger()
        #expect((4...6).allSatisfy { ledger[Dot(.sample(1), $0)] == .erased })
        #expect(ledger[Dot(.sample(1), 7)] == .visible)
        guard case .recovery(let reply) = try await server.service.perform(.recovery) else {
            throw SatchelError.unexpectedReply
        }
        #expect(reply.missing.map { [$0.from, $0.through] } == [[4, 6]])
        #expect(reply.missing.map(\.user) == ["ann"])
        #expect(reply.devices.map(\.changeSetCount) == [1, 0])
        #expect(try await server.derivedProblems(digest: server.digest()) == [])
        try await server.store.read { try $0.verifyLog() }
        // What it knows of them is in nobody's way.
        guard case .explanation = try await server.service.perform(.explain(type: nil, what: "\(Dot(.sample(1), 4))"))
        else { throw SatchelError.unexpectedReply }
        try Self.create(8, at: ann)
        try await ann.sync()
        #expect(try ann.replica.safetyReport().pending.isEmpty)

        // Whoever has received it brings it, while the window is open; and its author, who has it in base aside.
        _ = try await server.service.perform(.openRecovery)
        try await bo.sync()
        try await ann.sync()
        _ = try await server.service.perform(.closeRecovery)
        for _ in 0..<2 {
            try await ann.sync()
            try await bo.sync()
        }
        #expect(try await server.ledger()[Dot(.sample(1), 4)] == .visible)
        #expect(try await server.digest() != digest)  // Record 8 is new.
        #expect(try await server.records().count == 8)
        try await requireSettled(ann, bo)
    }

    @Test func `what is parked, and what lies on a record with parked work, keeps all it has`() async throws {
        try server.store.allowOnly(["taken"])
        try Self.edit(5, name: "refused", at: ann)
        try await ann.sync()
        try server.store.allowOnly(nil)
        pass(days: 60)
        try await ann.sync(freeBytes: Self.short)
        #expect(try outlines() == [1, 2, 3, 4, 6])
        #expect(try ann.own().last?.changeSet.changes.first?.writes.isEmpty == false)
        _ = try ann.replica.retry(Dot(.sample(1), 7))
        try await ann.sync()
        try await requireSettled(ann)
    }
}
