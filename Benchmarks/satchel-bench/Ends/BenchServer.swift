import Foundation
import SatchelServer
import SatchelStorage
import SatchelSync
import SatchelWire

/// The engine over an open store, without HTTP.
struct BenchServer: Sendable {
    let store: SQLiteServerStore
    let engine: SyncEngine<SQLiteServerStore>

    /// Opens the store of a folder.
    init(folder: URL, schema: Schema) throws {
        store = try SQLiteServerStore(folder: DataFolder(path: folder.path), purpose: "bench") { _ in schema }
        engine = SyncEngine(
            store: store, queue: MergeQueue(store: store), presence: DevicePresence(), clock: SystemClock())
    }

    /// The device of an actor, as one that has pulled all that the store has.
    func device(named name: String) async throws -> BenchDevice {
        let hash = Hashing.sha256(Array(name.utf8))
        let (account, line, head) = try await store.read { snapshot in
            let account = try snapshot.device(tokenHash: hash)
            return (account, try account.flatMap { try snapshot.line(of: $0.actor) }, try snapshot.head().sequence)
        }
        guard let account, let line else { throw SatchelError(.missingData, "The store has no device \(name).") }
        let checkpoint = CheckpointProof(identity: store.identity).checkpoint(at: head, device: account.id)
        return BenchDevice(
            account: account, forkToken: line.forkToken.current, epoch: store.identity.epoch,
            schemaVersion: store.schema.version,
            checkpoint: head == .zero ? nil : checkpoint)
    }
}

/// What a device says and keeps between two requests.
struct BenchDevice: Sendable {
    let account: DeviceAccount
    let epoch: StoreEpoch
    let schemaVersion: UInt32
    var checkpoint: Checkpoint?
    private var forkToken: [UInt8]
    private var confirmed: ConfirmedMark?

    init(
        account: DeviceAccount, forkToken: [UInt8], epoch: StoreEpoch, schemaVersion: UInt32, checkpoint: Checkpoint?
    ) {
        self.account = account
        self.epoch = epoch
        self.schemaVersion = schemaVersion
        self.checkpoint = checkpoint
        self.forkToken = forkToken
    }

    /// What the device would say now.
    func request(pushing offered: some Sequence<OfferedChangeSet>, wantsRecords: Bool) -> SyncRequest {
        let changeSets = Array(offered)
        return SyncRequest(
            schemaVersion: schemaVersion, epoch: epoch, actor: account.actor,
            highestCounter: changeSets.last?.changeSet.dot.counter ?? confirmed?.counter ?? 0, confirmed: confirmed,
            forkToken: forkToken, checkpoint: checkpoint, deviceTime: SystemClock().now(), changeSets: changeSets,
            wantsRecords: wantsRecords)
    }

    /// Pushes change-sets and keeps what the server says of them.
    mutating func push(_ offered: some Collection<OfferedChangeSet>, to server: BenchServer) async throws {
        let cursor = try await server.engine.begin(
            request(pushing: offered, wantsRecords: false), from: account)
        for frame in cursor.opening { keep(frame) }
        try cursor.requireApplied(offered.count)
        if let last = Array(offered).last, let digest = last.digest {
            confirmed = ConfirmedMark(counter: last.changeSet.dot.counter, digest: digest)
        }
    }

    /// Pulls what is new; returns how many records came.
    mutating func pull(from server: BenchServer) async throws -> Int {
        var cursor = try await server.engine.begin(request(pushing: [], wantsRecords: true), from: account)
        for frame in cursor.opening { keep(frame) }
        var count = 0
        while !cursor.isDone {
            for frame in try await server.engine.nextFrames(&cursor) {
                if case .records(let deltas) = frame { count += deltas.count }
                keep(frame)
            }
        }
        return count
    }

    private mutating func keep(_ frame: SyncFrame) {
        switch frame {
        case .opening(let opening): forkToken = opening.forkToken
        case .closing(let closing): checkpoint = closing.checkpoint
        default: break
        }
    }
}

extension SyncEngine.Cursor {
    /// Checks that all that was pushed entered the store: a refused workload measures nothing.
    func requireApplied(_ count: Int) throws {
        var applied = 0
        for case .verdicts(let entries) in opening {
            applied += entries.count { $0.verdict.isApplied }
            if let refused = entries.first(where: { !$0.verdict.isApplied }) {
                throw SatchelError(
                    .internalError, "Change-set \(refused.counter) was refused: \(refused.verdict).",
                    remedy: "The schema of the yardstick does not fit the workload.")
            }
        }
        guard applied == count else {
            throw SatchelError(.internalError, "Of \(count) change-sets \(applied) were applied.")
        }
    }
}
