import SatchelClient
import SatchelInspection
import SatchelSchemaFile
import SatchelServer
import SatchelStorage
import SatchelSync
import SatchelTestSupport
import Testing

/// A contact that one deleted while another edited him: who keeps him keeps where he takes part.
@Suite struct KeptRecordTests {
    private let server: ExchangeServer
    private let ann: ExchangeHome
    private let bo: ExchangeHome
    private let contact: RecordID

    init() async throws {
        server = try ExchangeServer(source: SchemaFile.crm.source)
        ann = try await server.enrol("ann", actor: .sample(1))
        bo = try await server.enrol("bo", actor: .sample(2))
        let replica = ann.replica
        func assignments(_ texts: String...) throws -> [Assignment] { try texts.map { try Assignment(argument: $0) } }
        let account = try #require(
            try replica.new(typeName: "account", assignments: try assignments("name=Aster")).records.first)
        contact = try #require(
            try replica.new(typeName: "contact", assignments: try assignments("name=Bo", "account=\(account)"))
                .records.first)
        _ = try replica.planVisit(
            account: account.description, at: replica.now, until: nil, contacts: [contact.description], assignments: [])
        try await ann.sync()
        try await bo.sync()
        _ = try bo.replica.setLife(.delete, typeName: "contact", contact.description, settles: false)
        try await bo.sync()
        _ = try replica.set(
            typeName: "contact", contact.description, assignments: try assignments("phone=1"), settles: false)
        for _ in 0..<2 { for home in [ann, bo] { try await home.sync() } }
        #expect(try count(at: ann) == 0)
    }

    private func count(at home: ExchangeHome) throws -> Int {
        try home.replica.records(typeName: "attendee", limit: 10).count
    }

    private func requireKept() async throws {
        for _ in 0..<2 { for home in [ann, bo] { try await home.sync() } }
        #expect(try count(at: ann) == 1 && count(at: bo) == 1)
        #expect(try ann.replica.conflicts(atLeast: .review, limit: 9).isEmpty)
        #expect(try await SettledCheck(server: server, homes: [ann, bo]).problems() == [])
    }

    @Test func `a rep keeps him with his places at visits`() async throws {
        let outcome = try ann.replica.resolve(
            typeName: "contact", contact.description, subject: "life", choice: .keep, reason: "He stays", token: nil)
        #expect(outcome.types == ["contact", "attendee"])
        try await requireKept()
    }

    @Test func `an inspector at the office does, too`() async throws {
        let request = ResolveRequest(
            record: contact.description, subject: "life", choice: .keep, reason: "He stays", token: nil, user: "ann")
        _ = try await server.service.perform(.resolve(request))
        try await requireKept()
    }
}
