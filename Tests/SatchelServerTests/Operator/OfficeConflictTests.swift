import SatchelInspection
import SatchelServer
import SatchelStorage
import SatchelSync
import SatchelTestSupport
import Testing

@Suite struct OfficeConflictTests {
    private typealias Server = TestServer

    @Test func `an office edit of a field to be decided names the values, unless it means to settle`() async throws {
        let server = try await TestServer.inConflict()
        let refused = try await server.apply(Server.line(1, #""phone":"9""#))
        #expect(refused.first?.problem?.code == "field_in_conflict")
        #expect(refused.first?.problem?.message.contains("left") == true)
        #expect(try await server.apply(settles: true, Server.line(1, #""phone":"9""#)).map(\.verdict) == ["applied"])
        #expect(try await server.conflicts().isEmpty)
    }

    @Test func `a delete of a record with a field to be decided is refused, unless it means to settle`() async throws {
        let server = try await TestServer.inConflict()
        #expect(try await server.apply(Server.deletion(1)).first?.problem?.code == "field_in_conflict")
        #expect(try await server.store.read { try $0.record(.sample(1))?.status } == .alive)
        #expect(try await server.apply(settles: true, Server.deletion(1)).first?.problem == nil)
        #expect(try await server.store.read { try $0.record(.sample(1))?.status } == .deleted)
    }

    @Test func `a delete of a record whose life is contested is refused, unless it means to settle`() async throws {
        let server = try await TestServer.withOffice()
        _ = try await server.apply(Server.line(1, #""name":"Acme""#))
        _ = try await server.concurrently {
            $0.edit(.sample(1), life: .delete)
        } and: {
            $0.edit(.sample(1), .name("renamed"))
        }
        #expect(try await server.apply(Server.deletion(1)).first?.problem?.code == "field_in_conflict")
        #expect(try await server.apply(settles: true, Server.deletion(1)).first?.problem == nil)
    }

    @Test func `a delete of a record that only a living child keeps is a decision too`() async throws {
        let server = try await TestServer.withOffice()
        _ = try await server.apply(Server.line(1, #""name":"parent""#))
        _ = try await server.concurrently {
            $0.edit(.sample(1), life: .delete)
        } and: {
            $0.edit(.sample(2), life: .create, .name("child"), .parent(.sample(1)))
        }
        #expect(try await server.store.read { try $0.record(.sample(1))?.status } == .contested)
        #expect(try await server.apply(Server.deletion(1)).first?.problem?.code == "field_in_conflict")
    }

    @Test func `a line is judged by what the lines before it left`() async throws {
        let server = try await TestServer.withOffice()
        _ = try await server.apply(Server.line(1, #""name":"parent""#))
        _ = try await server.concurrently {
            $0.edit(.sample(1), life: .delete)
        } and: {
            $0.edit(.sample(2), life: .create, .name("child"), .parent(.sample(1)))
        }
        let orphan = #"{"changes":[{"op":"update","type":"item","id":"\#(RecordID.sample(2))","set":{"parent":null}}]}"#
        let edit = #"{"changes":[{"op":"update","type":"item","id":"\#(RecordID.sample(1))","set":{"name":"x"}}]}"#
        #expect(try await server.apply(orphan, edit).map { $0.problem?.code } == [nil, "unknown_record"])
    }

    @Test func `a conflict is told with base, values, writers and what they had not seen`() async throws {
        let server = try await TestServer.inConflict()
        let report = try #require(try await server.conflicts().first)
        let item = try #require(report.items.first)
        #expect(item.subject == "phone")
        #expect(item.severity == .decide)
        #expect(item.base?.text == "base")
        #expect(Set(item.siblings.map(\.value.text)) == ["left", "right"])
        #expect(Set(item.siblings.flatMap(\.writers).compactMap(\.user)) == ["ann", "bo"])
        #expect(item.siblings.flatMap(\.writers).allSatisfy { $0.unseen.count == 1 && $0.hadSeen.count == 1 })
    }

    @Test func `a resolution settles the conflict and carries its reason`() async throws {
        let server = try await TestServer.inConflict()
        let report = try #require(try await server.conflicts().first)
        let taken = try #require(report.items.first?.siblings.last)
        let settled = try await server.resolve(
            report.ending, "phone", .take(taken.number), reason: "called them", token: report.token)
        #expect(settled.record.conflicts.isEmpty)
        #expect(
            try await server.state(.sample(1))?.field(ItemSchema.phone)?.siblings.map(\.value.text) == [
                taken.value.text
            ])
        let named = try #require(Dot(settled.dot))
        #expect(try await server.store.read { try $0.logEntry(named)?.label } == "called them")
    }

    @Test func `a resolution of what changed since it was read is refused`() async throws {
        let server = try await TestServer.inConflict()
        let report = try #require(try await server.conflicts().first)
        _ = try await server.apply(settles: true, Server.line(1, #""name":"renamed""#))
        let failure = await code { try await server.resolve(report.ending, "phone", .take(1), token: report.token) }
        #expect(failure == .conflictChanged)
    }

    @Test func `a resolution names a referred record by the ending of its id`() async throws {
        let server = try await TestServer.withOffice()
        for number in 1...4 { _ = try await server.apply(Server.line(number, #""name":"item""#)) }
        _ = try await server.concurrently {
            $0.edit(.sample(1), .parent(.sample(2)))
        } and: {
            $0.edit(.sample(1), .parent(.sample(3)))
        }
        let ending = try await server.store.read { try $0.shortestEnding(of: .sample(4)) }
        try await server.resolve("\(RecordID.sample(1))", "parent", .value(ending))
        #expect(
            try await server.state(.sample(1))?.field(ItemSchema.parent)?.siblings.map(\.value) == [
                .reference(.sample(4))
            ])
        let failure = await code { try await server.resolve("\(RecordID.sample(1))", "parent", .value("ffff")) }
        #expect(failure == .unknownRecord)
    }

    @Test func `a resolution by no value leaves the field empty`() async throws {
        for choice in [ResolveRequest.Choice.empty, .value("")] {
            let server = try await TestServer.inConflict()
            try await server.resolve("\(RecordID.sample(1))", "phone", choice)
            #expect(try await server.state(.sample(1))?.field(ItemSchema.phone)?.siblings.map(\.value) == [.null])
        }
    }
}
