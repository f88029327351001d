import GRDB
import SatchelInspection
import SatchelServer
import SatchelStorage
import SatchelSync
import SatchelTestSupport
import Testing

@Suite struct OfficeTests {
    private typealias Server = TestServer

    @Test func `a bad line does not stop the others`() async throws {
        let server = try await TestServer.withOffice()
        let outcomes = try await server.apply(
            Server.line(1, #""name":"Acme""#), "{", Server.line(2, #""nope":1"#), Server.line(1, #""phone":"2""#))
        #expect(outcomes.map { $0.problem?.code } == [nil, "invalid_request", "unknown_field", nil])
        #expect(outcomes.map(\.line) == [1, 2, 3, 4])
        #expect(try await server.store.read { try $0.frontier(of: server.store.identity.actor).counter } == 2)
        try await server.store.read { try $0.verifyLog() }
    }

    @Test func `a refusal names its line, whoever refuses`() async throws {
        let server = try await TestServer.inConflict()
        let outcomes = try await server.apply(
            "{", Server.line(2, #""nope":1"#), Server.line(1, #""phone":"9""#),
            Server.line(3, #""name":"x","parent":"\#(RecordID.sample(99))""#), Server.deletion(4))
        #expect(
            outcomes.map { $0.problem?.code } == [
                "invalid_request", "unknown_field", "field_in_conflict", "unknown_record", "unknown_record",
            ])
        for outcome in outcomes {
            let message = outcome.problem?.message ?? "no problem"
            #expect(message.hasPrefix("Line \(outcome.line)"), "\(message)")
        }
    }

    @Test func `an office edit has seen everything, so nothing is concurrent to it`() async throws {
        let server = try await TestServer.withOffice()
        _ = try await server.apply(Server.line(1, #""name":"Acme""#))
        var ann = try await server.device("ann")
        try await ann.sync()
        ann.edit(.sample(1), .phone("1"))
        try await ann.sync()
        #expect(try await server.apply(Server.line(1, #""phone":"2""#)).map(\.verdict) == ["applied"])
        #expect(try await server.state(.sample(1))?.field(ItemSchema.phone)?.siblings.count == 1)
    }

    @Test func `a delete is refused while living records refer to the record`() async throws {
        let server = try await TestServer.withOffice()
        _ = try await server.apply(
            Server.line(1, #""name":"parent""#), Server.line(2, #""name":"child","parent":"\#(RecordID.sample(1))""#))
        #expect(try await server.apply(Server.deletion(1)).first?.problem?.code == "has_children")
        #expect(try await server.store.read { try $0.record(.sample(1))?.status } == .alive)
    }

    @Test func `pages of records end at their bytes, and all of them are every record once`() async throws {
        let server = try await TestServer.withOffice()
        for number in 1...5 { _ = try await server.apply(Server.line(number, #""name":"item","phone":"0""#)) }
        _ = try await server.concurrently {
            for number in 1...5 { $0.edit(.sample(number), .phone("1")) }
        } and: {
            for number in 1...5 { $0.edit(.sample(number), .phone("2")) }
        }
        let narrow = OperatorService(
            store: server.store, queue: server.queue, presence: server.presence, clock: server.clock,
            casePageBytesMax: 1)
        guard case .records(let page, _?) = try await narrow.perform(.conflicts(ConflictsRequest(limit: 5))) else {
            throw SatchelError.unexpectedReply
        }
        #expect(page.count == 1)
        let requests: [(String?, Int) -> OperatorRequest] = [
            { .records(type: "item", after: $0, limit: $1) },
            { .conflicts(ConflictsRequest(severity: "decide", after: $0, limit: $1)) },
        ]
        for request in requests {
            let ids = (1...5).map { "\(RecordID.sample($0))" }
            #expect(try await narrow.allCases(limit: 9, request).map(\.record) == ids)
            #expect(try await narrow.allCases(limit: 3, request).map(\.record) == Array(ids.prefix(3)))
        }
    }

    @Test func `what was erased from the log is told as erased, by the ledger and when it is explained`() async throws {
        let server = try await TestServer.inConflict()
        try await server.connection().write {
            try $0.execute(sql: "UPDATE satchel_log SET body = NULL WHERE position = 2")
        }
        guard case .ledger(let lines, _) = try await server.service.perform(.ledger(after: 0, limit: 9)),
            case .explanation(.changeSet(let page)) = try await server.service.perform(
                .explain(type: nil, what: lines[1].dot))
        else { throw SatchelError.unexpectedReply }
        #expect(lines.map { LedgerState(rawValue: $0.state) } == [.visible, .erased, .sibling])
        #expect(page.standing.state == "erased" && !page.isWhole && page.parts.isEmpty)
    }

    @Test func `the ledger has each dot once, in one state, under the name of the user who made it`() async throws {
        let server = try await TestServer.inConflict()
        var cy = try await server.device("cy")
        cy.edit(.sample(77), .name("nowhere"))
        try await cy.sync()
        guard case .ledger(let first, let next?) = try await server.service.perform(.ledger(after: 0, limit: 3)),
            case .ledger(let rest, nil) = try await server.service.perform(.ledger(after: next, limit: 3))
        else { throw SatchelError.unexpectedReply }
        let states = (first + rest).compactMap { LedgerState(rawValue: $0.state) }
        #expect(states == [.visible, .sibling, .sibling, .parked])
        #expect(Set((first + rest).map(\.dot)).count == 4)
        #expect((first + rest).map(\.by) == ["office", "ann", "bo", "cy"])
        #expect(rest.last?.place.contains("unknown_record") == true)
    }
}
