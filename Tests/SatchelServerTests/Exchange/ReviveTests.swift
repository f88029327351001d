import SatchelClient
import SatchelInspection
import SatchelSync
import SatchelTestSupport
import Testing

/// A record that one rep deleted while two others gave it a number each: what a fourth may do with it.
@Suite struct ReviveTests {
    private let server: ExchangeServer
    private let home: ExchangeHome
    private let id = RecordID.sample(1)

    init() async throws {
        server = try ExchangeServer()
        var homes: [ExchangeHome] = []
        for (number, user) in ["ann", "bo", "cy", "dee"].enumerated() {
            homes.append(try await server.enrol(user, actor: .sample(number + 1)))
        }
        home = homes[3]
        _ = try homes[0].edit(Self.draft(life: .create, .name("one")))
        for home in homes { try await home.sync() }
        _ = try homes[0].edit(Self.draft(.phone("1")))
        _ = try homes[1].edit(Self.draft(.phone("2")))
        _ = try homes[2].edit(Self.draft(life: .delete))
        for home in homes { try await home.sync() }
    }

    private static func draft(life: LifeWrite? = nil, _ writes: FieldChange...) -> Draft {
        Draft(
            label: "edit",
            changes: [DraftChange(type: ItemSchema.type, record: .sample(1), life: life, writes: writes)])
    }

    private func revive(
        _ assignments: [String], settles: Bool = false, readAt: ReadToken? = nil
    ) throws -> EditOutcome {
        try home.replica.revive(
            typeName: "item", id.description, assignments: assignments.map { try Assignment(argument: $0) },
            settles: settles, readAt: readAt)
    }

    @Test func `a revive that writes over values to be decided says so, or rests on a read of them`() throws {
        let refusal = try #require(throws: SatchelError.self) { try revive(["phone=3"]) }
        #expect(refusal.code == .fieldInConflict && refusal.message.contains("\"2\", \"1\""))
        let token = try #require(try home.replica.record(typeName: "item", id.description).readAt)
        let outcome = try revive(["phone=3"], readAt: token)
        #expect(outcome.settled.map(\.values) == [["2", "1"]])
    }

    @Test func `a revive that settles tells what it wrote over`() throws {
        #expect(try revive(["phone=3"], settles: true).settled.map(\.values) == [["2", "1"]])
    }

    @Test func `a revive keeps what is to be decided, where it writes other fields`() throws {
        #expect(try revive(["name=two"]).settled.isEmpty)
        let report = try home.replica.conflict(typeName: "item", of: id.description)
        #expect(report.items.map(\.subject) == ["phone"])
    }
}
