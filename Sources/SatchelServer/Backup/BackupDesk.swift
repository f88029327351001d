package import SatchelStorage
import SatchelSync
import Synchronization

/// Makes the backups of a store, one at a time, and tells those who wait how far it came.
///
/// Who asked does not have to wait: a backup that was begun goes on, and its end is told to whoever asks for it next.
package actor BackupDesk<Store: ServerStore> {
    /// Where the backup of a file stands.
    package enum State: Sendable {
        /// It is being made.
        case underWay(BackupProgress)
        /// It is made and verified.
        case done(BackupNote)
    }

    private struct Job {
        let path: String
        let meter: BackupMeter
        var result: Result<BackupNote, any Error>?
    }

    private let store: Store
    private let clock: any WallClock
    private var job: Job?
    private var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
    private var waitersCount = 0
    private var isStopping = false

    package init(store: Store, clock: any WallClock) {
        self.store = store
        self.clock = clock
    }

    /// Begins a backup, and waits for its end as long as `patience` says.
    ///
    /// - Throws: `SatchelError` `database_in_use` while another one is made, and what ``SQLiteServerStore/backUp(to:clock:progress:)``
    ///   throws.
    package func begin(_ path: String, patience: Duration = .seconds(1)) async throws -> State {
        if let job, job.result == nil, job.path != path {
            throw SatchelError(
                .databaseInUse, "Another backup of the store is being made, \(job.path).",
                remedy: "Wait until it is done, and try again.", isTransient: true)
        }
        guard !isStopping else {
            throw SatchelError(.unavailable, "The server is stopping.", remedy: "Try again later.", isTransient: true)
        }
        if job?.result != nil || job == nil {
            let meter = BackupMeter()
            job = Job(path: path, meter: meter)
            Task { await self.run(path, meter) }
        }
        return try await state(of: path, patience: patience)
    }

    /// Where a backup stands that was begun, waiting for its end as long as `patience` says.
    package func state(of path: String, patience: Duration = .seconds(1)) async throws -> State {
        if job?.path == path, job?.result == nil { await wait(patience) }
        guard let job, job.path == path else {
            throw SatchelError(
                .invalidRequest, "No backup \(path) is being made.", remedy: "Look at `satchel-server backup list`.")
        }
        guard let result = job.result else { return .underWay(job.meter.last) }
        return .done(try result.get())
    }

    /// Makes a backup and waits for its end.
    package func make(_ path: String) async throws -> BackupNote {
        var state = try await begin(path, patience: .seconds(60))
        while true {
            if case .done(let note) = state { return note }
            state = try await self.state(of: path, patience: .seconds(60))
        }
    }

    /// Gives up the one that is being made, and waits until nothing of it is left.
    package func stop() async {
        isStopping = true
        job?.meter.stop()
        while let job, job.result == nil { await wait(.seconds(60)) }
    }

    private func run(_ path: String, _ meter: BackupMeter) async {
        let result: Result<BackupNote, any Error>
        do {
            result = .success(try await store.backUp(to: path, clock: clock) { try meter.take($0) })
        } catch {
            result = .failure(error)
        }
        job?.result = result
        for continuation in waiting.values { continuation.resume() }
        waiting.removeAll()
    }

    private func wait(_ patience: Duration) async {
        waitersCount += 1
        let number = waitersCount
        let timer = Task {
            try? await Task.sleep(for: patience)
            self.wake(number)
        }
        await withCheckedContinuation { waiting[number] = $0 }
        timer.cancel()
    }

    private func wake(_ number: Int) { waiting.removeValue(forKey: number)?.resume() }
}

/// How far a backup came, and whether it shall go on; written on the thread that makes it.
private final class BackupMeter: Sendable {
    private let state = Mutex((last: BackupProgress(step: .hashing, done: 0, total: 0), isStopped: false))

    var last: BackupProgress { state.withLock { $0.last } }

    func stop() { state.withLock { $0.isStopped = true } }

    func take(_ progress: BackupProgress) throws {
        let isStopped = state.withLock { state in
            state.last = progress
            return state.isStopped
        }
        guard !isStopped else {
            throw SatchelError(
                .unavailable, "The server stops, and gave the backup up.", remedy: "Make it again.", isTransient: true)
        }
    }
}
