import SatchelClient
import SatchelInspection
import SatchelStorage
import SatchelSync
import SatchelTestSupport
import Testing

/// What a rep is told of elements that went, and of records that came, went, or stand in conflict.
@Suite struct NewsOfWholeRecordsTests {
    private let server: ExchangeServer
    private let ann: ExchangeHome
    private let bo: ExchangeHome

    /// One record of ann's with two elements that both homes have.
    init() async throws {
        server = try ExchangeServer()
        ann = try await server.enrol("ann", actor: .sample(1))
        bo = try await server.enrol("bo", actor: .sample(2))
        _ = try ann.edit(Self.draft(1, [.name("base"), .phone("1"), .tags(add: ["x", "y"])], life: .create))
        try await ann.sync()
        try await bo.sync()
    }

    private static func draft(_ record: Int, _ writes: [FieldChange], life: LifeWrite? = nil) -> Draft {
        Draft(
            label: "Tidied",
            changes: [DraftChange(type: ItemSchema.type, record: .sample(record), life: life, writes: writes)])
    }

    private static func tags(_ add: [UTF8Text] = [], remove: [UTF8Text]) -> FieldChange {
        FieldChange(ItemSchema.tags, .set(add: add, remove: remove))
    }

    private func entries(of home: ExchangeHome) throws -> [NewsReport.Entry] {
        try home.replica.news(since: .all).groups.flatMap(\.entries)
    }

    private func resolve(_ home: ExchangeHome, _ subject: String, _ choice: TypedChoice) throws {
        _ = try home.replica.resolve(
            typeName: "item", RecordID.sample(1).description, subject: subject, choice: choice, reason: "", token: nil)
    }

    @Test func `an element that the user took himself is no news`() async throws {
        _ = try ann.edit(Self.draft(1, [Self.tags(remove: ["y"])]))
        #expect(try await ann.sync().newsCount == 0)
        #expect(try entries(of: ann).isEmpty)
        // Nor is it beside what another did.
        _ = try ann.edit(Self.draft(1, [Self.tags(remove: ["x"])]))
        _ = try bo.edit(Self.draft(1, [.tags(add: ["z"])]))
        try await bo.sync()
        try await ann.sync()
        #expect(try entries(of: ann).map(\.after) == ["+z"])
    }

    @Test func `of an element that another took it is told who did, when, and what he called it`() async throws {
        _ = try ann.edit(Self.draft(1, [Self.tags(remove: ["y"])]))
        try await ann.sync()
        try await bo.sync()
        let taken = try #require(try entries(of: bo).first)
        #expect((taken.after, taken.user, taken.label) == ("-y", "ann", "Tidied"))
        #expect(taken.madeAt != nil)
        // Beside an add of his own.
        _ = try bo.edit(Self.draft(1, [Self.tags(["z"], remove: ["x"])]))
        try await bo.sync()
        try await ann.sync()
        let both = try #require(try entries(of: ann).first)
        #expect((both.after, both.user) == ("+z -x", "bo"))
    }

    @Test func `where several touched the record nobody is said to have taken an element`() async throws {
        let cy = try await server.enrol("cy", actor: .sample(3))
        try await cy.sync()
        _ = try bo.edit(Self.draft(1, [Self.tags(remove: ["x"])]))
        _ = try cy.edit(Self.draft(1, [.tags(add: ["z"])]))
        for home in [bo, cy, ann] { try await home.sync() }
        let told = try entries(of: ann)
        #expect(told.map(\.after) == ["+z", "-x"])
        #expect(told.map(\.user) == ["cy", nil])
    }

    @Test func `a record that a child keeps is contested, not deleted, until somebody decides`() async throws {
        let cy = try await server.enrol("cy", actor: .sample(3))
        try await cy.sync()
        _ = try bo.edit(Self.draft(2, [.name("child"), .parent(.sample(1))], life: .create))
        _ = try cy.edit(Self.draft(1, [], life: .delete))
        for home in [bo, cy, ann] { try await home.sync() }
        let told = try #require(try entries(of: ann).first { $0.record == .sample(1) })
        #expect((told.kind, told.subject, told.isOpen) == (.contends, "life", true))
        try resolve(ann, "life", .keep)
        let settled = try #require(try entries(of: ann).first { $0.record == .sample(1) })
        #expect(!settled.isOpen)
    }

    @Test func `a conflict that was settled since is told as such`() async throws {
        _ = try ann.edit(Self.draft(1, [.phone("mine")]))
        _ = try bo.edit(Self.draft(1, [.phone("his")]))
        try await bo.sync()
        try await ann.sync()
        #expect(try entries(of: ann).map(\.isOpen) == [true])
        try resolve(ann, "phone", .value("third"))
        #expect(try entries(of: ann).map(\.isOpen) == [false])
    }

    @Test func `what others made and deleted between two syncs is not told`() async throws {
        _ = try bo.edit(Self.draft(2, [.name("short-lived"), .tags(add: ["a"])], life: .create))
        try await bo.sync()
        _ = try bo.edit(Self.draft(2, [], life: .delete))
        try await bo.sync()
        #expect(try await ann.sync().newsCount == 0)
        #expect(try entries(of: ann).isEmpty)
    }
}
