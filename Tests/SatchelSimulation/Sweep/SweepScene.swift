import Foundation
import GRDB
import SatchelClient
import SatchelSchemaFile
import SatchelServer
import SatchelStorage
import SatchelSync
import SatchelTestSupport

/// A server and the homes of two reps in one folder, whose disk can fail; what happens in it is always the same.
final class SweepScene: @unchecked Sendable {
    /// A part of the scene, with a folder of its own.
    enum Part: String, Sendable {
        case server, ann, bob
    }

    let folder: URL
    let clock = VirtualClock()
    let schema: Schema
    private var opened: SQLiteServerStore?

    /// Takes a scene that lies in `folder` already, or an empty folder.
    init(folder: URL) throws {
        self.folder = folder
        schema = try SimulationSchema.read()
    }

    func place(of part: Part) -> DataFolder { DataFolder(path: folder.appending(path: part.rawValue).path) }
    func replica(_ part: Part) -> Replica { Replica(home: place(of: part).url.path, clock: clock) }

    // MARK: - Server

    /// The store, open since somebody first wanted it.
    func store() throws -> SQLiteServerStore {
        if let opened { return opened }
        let schema = schema
        let store = try SQLiteServerStore(folder: place(of: .server), purpose: "sweep") { _ in schema }
        opened = store
        return store
    }

    /// Closes the store, as far as the disk lets it.
    func closeServer() throws {
        defer { opened = nil }
        try opened?.close()
    }

    func makeServer() throws {
        let identity = StoreIdentity(
            epoch: StoreEpoch(high: 1, low: 1), actor: SimulatedServer.actor, checkpointKey: Array(1...32),
            name: "office", schemaSource: SimulationSchema.source)
        try SQLiteServerStore.create(in: place(of: .server), identity: identity, schema: schema, at: clock.now())
    }

    /// Makes the user of the office.
    func addOffice() async throws {
        let now = clock.now()
        _ = try await MergeQueue(store: try store()).run { try $0.addUser(named: "office", at: now) }
    }

    /// Lets the office write names.
    func office(_ names: [String], of record: RecordID) async throws {
        let store = try store()
        let service = OperatorService(
            store: store, queue: MergeQueue(store: store), presence: DevicePresence(), clock: clock)
        let lines = names.enumerated().map { number, name in
            ApplyRequest.Line(
                number: number + 1, text: #"{"type":"item","id":"\#(record)","set":{"name":"\#(name)"}}"#)
        }
        _ = try await service.perform(.apply(ApplyRequest(lines: lines, user: "office", settles: true)))
    }

    // MARK: - Devices

    private func actor(_ part: Part) -> ActorID { ActorID(high: 0xD0, low: part == .ann ? 1 : 2) }
    private func token(_ part: Part) -> String { "token of \(part.rawValue)" }

    /// Makes a home that the server knows by `forkToken`.
    func makeHome(_ part: Part, forkToken: [UInt8]) throws {
        try ReplicaStore.create(
            in: place(of: part),
            identity: ReplicaIdentity(
                actor: actor(part), lineage: Lineage(), user: part.rawValue, device: "\(part.rawValue)'s phone",
                serverURL: "http://127.0.0.1:1", serverName: "office", token: token(part)),
            facts: ExchangeFacts(epoch: StoreEpoch(high: 1, low: 1), forkToken: forkToken), schema: schema,
            schemaSource: SimulationSchema.source)
    }

    func enrol(_ part: Part) async throws {
        let (forkToken, now) = (ForkToken.initial(), clock.now())
        let (name, actor, token) = (part.rawValue, actor(part), token(part))
        let queue = MergeQueue(store: try store())
        _ = try await queue.run { transaction in
            try transaction.addDevice(
                user: try transaction.addUser(named: name, at: now), name: "\(name)'s phone", actor: actor,
                tokenHash: DeviceToken.hash(of: token), forkToken: forkToken, at: now)
        }
        try makeHome(part, forkToken: forkToken.current)
    }

    /// One edit of one or more records.
    func edit(_ part: Part, _ text: String, of numbers: [Int], life: LifeWrite? = nil) throws {
        _ = try replica(part).edit(draft(text, of: numbers, life: life), options: EditOptions(settles: true))
    }

    private func draft(_ text: String, of numbers: [Int], life: LifeWrite?) -> Draft {
        Draft(
            label: text,
            changes: numbers.map { number in
                DraftChange(
                    type: SimulationSchema.item, record: SimulationSchema.items[number], life: life,
                    writes: [
                        FieldChange(SimulationSchema.name, .register(.text(UTF8Text(text)))),
                        FieldChange(SimulationSchema.phone, .register(.text(UTF8Text(text)))),
                        FieldChange(SimulationSchema.visits, .counter(1)),
                    ])
            })
    }

    func sync(_ part: Part) async throws {
        let store = try store()
        var limits = SyncEngine<SQLiteServerStore>.PageLimits()
        limits.recordsMax = 2
        let engine = SyncEngine(
            store: store, queue: MergeQueue(store: store), presence: DevicePresence(), clock: clock,
            pageLimits: limits)
        _ = try await SyncRunner(replica: replica(part), transport: DirectTransport(engine: engine)).run()
    }

    // MARK: - As processes leave it

    /// Lets `body` write and takes the files as they lie before anybody closes them, as a killed process leaves them.
    func killed(_ part: Part, after body: (ReplicaTransaction) throws -> Void) throws {
        let store = try ReplicaStore.openForWriting(place(of: part), purpose: "sweep", schemaReader: Replica.readSchema)
        try store.write(body)
        try takeOpenFiles(part) { try store.close() }
    }

    /// The same for the server's store.
    func killServer() throws { try takeOpenFiles(.server) { try closeServer() } }

    private func takeOpenFiles(_ part: Part, close: () throws -> Void) throws {
        let (home, aside) = (place(of: part).url, folder.appending(path: "aside"))
        try FileManager.default.copyItem(at: home, to: aside)
        try close()
        try FileManager.default.removeItem(at: home)
        try? FileManager.default.removeItem(at: aside.appending(path: "satchel.sqlite-shm"))
        try FileManager.default.moveItem(at: aside, to: home)
    }

    /// Runs SQL on a connection that knows nothing of Satchel.
    func shell(_ part: Part, _ sql: String) throws {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        let queue = try DatabaseQueue(path: place(of: part).databasePath, configuration: configuration)
        try queue.writeWithoutTransaction { try $0.execute(sql: sql) }
        try queue.close()
    }
}

extension SweepScene {
    /// An edit through the editor itself, in a transaction that somebody else ends.
    func edit(_ text: String, of numbers: [Int], in transaction: ReplicaTransaction) throws {
        _ = try Editor(transaction, clock: clock)
            .commit(draft(text, of: numbers, life: nil), options: EditOptions(settles: true))
    }
}

extension SweepScene {
    /// Opens the store with a schema that has one field more, and closes it.
    func adoptSchema() throws {
        let source =
            SimulationSchema.source.replacing("schema: 1", with: "schema: 2")
            + "\n      memo: { id: 4, kind: text, max_length: 40 }\n"
        let store = try SQLiteServerStore(folder: place(of: .server), purpose: "sweep", newSchemaSource: source) {
            try SchemaFile.parse($0).schema
        }
        try store.close()
    }
}
