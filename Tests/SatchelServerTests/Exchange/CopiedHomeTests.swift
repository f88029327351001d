import Foundation
import SatchelClient
import SatchelStorage
import SatchelSync
import SatchelTestSupport
import Testing

/// A home's folder that was copied: whichever of the two comes second is refused, and nothing is lost or doubled.
@Suite struct CopiedHomeTests {
    private let server: ExchangeServer
    private let first: ExchangeHome
    private let copy: ExchangeHome

    /// One record at the server, and a home that was copied right after it synced.
    init() async throws {
        server = try ExchangeServer()
        first = try await server.enrol("ann", actor: .sample(1))
        _ = try first.edit(Self.draft("base", life: .create))
        try await first.sync()
        copy = try Self.copy(of: first, named: "copy")
    }

    private static func copy(of home: ExchangeHome, named name: String) throws -> ExchangeHome {
        let folder = home.server.folder[name]
        try FileManager.default.copyItem(at: home.replica.folder.url, to: folder)
        let replica = Replica(home: folder.path, clock: home.replica.clock)
        return ExchangeHome(name: name, replica: replica, actor: home.actor, server: home.server)
    }

    private static func draft(_ name: String, life: LifeWrite? = nil) -> Draft {
        Draft(
            label: name,
            changes: [DraftChange(type: ItemSchema.type, record: .sample(1), life: life, writes: [.name(name)])])
    }

    /// Syncs and expects to be told of the copy; answers what the home holds of its own.
    private func refused(_ home: ExchangeHome) async throws -> [OwnChangeSet] {
        let error = await #expect(throws: SatchelError.self) { try await home.sync() }
        #expect(error?.code == .forkDetected)
        #expect(error?.isTransient == false)
        return try home.own()
    }

    @Test func `an edit of the copy is kept there when the first has edited and synced`() async throws {
        _ = try first.edit(Self.draft("first"))
        _ = try copy.edit(Self.draft("copy"))
        try await first.sync()
        let digest = try await server.digest()
        let kept = try await refused(copy)
        #expect(kept.map(\.changeSet.label) == ["base", "copy"])
        #expect(kept.map(\.state.hasVerdict) == [true, false])
        #expect(try copy.state(of: .sample(1)).field(ItemSchema.name)?.siblings.map(\.value) == [.text("copy")])
        #expect(try await refused(copy) == kept)
        #expect(try await server.digest() == digest)
        try await first.sync()
        #expect(try await SettledCheck(server: server, homes: [first]).problems() == [])
        #expect(try await server.ledger().count == 2)
    }

    @Test func `the first is the one refused when the copy comes before it`() async throws {
        _ = try first.edit(Self.draft("first"))
        _ = try copy.edit(Self.draft("copy"))
        try await copy.sync()
        let kept = try await refused(first)
        #expect(kept.map(\.changeSet.label) == ["base", "first"])
        #expect(try await SettledCheck(server: server, homes: [copy]).problems() == [])
    }

    @Test func `a copy with the same number of edits is told apart by what they are`() async throws {
        for name in ["1", "2"] { _ = try first.edit(Self.draft(name)) }
        for name in ["3", "4", "5"] { _ = try copy.edit(Self.draft(name)) }
        try await first.sync()
        #expect(try await refused(copy).map(\.changeSet.label) == ["base", "3", "4", "5"])
        #expect(try await server.ledger().count == 3)
        try await first.sync()
        #expect(try await SettledCheck(server: server, homes: [first]).problems() == [])
    }

    @Test func `a copy that has not edited is found by its token`() async throws {
        _ = try first.edit(Self.draft("first"))
        try await first.sync()
        try await first.sync()
        #expect(try await refused(copy).map(\.changeSet.label) == ["base"])
    }

    @Test func `an edit after the refusal is kept too`() async throws {
        _ = try first.edit(Self.draft("first"))
        try await first.sync()
        _ = try copy.edit(Self.draft("copy"))
        _ = try await refused(copy)
        _ = try copy.edit(Self.draft("later"))
        #expect(try await refused(copy).map(\.changeSet.label) == ["base", "copy", "later"])
        #expect(try copy.replica.safetyReport().pending.count == 2)
        #expect(try copy.replica.safetyReport().lastFailure == "fork_detected")
    }

    @Test func `the same pending work from both enters once, and the next edit tells them apart`() async throws {
        _ = try first.edit(Self.draft("pending"))
        let twin = try Self.copy(of: first, named: "twin")
        try await first.sync()
        try await twin.sync()
        #expect(try await server.ledger().count == 2)
        _ = try first.edit(Self.draft("first"))
        _ = try twin.edit(Self.draft("twin"))
        try await twin.sync()
        #expect(try await refused(first).map(\.changeSet.label) == ["base", "pending", "first"])
        #expect(try await SettledCheck(server: server, homes: [twin]).problems() == [])
    }

    @Test(arguments: [false, true]) func `a home that was rolled back is refused, edited or not`(isEdited: Bool)
        async throws
    {
        _ = try first.edit(Self.draft("lost to the home"))
        try await first.sync()
        // What stands in the home's place is as it was before that exchange; the reply might as well have been lost.
        let digest = try await server.digest()
        if isEdited { _ = try copy.edit(Self.draft("made again")) }
        #expect(try await refused(copy).map(\.changeSet.label) == (isEdited ? ["base", "made again"] : ["base"]))
        #expect(try await server.digest() == digest)
    }
}
