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
            typeName: "item", RecordID.sample(1).description, subject: "phone", choice: .value("third"),
            reason: "Asked them",
            token: nil)
        try await bo.sync()
        try await ann.sync()
        let entry = try #require(try entries(of: ann).first)
        #expect(entry.kind == .settled)
        #expect(entry.label == "Asked them")
        #expect(entry.user == "bo")
        #expect((entry.before, entry.after) == ("mine", "third"))
        #expect(entry.isOwnValue && entry.restore == "mine")
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

    /// Both write both texts of the record without having seen each other, and bo decides about the phone.
    private func settlePhone() async throws {
        _ = try ann.edit(Self.draft(1, [.name("ann's"), .phone("mine")]))
        _ = try bo.edit(Self.draft(1, [.name("bo's"), .phone("his")]))
        try await bo.sync()
        try await ann.sync()
        try ann.replica.noteShown(try ann.replica.news(since: .last))
        try await bo.sync()
        _ = try bo.replica.resolve(
            typeName: "item", RecordID.sample(1).description, subject: "phone", choice: .value("third"),
            reason: "Asked them", token: nil)
    }

    @Test func `why a conflict was settled is told while another field is still in conflict`() async throws {
        try await settlePhone()
        try await bo.sync()
        try await ann.sync()
        let entry = try #require(try entries(of: ann).first { $0.subject == "phone" })
        #expect((entry.kind, entry.before, entry.label) == (.settled, "mine", "Asked them"))
        let conflict = try ann.replica.conflict(typeName: "item", of: RecordID.sample(1).description)
        #expect(conflict.items.map(\.subject) == ["name"])
        for writer in conflict.items[0].siblings.flatMap({ $0.writers }) {
            #expect(writer.label == "edit" && writer.isContextKnown)
        }
    }

    @Test func `why a conflict was settled is told also with a later edit, and by whom each was made`() async throws {
        try await settlePhone()
        try await bo.sync()
        let cy = try await server.enrol("cy", actor: .sample(3))
        try await cy.sync()
        _ = try cy.edit(Self.draft(1, [.tags(add: ["vip"]), .name("cy's")], label: "Tidied"))
        try await cy.sync()
        try await ann.sync()
        let entries = try entries(of: ann)
        let phone = try #require(entries.first { $0.subject == "phone" })
        #expect((phone.kind, phone.label, phone.user) == (.settled, "Asked them", "bo"))
        let name = try #require(entries.first { $0.subject == "name" })
        #expect((name.after, name.label, name.user) == ("cy's", "Tidied", "cy"))
    }

    @Test func `what became of own values stays when others do very much, and what went is counted`() async throws {
        try await settlePhone()
        try await bo.sync()
        try await ann.sync()
        let before = try entries(of: ann).count
        let later = Timestamp(milliseconds: ann.replica.now.milliseconds + 1_000)
        try ann.replica.withTurn(purpose: "test") { store in
            try store.write { transaction in
                for number in 0..<5_200 {
                    try transaction.add(
                        StoredNews(
                            heardAt: later, record: .sample(1), type: ItemSchema.type, kind: 4, subject: "tags",
                            before: nil, after: "+t\(number)", dot: nil, madeAt: nil, label: nil, isOwnValue: false,
                            isOwn: false, restore: nil))
                }
                try transaction.trimNews()
            }
        }
        let report = try ann.replica.news(since: .last)
        let entries = report.groups.flatMap(\.entries)
        #expect(entries.contains { $0.subject == "phone" && $0.label == "Asked them" })
        #expect(entries.count == 5_000 + before && report.leftOutCount == 200)
        #expect(try ann.replica.news(since: .time(later)).leftOutCount == 200)
        let after = Timestamp(milliseconds: later.milliseconds + 1)
        #expect(try ann.replica.news(since: .time(after)).leftOutCount == 0)
        #expect(try await ann.sync().newsCount == 5_200 + before)
        try ann.replica.noteShown(report)
        #expect(try ann.replica.news(since: .last).leftOutCount == 0)
        #expect(try await ann.sync().newsCount == 0)
    }

    /// What is typed to write ann's value again that bo has changed from `first` to `second`.
    private func restore(_ first: FieldChange, _ second: FieldChange) async throws -> NewsReport.Entry {
        _ = try ann.edit(Self.draft(1, [first]))
        try await ann.sync()
        try await bo.sync()
        _ = try bo.edit(Self.draft(1, [second]))
        try await bo.sync()
        try await ann.sync()
        let report = try ann.replica.news(since: .last)
        try ann.replica.noteShown(report)
        return try #require(report.groups.flatMap(\.entries).last { $0.isOwnValue })
    }

    private static func shoe(_ size: FieldValue) -> FieldChange {
        FieldChange(ItemSchema.facts, .map([MapWrite("shoe", size)]))
    }

    @Test func `what writes an own value again is told as a person types it`() async throws {
        for number in 2...3 { _ = try bo.edit(Self.draft(number, [.name("P\(number)")], life: .create)) }
        try await bo.sync()
        try await ann.sync()
        try ann.replica.noteShown(try ann.replica.news(since: .last))
        let parent = try await restore(.parent(.sample(2)), .parent(.sample(3)))
        let ending = try ann.replica.reading { try $0.records.shortestEnding(of: .sample(2)) }
        #expect((parent.before, parent.restore, parent.restoreName) == ("P2", ending, "P2"))
        let shoe = try await restore(Self.shoe(.integer(42)), Self.shoe(.integer(43)))
        #expect((shoe.subject, shoe.restore) == ("facts.shoe", "42"))
        // A text of digits is typed as a number: that is not what it was.
        #expect(try await restore(Self.shoe(.text("42")), Self.shoe(.text("43"))).restore == nil)
        let none = try await restore(FieldChange(ItemSchema.phone, .register(.null)), .phone("3"))
        #expect((none.before, none.restore) == (nil, ""))
        let long = try await restore(.name(String(repeating: "长", count: 100)), .name("short"))
        #expect(long.isOwnValue && long.restore == nil)
        // Of what somebody has deleted there is nothing to write.
        _ = try bo.edit(Self.draft(1, [], life: .delete))
        try await bo.sync()
        try await ann.sync()
        let all = try entries(of: ann, since: .all)
        #expect(all.allSatisfy { $0.restore == nil })
        #expect(all.last?.name == "short")
    }

    @Test func `of many customers those with the latest news come first, and the others are counted`() async throws {
        _ = try bo.edit(Self.draft(1, [.phone("2")]))
        try await bo.sync()
        try await ann.sync()
        #expect(try ann.replica.news(since: .last, limit: 1).omittedCount == 0)
        let none = try ann.replica.news(since: .last, limit: 0)
        #expect(none.groups.isEmpty && none.omittedCount == 1)
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
