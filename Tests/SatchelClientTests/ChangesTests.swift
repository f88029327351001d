import Foundation
import SatchelClient
import SatchelStorage
import SatchelSync
import SatchelTestSupport
import SatchelWire
import Testing

@Suite("Following a replica", .timeLimit(.minutes(2)))
struct ChangesTests {
    /// The next change, which has to be one of a record.
    private func record(_ changes: inout ReplicaChanges.Iterator) async throws -> ChangedRecord {
        let change = try #require(await changes.next())
        return try #require(change.record)
    }

    @Test func `an edit is told with its type, record, fields and origin, in the order of the commits`() async throws {
        let home = try HomeFixture()
        var changes = try home.replica.changes().makeAsyncIterator()
        let id = try home.account("name=A", "status=lead")
        _ = try home.set(id, "phone=1")
        _ = try home.replica.delete(id, ofType: "account")
        _ = try home.replica.revive(id, ofType: "account")
        let told = [
            try await record(&changes), try await record(&changes), try await record(&changes),
            try await record(&changes),
        ]
        #expect(told.map(\.typeName) == Array(repeating: "account", count: 4))
        #expect(told.map(\.id) == Array(repeating: id, count: 4))
        #expect(told.map(\.kind) == [.appeared, .changed, .disappeared, .appeared])
        #expect(told.map(\.fields) == [["name", "status"], ["phone"], [], []])
        #expect(Set(told.map(\.origin)) == [.edit])
    }

    @Test func `what was refused or came before is not told`() async throws {
        let home = try HomeFixture()
        let first = try home.account("name=A")
        var changes = try home.replica.changes().makeAsyncIterator()
        #expect(throws: SatchelError.self) { try home.set(first, "size=5000") }
        _ = try home.replica.records(ofType: "account")
        let second = try home.account("name=B")
        #expect(try await record(&changes).id == second)
    }

    @Test func `a child that goes with its parent is told as its parent is`() async throws {
        let home = try HomeFixture()
        let parent = try home.account("name=A")
        let child = try home.replica.note(about: parent.description, body: "x").records[0]
        var changes = try home.replica.changes().makeAsyncIterator()
        _ = try home.replica.delete(parent, ofType: "account")
        let told = [try await record(&changes), try await record(&changes)]
        #expect(Set(told.map(\.id)) == [parent, child])
        #expect(told.map(\.kind) == [.disappeared, .disappeared])
    }

    @Test func `SQL through the library is told with the fields it changed`() async throws {
        let home = try HomeFixture()
        let id = try home.account("name=A")
        var changes = try home.replica.changes().makeAsyncIterator()
        try home.replica.execute(sql: "UPDATE account SET name = 'B', tags = '[\"x\"]'")
        try home.replica.execute(
            sql: "INSERT INTO account (id, name) VALUES (?, 'C')", arguments: [.reference(.sample)])
        try home.replica.execute(sql: "DELETE FROM account WHERE name = 'B'")
        let told = [try await record(&changes), try await record(&changes), try await record(&changes)]
        #expect(told.map(\.id) == [id, .sample, id])
        #expect(told.map(\.kind) == [.changed, .appeared, .disappeared])
        #expect(told[0].fields == ["name", "tags"])
        #expect(told[1].fields == ["name"])
        #expect(Set(told.map(\.origin)) == [.sql])
    }

    @Test func `plain SQL of another program is told when it is sealed`() async throws {
        let home = try HomeFixture()
        let id = try home.account("name=A")
        var changes = try home.replica.changes().makeAsyncIterator()
        try home.shell("UPDATE account SET phone = '7'")
        _ = try home.replica.record(id, ofType: "account")
        let told = try await record(&changes)
        #expect(told.id == id)
        #expect(told.fields == ["phone"])
        #expect(told.origin == .sql)
    }

    @Test func `an edit through another connection is told at the next turn, before what that turn does`() async throws
    {
        let home = try HomeFixture()
        let id = try home.account("name=A")
        var changes = try home.replica.changes().makeAsyncIterator()
        let other = Replica(home: home.replica.home, clock: SystemClock())
        _ = try other.edit(id, ofType: "account", readAt: nil, ["phone": .register(.text("7"))])
        _ = try home.set(id, "status=lead")
        let told = [try await record(&changes), try await record(&changes)]
        #expect(told.map(\.fields) == [["phone"], ["status"]])
        #expect(told.map(\.origin) == [.otherProgram, .edit])
    }

