import Foundation
import GRDB
import SatchelServer
import SatchelStorage
import SatchelSync
import SatchelTestSupport
import SatchelWire

/// A server's process over its data folder: the real engine over the real store, which dies and begins again.
///
/// Only the simulation's thread touches it.
final class SimulatedServer: @unchecked Sendable {
    /// What one process holds.
    struct Process {
        let number: Int
        let life: ProcessLife
        let store: RuledStore
        let queue: MergeQueue<RuledStore>
        let presence: DevicePresence
        let service: OperatorService<RuledStore>
        let data: DataFolder
        /// What the data lie on, where a crash is a power cut.
        let disk: FaultyDisk?
    }

    static let actor = ActorID(high: 0xA000, low: 0x1000_0000_0000_0000)

    let folder: URL
    private(set) var schema: Schema
    private var upgrades = 0
    private let clock: VirtualClock
    private let executor: SimulationExecutor
    private let network: Network
    private let counters: Counters
    /// What a power cut keeps follows from it; `nil` where a crash is none.
    private let diskSeed: UInt64?
    private(set) var process: Process
    private var refusesMarked = false
    private var openedCount = 0
    /// How many pushes wait for the writer or use it.
    private var pushesUnderWay = 0
    /// Whether something may have changed since somebody looked.
    var isTouched = true

    init(
        folder: URL, clock: VirtualClock, executor: SimulationExecutor, network: Network, counters: Counters,
        diskSeed: UInt64?
    ) throws {
        (self.folder, self.clock, self.executor) = (folder, clock, executor)
        (self.network, self.counters, self.diskSeed) = (network, counters, diskSeed)
        let schema = try SimulationSchema.read()
        self.schema = schema
        let data = DataFolder(path: folder.appending(path: "server-0").path)
        let identity = StoreIdentity(
            epoch: StoreEpoch(high: 1, low: 1), actor: Self.actor, checkpointKey: Array(1...32), name: "office",
            schemaSource: SimulationSchema.source)
        try SQLiteServerStore.create(in: data, identity: identity, schema: schema, at: clock.now())
        process = try Self.open(
            data, on: try diskSeed.map { try FaultyDisk(folder: data.url, seed: $0) }, number: 0,
            source: SimulationSchema.source, clock: clock, executor: executor)
        network.server = { [weak self] in self?.receive($0) }
    }

    private static func open(
        _ data: DataFolder, on disk: FaultyDisk?, number: Int, source: String, clock: VirtualClock,
        executor: SimulationExecutor
    ) throws -> Process {
        let life = ProcessLife { disk?.cut() }
        let store = RuledStore(
            try SQLiteServerStore(
                folder: data, purpose: "simulation", newSchemaSource: source,
                readSchema: { try SimulationSchema.read($0) }),
            executor: executor, life: life)
        let queue = MergeQueue(store: store)
        let presence = DevicePresence()
        return Process(
            number: number, life: life, store: store, queue: queue, presence: presence,
            service: OperatorService(store: store, queue: queue, presence: presence, clock: clock), data: data,
            disk: disk)
    }

    /// Closes the store.
    func close() throws { try process.store.close() }

    /// From now on the engine refuses texts that are marked, or takes them again.
    func refuseMarked(_ isOn: Bool) throws {
        refusesMarked = isOn
        try process.store.refuseMarked(isOn)
    }

    var isRefusingMarked: Bool { refusesMarked }

    /// The power goes with one of the next changes of a file; answers whether it can.
    func cutPower(atChange nth: Int) -> Bool {
        process.disk?.cut(atChange: nth) { [weak life = process.life] in life?.end(at: "a change of a file") }
        return process.disk != nil
    }

    /// Nothing happens to it any more.
    func spare() {
        process.life.spare()
        process.disk?.cut(atChange: 0)
    }

    /// The next process serves a schema with one more field.
    func upgrade() throws {
        upgrades += 1
        let source = SimulationSchema.source(upgrades: upgrades)
        schema = try SimulationSchema.read(source)
        network.schemaSource = source
    }

    /// A new process over what the old one left on the disk, as it left it; tells what a power cut took.
    func restart() throws -> FaultyDisk.Loss? {
        let old = process
        old.life.end()
        old.store.releaseWriter()
        executor.drain()
        openedCount += 1
        let (data, loss) = try left(by: old)
        process = try Self.open(
            data, on: old.disk, number: openedCount, source: SimulationSchema.source(upgrades: upgrades), clock: clock,
            executor: executor)
        try process.store.refuseMarked(refusesMarked)
        isTouched = true
        pushesUnderWay = 0
        counters.note("server crashed")
        if let place = old.life.place { counters.note("server crashed: \(place)") }
        return loss
    }

    /// Whether the store can be put back: what lies on a faulty disk is touched by nobody else.
    var mayRestore: Bool { process.disk == nil }

    /// Copies the store into a file.
    func backUp(as name: String) async throws -> String {
        let path = folder.appending(path: "\(name).backup").path
        try? FileManager.default.removeItem(atPath: path)
        _ = try await process.store.backUp(to: path, clock: clock) { _ in }
        return path
    }

