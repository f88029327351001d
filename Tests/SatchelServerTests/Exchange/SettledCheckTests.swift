import Foundation
import GRDB
import SatchelClient
import SatchelStorage
import SatchelSync
import SatchelTestSupport
import Testing

/// The check that ends every history sees what it is there to see.
@Suite struct SettledCheckTests {
    private let server: ExchangeServer
    private let home: ExchangeHome

    /// A record in conflict, everywhere.
    init() async throws {
        server = try ExchangeServer()
        home = try await server.enrol("ann", actor: .sample(1))
        let other = try await server.enrol("bo", actor: .sample(2))
        _ = try home.edit(Self.draft("base", life: .create))
        for home in [home, other] { try await home.sync() }
        _ = try home.edit(Self.draft("left"))
        _ = try other.edit(Self.draft("right"))
        for home in [home, other, home] { try await home.sync() }
    }

    private static func draft(_ name: String, life: LifeWrite? = nil) -> Draft {
        Draft(
            label: name,
            changes: [DraftChange(type: ItemSchema.type, record: .sample(1), life: life, writes: [.phone(name)])])
    }

    private func problems() async throws -> [String] {
        try await SettledCheck(server: server, homes: [home]).problems()
    }

    @Test func `a settled site has no problem`() async throws { #expect(try await problems() == []) }

    @Test(arguments: [
        ("UPDATE satchel_record SET conflict = 0", "conflict column"),
        ("UPDATE satchel_record SET status = 2", "deleted"),
        ("UPDATE satchel_change_set SET state = 0 WHERE counter = 2", "no verdict"),
        ("UPDATE satchel_change_set SET is_in_overlay = 1 WHERE counter = 2", "neither in base nor parked"),
        ("UPDATE satchel_capture_switch SET is_on = 0; UPDATE item SET name = 'x'", "row"),
        ("UPDATE satchel_capture_switch SET is_on = 0; UPDATE item SET parent = 'x'", "reference"),
        ("UPDATE satchel_record SET sequence = 1", "sequence"),
    ])
    func `a home that was tampered with is found out`(sql: String, word: String) async throws {
        try home.shell(sql)
        #expect(try await problems().contains { $0.contains(word) })
    }

    @Test func `a server's log that was tampered with is found out`() async throws {
        let path = DataFolder(path: server.folder["server"].path).databasePath
        try await DatabaseQueue(path: path).write {
            try $0.execute(sql: "UPDATE satchel_log SET label = 'x' WHERE counter = 2")
        }
        await #expect(throws: SatchelError.self) { try await problems() }
    }
}
