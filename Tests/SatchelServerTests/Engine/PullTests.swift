import GRDB
import SatchelServer
import SatchelStorage
import SatchelSync
import SatchelTestSupport
import SatchelWire
import Testing

@Suite struct PullTests {
    private func server(records: Int) async throws -> (TestServer, TestDevice) {
        let server = try TestServer()
        var ann = try await server.device("ann")
        for number in 1...records { ann.edit(.sample(number), life: .create, .name("record \(number)")) }
        for number in 1...records where number.isMultiple(of: 3) { ann.edit(.sample(number), .phone("1")) }
        try await ann.sync()
        return (server, ann)
    }

    @Test(arguments: [1, 2, 7, 1_000]) func `pages of any size bring the same records in the same order`(
        recordsMax: Int
    ) async throws {
        let (server, _) = try await server(records: 25)
        let bo = try await server.device("bo")
        let whole = try await server.engine().frames(for: bo.request(), from: bo.account)
        let paged = try await server.engine(recordsMax: recordsMax).frames(for: bo.request(), from: bo.account)
        #expect(paged.deltas == whole.deltas)
        #expect(paged.closing == whole.closing)
        #expect(whole.deltas.count == 25)
        #expect(paged.pageCount == (25 + recordsMax - 1) / recordsMax)
        #expect(whole.deltas.map(\.sequence) == whole.deltas.map(\.sequence).sorted())
    }

    @Test func `a page ends on a sequence border`() async throws {
        let server = try TestServer()
        var ann = try await server.device("ann")
        for group in 0..<3 {
            ann.make(
                (1...4).map { number in
                    RecordChange(
                        type: ItemSchema.type, record: .sample(group * 10 + number), context: VersionVector(),
                        life: .create, writes: [.name("x")])
                })
        }
        try await ann.sync()
        let bo = try await server.device("bo")
        let frames = try await server.engine(recordsMax: 5).frames(for: bo.request(), from: bo.account)
        let pages = frames.compactMap {
            if case .records(let deltas) = $0 { deltas.map(\.sequence.number) } else { nil }
        }
        #expect(pages == [[1, 1, 1, 1], [2, 2, 2, 2], [3, 3, 3, 3]])
    }

    @Test func `a page ends when it is large`() async throws {
        let (server, _) = try await server(records: 10)
        let bo = try await server.device("bo")
        let frames = try await server.engine(bytesMax: 300).frames(for: bo.request(), from: bo.account)
        #expect(frames.deltas.count == 10)
        #expect(frames.pageCount > 2)
    }

    @Test func `a cut stream goes on after the last staged record`() async throws {
        let (server, _) = try await server(records: 10)
        let bo = try await server.device("bo")
        let whole = try await server.engine().frames(for: bo.request(), from: bo.account)
        let staged = whole.deltas[3].sequence
        let rest = try await server.engine().frames(for: bo.request(resumeAfter: staged), from: bo.account)
        #expect(rest.deltas == Array(whole.deltas.dropFirst(4)))
        #expect(rest.closing == whole.closing)
    }

