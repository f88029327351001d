import Foundation
import GRDB
import SatchelClient
import SatchelInspection
import SatchelStorage
import SatchelSync
import SatchelTestSupport
import Synchronization

/// A device's clock, wrong by as much as somebody set it.
final class DeviceClock: WallClock {
    private let right: TestClock
    private let errorMilliseconds = Mutex<Int64>(0)

    init(_ right: TestClock) { self.right = right }

    func now() -> Timestamp {
        Timestamp(milliseconds: right.now().milliseconds + errorMilliseconds.withLock { $0 })
    }

    func set(wrongBy milliseconds: Int64) { errorMilliseconds.withLock { $0 = milliseconds } }
}

/// One enrolled home.
struct ExchangeHome: Sendable {
    let name: String
    let replica: Replica
    let actor: ActorID
    let server: ExchangeServer

    /// One full exchange, as far as the line lets it.
    @discardableResult
    func sync(
        _ fault: LineFault = .none, recordsPerPage: Int = 2,
        beforeFrame: @escaping @Sendable (Int) async throws -> Void = { _ in },
        freeBytes: @escaping @Sendable () -> UInt64? = { nil }, reach: SyncReach = .all,
        bytesMax: Int? = nil
    ) async throws -> SyncReport {
        let transport = EngineTransport(
            server: server, recordsPerPage: recordsPerPage, fault: fault, meter: ByteMeter(bytesMax: bytesMax),
            beforeFrame: beforeFrame)
        var runner = SyncRunner(replica: replica, transport: transport, freeBytes: freeBytes)
        runner.reach = reach
        return try await runner.run()
    }

    /// A home of another name that is a copy of this one, byte for byte.
    func copied(as name: String) throws -> ExchangeHome {
        let folder = server.folder[name]
        try FileManager.default.copyItem(at: replica.folder.url, to: folder)
        return ExchangeHome(
            name: name, replica: Replica(home: folder.path, clock: replica.clock), actor: actor, server: server)
    }

    /// Keeps the home aside.
    func save(as name: String) throws {
        let kept = server.folder["saved \(name)"]
        try? FileManager.default.removeItem(at: kept)
        try FileManager.default.copyItem(at: replica.folder.url, to: kept)
    }

    /// Puts in the home's place what was kept aside.
    func putBack(_ name: String) throws {
        try FileManager.default.removeItem(at: replica.folder.url)
        try FileManager.default.copyItem(at: server.folder["saved \(name)"], to: replica.folder.url)
    }

    /// Makes an edit; answers `nil` where the replica refuses it.
    func edit(_ draft: Draft) throws -> Dot? {
        do {
            return try replica.edit(draft, options: EditOptions(settles: true)).dot
        } catch let error as SatchelError where Self.refusals.contains(error.code) {
            return nil
        }
    }

    /// What a replica answers to an edit that does not fit what it holds.
    static let refusals: Set<SatchelError.Code> = [
        .unknownRecord, .recordDeleted, .recordExists, .hasChildren, .noConflict, .invalidRequest,
    ]

    /// The state of a record as its reader sees it; empty where the replica has none.
    func state(of record: RecordID) throws -> RecordState {
        try replica.reading { try $0.record(record)?.state } ?? RecordState()
    }

    /// Every own change-set, in own order.
    func own() throws -> [OwnChangeSet] { try replica.reading { try $0.ownChangeSets(.all) } }

    /// The ledger's state of every dot that the replica knows of.
    func ledger() throws -> [Dot: LedgerState] {
        Dictionary(try replica.ledger().map { ($0.dot, $0.state) }) { first, _ in first }
    }

    /// Runs SQL on a connection that knows nothing of Satchel, as the `sqlite3` shell does.
    func shell(_ sql: String, foreignKeys: Bool = false) throws {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = foreignKeys
        let queue = try DatabaseQueue(path: replica.folder.databasePath, configuration: configuration)
        try queue.write { try $0.execute(sql: sql) }
        try queue.close()
    }

    /// Reads the file on a connection of its own.
    func inspect<Result>(_ body: (Database) throws -> Result) throws -> Result {
        var configuration = Configuration()
        configuration.readonly = true
        let queue = try DatabaseQueue(path: replica.folder.databasePath, configuration: configuration)
        let result = try queue.read(body)
        try queue.close()
        return result
    }
}
