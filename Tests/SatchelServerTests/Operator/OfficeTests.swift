import SatchelInspection
import SatchelServer
import SatchelStorage
import SatchelSync
import SatchelTestSupport
import Testing

@Suite struct OfficeTests {
    private func apply(_ server: TestServer, settles: Bool = false, _ lines: String...) async throws -> [EditOutcome] {
        let request = ApplyRequest(
            lines: lines.enumerated().map { ApplyRequest.Line(number: $0.offset + 1, text: $0.element) },
            user: "office",
            settles: settles)
        guard case .applied(let outcomes) = try await server.service.perform(.apply(request)) else {
            throw SatchelError.unexpectedReply
        }
        return outcomes
    }

    private func officeServer() async throws -> TestServer {
        let server = try TestServer()
        _ = try await server.service.perform(.addUser(name: "office"))
        return server
    }

    private func line(_ number: Int, _ set: String) -> String {
        #"{"type":"item","id":"\#(RecordID.sample(number))","set":{\#(set)}}"#
    }

    /// A server where ann and bo gave one phone two values.
    private func serverInConflict() async throws -> TestServer {
        let server = try await officeServer()
        _ = try await apply(server, line(1, #""name":"Acme","phone":"base""#))
        var (ann, bo) = (try await server.device("ann"), try await server.device("bo"))
        try await ann.sync()
        try await bo.sync()
        ann.edit(.sample(1), .phone("left"))
        bo.edit(.sample(1), .phone("right"))
        try await ann.sync()
        try await bo.sync()
        return server
    }

    private func conflicts(_ server: TestServer) async throws -> [ConflictReport] {
        guard case .records(let cases, _) = try await server.service.perform(.conflicts(ConflictsRequest(limit: 10)))
        else {
            throw SatchelError.unexpectedReply
        }
        return try cases.map { try $0.conflictReport(schema: server.store.schema) }
    }

    @Test func `a bad line does not stop the others`() async throws {
        let server = try await officeServer()
        let outcomes = try await apply(
            server, line(1, #""name":"Acme""#), "{", line(2, #""nope":1"#), line(1, #""phone":"2""#))
        #expect(outcomes.map { $0.problem?.code } == [nil, "invalid_request", "unknown_field", nil])
        #expect(outcomes.map(\.line) == [1, 2, 3, 4])
        #expect(try await server.store.read { try $0.frontier(of: server.store.identity.actor).counter } == 2)
        try await server.store.read { try $0.verifyLog() }
    }

    @Test func `an office edit has seen everything, so nothing is concurrent to it`() async throws {
        let server = try await officeServer()
        _ = try await apply(server, line(1, #""name":"Acme""#))
        var ann = try await server.device("ann")
        try await ann.sync()
        ann.edit(.sample(1), .phone("1"))
        try await ann.sync()
        #expect(try await apply(server, line(1, #""phone":"2""#)).map(\.verdict) == ["applied"])
        #expect(try await server.state(.sample(1))?.field(ItemSchema.phone)?.siblings.count == 1)
    }

    @Test func `an office edit of a field to be decided names the values, unless it means to settle`() async throws {
        let server = try await serverInConflict()
        let refused = try await apply(server, line(1, #""phone":"9""#))
        #expect(refused.first?.problem?.code == "field_in_conflict")
        #expect(refused.first?.problem?.message.contains("left") == true)
        #expect(try await apply(server, settles: true, line(1, #""phone":"9""#)).map(\.verdict) == ["applied"])
        #expect(try await conflicts(server).isEmpty)
    }

    @Test func `a delete is refused while living records refer to the record`() async throws {
        let server = try await officeServer()
        _ = try await apply(
            server, line(1, #""name":"parent""#), line(2, #""name":"child","parent":"\#(RecordID.sample(1))""#))
        let delete = #"{"changes":[{"op":"delete","type":"item","id":"\#(RecordID.sample(1))"}]}"#
        #expect(try await apply(server, delete).first?.problem?.code == "has_children")
        #expect(try await server.store.read { try $0.record(.sample(1))?.status } == .alive)
    }

    @Test func `a conflict is told with base, values, writers and what they had not seen`() async throws {
        let server = try await serverInConflict()
        let report = try #require(try await conflicts(server).first)
        let item = try #require(report.items.first)
        #expect(item.subject == "phone")
        #expect(item.severity == .decide)
        #expect(item.base?.text == "base")
        #expect(Set(item.siblings.map(\.value.text)) == ["left", "right"])
        #expect(Set(item.siblings.flatMap(\.writers).compactMap(\.user)) == ["ann", "bo"])
        #expect(item.siblings.flatMap(\.writers).allSatisfy { $0.unseen.count == 1 && $0.hadSeen.count == 1 })
    }

    @Test func `a resolution settles the conflict and carries its reason`() async throws {
        let server = try await serverInConflict()
        let report = try #require(try await conflicts(server).first)
        let taken = try #require(report.items.first?.siblings.last)
        let reply = try await server.service.perform(
            .resolve(
                ResolveRequest(
                    record: report.ending, subject: "phone", choice: .take(taken.number), reason: "called them",
                    token: report.token, user: "office")))
        guard case .resolved(let dot, let settled) = reply else { throw SatchelError.unexpectedReply }
        #expect(settled.conflicts.isEmpty)
        #expect(
            try await server.state(.sample(1))?.field(ItemSchema.phone)?.siblings.map(\.value.text) == [
                taken.value.text
            ])
        let named = try #require(Dot(dot))
        #expect(try await server.store.read { try $0.logEntry(named)?.label } == "called them")
    }

    @Test func `a resolution of what changed since it was read is refused`() async throws {
        let server = try await serverInConflict()
        let report = try #require(try await conflicts(server).first)
        _ = try await apply(server, settles: true, line(1, #""name":"renamed""#))
        let failure = await code {
            _ = try await server.service.perform(
                .resolve(
                    ResolveRequest(
                        record: report.ending, subject: "phone", choice: .take(1), reason: "r", token: report.token,
                        user: "office")))
        }
        #expect(failure == .conflictChanged)
    }

    @Test func `the ledger has each dot once, in one state`() async throws {
        let server = try await serverInConflict()
        var cy = try await server.device("cy")
        cy.edit(.sample(77), .name("nowhere"))
        try await cy.sync()
        guard case .ledger(let first, let next?) = try await server.service.perform(.ledger(after: 0, limit: 3)),
            case .ledger(let rest, nil) = try await server.service.perform(.ledger(after: next, limit: 3))
        else { throw SatchelError.unexpectedReply }
        let states = (first + rest).compactMap { LedgerState(rawValue: $0.state) }
        #expect(states == [.visible, .sibling, .sibling, .parked])
        #expect(Set((first + rest).map(\.dot)).count == 4)
        #expect(rest.last?.place.contains("unknown_record") == true)
    }
}
