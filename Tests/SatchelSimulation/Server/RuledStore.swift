import SatchelServer
import SatchelStorage
import SatchelSync
import Synchronization

/// A real store in a process that can die at each of its steps, whose writer can be held up, and whose engine judges by a schema
/// that the simulation narrows: a rule of the house that comes and goes.
///
/// Only the judging sees the rule. Records are stored, read and handed out with the store's own schema, which devices have too.
final class RuledStore: ServerStore {
    private let store: SQLiteServerStore
    private let executor: SimulationExecutor
    private let life: ProcessLife
    private let narrowed = Mutex<Schema?>(nil)
    private let gate = WriterGate()

    init(_ store: SQLiteServerStore, executor: SimulationExecutor, life: ProcessLife) {
        self.store = store
        self.executor = executor
        self.life = life
    }

    var schema: Schema { narrowed.withLock { $0 } ?? store.schema }
    var identity: StoreIdentity { store.identity }

    func write<Result: Sendable>(
        _ body: @escaping @Sendable (SQLiteServerTransaction) throws -> Result
    ) async throws -> Result {
        await gate.pass()
        try life.reach("server-begins")
        let life = life
        do {
            let result = try await executor.waiting {
                try await store.write { transaction in
                    let result = try body(transaction)
                    try life.reach("server-commits")
                    return result
                }
            }
            try life.reach("server-committed")
            return result
        } catch {
            // Where the power went with a change of the file, SQLite says so in its words.
            throw life.isDead ? Crash(place: "server-writes") : error
        }
    }

    func read<Result: Sendable>(
        _ body: @escaping @Sendable (SQLiteServerSnapshot) throws -> Result
    ) async throws -> Result {
        if life.isDead { throw Crash(place: "server-reads") }
        do {
            return try await executor.waiting { try await store.read(body) }
        } catch {
            throw life.isDead ? Crash(place: "server-reads") : error
        }
    }

    /// Reads for the simulation's own checks, which no fault touches.
    func inspect<Result: Sendable>(
        _ body: @escaping @Sendable (SQLiteServerSnapshot) throws -> Result
    ) async throws -> Result {
        try await executor.waiting { try await store.read(body) }
    }

    func records(numbered keys: [UInt64]) throws(SatchelError) -> [RecordID?] { try store.records(numbered: keys) }
    func backUp(
        to path: String, clock: any WallClock, progress: @escaping @Sendable (BackupProgress) throws -> Void
    ) async throws -> BackupNote {
        try await executor.waiting { try await store.backUp(to: path, clock: clock, progress: progress) }
    }
    func close() throws { try store.close() }

    /// Whoever writes from now on waits, until the gate is opened.
    func holdWriter() { gate.close() }
    /// Lets in who waits.
    func releaseWriter() { gate.open() }
    /// Whether whoever writes now waits.
    var isWriterHeld: Bool { gate.isClosed }

    /// From now on text fields take no text that begins with `~`, or take such again.
    func refuseMarked(_ isOn: Bool) throws {
        guard isOn else { return narrowed.withLock { $0 = nil } }
        let schema = try SimulationSchema.refusingMarked(store.schema)
        narrowed.withLock { $0 = schema }
    }
}

/// Where writers wait while the disk does not answer.
private final class WriterGate: Sendable {
    private struct State {
        var isClosed = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    func close() { state.withLock { $0.isClosed = true } }
    var isClosed: Bool { state.withLock { $0.isClosed } }

    func open() {
        let waiting = state.withLock { state in
            defer { state = State() }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    func pass() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if state.isClosed { state.waiting.append(continuation) }
                return !state.isClosed
            }
            if isOpen { continuation.resume() }
        }
    }
}