    @Test func `an exchange by another program is a rescan`() async throws {
        let home = try HomeFixture()
        let id = try home.account("name=A")
        var changes = try home.replica.changes().makeAsyncIterator()
        let other = Replica(home: home.replica.home, clock: SystemClock())
        try await home.pull(id, phone: "2", into: other)
        _ = try home.set(id, "status=lead")
        #expect(await changes.next() == .rescan)
        #expect(try await record(&changes).fields == ["status"])
    }

    @Test func `an exchange tells what it brought, conflicts too, and nothing of what it only confirms`() async throws {
        let home = try HomeFixture()
        let id = try home.account("name=A", "phone=1")
        var changes = try home.replica.changes().makeAsyncIterator()
        try await home.pull(id, phone: "2", into: home.replica)
        let told = try await record(&changes)
        #expect(told.id == id)
        #expect(told.kind == .changed)
        #expect(told.fields == ["phone"])
        #expect(told.conflict == .decide)
        #expect(told.origin == .sync)
        _ = try home.account("name=B")
        #expect(try await record(&changes).kind == .appeared)
    }

    @Test func `a record from the server appears`() async throws {
        let home = try HomeFixture()
        var changes = try home.replica.changes().makeAsyncIterator()
        try await home.pull(.sample, phone: "2", into: home.replica)
        let told = try await record(&changes)
        #expect(told.id == .sample)
        #expect(told.kind == .appeared)
        #expect(told.fields == ["phone"])
        #expect(told.origin == .sync)
    }

    @Test func `a slow task gets the newest behind a rescan`() async throws {
        let home = try HomeFixture()
        let id = try home.account("name=A")
        var changes = try home.replica.changes(keeping: 3).makeAsyncIterator()
        for size in 1...10 { _ = try home.set(id, "size=\(size)", "seen_at=2026-01-0\(size % 9 + 1)T00:00:00Z") }
        _ = try home.set(id, "status=lead")
        #expect(await changes.next() == .rescan)
        #expect(try await record(&changes).fields == ["size", "seen_at"])
        #expect(try await record(&changes).fields == ["size", "seen_at"])
        #expect(try await record(&changes).fields == ["status"])
        _ = try home.set(id, "phone=1")
        #expect(try await record(&changes).fields == ["phone"])
    }

    @Test func `one transaction that changes more records than are kept is a rescan`() async throws {
        let home = try HomeFixture()
        for number in 0..<5 { try home.account("name=\(number)") }
        var changes = try home.replica.changes(keeping: 4).makeAsyncIterator()
        try home.replica.execute(sql: "UPDATE account SET size = 1")
        #expect(await changes.next() == .rescan)
        let id = try home.account("name=last")
        #expect(try await record(&changes).id == id)
    }

    @Test func `every follower is told, whatever the others do`() async throws {
        let home = try HomeFixture()
        let copy = home.replica
        var (first, second) = (
            try home.replica.changes().makeAsyncIterator(), try copy.changes(keeping: 1).makeAsyncIterator()
        )
        let (one, other) = (try home.account("name=A"), try home.account("name=B"))
        #expect(try await record(&first).id == one)
        #expect(try await record(&first).id == other)
        #expect(await second.next() == .rescan)
        #expect(try await record(&second).id == other)
    }

    @Test func `closing ends the stream after what was told, and the replica may be followed anew`() async throws {
        let home = try HomeFixture()
        var changes = try home.replica.changes().makeAsyncIterator()
        let id = try home.account("name=A")
        home.replica.close()
        #expect(try await record(&changes).id == id)
        #expect(await changes.next() == nil)
        #expect(home.replica.followerCount == 0)
        var again = try home.replica.changes().makeAsyncIterator()
        _ = try home.set(id, "phone=1")
        #expect(try await record(&again).fields == ["phone"])
    }

