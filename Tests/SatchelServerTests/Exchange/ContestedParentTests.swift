import SatchelClient
import SatchelStorage
import SatchelSync
import SatchelTestSupport
import Testing

/// A deleted parent is in sight for as long as a living child refers to it, whatever takes the child away.
@Suite struct ContestedParentTests {
    private let server: ExchangeServer
    private let home: ExchangeHome

    /// At the home: a parent that another home deleted, contested for the sake of a child.
    init() async throws {
        server = try ExchangeServer()
        home = try await server.enrol("ann", actor: .sample(1))
        let other = try await server.enrol("bo", actor: .sample(2))
        _ = try home.edit(Self.draft(.sample(1), life: .create, .name("parent")))
        _ = try home.edit(Self.draft(.sample(2), life: .create, .name("child")))
        for home in [home, other] { try await home.sync() }
        _ = try other.edit(Self.draft(.sample(1), life: .delete))
        try await other.sync()
        _ = try home.edit(Self.draft(.sample(2), .parent(.sample(1))))
        try await home.sync()
    }

    private static func draft(_ record: RecordID, life: LifeWrite? = nil, _ writes: FieldChange...) -> Draft {
        Draft(
            label: "edit",
            changes: [DraftChange(type: ItemSchema.type, record: record, life: life, writes: writes)])
    }

    private func status() throws -> LifeStatus? { try home.replica.reading { try $0.record(.sample(1))?.status } }

    @Test(arguments: [
        "UPDATE item SET parent = NULL WHERE name = 'child'", "DELETE FROM item WHERE name = 'child'",
        "INSERT OR REPLACE INTO item (id, name) SELECT id, name FROM item WHERE name = 'child'",
    ])
    func `plain SQL that takes the child away lets the parent go`(sql: String) async throws {
        #expect(try status() == .contested)
        try home.shell(sql)
        #expect(try status() == .deleted)
        for _ in 0..<2 { try await home.sync() }
        #expect(try await SettledCheck(server: server, homes: [home]).problems() == [])
    }

    @Test func `a delete that was discarded before it was sent does nothing anywhere, and shows nothing on the way`()
        async throws
    {
        _ = try home.edit(Self.draft(.sample(3), life: .create, .name("parent")))
        _ = try home.edit(Self.draft(.sample(4), life: .create, .name("child"), .parent(.sample(3))))
        try home.shell("DELETE FROM item WHERE id = '\(RecordID.sample(3))'")
        let deletion = try #require(try home.replica.safetyReport().parked.last?.dot)
        _ = try home.replica.discard(deletion)
        // The verdicts come, and the line is cut before the records.
        await #expect(throws: SatchelError.self) { try await home.sync(.cut(after: 2)) }
        #expect(try home.replica.reading { try $0.record(.sample(3))?.status } == .alive)
        for _ in 0..<2 { try await home.sync() }
        #expect(try home.replica.reading { try $0.record(.sample(3))?.status } == .alive)
        #expect(try home.own().suffix(2).map(\.state) == [.reissued, .applied])
        #expect(try await SettledCheck(server: server, homes: [home]).problems() == [])
    }

    @Test func `an edit that takes the child away lets the parent go`() async throws {
        _ = try home.edit(Self.draft(.sample(2), FieldChange(ItemSchema.parent, .register(.null))))
        #expect(try status() == .deleted)
        for _ in 0..<2 { try await home.sync() }
        #expect(try await SettledCheck(server: server, homes: [home]).problems() == [])
    }

    @Test func `a shell that refers to what is out of sight brings it back into sight, parked`() async throws {
        try home.shell("UPDATE item SET parent = NULL WHERE name = 'child'")
        #expect(try status() == .deleted)
        try home.shell("UPDATE item SET parent = '\(RecordID.sample(1))' WHERE name = 'child'")
        #expect(try home.replica.safetyReport().parked.map(\.code) == ["unknown_record"])
        #expect(try status() == .contested)
        for _ in 0..<2 { try await home.sync() }
        #expect(try await SettledCheck(server: server, homes: [home]).problems() == [])
    }

    @Test func `an id that the server gave to another type takes its references along`() async throws {
        let other = try await server.enrol("cy", actor: .sample(3))
        let remark = DraftChange(
            type: EntityTypeID(2), record: .sample(21), life: .create,
            writes: [FieldChange(FieldID(1), .register(.text("remark")))])
        _ = try other.edit(Draft(label: "new", changes: [remark]))
        try await other.sync()
        _ = try home.edit(Self.draft(.sample(21), life: .create, .name("item"), .parent(.sample(2))))
        _ = try home.edit(Self.draft(.sample(2), .parent(.sample(21))))
        for _ in 0..<2 { try await home.sync() }
        #expect(try home.replica.safetyReport().parked.count == 2)
        #expect(try await SettledCheck(server: server, homes: [home]).problems() == [])
    }
}
