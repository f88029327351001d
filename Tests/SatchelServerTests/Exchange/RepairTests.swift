import Foundation
import GRDB
import SatchelClient
import SatchelStorage
import SatchelSync
import SatchelTestSupport
import Testing

/// A damaged home that was made anew from its queue, and its server.
@Suite struct RepairTests {
    private func draft(_ record: Int, _ name: String, life: LifeWrite? = nil) -> Draft {
        Draft(
            label: name,
            changes: [DraftChange(type: ItemSchema.type, record: .sample(record), life: life, writes: [.name(name)])])
    }

    private func damage(_ home: ExchangeHome) throws {
        let page = try home.inspect {
            try Int64.fetchOne($0, sql: "SELECT rootpage FROM sqlite_master WHERE name = 'item'")
        }
        try damage(home, page: try #require(page))
    }

    /// Turns the beginning of a page.
    private func damage(_ home: ExchangeHome, page: Int64) throws {
        let file = try FileHandle(forUpdating: home.replica.folder.databaseURL)
        defer { try? file.close() }
        try file.seek(toOffset: UInt64(page - 1) * 4_096)
        try file.write(contentsOf: Data(repeating: 0xFF, count: 16))
        try Data().write(to: home.replica.folder.url.appending(path: "satchel.damaged"))
    }

    @Test func `without the end of its queue it goes on under a new name, and nothing enters twice`() async throws {
        let server = try ExchangeServer()
        let ann = try await server.enrol("ann", actor: .sample(1))
        for number in 1...60 {
            _ = try ann.edit(draft(number, "\(number) " + String(repeating: "x", count: 150), life: .create))
        }
        try await ann.sync()
        let digest = try await server.digest()
        let page = try ann.inspect {
            try Int64.fetchOne(
                $0,
                sql:
                    "SELECT pageno FROM dbstat WHERE name = 'satchel_change_set' AND pagetype = 'leaf' ORDER BY path DESC"
            )
        }
        try damage(ann, page: try #require(page))
        #expect(try ann.replica.repair()?.isCut == true)
        let kept = try ann.own().count
        #expect(kept > 10 && kept < 60)
        #expect(try ann.replica.safetyReport().doubt?.reason == "unreadable")
        _ = try ann.edit(draft(70, "after", life: .create))
        #expect(try await ann.sync().forkCount == 1)
        try await ann.sync()
        #expect(try ann.own().last?.changeSet.dot.counter == 1)
        #expect(try await server.records().count == 61)
        #expect(try await server.digest() != digest)
        #expect(try await SettledCheck(server: server, homes: [ann]).problems() == [])
    }

    @Test(arguments: [false, true])
    func `what waited goes in as what its author had seen then, and base comes again`(isCut: Bool) async throws {
        let server = try ExchangeServer()
        let ann = try await server.enrol("ann", actor: .sample(1))
        let bo = try await server.enrol("bo", actor: .sample(2))
        for number in 1...4 { _ = try bo.edit(draft(number, "first", life: .create)) }
        for home in [bo, ann, bo] { try await home.sync() }
        // It has seen what Bo wrote, and claims so.
        _ = try ann.edit(draft(1, "seen"))
        _ = try ann.edit(draft(9, "new", life: .create))
        _ = try bo.edit(draft(2, "later"))
        try await bo.sync()
        let own = try ann.own().map(\.digest)
        try damage(ann)
        #expect(throws: SatchelError.self) { try ann.edit(draft(1, "refused")) }
        #expect(try ann.replica.repair()?.pendingCount == 2)
        #expect(try ann.own().map(\.digest) == own)
        #expect(try ann.replica.safetyReport().checkpoint == 0)
        if isCut { _ = try? await ann.sync(.cut(after: 3)) }
        _ = try ann.edit(draft(9, "and more"))
        let report = try await ann.sync()
        #expect(report.parkedTotal == 0 && report.forkCount == 0 && report.pendingCount == 0)
        for home in [bo, ann] { try await home.sync() }
        #expect(try await SettledCheck(server: server, homes: [ann, bo]).problems() == [])
        #expect(try ann.replica.safetyReport().checkpoint > 0)
        #expect(try await server.records().count == 5)
    }
}