    @Test func `cancelling the task ends its stream, and nobody is told any more`() async throws {
        let home = try HomeFixture()
        let replica = home.replica
        let (begun, beginning) = AsyncStream.makeStream(of: Void.self)
        let changes = try replica.changes()
        let task = Task {
            var count = 0
            for await change in changes {
                if change.record != nil { count += 1 }
                beginning.yield()
            }
            return count
        }
        try home.account("name=A")
        var waiting = begun.makeAsyncIterator()
        await waiting.next()
        #expect(replica.followerCount == 1)
        task.cancel()
        #expect(await task.value == 1)
        #expect(replica.followerCount == 0)
    }

    @Test func `who stops listening costs nothing more`() async throws {
        let home = try HomeFixture()
        for await _ in try follow(home) { break }
        #expect(home.replica.followerCount == 0)
    }

    private func follow(_ home: HomeFixture) throws -> ReplicaChanges {
        let changes = try home.replica.changes()
        try home.account("name=A")
        return changes
    }

    @Test func `a folder without a replica has nothing to follow`() throws {
        let folder = try TemporaryFolder()
        let replica = Replica(home: folder["empty"].path)
        let error = #expect(throws: SatchelError.self) { try replica.changes() }
        #expect(error?.code == .missingData)
        #expect(replica.followerCount == 0)
    }

    #if os(Linux)
        @Test func `an edit by another program wakes a task that waits`() async throws {
            let home = try HomeFixture()
            let id = try home.account("name=A")
            var changes = try home.replica.changes().makeAsyncIterator()
            let other = Replica(home: home.replica.home, clock: SystemClock())
            _ = try other.edit(id, ofType: "account", readAt: nil, ["phone": .register(.text("7"))])
            let told = try await record(&changes)
            #expect(told.fields == ["phone"])
            #expect(told.origin == .otherProgram)
        }

        @Test func `plain SQL by another program wakes a task that waits`() async throws {
            let home = try HomeFixture()
            let id = try home.account("name=A")
            var changes = try home.replica.changes().makeAsyncIterator()
            try home.shell("UPDATE account SET phone = '7'")
            let told = try await record(&changes)
            #expect(told.id == id)
            #expect(told.fields == ["phone"])
            #expect(told.origin == .sql)
        }
    #endif
}

extension RecordID {
    /// A record that no home makes by itself.
    fileprivate static let sample = RecordID(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_00ff)
}

extension HomeFixture {
    /// An exchange that confirms this device's first change-set, if there is one, and brings another device's `phone`.
    fileprivate func pull(_ id: RecordID, phone: String, into replica: Replica) async throws {
        let own = try replica.reading { try $0.ownChangeSets(.all) }.map(\.changeSet)
        let time = Timestamp(milliseconds: 50)
        var state = RecordState()
        if let first = own.first {
            state.apply(first.changes[0], dot: first.dot, time: time, line: VersionVector())
        }
        state.apply(
            RecordChange(
                type: EntityTypeID(1), record: id, context: VersionVector(), life: own.isEmpty ? .create : nil,
                writes: [FieldChange(FieldID(2), .register(.text(UTF8Text(phone))))]),
            dot: Dot(.sample(9), 1), time: time, line: VersionVector())
        let verdicts = own.map { VerdictEntry(counter: $0.dot.counter, verdict: .applied, correctedTime: time) }
        let delta = RecordDelta(type: EntityTypeID(1), record: id, sequence: ServerSequence(3), state: state)
        let opening = Opening(
            epoch: epoch, schemaVersion: 1, serverTime: replica.now, forkToken: [7], frontier: UInt64(own.count))
        let checkpoint = Checkpoint(epoch: epoch, sequence: ServerSequence(3), proof: [1])
        let frames: [SyncFrame] = [
            .opening(opening), .verdicts(verdicts), .records([delta]), .closing(Closing(checkpoint: checkpoint)),
        ]
        _ = try await SyncRunner(replica: replica, transport: OneReply(frames: frames)).run()
    }
}

/// A server that says one thing.
private struct OneReply: ExchangeTransport {
    let frames: [SyncFrame]

    func schemaSource(token: String) async throws -> String { HomeFixture.schemaSource }

    func exchange(
        _ request: SyncRequest, agreement: WireAgreement, token: String, onFrame: (SyncFrame) async throws -> Void
    ) async throws {
        for frame in frames { try await onFrame(frame) }
    }
}
