import GRDB
import SatchelServer
import SatchelStorage
import SatchelSync
import SatchelTestSupport
import SatchelWire
import Testing

/// Rules and merges that throw what nobody foresaw (V12).
///
/// A trigger of SQL stands for such code: it fails in the middle of writing.
@Suite struct MergeFaultTests {
    private static let request = "0123456789abcdef"

    private func fail(_ server: TestServer, where condition: String) async throws {
        try await server.connection().write { db in
            for event in ["INSERT", "UPDATE"] {
                try db.execute(
                    sql: """
                        CREATE TRIGGER planted_\(event) BEFORE \(event) ON item WHEN \(condition)
                        BEGIN SELECT RAISE(ABORT, 'planted'); END
                        """)
            }
        }
    }

    private func mend(_ server: TestServer) async throws {
        try await server.connection().write {
            try $0.execute(sql: "DROP TRIGGER planted_INSERT; DROP TRIGGER planted_UPDATE")
        }
    }

    private func push(_ device: inout TestDevice) async throws -> (verdicts: [Verdict], faults: [MergeFault]) {
        let engine = device.server.engine()
        var cursor = try await engine.begin(device.request(), from: device.account, requestID: Self.request)
        var frames = cursor.opening
        while !cursor.isDone { frames += try await engine.nextFrames(&cursor) }
        return (device.take(frames).map(\.verdict), cursor.faults)
    }

    private func release(_ server: TestServer, _ device: TestDevice, _ counter: UInt64) async throws {
        _ = try await server.service.perform(.release(dot: Dot(device.actor, counter).description))
    }

    @Test func `what throws is parked with the request's name, and what stands around it goes in`() async throws {
        let server = try TestServer()
        var (ann, bo) = (try await server.device("ann"), try await server.device("bo"))
        try await fail(server, where: "NEW.name = 'boom'")
        ann.edit(.sample(1), life: .create, .name("one"))
        ann.edit(.sample(2), life: .create, .name("boom"))
        ann.edit(.sample(3), life: .create, .name("three"))
        ann.edit(.sample(2), .phone("1"))
        bo.edit(.sample(4), life: .create, .name("four"))
        async let other = bo.sync()
        let (verdicts, faults) = try await push(&ann)
        #expect(try await other.map(\.verdict) == [.applied])
        #expect(verdicts.map(\.isApplied) == [true, false, true, false])
        #expect(verdicts.map { $0.rejection?.code } == [nil, "internal_error", nil, "unknown_record"])
        #expect(verdicts[1].rejection?.sentence.contains(Self.request) == true)
        #expect(faults.map(\.dot) == [Dot(ann.actor, 2)])
        #expect(faults.map { "\($0.cause)".contains("planted") } == [true])
        #expect(ann.queued.isEmpty)
        try await server.store.read { try $0.verifyLog() }

        // It cannot be let in while it throws, and stays as it is.
        #expect(await code { try await release(server, ann, 2) } != nil)
        try await mend(server)
        try await release(server, ann, 2)
        #expect(try await server.state(.sample(2))?.field(ItemSchema.phone) != nil)
        #expect(try await server.store.read { try $0.parkedWork(after: 0, limit: 10) }.isEmpty)
        try await server.store.read { try $0.verifyLog() }
    }

    @Test func `work that waited and throws when its record comes does not keep that record out`() async throws {
        let server = try TestServer()
        var (ann, bo) = (try await server.device("ann"), try await server.device("bo"))
        bo.edit(.sample(7), .phone("9"))
        bo.edit(.sample(7), .tags(add: ["early"]))
        _ = try await bo.sync()
        try await fail(server, where: "NEW.phone = '9'")
        ann.edit(.sample(7), life: .create, .name("late"))
        let (verdicts, faults) = try await push(&ann)
        #expect(verdicts.map(\.isApplied) == [true])
        #expect(faults.map(\.dot) == [Dot(bo.actor, 1)])
        let parked = try await server.store.read { try $0.parkedWork(after: 0, limit: 10) }
        #expect(parked.map(\.dot) == [Dot(bo.actor, 1)])
        #expect(parked.map { $0.verdict.rejection?.code } == ["internal_error"])
        try await mend(server)
        try await release(server, bo, 1)
        try await server.store.read { try $0.verifyLog() }
        #expect(try await server.store.read { try $0.parkedWork(after: 0, limit: 10) }.isEmpty)
    }

