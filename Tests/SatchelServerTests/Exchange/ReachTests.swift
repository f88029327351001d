import SatchelClient
import SatchelStorage
import SatchelSync
import SatchelTestSupport
import Testing

/// A sync of which a line carries only a part.
@Suite struct ReachTests {
    private static func draft(_ record: Int, _ name: String, life: LifeWrite? = .create) -> Draft {
        Draft(
            label: "edit",
            changes: [DraftChange(type: ItemSchema.type, record: .sample(record), life: life, writes: [.name(name)])])
    }

    @Test func `own work goes out, and nothing comes in until all is wanted`() async throws {
        let server = try ExchangeServer()
        let ann = try await server.enrol("ann", actor: .sample(1))
        let bo = try await server.enrol("bo", actor: .sample(2))
        _ = try bo.edit(Self.draft(9, "bo"))
        try await bo.sync()
        for number in 1...3 { _ = try ann.edit(Self.draft(number, "\(number)")) }
        let report = try await ann.sync(reach: .own(through: nil))
        #expect(report.pushedCount == 3 && report.pulledCount == 0 && report.pendingCount == 0)
        #expect(!report.isComplete)
        #expect(try await server.records().count == 4)
        #expect(try ann.replica.reading { try $0.record(.sample(9)) } == nil)
        #expect(try ann.replica.reading { try $0.record(.sample(3))?.status } == .alive)
        // Again, with nothing to send.
        #expect(try await ann.sync(reach: .own(through: nil)).pushedCount == 0)
        try await ann.sync()
        try await bo.sync()
        #expect(try await SettledCheck(server: server, homes: [ann, bo]).problems() == [])
    }

    @Test func `what was made of a record goes out with what stands before it, and the rest waits`() async throws {
        let server = try ExchangeServer()
        let ann = try await server.enrol("ann", actor: .sample(1))
        for (record, name, life) in [
            (1, "a", LifeWrite.create), (2, "b", .create), (1, "c", nil), (3, "d", .create),
        ] as [(Int, String, LifeWrite?)] {
            _ = try ann.edit(Self.draft(record, name, life: life))
        }
        let reach = try ann.replica.reach(ofRecords: [RecordID.sample(1).description])
        let report = try await ann.sync(reach: reach)
        #expect(report.pushedCount == 3 && report.pendingCount == 1)
        #expect(throws: SatchelError.self) { try ann.replica.reach(ofRecords: [RecordID.sample(2).description]) }
        try await ann.sync()
        #expect(try await SettledCheck(server: server, homes: [ann]).problems() == [])
    }
}
