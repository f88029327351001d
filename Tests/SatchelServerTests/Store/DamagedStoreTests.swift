import Foundation
import GRDB
import SatchelServer
import SatchelStorage
import SatchelSync
import SatchelTestSupport
import Testing

/// A server's file that somebody or something broke: it is noticed when it is opened or touched, and an operator is told.
@Suite struct DamagedStoreTests {
    /// A closed store of forty records, one page of which is written over.
    private func brokenStore() async throws -> TemporaryFolder {
        let server = try TestServer()
        var ann = try await server.device("ann")
        for number in 1...40 {
            ann.edit(
                .sample(number), life: .create,
                .name("Number \(number)\(String(repeating: " and on", count: 20))"))
        }
        try await ann.sync()
        let root = try await server.connection().read { db in
            try Int64.fetchOne(db, sql: "SELECT rootpage FROM sqlite_master WHERE name = 'item'")
        }
        try server.store.close()
        let file = try FileHandle(forUpdating: server.folder["satchel.sqlite"])
        let place = UInt64(try #require(root) - 1) * 4_096
        try file.seek(toOffset: place)
        let bytes = try #require(try file.read(upToCount: 16))
        try file.seek(toOffset: place)
        try file.write(contentsOf: Data(bytes.map { ~$0 }))
        try file.close()
        return server.folder
    }

    @Test func `a broken page is noticed when a store is opened whose last server died`() async throws {
        let folder = try await brokenStore()
        try Data("process 1 (serve)".utf8).write(to: folder["satchel.lease"])
        let error = #expect(throws: SatchelError.self) { try TestServer(reopening: folder) }
        #expect(error?.code == .damagedData)
        #expect(error?.message.contains(folder["satchel.sqlite"].path) == true)
        // And from then on, until the file is whole again.
        let again = #expect(throws: SatchelError.self) { try TestServer(reopening: folder) }
        #expect(again?.code == .damagedData)
    }

    @Test
    func `a broken page is noticed when it is touched, and what a device pushes then is not taken`()
        async throws
    {
        let server = try TestServer(reopening: try await brokenStore())
        let known = try await server.store.read { try $0.head() }
        var bo = try await server.device("bo")
        bo.edit(.sample(3), .name("Again"))
        let failure = await #expect(throws: SatchelError.self) { try await bo.sync() }
        #expect(failure?.code == .damagedData)
        #expect(bo.queued.count == 1)
        #expect(try await server.frontier(of: bo) == 0)
        #expect(try await server.store.read { try $0.head() }.position == known.position)
    }
}