    @Test func `a record that throws takes nobody with it who waited for it`() async throws {
        let server = try TestServer()
        var (ann, bo) = (try await server.device("ann"), try await server.device("bo"))
        bo.edit(.sample(7), .phone("9"))
        _ = try await bo.sync()
        try await fail(server, where: "NEW.name = 'boom'")
        ann.edit(.sample(1), life: .create, .name("one"))
        ann.edit(.sample(7), life: .create, .name("boom"))
        let (verdicts, faults) = try await push(&ann)
        #expect(verdicts.map { $0.rejection?.code } == [nil, "internal_error"])
        #expect(faults.map(\.dot) == [Dot(ann.actor, 2)])
        #expect(await code { try await release(server, ann, 2) } != nil)
        let parked = try await server.store.read { try $0.parkedWork(after: 0, limit: 10) }
        #expect(parked.map { $0.verdict.rejection?.code } == ["unknown_record", "internal_error"])
        #expect(try await server.state(.sample(7)) == nil)
        try await server.store.read { try $0.verifyLog() }
        try await mend(server)
        try await release(server, ann, 2)
        #expect(try await server.state(.sample(7))?.field(ItemSchema.phone) != nil)
        try await server.store.read { try $0.verifyLog() }
    }

    @Test func `what an operator lets in or the office makes comes in, though work that waited for it throws`()
        async throws
    {
        let server = try await TestServer.withOffice()
        var (ann, bo) = (try await server.device("ann"), try await server.device("bo"))
        for number in 7...8 { bo.edit(.sample(number), .phone("9")) }
        _ = try await bo.sync()
        try await fail(server, where: "NEW.name = 'boom'")
        ann.edit(.sample(7), life: .create, .name("boom"))
        #expect(try await push(&ann).verdicts.map { $0.rejection?.code } == ["internal_error"])
        try await mend(server)
        try await fail(server, where: "NEW.phone = '9'")
        try await release(server, ann, 1)
        let outcomes = try await server.apply(
            TestServer.line(9, #""name":"nine""#), TestServer.line(8, #""name":"eight""#))
        #expect(outcomes.compactMap(\.verdict) == ["applied", "applied"])
        #expect(try await server.state(.sample(7)) != nil)
        let parked = try await server.store.read { try $0.parkedWork(after: 0, limit: 10) }
        #expect(parked.map(\.dot) == [Dot(bo.actor, 1), Dot(bo.actor, 2)])
        #expect(parked.map { $0.verdict.rejection?.code } == ["internal_error", "internal_error"])
        try await server.store.read { try $0.verifyLog() }
    }

    @Test func `an edit of a record that cannot be read is parked until the record is made anew`() async throws {
        let server = try TestServer()
        var ann = try await server.device("ann")
        for number in 1...2 { ann.edit(.sample(number), life: .create, .name("record \(number)")) }
        _ = try await ann.sync()
        let path = server.folder.path
        try await server.connection().write {
            try $0.execute(sql: "UPDATE item SET satchel_state = x'0101' WHERE satchel_key = 1")
        }
        for number in 1...2 { ann.edit(.sample(number), .phone("\(number)")) }
        let engine = server.engine()
        let request = ann.request(wantsRecords: false)
        let cursor = try await engine.begin(request, from: ann.account, requestID: Self.request)
        let verdicts = cursor.opening.verdicts.map(\.verdict)
        #expect(verdicts.map { $0.rejection?.code } == ["internal_error", nil])
        try server.store.close()
        let verifier = StoreVerifier(path: path, clock: TestClock(), readSchema: { _ in try ItemSchema.make() })
        #expect(try await verifier.rebuild().isMended)
        let again = try TestServer(reopening: server.folder)
        try await release(again, ann, 3)
        #expect(try await again.state(.sample(1))?.field(ItemSchema.phone) != nil)
        try again.store.close()
        #expect(try await verifier.verify().findings.areNone)
    }

    @Test func `a failing disk, a refusal and another's transaction park nothing`() {
        for failure in [
            SatchelError(.diskFull, "full"), SatchelError(.storageFailed, "failed"), SatchelError(.dotGap, "gap"),
            DatabaseError(resultCode: .SQLITE_FULL), DatabaseError(resultCode: .SQLITE_IOERR),
            DatabaseError(resultCode: .SQLITE_CORRUPT), DatabaseError(resultCode: .SQLITE_BUSY), CancellationError(),
            SatchelError(.damagedData, "a page", cause: DatabaseError(resultCode: .SQLITE_CORRUPT)),
        ] as [any Error] { #expect(!StorageFailure.isBug(failure), "\(failure)") }
        for bug in [
            SatchelError(.damagedData, "a state"), DatabaseError(resultCode: .SQLITE_CONSTRAINT),
            SatchelError(.storageFailed, "no", cause: DatabaseError(resultCode: .SQLITE_CONSTRAINT)), Bug(),
        ] as [any Error] { #expect(StorageFailure.isBug(bug), "\(bug)") }
    }

    private struct Bug: Error {}
}
