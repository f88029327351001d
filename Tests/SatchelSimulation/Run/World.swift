import Foundation
import SatchelClient
import SatchelServer
import SatchelStorage
import SatchelSync
import SatchelTestSupport

/// A server, its devices and the people at them, in one thread and in virtual time.
///
/// Only the simulation's thread touches it; tasks of its executor run on no other.
final class World: @unchecked Sendable {
    let script: Script
    let timeline = Timeline()
    let clock = VirtualClock()
    let executor = SimulationExecutor()
    let counters = Counters()
    let network: Network
    let server: SimulatedServer
    private(set) var devices: [SimulatedDevice]
    let model: SeenModel
    /// What happened, line by line: the same for the same script, byte for byte.
    private(set) var trace: [String] = []
    private(set) var problems: [Problem] = []
    /// Numbers the texts that people write, so that each is new.
    var valueCount = 0
    /// Up to which position the model knows the server's log.
    var logPosition: Int64 = 0
    /// The digest of the server at each sequence that a device can stand at, in each life of its store.
    var serverDigests: [StoreEpoch: [UInt64: String]] = [:]
    /// Where the log is up to which the whole ledger was compared.
    var ledgerAt: Int64 = 0
    var tally = ConflictTally()
    /// Whether each record of the server lives, living children included, as the oracle says.
    var serverStatuses: [RecordID: LifeStatus] = [:]
    /// Whether what the log tells next was asked for by an operator.
    var isReleasing = false
    /// The last backup of the server's store, and what is known of what is in it.
    var kept: KeptStore?
    private let folder: URL

    init(script: Script, folder: URL) throws {
        self.script = script
        self.folder = folder
        network = Network(timeline: timeline, counters: counters)
        server = try SimulatedServer(
            folder: folder, clock: clock, executor: executor, network: network, counters: counters,
            diskSeed: script.options.isPowerCut == true ? script.options.seed : nil)
        var random = SeededRandom(seed: script.options.seed &+ 0x5EED)
        var devices: [SimulatedDevice] = []
        for number in 0..<script.options.devices {
            let actor = SimulatedDevice.actor(number: number, shuffledBy: &random)
            devices.append(SimulatedDevice(number: number, actor: actor, folder: folder, clock: clock))
        }
        self.devices = devices
        model = SeenModel(devices: devices.count)
    }

    /// Enrols every device, and makes the user of the office.
    func enrol() throws {
        _ = try finish { try await $0.server.process.service.perform(.addUser(name: "office")) }
        for device in devices {
            let (user, actor, token) = (device.name, device.actor, "token of \(device.name)")
            let (forkToken, now) = (ForkToken.initial(), clock.now())
            _ = try finish { world in
                try await world.server.process.queue.run { transaction in
                    try transaction.addDevice(
                        user: try transaction.addUser(named: user, at: now), name: "\(user)'s phone", actor: actor,
                        tokenHash: DeviceToken.hash(of: token), forkToken: forkToken, at: now)
                }
            }
            try ReplicaStore.create(
                in: device.replica.folder,
                identity: ReplicaIdentity(
                    actor: actor, lineage: Lineage(), user: user, device: "\(user)'s phone",
                    serverURL: "http://127.0.0.1:1", serverName: "office", token: token),
                facts: ExchangeFacts(
                    epoch: server.process.store.identity.epoch, forkToken: forkToken.current),
                schema: server.schema, schemaSource: SimulationSchema.source)
            if script.options.isPowerCut == true {
                try device.layOnDisk(seed: script.options.seed &+ UInt64(device.number + 1) &* 0x9E37)
            }
            device.isTouched = true
        }
    }

    /// Somebody copies a device's home; the copy lives on beside it, with a process and a clock of its own.
    func copy(_ device: SimulatedDevice) throws -> SimulatedDevice {
        let copy = SimulatedDevice(copying: device, number: devices.count, folder: folder, clock: clock)
        try FileManager.default.copyItem(at: device.replica.folder.url, to: copy.replica.folder.url)
        devices.append(copy)
        model.copyDevice(device.number)
        return copy
    }

    /// Says what happens.
    func note(_ line: String) { trace.append("\(timeline.now) \(line)") }

    /// Something does not hold.
    func report(_ kind: Problem.Kind, _ text: String) {
        guard problems.count < 20 else { return }
        problems.append(Problem(kind: kind, text: text, time: timeline.now))
        note("! \(kind.rawValue): \(text)")
    }

    /// Starts something that waits for others.
    func start(_ body: @escaping @Sendable () async -> Void) {
        Task(executorPreference: executor) { await body() }
    }

    /// Does something that waits for nothing but the store, and answers when it is done.
    func finish<Result: Sendable>(_ body: @escaping @Sendable (World) async throws -> Result) throws -> Result {
        let box = ResultBox<Result>()
        start { [self] in
            do {
                box.result = .success(try await body(self))
            } catch {
                box.result = .failure(error)
            }
        }
        executor.drain()
        guard let result = box.result else {
            throw SatchelError(.internalError, "A step of the simulation waits for what never comes.")
        }
        return try result.get()
    }

    /// Closes what is open.
    func close() throws {
        server.process.store.releaseWriter()
        executor.drain()
        try server.close()
    }
}

/// Carries a result out of a task of the simulation's thread.
private final class ResultBox<Value>: @unchecked Sendable {
    var result: Result<Value, any Error>?
}

/// Something that does not hold.
package struct Problem: Hashable, Sendable, CustomStringConvertible {
    /// What kind of promise is broken.
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        /// A change-set is in no state, or in two.
        case lost
        /// There are more change-sets than anybody made.
        case doubled
        /// Something does not come to rest though nothing disturbs it.
        case stuck
        /// Replicas that should be equal are not, or one is not what it must be.
        case divergent
        /// A conflict is reported that is none, or one is not reported.
        case inexact
        /// A change-set is seen in part.
        case torn
        /// Something failed that must not.
        case failed
    }

    /// What kind it is.
    package let kind: Kind
    /// What does not hold.
    package let text: String
    /// When, in milliseconds since the simulation began.
    package let time: Int64

    /// Kind, time and text.
    package var description: String { "\(kind.rawValue) at \(time): \(text)" }
}

/// How many pairs of writes the oracle and the engine judged alike.
package struct ConflictTally: Hashable, Sendable {
    /// Pairs of writes of one place.
    package var pairs = 0
    /// Pairs that both say are in conflict.
    package var agreed = 0
    /// Pairs of which the engine says nothing though they are in conflict.
    package var missed = 0
    /// Pairs that the engine reports though they are in none.
    package var invented = 0

    package init() {}

    /// Of what is reported, how much is so.
    package var precision: Double { agreed + invented == 0 ? 1 : Double(agreed) / Double(agreed + invented) }
    /// Of what is so, how much is reported.
    package var recall: Double { agreed + missed == 0 ? 1 : Double(agreed) / Double(agreed + missed) }

    /// Takes what another run counted.
    package mutating func add(_ other: ConflictTally) {
        pairs += other.pairs
        agreed += other.agreed
        missed += other.missed
        invented += other.invented
    }
}
