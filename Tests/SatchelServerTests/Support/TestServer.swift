import Dispatch
import SatchelServer
import SatchelStorage
import SatchelSync
import SatchelTestSupport
import SatchelWire

/// A server's engine over a real store in a folder of its own, without HTTP.
final class TestServer: Sendable {
    let folder: TemporaryFolder
    let store: SQLiteServerStore
    let queue: MergeQueue<SQLiteServerStore>
    let presence = DevicePresence()
    let clock = TestClock()
    let service: OperatorService<SQLiteServerStore>

    init(reopening old: TemporaryFolder? = nil, in folder: TemporaryFolder? = nil) throws {
        let schema = try ItemSchema.make()
        self.folder = try old ?? folder ?? TemporaryFolder()
        let data = DataFolder(path: self.folder.path)
        if old == nil {
            try SQLiteServerStore.create(
                in: data, identity: .new(name: "office", schemaSource: "items"), schema: schema, at: clock.now())
        }
        store = try SQLiteServerStore(folder: data, purpose: "test") { _ in schema }
        queue = MergeQueue(store: store)
        service = OperatorService(store: store, queue: queue, presence: presence, clock: clock)
    }

    deinit { closeLater(keeping: folder) { [store] in try store.close() } }

    func engine(
        recordsMax: Int? = nil, bytesMax: Int? = nil, recordBytesMax: Int? = nil, staleRowsMax: Int? = nil,
        parkedMax: Int = ServerLimits.parkedPerDeviceMax, alarms: AlarmDesk? = nil
    ) -> SyncEngine<SQLiteServerStore> {
        var limits = SyncEngine<SQLiteServerStore>.PageLimits()
        limits.recordsMax = recordsMax ?? limits.recordsMax
        limits.bytesMax = bytesMax ?? limits.bytesMax
        limits.recordBytesMax = recordBytesMax ?? limits.recordBytesMax
        limits.staleRowsMax = staleRowsMax ?? limits.staleRowsMax
        return SyncEngine(
            store: store, queue: queue, presence: presence, clock: clock, pageLimits: limits, parkedMax: parkedMax,
            alarms: alarms)
    }

    /// A new user's new device.
    func device(_ user: String = "ann") async throws -> TestDevice {
        _ = try await service.perform(.addUser(name: user))
        return try await anotherDevice(of: user)
    }

    /// Another device of a user.
    func anotherDevice(of user: String) async throws -> TestDevice {
        let desk = EnrolmentDesk(store: store, queue: queue, clock: clock)
        let code = try await desk.makeCode(forUser: user).code
        let reply = try await desk.enrol(EnrolRequest(code: code, deviceName: "\(user)'s phone"))
        let hash = DeviceToken.hash(of: reply.token)
        guard let account = try await store.read({ try $0.device(tokenHash: hash) }) else {
            throw SatchelError(.unauthorized, "The new device is not there.")
        }
        return TestDevice(reply: reply, account: account, server: self)
    }

    /// The highest counter that the server has judged of a device.
    func frontier(of device: TestDevice) async throws -> UInt64 {
        let actor = device.actor
        return try await store.read { try $0.frontier(of: actor).counter }
    }

    /// What the log has of a device's change-set.
    func logEntry(_ device: TestDevice, _ counter: UInt64) async throws -> LogEntry? {
        let dot = Dot(device.actor, counter)
        return try await store.read { try $0.logEntry(dot) }
    }

    /// The record as the store has it.
    func state(_ record: RecordID) async throws -> RecordState? {
        try await store.read { try $0.record(record)?.state }
    }
}

/// Closes a store elsewhere, before its folder goes: the last to let go of a server may be the store's own queue, which cannot wait for
/// itself.
func closeLater(keeping folder: TemporaryFolder, _ close: @escaping @Sendable () throws -> Void) {
    DispatchQueue.global().async { withExtendedLifetime(folder) { try? close() } }
}
