import Foundation
import GRDB
import SatchelStorage
import SatchelSync
import SatchelTestSupport
import Testing

/// Files that somebody or something broke: they are noticed, nothing of them is sent, and the queue can be read out.
@Suite struct DamageTests {
    private let fixture: ReplicaFixture
    private var path: String { fixture.dataFolder.databasePath }

    init() throws {
        fixture = try ReplicaFixture()
        let filler = String(repeating: " and so on", count: 15)
        try fixture.turn { [fixture] store in
            try store.write { transaction in
                for number in 1...40 {
                    let name = "Number \(number)\(filler)"
                    _ = try fixture.append(.sample(number), life: .create, [.name(name)], transaction)
                }
            }
        }
    }

    /// Writes over a part of a page.
    private func flip(page: Int64, at offset: UInt64 = 0, count: Int = 16) throws {
        let file = try FileHandle(forUpdating: URL(filePath: path))
        try file.seek(toOffset: UInt64(page - 1) * 4_096 + offset)
        let bytes = try file.read(upToCount: count) ?? Data()
        try file.seek(toOffset: UInt64(page - 1) * 4_096 + offset)
        try file.write(contentsOf: Data(bytes.map { ~$0 }))
        try file.close()
    }

    private func root(of name: String) throws -> Int64 {
        try fixture.shell { db in
            try #require(
                try Int64.fetchOne(db, sql: "SELECT rootpage FROM sqlite_master WHERE name = ?", arguments: [name]))
        }
    }

    /// What a killed process leaves of its lease.
    private func leaveLease() throws {
        try Data("process 1 (edit)".utf8).write(to: fixture.dataFolder.url.appending(path: "satchel.lease"))
    }

    private func expectDamage(_ body: () throws -> Void) {
        let error = #expect(throws: SatchelError.self) { try body() }
        #expect(error?.code == .damagedData, "\(error.map { "\($0)" } ?? "nothing")")
        #expect(error?.message.contains(path) == true)
        #expect(error?.remedy?.contains("satchel queue export") == true)
    }

    @Test func `a broken page is noticed when the last user died`() throws {
        try flip(page: root(of: "item"))
        try leaveLease()
        expectDamage { try fixture.turn { _ in } }
        // And from then on, until the file is whole again.
        expectDamage { try fixture.turn { _ in } }
        try flip(page: root(of: "item"))
        try fixture.turn { _ in }
    }

    @Test func `a broken page is noticed when it is touched, and nothing is written from then on`() throws {
        try flip(page: root(of: "item"))
        expectDamage {
            try fixture.turn { store in
                try store.write { _ = try fixture.append(.sample(3), [.name("Again")], $0) }
            }
        }
        expectDamage { try fixture.turn { _ in } }
        #expect(try QueueSalvage(fixture.dataFolder).pieces.count == 40)
    }

    @Test func `a file that was cut short is noticed`() throws {
        let file = try FileHandle(forUpdating: URL(filePath: path))
        try file.truncate(atOffset: try file.seekToEnd() / 2 / 4_096 * 4_096)
        try file.close()
        expectDamage { try fixture.turn { _ in } }
    }

    @Test func `the log of another file is noticed`() throws {
        let other = try ReplicaFixture()
        try other.turn { store in
            try store.write { _ = try other.append(.sample(1), life: .create, [.name("Another's")], $0) }
            try FileManager.default.copyItem(
                atPath: other.dataFolder.databasePath + "-wal", toPath: path + "-wal")
        }
        expectDamage { try fixture.turn { _ in } }
        // It was not moved into the file.
        try FileManager.default.removeItem(atPath: path + "-wal")
        #expect(try fixture.turn { store in try store.read { try $0.ownChangeSets(.all).count } } == 40)
    }

    @Test func `the log that a process leaves is no reason for alarm`() throws {
        let reader = try ReplicaStore.openForReading(fixture.dataFolder) { [schema = fixture.schema] _ in schema }
        try reader.read { _ in }
        try fixture.edit(.sample(1), [.name("While another reads")])
        #expect(
            try Data(contentsOf: fixture.dataFolder.url.appending(path: "satchel.lease")).starts(
                with: Data("log ".utf8)))
        try fixture.edit(.sample(1), [.name("Again")])
        try reader.close()
        try fixture.edit(.sample(1), [.name("Alone")])
        #expect(!FileManager.default.fileExists(atPath: fixture.dataFolder.url.appending(path: "satchel.damaged").path))
    }

    @Test func `a change-set whose bytes are not those that were sealed is not sent`() throws {
        try fixture.shell {
            try $0.execute(
                sql:
                    "UPDATE satchel_change_set SET body = CAST(replace(body, 'Number 7', 'Number 9') AS BLOB) WHERE position = 7"
            )
            #expect($0.changesCount == 1)
        }
        try fixture.turn { store in
            let error = #expect(throws: SatchelError.self) {
                try store.read { _ = try $0.firstUnconfirmed(countMax: 100, bytesMax: 1_000_000) }
            }
            #expect(error?.code == .damagedData)
        }
        let pieces = try QueueSalvage(fixture.dataFolder).pieces
        #expect(pieces.filter { !$0.isIntact }.map(\.position) == [7])
    }

    @Test func `of a broken queue the rest is read`() throws {
        let pages = try fixture.shell { db in
            try Int64.fetchAll(
                db,
                sql: "SELECT pageno FROM dbstat WHERE name = 'satchel_change_set' AND pagetype = 'leaf' ORDER BY path")
        }
        try #require(pages.count > 2)
        try flip(page: pages[1])
        let salvage = try QueueSalvage(fixture.dataFolder)
        #expect(salvage.isPartial)
        #expect(salvage.pieces.count > 10 && salvage.pieces.count < 40)
        #expect(salvage.pieces.first?.position == 1 && salvage.pieces.last?.position == 40)
        #expect(salvage.schemaSource != nil)
    }

    @Test func `a damaged replica is made anew from its queue`() throws {
        let before = try fixture.turn { try $0.read { try $0.ownChangeSets(.all) } }
        try flip(page: root(of: "item"))
        try leaveLease()
        expectDamage { try fixture.turn { _ in } }
        let outcome = try #require(try repair())
        #expect(outcome.changeSetCount == 40 && outcome.pendingCount == 40)
        #expect(FileManager.default.fileExists(atPath: outcome.keptAt))
        try fixture.turn { store in
            let after = try store.read { try $0.ownChangeSets(.all) }
            #expect(after.map(\.digest) == before.map(\.digest) && after.map(\.changeSet) == before.map(\.changeSet))
            #expect(try store.read { try $0.firstUnconfirmed(countMax: 100, bytesMax: 1_000_000).batch.count } == 40)
            #expect(try store.read { try $0.exchangeFacts().checkpoint } == nil)
        }
        #expect(try fixture.row(.sample(7))?["name"]?.hasPrefix("Number 7 ") == true)
        // The line goes on where it was.
        #expect(try fixture.edit(.sample(7), [.name("Seven")]).changeSet.dot.counter == 41)
        #expect(try repair() == nil)
    }

    @Test func `a repair that was cut off is finished by the next one`() throws {
        let manager = FileManager.default, folder = fixture.dataFolder.url
        try flip(page: root(of: "item"))
        let kept = try #require(try repair()).keptAt
        // As after a crash between the names: the damaged file has gone, and its log has not.
        try manager.moveItem(atPath: path, toPath: folder.appending(path: "satchel.repaired").path)
        try Data("the log of the damaged file".utf8).write(to: URL(filePath: path + "-wal"))
        #expect(throws: SatchelError.self) { try fixture.turn { _ in } }
        #expect(try repair() == nil)
        #expect(try fixture.turn { try $0.read { try $0.ownChangeSets(.all).count } } == 40)
        #expect(manager.fileExists(atPath: kept + "-wal"))
    }

    private func queuePages() throws -> [Int64] {
        try fixture.shell { db in
            try Int64.fetchAll(
                db,
                sql: "SELECT pageno FROM dbstat WHERE name = 'satchel_change_set' AND pagetype = 'leaf' ORDER BY path")
        }
    }

    @Test func `a replica that cannot read the end of its queue goes on before it, and asks for a fork`() throws {
        let before = try fixture.turn { try $0.read { try $0.ownChangeSets(.all) } }
        try flip(page: #require(queuePages().last))
        let outcome = try #require(try repair())
        #expect(outcome.isCut)
        #expect(outcome.changeSetCount > 10 && outcome.changeSetCount < 40)
        try fixture.turn { store in
            let after = try store.read { try $0.ownChangeSets(.all) }
            #expect(after.map(\.digest) == before.prefix(outcome.changeSetCount).map(\.digest))
            let doubt = try #require(try store.read { try $0.doubt() })
            #expect(doubt.reason == .isUnreadable && doubt.position == Int64(outcome.changeSetCount))
        }
    }

    @Test func `a replica whose queue is broken within is not made anew`() throws {
        let pages = try queuePages()
        try flip(page: #require(pages.dropFirst().first))
        let bytes = try Data(contentsOf: URL(filePath: path))
        #expect(throws: SatchelError.self) { try repair() }
        #expect(try Data(contentsOf: URL(filePath: path)) == bytes)
        let names = try FileManager.default.contentsOfDirectory(atPath: fixture.dataFolder.url.path)
        #expect(!names.contains { $0.hasPrefix("satchel.new") || $0.hasPrefix("satchel.repaired") })
    }

    private func repair() throws -> ReplicaRepair.Outcome? {
        try ReplicaRepair.run(fixture.dataFolder) { [schema = fixture.schema] _ in schema }
    }
}
