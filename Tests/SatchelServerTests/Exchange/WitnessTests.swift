import Foundation
import GRDB
import SatchelClient
import SatchelStorage
import SatchelSync
import SatchelTestSupport
import Testing

/// What a machine remembers of its homes: it notices a file that is not the one that it should be, and never suspects one that is.
@Suite struct WitnessTests {
    private let server: ExchangeServer
    private let first: ExchangeHome

    /// A home that is watched, with one record at the server.
    init() async throws {
        server = try ExchangeServer()
        let home = try await server.enrol("ann", actor: .sample(1))
        first = Self.watched(home)
        try make("base", at: first, life: .create)
        try await first.sync()
    }

    private var state: URL { server.folder["state"] }

    private static func watched(_ home: ExchangeHome, machine: String? = "one") -> ExchangeHome {
        let witness = Witness(folder: home.server.folder["state"].path, machine: machine)
        let replica = Replica(home: home.replica.home, clock: home.replica.clock, witness: witness)
        return ExchangeHome(name: home.name, replica: replica, actor: home.actor, server: home.server)
    }

    private func make(_ name: String, at home: ExchangeHome, life: LifeWrite? = nil) throws {
        let draft = Draft(
            label: name,
            changes: [DraftChange(type: ItemSchema.type, record: .sample(1), life: life, writes: [.name(name)])])
        _ = try #require(try home.edit(draft))
    }

    private func dots(of home: ExchangeHome) throws -> [Dot] { try home.own().map(\.changeSet.dot) }

