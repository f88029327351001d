import Foundation
import SatchelClient
import SatchelInspection
import SatchelServer
import SatchelStorage
import SatchelSync
import SatchelTestSupport
import Testing

/// What a rep is told of what others did.
@Suite struct NewsTests {
    private let server: ExchangeServer
    private let ann: ExchangeHome
    private let bo: ExchangeHome

    /// One record of ann's that both homes have.
    init() async throws {
        server = try ExchangeServer()
        ann = try await server.enrol("ann", actor: .sample(1))
        bo = try await server.enrol("bo", actor: .sample(2))
        _ = try ann.edit(Self.draft(1, [.name("base"), .phone("1")], life: .create))
        try await ann.sync()
        try await bo.sync()
    }

    private static func draft(
        _ record: Int, _ writes: [FieldChange], life: LifeWrite? = nil, label: String = "edit"
    ) -> Draft {
        Draft(
            label: label,
            changes: [DraftChange(type: ItemSchema.type, record: .sample(record), life: life, writes: writes)])
    }

    private func entries(of home: ExchangeHome, since start: NewsStart = .last) throws -> [NewsReport.Entry] {
        try home.replica.news(since: start).groups.flatMap(\.entries)
    }

    @Test func `a first sync and own edits are no news`() throws {
        #expect(try entries(of: bo).isEmpty)
        #expect(try entries(of: ann).isEmpty)
    }

    @Test func `a value that another has changed is told with its author and his words, once`() async throws {
        _ = try bo.edit(Self.draft(1, [.phone("2")], label: "Called them"))
        _ = try bo.edit(Self.draft(2, [.name("new")], life: .create))
        try await bo.sync()
        _ = try ann.edit(Self.draft(1, [.tags(add: ["mine"])]))
        let report = try await ann.sync()
        #expect(report.newsCount == 2)
        let news = try ann.replica.news(since: .last)
        let entries = news.groups.flatMap(\.entries)
        #expect(Set(entries.map(\.kind)) == [.changed, .made])
        let phone = try #require(entries.first { $0.kind == .changed })
        #expect((phone.subject, phone.before, phone.after) == ("phone", "1", "2"))
        #expect(phone.isOwnValue)
        #expect(phone.user == "bo")
        try ann.replica.noteShown(news)
        #expect(try self.entries(of: ann).isEmpty)
        #expect(try self.entries(of: ann, since: .all).count == 2)
        #expect(try await ann.sync().newsCount == 0)
    }

    @Test func `a conflict is told, and how it was settled, by whom and why`() async throws {
        _ = try ann.edit(Self.draft(1, [.phone("mine")]))
        _ = try bo.edit(Self.draft(1, [.phone("his")]))
        try await bo.sync()
        try await ann.sync()
        let conflict = try #require(try entries(of: ann).first)
        #expect((conflict.kind, conflict.before, conflict.after) == (.contends, "mine", "his"))
        try ann.replica.noteShown(try ann.replica.news(since: .last))
        try await bo.sync()
        _ = try bo.replica.resolve(
            typeName: "item", RecordID.sample(1).description, subject: "phone", choice: .take(2), reason: "Asked them",
            token: nil)
        try await bo.sync()
        try await ann.sync()
        let entry = try #require(try entries(of: ann).first)
        #expect(entry.kind == .settled)
        #expect(entry.label == "Asked them")
        #expect(entry.user == "bo")
        #expect(entry.isOwnValue == (entry.before == "mine"))
        #expect(try entries(of: ann).count == 1)
    }

    @Test func `a record that another has deleted, elements and increments are told`() async throws {
        _ = try bo.edit(
            Self.draft(1, [.tags(add: ["vip"]), FieldChange(ItemSchema.visits, .counter(3))]))
        try await bo.sync()
        try await ann.sync()
        #expect(
            try entries(of: ann).map(\.after) == ["+vip", "+3"] || entries(of: ann).map(\.after) == ["+3", "+vip"])
        try ann.replica.noteShown(try ann.replica.news(since: .last))
        _ = try bo.edit(Self.draft(1, [], life: .delete))
        try await bo.sync()
        try await ann.sync()
        #expect(try entries(of: ann).map(\.kind) == [.deleted])
    }

    @Test func `of what is long a line keeps the beginning`() async throws {
        let tags = (100..<300).map { UTF8Text("t\($0)") }
        _ = try bo.edit(Self.draft(1, [.tags(add: tags)]))
        try await bo.sync()
        try await ann.sync()
        let after = try #require(try entries(of: ann).first?.after)
        #expect(after.hasPrefix("+t1") && after.count == 400)
    }
}