    /// A new process over a backup, which begins another life of the store.
    func restore(_ path: String, as life: StoreLife) throws {
        let old = process
        old.life.end()
        old.store.releaseWriter()
        executor.drain()
        openedCount += 1
        let (data, _) = try left(by: old)
        let restored = try SQLiteServerStore.restore(
            path, into: data, life: life, clock: clock, readSchema: { try SimulationSchema.read($0) })
        for suffix in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: (restored.replacedPath ?? "") + suffix)
        }
        process = try Self.open(
            data, on: nil, number: openedCount, source: SimulationSchema.source(upgrades: upgrades), clock: clock,
            executor: executor)
        try process.store.refuseMarked(refusesMarked)
        isTouched = true
        pushesUnderWay = 0
    }

    /// The data as a process left them that is dead: what it would do in closing them never happened.
    ///
    /// Where the power was cut its calls fail, so it can close them. Else they are copied while it still has them open.
    private func left(by old: Process) throws -> (DataFolder, FaultyDisk.Loss?) {
        if let disk = old.disk {
            try? old.store.close()
            return (old.data, try disk.restore())
        }
        let data = DataFolder(path: folder.appending(path: "server-\(openedCount)").path)
        let manager = FileManager.default
        try manager.createDirectory(at: data.url, withIntermediateDirectories: true)
        for name in try manager.contentsOfDirectory(atPath: old.data.url.path).sorted() {
            if name.hasSuffix(".lease") || name.hasSuffix("-shm") { continue }
            try manager.copyItem(at: old.data.url.appending(path: name), to: data.url.appending(path: name))
        }
        try old.store.close()
        try manager.removeItem(at: old.data.url)
        return (data, nil)
    }

    /// Reads the file on a connection of its own.
    func inspect<Result>(_ body: (Database) throws -> Result) throws -> Result {
        guard let disk = process.disk else { return try read(body) }
        return try disk.sparing { try read(body) }
    }

    private func read<Result>(_ body: (Database) throws -> Result) throws -> Result {
        var configuration = Configuration()
        configuration.readonly = true
        let queue = try DatabaseQueue(path: process.data.databasePath, configuration: configuration)
        let result = try queue.read(body)
        try queue.close()
        return result
    }
}

// What comes over the network.
extension SimulatedServer {
    private func receive(_ delivery: Network.Delivery) {
        let process = process
        Task(executorPreference: executor) { await self.answer(delivery, process) }
    }

    private func answer(_ delivery: Network.Delivery, _ process: Process) async {
        do {
            try await stream(delivery, process)
        } catch let failure as ExchangeFailure where !process.life.isDead {
            delivery.line?.arrive(.failure(failure.error))
        } catch let error as SatchelError where !process.life.isDead {
            delivery.line?.arrive(.failure(error))
        } catch {
            delivery.line?.arrive(
                .failure(SatchelError(.networkUnavailable, "The connection was reset.", isTransient: true)))
        }
    }

    private func stream(_ delivery: Network.Delivery, _ process: Process) async throws {
        var limits = SyncEngine<RuledStore>.PageLimits()
        limits.recordsMax = delivery.plan.recordsPerPage ?? 50
        limits.staleRowsMax = 4
        let engine = SyncEngine(
            store: process.store, queue: process.queue, presence: process.presence, clock: clock, pageLimits: limits)
        let request = try WireCodec.decodeRequest(delivery.bytes, agreement: engine.agreement)
        let hash = DeviceToken.hash(of: delivery.token)
        guard let account = try await process.store.read({ try $0.device(tokenHash: hash) }) else {
            throw SatchelError(.unauthorized, "The credential is not one of this server.")
        }
        if pushesUnderWay > 0, !request.changeSets.isEmpty { counters.note("pushes shared a commit") }
        pushesUnderWay += 1
        var cursor: SyncEngine<RuledStore>.Cursor
        do {
            defer { pushesUnderWay -= 1 }
            cursor = try await engine.begin(request, from: account)
        }
        isTouched = true
        var frames = cursor.opening
        var sentCount = 0
        while true {
            for frame in frames {
                guard try await send(frame, number: sentCount, delivery, process) else { return }
                sentCount += 1
            }
            if cursor.isDone { break }
            frames = try await engine.nextFrames(&cursor)
            isTouched = true
        }
        if delivery.plan.stallAfter == nil || !network.isFaulty { delivery.line?.arrive(.end) }
    }

    /// Sends one frame; answers whether the connection still stands.
    private func send(
        _ frame: SyncFrame, number: Int, _ delivery: Network.Delivery, _ process: Process
    ) async throws -> Bool {
        let bytes = try WireCodec.encodeFrame(frame)
        await network.pause(delivery.plan.frameDelay ?? 20)
        if process.life.isDead { throw Crash(place: "sending") }
        let (cut, stall) = network.isFaulty ? (delivery.plan.cutAfter, delivery.plan.stallAfter) : (nil, nil)
        if let cut, number >= cut {
            delivery.line?.arrive(.end)
            return false
        }
        if let stall, number >= stall { return true }
        if network.isBlocked(down: delivery.device) {
            counters.note("cut off on the way down")
            return false
        }
        delivery.line?.arrive(.frame(bytes))
        return true
    }
}