    /// Lets all come to rest, and holds them against the server.
    private func requireSettled(_ homes: ExchangeHome...) async throws {
        for _ in 0..<2 {
            for home in homes { try await home.sync() }
        }
        #expect(try await SettledCheck(server: server, homes: homes).problems() == [])
        for home in homes { #expect(try home.replica.safetyReport().doubt == nil) }
    }

    @Test func `a file that was put back says so before any sync, and keeps the names that it shares`() async throws {
        try make("2", at: first)
        try first.save(as: "monday")
        // Never synced, and so nobody but the witness knows of it.
        try make("3", at: first)
        try make("4", at: first)
        try first.putBack("monday")
        let doubt = try #require(try first.replica.safetyReport().doubt)
        #expect(doubt.reason == "older" && doubt.missing == Dot(.sample(1), 4))
        try make("5", at: first)
        #expect(try first.replica.safetyReport().doubt == doubt)
        let report = try await first.sync()
        #expect(report.forkCount == 1 && report.renamedCount == 1 && report.pushedCount == 2)
        let dots = try dots(of: first)
        #expect(dots.prefix(2) == [Dot(.sample(1), 1), Dot(.sample(1), 2)])
        #expect(dots.count == 3 && dots[2].actor != .sample(1) && dots[2].counter == 1)
        try await requireSettled(first)
        #expect(try await server.ledger().count == 3)
    }

    @Test func `a file that was put back and pushes nothing asks for its fork, and again after a lost answer`()
        async throws
    {
        try first.save(as: "monday")
        try make("2", at: first)
        try first.putBack("monday")
        await #expect(throws: SatchelError.self) { try await first.sync(.replyLost) }
        #expect(try first.replica.safetyReport().doubt?.reason == "older")
        #expect(try await first.sync().forkCount == 1)
        try make("3", at: first)
        try await requireSettled(first)
        #expect(try dots(of: first).map(\.counter) == [1, 1])
    }

    @Test func `a home in which nothing is left that it made goes on, and forks once`() async throws {
        let bo = Self.watched(try await server.enrol("bo", actor: .sample(2)))
        try await bo.sync()
        try bo.save(as: "monday")
        try make("taken back", at: bo)
        _ = try bo.replica.undo()
        #expect(try bo.replica.safetyReport().doubt == nil)
        #expect(try await bo.sync().forkCount == 0)
        try make("2", at: bo)
        try await bo.sync()
        try bo.putBack("monday")
        #expect(try bo.replica.safetyReport().doubt?.missing == Dot(.sample(2), 1))
        #expect(try await bo.sync().forkCount == 1)
        #expect(try await bo.sync().forkCount == 0)
        let copy = Self.watched(try bo.copied(as: "copy"))
        #expect(try copy.replica.safetyReport().doubt?.original == bo.replica.home)
        #expect(try await copy.sync().forkCount == 1)
        #expect(try await copy.sync().forkCount == 0)
        try await requireSettled(first, bo, copy)
    }

    @Test func `an older write-ahead log beside a newer file hides nothing`() async throws {
        let path = first.replica.folder.databasePath
        for number in 0..<40 { try make("before \(number)", at: first) }
        try await first.sync()
        // Another program that reads keeps the log from being moved into the file.
        var configuration = Configuration()
        (configuration.readonly, configuration.allowsUnsafeTransactions) = (true, true)
        let reader = try DatabaseQueue(path: path, configuration: configuration)
        try await reader.writeWithoutTransaction { try $0.execute(sql: "BEGIN; SELECT count(*) FROM satchel_record") }
        try make("in the log", at: first)
        let log = try Data(contentsOf: URL(filePath: path + "-wal"))
        try make("2", at: first)
        try await first.sync()
        try make("3", at: first)
        try await reader.writeWithoutTransaction { try $0.execute(sql: "COMMIT") }
        try reader.close()
        try make("newest", at: first)
        #expect(!FileManager.default.fileExists(atPath: path + "-wal"))
        try log.write(to: URL(filePath: path + "-wal"))
        #expect(try first.replica.safetyReport().doubt?.reason == "older")
        #expect(try await first.sync().forkCount == 1)
        try await requireSettled(first)
    }

    @Test func `a home whose write-ahead log is gone says so, and what it lost is not named anew`() async throws {
        let path = first.replica.folder.databasePath, schema = try ItemSchema.make()
        // Another program that reads keeps the log when a turn ends; the next turn begins with moving it into the file.
        let reader = try ReplicaStore.openForReading(first.replica.folder) { _ in schema }
        try reader.read { _ in }
        try make("pushed", at: first)
        try await first.sync()
        try make("kept", at: first)
        try make("lost", at: first)
        for suffix in ["-wal", "-shm"] { try FileManager.default.removeItem(atPath: path + suffix) }
        try reader.close()

        let doubt = try #require(try first.replica.safetyReport().doubt)
        #expect(doubt.reason == "older" && doubt.missing == Dot(.sample(1), 4))
        // What is left can be exported, and stays as it was sealed.
        let pieces = try QueueSalvage(first.replica.folder).pieces
        #expect(pieces.filter(\.isIntact).map(\.position) == [3], "\(pieces.map(\.position))")
        try make("after", at: first)
        let report = try await first.sync()
        #expect(report.forkCount == 1 && report.renamedCount == 1)
        try await requireSettled(first)
        let dots = try dots(of: first)
        #expect(dots.prefix(3) == [Dot(.sample(1), 1), Dot(.sample(1), 2), Dot(.sample(1), 3)])
        #expect(dots.count == 4 && dots.last?.actor != .sample(1), "\(dots)")
        // Nothing bears the name of what is lost: there may be a copy of it somewhere.
        #expect(try await server.ledger().count == 4)
    }

    @Test func `a witness that is behind, lost, broken or cannot be written suspects nobody`() async throws {
        let kept = server.folder["kept"], manager = FileManager.default
        try manager.copyItem(at: state, to: kept)
        // A crash between the commit and the witness.
        try make("2", at: first)
        try manager.removeItem(at: state)
        try manager.copyItem(at: kept, to: state)
        #expect(try first.replica.safetyReport().doubt == nil)
        try make("3", at: first)
        // Torn, as after a power cut.
        let files = try manager.subpathsOfDirectory(atPath: state.path).map { state.appending(path: $0) }
            .filter { !$0.hasDirectoryPath && (try? Data(contentsOf: $0)) != nil }
        #expect(files.count == 1)
        for length in [0, 1, 30, 120] {
            for file in files { try Data(Data(contentsOf: file).prefix(length)).write(to: file) }
            #expect(try first.replica.safetyReport().doubt == nil)
            try make("torn \(length)", at: first)
        }
        try manager.removeItem(at: state)
        #expect(try first.replica.safetyReport().doubt == nil)
        // Nothing can be written there.
        try Data("a file".utf8).write(to: state)
        try make("4", at: first)
        #expect(try first.replica.safetyReport().doubt == nil)
        #expect(try await first.sync().forkCount == 0)
        try await requireSettled(first)
    }

    @Test func `a copy is one as long as the original is there, and shares what was made before`() async throws {
        try make("shared", at: first)
        let copy = Self.watched(try first.copied(as: "copy"))
        #expect(try copy.replica.safetyReport().doubt?.original == first.replica.home)
        #expect(try first.replica.safetyReport().doubt == nil)
        try make("copied", at: copy)
        try make("mine", at: first)
        // The copy comes first, and is the fork all the same.
        #expect(try await copy.sync().forkCount == 1)
        #expect(try await first.sync().forkCount == 0)
        try await requireSettled(first, copy)
        #expect(try await server.ledger().count == 4)
        #expect(try dots(of: first) == (1...3).map { Dot(.sample(1), $0) })
    }

    @Test func `a home that moved is itself, and an older one in its place is not`() async throws {
        try make("2", at: first)
        try first.save(as: "monday")
        try make("3", at: first)
        let manager = FileManager.default, place = server.folder["moved"]
        try manager.moveItem(at: first.replica.folder.url, to: place)
        let moved = Self.watched(
            ExchangeHome(
                name: "moved", replica: Replica(home: place.path, clock: first.replica.clock), actor: first.actor,
                server: server))
        #expect(try moved.replica.safetyReport().doubt == nil)
        try make("4", at: moved)
        // What was kept aside comes back to the old place.
        try manager.copyItem(at: server.folder["saved monday"], to: first.replica.folder.url)
        #expect(try first.replica.safetyReport().doubt?.reason == "copy")
        #expect(try await moved.sync().forkCount == 0)
        #expect(try await first.sync().forkCount == 1)
        try make("5", at: first)
        try await requireSettled(moved, first)
    }

    @Test func `an older copy in a new place is older, where the newer one is gone`() async throws {
        try first.save(as: "monday")
        try make("2", at: first)
        try FileManager.default.removeItem(at: first.replica.folder.url)
        let home = Replica(home: server.folder["saved monday"].path, clock: first.replica.clock)
        let old = Self.watched(ExchangeHome(name: "old", replica: home, actor: first.actor, server: server))
        #expect(try old.replica.safetyReport().doubt?.missing == Dot(.sample(1), 2))
        #expect(try await old.sync().forkCount == 1)
        try await requireSettled(old)
    }

    @Test func `a home that comes to another machine goes on under a new name there`() async throws {
        let elsewhere = Self.watched(first, machine: "two")
        #expect(try elsewhere.replica.safetyReport().doubt?.reason == "other_machine")
        try make("2", at: elsewhere)
        #expect(try await elsewhere.sync().forkCount == 1)
        try make("3", at: elsewhere)
        #expect(try await elsewhere.sync().forkCount == 0)
        try await requireSettled(elsewhere)
        // One that has no name says nothing.
        #expect(try Self.watched(first, machine: nil).replica.safetyReport().doubt == nil)
    }

    @Test func `a fork that the witness has not heard of is none of its business`() async throws {
        let kept = server.folder["kept"], manager = FileManager.default
        let copy = try first.copied(as: "copy")
        try make("copied", at: copy)
        try await copy.sync()
        try make("mine", at: first)
        try manager.copyItem(at: state, to: kept)
        #expect(try await first.sync().forkCount == 1)
        try manager.removeItem(at: state)
        try manager.copyItem(at: kept, to: state)
        #expect(try first.replica.safetyReport().doubt == nil)
        try make("more", at: first)
        try await requireSettled(first, copy)
    }
}