    @Test func `a record that changes between pages comes once, later`() async throws {
        var (server, ann) = try await server(records: 6)
        let bo = try await server.device("bo")
        let engine = server.engine(recordsMax: 2)
        var cursor = try await engine.begin(bo.request(), from: bo.account)
        var frames = try await engine.nextFrames(&cursor)
        let first = try #require(frames.deltas.first)
        let last = try await server.engine().frames(for: bo.request(), from: bo.account).deltas.last
        ann.edit(try #require(last).record, .name("changed"))
        try await ann.sync()
        while !cursor.isDone { frames += try await engine.nextFrames(&cursor) }
        #expect(frames.deltas.first == first)
        #expect(frames.deltas.count == 6)
        #expect(Set(frames.deltas.map(\.record)).count == 6)
        #expect(frames.closing?.checkpoint.sequence == (try await server.store.read { try $0.head().sequence }))
    }

    @Test func `a stale row of the feed is skipped`() async throws {
        let (server, _) = try await server(records: 2)
        try await server.connection().write { db in
            try db.execute(
                sql: "INSERT INTO satchel_feed (scope, sequence, record) SELECT 1, 999, key FROM satchel_record LIMIT 1"
            )
        }
        let bo = try await server.device("bo")
        let frames = try await server.engine().frames(for: bo.request(), from: bo.account)
        #expect(frames.deltas.count == 2)
    }

    @Test func `a pull drops what it passes in vain, and only that`() async throws {
        let server = try TestServer()
        var ann = try await server.device("ann")
        ann.edit(.sample(1), life: .create, .name("0"))
        try await ann.sync()
        for number in 1...5 {
            ann.edit(.sample(1), .name("\(number)"))
            try await ann.sync()
        }
        func rowCount() async throws -> Int? {
            try await server.connection().read { try Int.fetchOne($0, sql: "SELECT count(*) FROM satchel_feed") }
        }
        let bo = try await server.device("bo")
        _ = try await server.engine(staleRowsMax: 6).frames(for: bo.request(), from: bo.account)
        #expect(try await rowCount() == 6)
        let frames = try await server.engine(staleRowsMax: 5).frames(for: bo.request(), from: bo.account)
        #expect(try await rowCount() == 1)
        #expect(frames.deltas.count == 1)
        #expect(try await server.engine().frames(for: bo.request(), from: bo.account).deltas == frames.deltas)
    }

    @Test func `actors are named before the records that mention them`() async throws {
        let (server, ann) = try await server(records: 3)
        let bo = try await server.device("bo")
        let frames = try await server.engine().frames(for: bo.request(), from: bo.account)
        let actors = try #require(frames.firstIndex { if case .actors = $0 { true } else { false } })
        let records = try #require(frames.firstIndex { if case .records = $0 { true } else { false } })
        #expect(actors < records)
        guard case .actors(let entries) = frames[actors] else { return }
        #expect(entries == [ActorEntry(actor: ann.actor, user: "ann", device: "ann's phone")])
    }

    @Test func `a conflict comes with who wrote what, what they had seen, and the value before`() async throws {
        let server = try TestServer()
        var (ann, bo) = (try await server.device("ann"), try await server.device("bo"))
        ann.edit(.sample(1), life: .create, .name("Acme"), .phone("base"))
        ann.edit(.sample(1), .name("Acme Ltd"))
        try await ann.sync()
        try await bo.sync()
        ann.edit(.sample(1), .phone("seen by ann alone"))
        ann.edit(.sample(1), .phone("left"))
        bo.edit(.sample(1), .phone("right"))
        try await ann.sync()
        let frames = try await server.engine().frames(for: bo.request(), from: bo.account)
        let delta = try #require(frames.deltas.first)
        #expect(delta.bases == [BaseValue(field: ItemSchema.phone, value: .text("base"))])
        #expect(Set(delta.provenance.map(\.author)) == ["ann", "bo"])
        let right = try #require(delta.provenance.first { $0.author == "bo" })
        #expect(right.context == VersionVector([Dot(ann.actor, 2)]))
        let left = try #require(delta.provenance.first { $0.author == "ann" })
        #expect(left.context.covers(Dot(ann.actor, 2)))
        #expect(!left.context.covers(right.dot))
    }

    @Test func `an exchange that wants no records leaves the checkpoint where it was`() async throws {
        let (server, _) = try await server(records: 3)
        var bo = try await server.device("bo")
        try await bo.sync()
        let before = bo.checkpoint
        bo.edit(.sample(1), .phone("9"))
        let frames = try await server.engine().frames(for: bo.request(wantsRecords: false), from: bo.account)
        #expect(frames.deltas.isEmpty)
        #expect(frames.verdicts.count == 1)
        #expect(frames.closing?.checkpoint == before)
    }
}
