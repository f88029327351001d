import Foundation
import GRDB
import SatchelClient
import SatchelStorage
import SatchelSync
import SatchelTestSupport

/// A device: the real replica over its home folder, in a process that dies and begins again.
///
/// Only the simulation's thread touches it.
final class SimulatedDevice: @unchecked Sendable {
    let number: Int
    /// The device that its home was copied from, or itself.
    let origin: Int
    let name: String
    let actor: ActorID
    let clock: SkewedClock
    let replica: Replica
    private(set) var life = ProcessLife()
    /// What the home lies on, where a crash is a power cut.
    private var disk: FaultyDisk?
    /// The exchange under way; `nil` where there is none.
    var transport: NetworkTransport?
    /// Whether something may have changed since somebody looked.
    var isTouched = false
    /// Whether the last exchange ended without an answer.
    var hasLostAnswer = false
    /// Whether a part of a reply is staged.
    var hasStaged = false
    /// How many change-sets its people made, as far as they know: what they were refused is none.
    var madeMax = 0
    /// What its people were told is kept, since somebody looked.
    var acknowledged: [Dot] = []
    /// Whether somebody took back, or tried to, what was made last, since somebody looked.
    var mayLackLast = false
    /// What forms that are open show of a record.
    var forms: [Form] = []

    /// What the forms showed that the edit under way rests on.
    var pendingForms: [RecordID: SeenModel.Reading] = [:]

    /// The home as somebody kept it aside.
    private var kept: Kept?

    /// A home kept aside, and what the simulation knew of it then.
    struct Kept {
        let folder: URL
        let model: SeenModel.Device
        let madeMax: Int
        let forms: [Form]
    }

    /// A form that somebody opened.
    struct Form {
        let record: RecordID
        let token: ReadToken
        var seen: SeenModel.Reading
    }

    /// The form of a record that was opened last, and what an edit by it claims to have seen; `nil` where the home takes none.
    func lastForm(of record: RecordID) throws -> (form: Form, context: VersionVector)? {
        guard let form = forms.last(where: { $0.record == record }) else { return nil }
        let identity = try replica.reading { try $0.identity() }
        let context = try? form.token.context(forEditOf: record, by: identity.actor, lineage: identity.lineage)
        return context.map { (form, $0) }
    }

    init(number: Int, actor: ActorID, folder: URL, clock: VirtualClock) {
        self.number = number
        origin = number
        self.actor = actor
        name = "d\(number)"
        self.clock = SkewedClock(clock)
        replica = Replica(home: folder.appending(path: name).path, clock: self.clock)
    }

    /// A copy of a device, whose home is copied beside this.
    init(copying device: SimulatedDevice, number: Int, folder: URL, clock: VirtualClock) {
        self.number = number
        origin = device.origin
        actor = device.actor
        name = "d\(number)"
        self.clock = SkewedClock(clock)
        replica = Replica(home: folder.appending(path: name).path, clock: self.clock)
        madeMax = device.madeMax
        forms = device.forms
    }

    /// Keeps the home aside, with what is known of it.
    func keepAside(_ known: SeenModel.Device) throws {
        let folder = replica.folder.url.deletingLastPathComponent().appending(path: "\(name) aside")
        if kept != nil { try FileManager.default.removeItem(at: folder) }
        try FileManager.default.copyItem(at: replica.folder.url, to: folder)
        kept = Kept(folder: folder, model: known, madeMax: madeMax, forms: forms)
    }

    /// Puts the home back as it was kept; answers what was known of it then, and `nil` where nothing was kept.
    func putBack() throws -> SeenModel.Device? {
        guard let kept else { return nil }
        try FileManager.default.removeItem(at: replica.folder.url)
        try FileManager.default.copyItem(at: kept.folder, to: replica.folder.url)
        // A log that was deleted in the folder of before does not come back in this one.
        disk?.settle()
        (madeMax, forms) = (kept.madeMax, kept.forms)
        isTouched = true
        return kept.model
    }

    /// The name of the n-th device's actor: whose comes first is a matter of chance.
    static func actor(number: Int, shuffledBy random: inout SeededRandom) -> ActorID {
        ActorID(high: (random.next() & ~0xFF) | UInt64(number + 1), low: random.next())
    }

    /// Runs a step of the device's process, which may die in it.
    func perform<Result>(_ body: () throws -> Result) throws -> Result {
        isTouched = true
        let life = life
        return try FaultPoint.$handler.withValue({ try life.reach($0.rawValue) }, operation: body)
    }

    /// Runs a longer step of the device's process.
    func perform<Result>(_ body: () async throws -> Result) async throws -> Result {
        isTouched = true
        let life = life
        return try await FaultPoint.$handler.withValue({ try life.reach($0.rawValue) }, operation: body)
    }

    /// Somebody was told that an edit is kept.
    func keep(_ outcome: EditOutcome) { acknowledged.append(outcome.dot) }

    /// From now on a crash takes the power with it.
    func layOnDisk(seed: UInt64) throws {
        disk = try FaultyDisk(folder: replica.folder.url, seed: seed)
        life = newLife()
    }

    private func newLife() -> ProcessLife { ProcessLife { [disk] in disk?.cut() } }

    /// The power goes with one of the next changes of a file; answers whether it can.
    func cutPower(atChange nth: Int) -> Bool {
        disk?.cut(atChange: nth) { [weak life] in life?.end(at: "a change of a file") }
        return disk != nil
    }

    /// Nothing happens to it any more.
    func spare() {
        life.spare()
        disk?.cut(atChange: 0)
    }

    /// A new process, over what the old one left on the disk; tells what a power cut took.
    func restart() throws -> FaultyDisk.Loss? {
        life.end()
        transport?.line?.arrive(.crash)
        let loss = try disk?.restore()
        life = newLife()
        isTouched = true
        return loss
    }

    /// What the replica holds, for the simulation's own checks.
    func look() throws -> Sight { try disk?.sparing(sight) ?? sight() }

    private func sight() throws -> Sight {
        try replica.reading { transaction in
            var records: [StoredRecord] = []
            try transaction.records.forEach { records.append($0) }
            let facts = try transaction.exchangeFacts()
            return Sight(
                own: try transaction.ownChangeSets(.all), epoch: facts.epoch,
                isReturning: try transaction.isReturning(),
                checkpoint: facts.checkpoint?.sequence.number ?? 0, records: records,
                digest: try transaction.baseDigest(), staged: try transaction.stagedThrough()?.number)
        }
    }

    /// What a replica holds.
    struct Sight {
        let own: [OwnChangeSet]
        let epoch: StoreEpoch
        let isReturning: Bool
        let checkpoint: UInt64
        let records: [StoredRecord]
        let digest: String
        let staged: UInt64?
    }

    /// Runs SQL on a connection that knows nothing of Satchel, as the `sqlite3` shell does.
    func shell(_ sql: String) throws {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        let queue = try DatabaseQueue(path: replica.folder.databasePath, configuration: configuration)
        try queue.write { try $0.execute(sql: sql) }
        try queue.close()
    }

    /// Reads the file on a connection of its own.
    func inspect<Result>(_ body: (Database) throws -> Result) throws -> Result {
        guard let disk else { return try read(body) }
        return try disk.sparing { try read(body) }
    }

    private func read<Result>(_ body: (Database) throws -> Result) throws -> Result {
        var configuration = Configuration()
        configuration.readonly = true
        let queue = try DatabaseQueue(path: replica.folder.databasePath, configuration: configuration)
        let result = try queue.read(body)
        try queue.close()
        return result
    }
}
