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
        #expect(!report.isComplete && report.checkpoint == 0)
        #expect(try await server.records().count == 4)
        #expect(try ann.replica.reading { try $0.record(.sample(9)) } == nil)
        #expect(try ann.replica.reading { try $0.record(.sample(3))?.status } == .alive)
        // Again, with nothing to send.
        #expect(try await ann.sync(reach: .own(through: nil)).pushedCount == 0)
        let whole = try await ann.sync()
        _ = try ann.edit(Self.draft(5, "5"))
        let again = try await ann.sync(reach: .own(through: nil))
        #expect(!again.isComplete && again.checkpoint == whole.checkpoint && whole.checkpoint > 0)
        try await ann.sync()
        try await bo.sync()
        #expect(try await SettledCheck(server: server, homes: [ann, bo]).problems() == [])
    }

    @Test func `a fetch that ended early is told until one has brought the rest`() async throws {
        let server = try ExchangeServer()
        let ann = try await server.enrol("ann", actor: .sample(1))
        let bo = try await server.enrol("bo", actor: .sample(2))
        #expect(try ann.replica.safetyReport().credentialTakenAt == nil)
        try await ann.sync()
        let whole = try ann.replica.safetyReport()
        #expect(!whole.isFetchUnfinished && whole.credentialTakenAt != nil)
        for number in 1...40 { _ = try bo.edit(Self.draft(number, Self.name(number))) }
        try await bo.sync()
        let part = try await ann.sync(bytesMax: 4_000)
        #expect(part.isLimitReached && part.pulledCount > 0 && part.checkpoint == whole.checkpoint)
        // One that fetches nothing finishes nothing.
        try await ann.sync(reach: .own(through: nil))
        let cut = try ann.replica.safetyReport()
        #expect(cut.isFetchUnfinished && cut.lastSync == whole.lastSync && cut.checkpoint == whole.checkpoint)
        try await ann.sync()
        #expect(try !ann.replica.safetyReport().isFetchUnfinished)
    }

    @Test func `own work that does not fit is known to leave something to fetch`() async throws {
        let server = try ExchangeServer()
        let ann = try await server.enrol("ann", actor: .sample(1))
        try await ann.sync()
        for number in 1...30 { _ = try ann.edit(Self.draft(number, Self.name(number))) }
        #expect(try await ann.sync(bytesMax: 4_000).isLimitReached)
        #expect(try ann.replica.safetyReport().isFetchUnfinished)
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

    /// A name that gzip hardly shortens.
    private static func name(_ number: Int) -> String {
        var random = SeededRandom(seed: UInt64(number))
        return String((0..<20).map { _ in String(random.next(), radix: 36) }.joined().prefix(190))
    }

    @Test func `a sync ends after so many bytes, own work first, and the next ones bring the rest`() async throws {
        let server = try ExchangeServer()
        let ann = try await server.enrol("ann", actor: .sample(1))
        let bo = try await server.enrol("bo", actor: .sample(2))
        for number in 1...40 { _ = try bo.edit(Self.draft(number, Self.name(number))) }
        try await bo.sync()
        for number in 41...100 { _ = try ann.edit(Self.draft(number, Self.name(number))) }
        let limit = 6_000
        var (pushed, pulled, rounds) = (0, 0, 0)
        while true {
            rounds += 1
            let report = try await ann.sync(bytesMax: limit)
            #expect(report.sentBytes + report.receivedBytes <= limit + 2_048)
            #expect(report.isComplete != report.isLimitReached)
            // Nothing comes in while own work waits.
            #expect(report.pulledCount == 0 || pushed + report.pushedCount == 60)
            #expect(report.pendingCount == 60 - pushed - report.pushedCount)
            (pushed, pulled) = (pushed + report.pushedCount, pulled + report.pulledCount)
            guard report.isLimitReached else { break }
            #expect(report.pushedCount + report.pulledCount > 0)
            try #require(rounds < 40)
        }
        #expect(pushed == 60 && pulled == 100 && rounds > 4)
        try await bo.sync()
        #expect(try await SettledCheck(server: server, homes: [ann, bo]).problems() == [])
    }

    @Test func `an edit that is larger than the limit waits and says how large it is, with what stands behind it`()
        async throws
    {
        let server = try ExchangeServer()
        let ann = try await server.enrol("ann", actor: .sample(1))
        _ = try ann.edit(Self.draft(1, "small"))
        _ = try ann.edit(
            Draft(
                label: "many",
                changes: (10..<60).map { number in
                    DraftChange(
                        type: ItemSchema.type, record: .sample(number), life: .create,
                        writes: [.name(Self.name(number))])
                }))
        _ = try ann.edit(Self.draft(3, "behind"))
        let report = try await ann.sync(bytesMax: 5_000)
        #expect(report.pushedCount == 1 && report.pendingCount == 2 && report.isLimitReached)
        #expect(try #require(report.nextBytes) > 5_000)
        // It has not gone out, so it can still be taken back.
        #expect(try ann.own().map(\.state) == [.applied, .queued, .queued])
        try await ann.sync(bytesMax: 100_000)
        #expect(try await SettledCheck(server: server, homes: [ann]).problems() == [])
    }

    @Test func `a failure of before is over with a sync that was to do no more than it did`() async throws {
        let server = try ExchangeServer()
        let ann = try await server.enrol("ann", actor: .sample(1))
        _ = try ann.edit(Self.draft(1, "a"))
        await #expect(throws: SatchelError.self) { try await ann.sync(.replyLost) }
        #expect(try ann.replica.safetyReport().failure != nil)
        try await ann.sync(reach: .own(through: nil))
        #expect(try ann.replica.safetyReport().failure == nil)
    }
}
