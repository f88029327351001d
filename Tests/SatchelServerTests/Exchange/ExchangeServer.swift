import Foundation
import GRDB
import SatchelClient
import SatchelSchemaFile
import SatchelServer
import SatchelStorage
import SatchelSync
import SatchelTestSupport
import SatchelWire
import Synchronization

/// A real engine over a real store, and homes of real replicas that it enrols, all in one process and one folder.
final class ExchangeServer: Sendable {
    /// The schema of the shared scripts with a map beside, and a type whose records go with the item they are about.
    static let schemaSource = """
        schema: 1
        types:
          item:
            id: 1
            fields:
              name: { id: 1, kind: text, max_length: 200 }
              phone: { id: 2, kind: text, max_length: 40, policy: manual }
              parent: { id: 3, kind: reference, to: item, on_delete: restrict }
              tags: { id: 4, kind: set, max_length: 40 }
              visits: { id: 5, kind: counter }
              facts: { id: 6, kind: map, max_length: 40 }
          remark:
            id: 2
            fields:
              body: { id: 1, kind: text, max_length: 200 }
              item: { id: 2, kind: reference, to: item, on_delete: cascade }
        """

    /// The schema of this server and its devices.
    let source: String
    let folder: TemporaryFolder
    let clock = TestClock()
    let presence = DevicePresence()
    private let life: Mutex<Life>

    /// What is another after a restore.
    private struct Life {
        let store: RuledStore
        let queue: MergeQueue<RuledStore>
        let service: OperatorService<RuledStore>

        init(_ data: DataFolder, presence: DevicePresence, clock: TestClock) throws {
            let opened = try SQLiteServerStore(folder: data, purpose: "test") { try SchemaFile.parse($0).schema }
            store = RuledStore(opened)
            queue = MergeQueue(store: store)
            service = OperatorService(store: store, queue: queue, presence: presence, clock: clock)
        }
    }

    var store: RuledStore { life.withLock { $0.store } }
    var queue: MergeQueue<RuledStore> { life.withLock { $0.queue } }
    var service: OperatorService<RuledStore> { life.withLock { $0.service } }

    /// Makes an empty store whose own actor has the name `actor`.
    init(actor: ActorID = .sample(0), source: String = ExchangeServer.schemaSource) throws {
        self.source = source
        folder = try TemporaryFolder(inMemory: true)
        let data = DataFolder(path: folder["server"].path)
        let schema = try SchemaFile.parse(source).schema
        let identity = StoreIdentity(
            epoch: .random(), actor: actor, checkpointKey: Hashing.randomBytes(32), name: "office",
            schemaSource: source)
        try SQLiteServerStore.create(in: data, identity: identity, schema: schema, at: clock.now())
        life = Mutex(try Life(data, presence: presence, clock: clock))
    }

    /// Copies the store into a file of this name.
    func backUp(as name: String) async throws {
        _ = try await store.backUp(to: folder["\(name).backup"].path, clock: clock) { _ in }
    }

    /// Puts a copy in the place of the store: a new life, in recovery, with the rules of the house that held.
    func restore(_ name: String) throws {
        let data = DataFolder(path: folder["server"].path)
        try store.close()
        _ = try SQLiteServerStore.restore(
            folder["\(name).backup"].path, into: data, clock: clock, readSchema: { try SchemaFile.parse($0).schema })
        let next = try Life(data, presence: presence, clock: clock)
        next.store.takeRules(of: store)
        life.withLock { $0 = next }
    }

    /// Runs `body` on a connection of its own that reads.
    func inspect<Result>(_ body: (Database) throws -> Result) throws -> Result {
        var configuration = Configuration()
        configuration.readonly = true
        let data = DataFolder(path: folder["server"].path)
        let connection = try DatabaseQueue(path: data.databasePath, configuration: configuration)
        let result = try connection.read(body)
        try connection.close()
        return result
    }

    deinit { closeLater(keeping: folder) { [store] in try store.close() } }

    /// The schema that the store is written with, whatever rule holds.
    var schema: Schema { store.schemaWithoutRules }

    /// The engine; pages are small, so that a reply is several frames.
    ///
    /// With a presence of its own it is that of a server that was started again.
    func engine(recordsPerPage: Int = 2, presence: DevicePresence? = nil) -> SyncEngine<RuledStore> {
        var limits = SyncEngine<RuledStore>.PageLimits()
        limits.recordsMax = recordsPerPage
        return SyncEngine(
            store: store, queue: queue, presence: presence ?? self.presence, clock: clock, pageLimits: limits)
    }

    /// Makes a user and the user's home, whose actor has the name `actor`, so that ties fall the same way each time.
    func enrol(_ user: String, actor: ActorID) async throws -> ExchangeHome {
        let (token, forkToken, now) = (Hashing.randomBytes(32).hexString, ForkToken.initial(), clock.now())
        _ = try await queue.run { transaction in
            try transaction.addDevice(
                user: try transaction.addUser(named: user, at: now), name: "\(user)'s phone", actor: actor,
                tokenHash: DeviceToken.hash(of: token), forkToken: forkToken, at: now)
        }
        let replica = Replica(home: folder[user].path, clock: DeviceClock(clock))
        try ReplicaStore.create(
            in: replica.folder,
            identity: ReplicaIdentity(
                actor: actor, lineage: Lineage(), user: user, device: "\(user)'s phone",
                serverURL: "http://127.0.0.1:1", serverName: store.identity.name, token: token),
            facts: ExchangeFacts(epoch: store.identity.epoch, forkToken: forkToken.current), schema: schema,
            schemaSource: source)
        return ExchangeHome(name: user, replica: replica, actor: actor, server: self)
    }

    /// Every record of the store with its life, living children included.
    func records() async throws -> [StoredRecord] {
        try await store.read { snapshot in
            var records: [StoredRecord] = []
            try snapshot.forEachRecord { records.append($0) }
            return records
        }
    }

    /// Where the store is not what its log makes.
    func derivedProblems(digest: String) async throws -> [String] {
        let path = folder["server"].path
        let report = try await StoreVerifier(path: path, clock: clock).verify()
        let wrong = report.findings.differences.map { "\($0.table) \($0.row) \($0.kind.rawValue) \($0.columns)" }
        return wrong + (report.digest == digest ? [] : ["the log makes another digest"])
    }

    /// The digest of all records.
    func digest() async throws -> String {
        guard case .digest(let digest) = try await service.perform(.digest) else { throw SatchelError.unexpectedReply }
        return digest
    }

    /// The ledger's line of every change-set that the server has judged.
    func ledgerLines(pageOf limit: Int = 1_000) async throws -> [Dot: LedgerReply] {
        var found: [Dot: LedgerReply] = [:]
        var position: Int64? = 0
        while let after = position {
            guard case .ledger(let lines, let next) = try await service.perform(.ledger(after: after, limit: limit)),
                lines.count <= limit
            else { throw SatchelError.unexpectedReply }
            for line in lines {
                guard let dot = Dot(line.dot) else { throw SatchelError.unexpectedReply }
                found[dot] = line
            }
            position = next
        }
        return found
    }

    /// The ledger's state of every change-set that the server has judged.
    func ledger() async throws -> [Dot: LedgerState] {
        try await ledgerLines().compactMapValues { LedgerState(rawValue: $0.state) }
    }
}
