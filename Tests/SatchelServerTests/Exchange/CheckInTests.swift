import Foundation
import GRDB
import SatchelClient
import SatchelInspection
import SatchelSchemaFile
import SatchelServer
import SatchelStorage
import SatchelSync
import SatchelTestSupport
import Testing

/// The server's own verdict on a check-in, beside that of the device.
@Suite struct CheckInTests {
    private static let place = "31.2304,121.4737,10"
    /// 812 m to the north of it.
    private static let elsewhere = "31.2377,121.4737,10"

    private let server: ExchangeServer
    private let ann: ExchangeHome
    private let bo: ExchangeHome
    private let account: RecordID

    /// A customer that both homes and the server know at one place.
    init() async throws {
        (server, ann, bo, account) = try await Self.made(source: SchemaFile.crm.source)
    }

    private static func made(
        source: String
    ) async throws -> (server: ExchangeServer, ann: ExchangeHome, bo: ExchangeHome, account: RecordID) {
        let server = try ExchangeServer(source: source)
        let ann = try await server.enrol("ann", actor: .sample(1))
        let bo = try await server.enrol("bo", actor: .sample(2))
        let made = try ann.replica.new(
            typeName: "account", assignments: try assignments("name=Aster", "location=\(place)"))
        try await ann.sync()
        try await bo.sync()
        return (server, ann, bo, try #require(made.records.first))
    }

    private static func assignments(_ texts: String...) throws -> [Assignment] {
        try texts.map { try Assignment(argument: $0) }
    }

    /// The device's check-in, its name and the word of its verdict.
    private func checkIn(
        _ home: ExchangeHome, at position: String? = CheckInTests.place
    ) throws -> (record: RecordID, word: CheckInVerdict.Word?) {
        let outcome = try home.replica.checkIn(
            at: account.description, CheckInFacts(position: position), assignments: [])
        return (try #require(outcome.records.first), outcome.verdict?.word)
    }

    private func move(to place: String, by home: ExchangeHome) async throws {
        _ = try home.replica.set(
            typeName: "account", account.description, assignments: try Self.assignments("location=\(place)"),
            settles: false)
        try await home.sync()
    }

    /// What stands in the server's fields of a check-in, on the server.
    private func judged(_ record: RecordID) async throws -> [String] {
        let (state, schema) = (try await server.store.read { try $0.record(record)?.state }, server.schema)
        return Self.verdict(in: try #require(state), schema)
    }

    /// The same on a device.
    private func judged(_ record: RecordID, on home: ExchangeHome) throws -> [String] {
        Self.verdict(in: try home.state(of: record), server.schema)
    }

    private static func verdict(in state: RecordState, _ schema: Schema) -> [String] {
        guard let type = schema.type(named: CheckInRow.typeName) else { return [] }
        return ["server_verdict", "server_distance_m", "server_radius_m"].compactMap { name in
            guard let field = type.field(named: name) else { return nil }
            let values = state.siblings(of: .field(field.id)).map(\.value.text)
            return values.isEmpty ? nil : values.joined(separator: "|")
        }
    }

    /// How many change-sets the server made itself.
    private func officeCount() async throws -> UInt64 {
        let actor = server.store.identity.actor
        return try await server.store.read { try $0.frontier(of: actor).counter }
    }

    private func told(_ home: ExchangeHome) throws -> [NewsReport.Entry] {
        try home.replica.news(since: .all).groups.flatMap(\.entries)
    }

    private func recovery(_ request: OperatorRequest) async throws {
        _ = try await server.service.perform(request)
    }

    private func requireSettled(_ homes: ExchangeHome...) async throws {
        for _ in 0..<3 {
            for home in homes { try await home.sync() }
        }
        for problem in try await SettledCheck(server: server, homes: homes).problems() { Issue.record("\(problem)") }
    }

    @Test func `the server judges by the place that it knows, both verdicts stand, and the same reply brings it`()
        async throws
    {
        try await move(to: Self.elsewhere, by: bo)
        let (record, word) = try checkIn(ann)
        #expect(word == .verified)
        try await ann.sync()
        #expect(try await judged(record) == ["outside", "812", "300"])
        #expect(try judged(record, on: ann) == ["outside", "812", "300"])
        let type = try #require(server.schema.type(named: "check_in"))
        let own = try ann.state(of: record).winningValue(of: try type.requireField(named: "verdict"))
        #expect(own.text == "verified")
        // It is told of once, with what the device said.
        let entry = try #require(told(ann).first { $0.record == record })
        #expect((entry.subject, entry.before, entry.after) == ("server_verdict", "verified", "outside"))
        #expect(entry.label == "check-in verdict" && !entry.isOwnValue)
        #expect(try told(ann).filter { $0.record == record }.count == 1)
        // The customer's next place changes nothing, and neither does another sync.
        try await move(to: Self.place, by: bo)
        try await ann.sync()
        #expect(try await judged(record) == ["outside", "812", "300"])
        #expect(try await officeCount() == 1)
        try await requireSettled(ann, bo)
    }

    @Test func `a verdict that is the device's own is no news, and those of one push are one change-set`() async throws
    {
        let records = try (0..<3).map { _ in try checkIn(ann).record } + [try checkIn(ann, at: nil).record]
        try await ann.sync()
        #expect(try told(ann).isEmpty)
        #expect(try await officeCount() == 1)
        for record in records.dropLast() { #expect(try await judged(record) == ["verified", "0", "300"]) }
        #expect(try await judged(records[3]) == ["skipped", "300"])
        try await bo.sync()
        #expect(try told(bo).allSatisfy { $0.kind == .made })
        try await requireSettled(ann, bo)
    }

    @Test(arguments: [LineFault.replyLost, .deliveredTwice(hearsFirst: true), .deliveredTwice(hearsFirst: false)])
    func `a check-in that comes again is not judged again`(fault: LineFault) async throws {
        let record = try checkIn(ann).record
        _ = try? await ann.sync(fault)
        try await move(to: Self.elsewhere, by: bo)
        try await ann.sync()
        #expect(try await officeCount() == 1)
        #expect(try await judged(record) == ["verified", "0", "300"])
        try await requireSettled(ann, bo)
    }

    @Test func `a check-in that waited for its customer is judged when it comes in`() async throws {
        try server.store.refuseMarked(true)
        let made = try ann.replica.new(
            typeName: "account", assignments: try Self.assignments("name=~New", "location=\(Self.place)"))
        let customer = try #require(made.records.first)
        let checkIn = try ann.replica.checkIn(
            at: customer.description, CheckInFacts(position: Self.elsewhere), assignments: [])
        let record = try #require(checkIn.records.first)
        try await ann.sync()
        #expect(try ann.own().suffix(2).map(\.state) == [.rejected, .held])
        #expect(try await officeCount() == 0)
        _ = try await server.service.perform(.release(dot: made.dot.description))
        #expect(try await judged(record) == ["outside", "812", "300"])
        #expect(try await officeCount() == 1)
        try await requireSettled(ann, bo)
    }

    @Test func `after a restore nothing is judged before it ends, and a verdict that comes back stays alone`()
        async throws
    {
        try await server.backUp(as: "early")
        try await move(to: Self.elsewhere, by: bo)
        let seen = try checkIn(ann).record
        try await ann.sync()
        try await bo.sync()
        let unseen = try checkIn(ann).record
        try await ann.sync()
        try server.restore("early")
        try await recovery(.openRecovery)
        // Her device has the verdicts from before, and brings them; nobody says another one beside them.
        for home in [ann, bo, ann] { try await home.sync() }
        for record in [seen, unseen] { #expect(try await judged(record) == ["outside", "812", "300"]) }
        try await recovery(.closeRecovery)
        for record in [seen, unseen] { #expect(try await judged(record) == ["outside", "812", "300"]) }
        let count = try await officeCount()
        // Once more, and from now on as ever.
        let later = try checkIn(ann).record
        try await ann.sync()
        #expect(try await judged(later) == ["outside", "812", "300"])
        #expect(try await officeCount() == count + 1)
        try await requireSettled(ann, bo)
    }

    @Test func `a check-in that comes back without its verdict is judged when the recovery ends, or after it`()
        async throws
    {
        try await server.backUp(as: "early")
        let record = try checkIn(ann).record
        try await ann.sync()
        let late = try checkIn(bo).record
        try await bo.sync()
        try server.restore("early")
        try await ann.sync()
        #expect(try await judged(record).isEmpty)
        try await recovery(.closeRecovery)
        #expect(try await judged(record) == ["verified", "0", "300"])
        #expect(try await officeCount() == 1)
        try await bo.sync()
        #expect(try await judged(late) == ["verified", "0", "300"])
        #expect(try await officeCount() == 2)
        try await requireSettled(ann, bo)
    }

    @Test func `where the judging throws the check-in comes in without a verdict, and what is beside it too`()
        async throws
    {
        let path = DataFolder(path: server.folder["server"].path).databasePath
        func run(_ sql: String) async throws {
            let queue = try DatabaseQueue(path: path)
            try await queue.write { try $0.execute(sql: sql) }
            try queue.close()
        }
        for event in ["INSERT", "UPDATE"] {
            try await run(
                """
                CREATE TRIGGER planted_\(event) BEFORE \(event) ON check_in WHEN NEW.server_verdict IS NOT NULL
                BEGIN SELECT RAISE(ABORT, 'planted'); END
                """)
        }
        let record = try checkIn(ann).record
        _ = try ann.replica.set(
            typeName: "account", account.description, assignments: try Self.assignments("city=Lund"), settles: false)
        let report = try await ann.sync()
        #expect(report.appliedCount == 2)
        #expect(try await judged(record).isEmpty)
        #expect(try await officeCount() == 0)
        try await run("DROP TRIGGER planted_INSERT")
        try await run("DROP TRIGGER planted_UPDATE")
        let next = try checkIn(ann).record
        try await ann.sync()
        #expect(try await judged(next) == ["verified", "0", "300"])
        try await requireSettled(ann, bo)
    }

    private static let fieldWords = "values: [verified, outside, unverified, low_accuracy, skipped], policy: server"

    @Test(arguments: [
        "", "values: [verified, outside], policy: server", fieldWords.replacing("server", with: "latest"),
    ])
    func `a schema without a fit field for the server's verdict keeps none`(instead: String) async throws {
        let source = try SchemaFile.crm.source
        let changed =
            instead.isEmpty
            ? source.split(separator: "\n").filter { !$0.contains("server_verdict:") }.joined(separator: "\n")
            : source.replacing(Self.fieldWords, with: instead)
        #expect(changed != source)
        let (server, ann, bo, account) = try await Self.made(source: changed)
        _ = try ann.replica.checkIn(
            at: account.description, CheckInFacts(position: Self.place), assignments: [])
        #expect(try await ann.sync().appliedCount == 1)
        let actor = server.store.identity.actor
        #expect(try await server.store.read { try $0.frontier(of: actor).counter } == 0)
        for home in [ann, bo, ann] { try await home.sync() }
        for problem in try await SettledCheck(server: server, homes: [ann, bo]).problems() {
            Issue.record("\(problem)")
        }
    }

    @Test func `a check-in made at the office is judged as well, and a store of before keeps what its schema has`()
        async throws
    {
        let source = try SchemaFile.crm.source.split(separator: "\n").filter { !$0.contains("server_radius_m:") }
            .joined(separator: "\n")
        let (server, ann, _, account) = try await Self.made(source: source)
        let request = ApplyRequest(
            lines: [
                .init(
                    number: 1,
                    text:
                        #"{"type":"check_in","set":{"account":"\#(account)","taken_at":"2026-03-02T08:00:00Z","position":"\#(Self.elsewhere)"}}"#
                )
            ], user: "ann", settles: false)
        guard case .applied(let outcomes) = try await server.service.perform(.apply(request)) else {
            throw SatchelError.unexpectedReply
        }
        let record = try #require(outcomes.first?.records.first.flatMap { RecordID($0) }, "\(outcomes)")
        let state = try #require(await server.store.read { try $0.record(record)?.state })
        #expect(Self.verdict(in: state, server.schema) == ["outside", "812"])
        try await ann.sync()
        #expect(Self.verdict(in: try ann.state(of: record), server.schema) == ["outside", "812"])
    }
}
