import SatchelStorage
public import SatchelSync
import Synchronization

/// One exchange of a replica that is kept in sync.
public struct SyncRound: Sendable {
    /// How it ended.
    public enum Outcome: Sendable {
        /// Well.
        case done(SyncReport)
        /// Not well; it is tried again at `next`, or soon where nobody could keep that.
        case failed(SatchelError, next: Timestamp?)
    }

    /// Its number since the program began, from 1.
    public let number: Int
    /// When it began, by the device's clock.
    public let startedAt: Timestamp
    /// How it ended.
    public let outcome: Outcome
}

extension Replica {
    /// Keeps the replica in sync until the task is cancelled.
    ///
    /// An exchange follows at once on an edit by any program, on news of the server, and on a network that comes up; after a failure it is tried
    /// again and again, in growing pauses, as the replica keeps them. Nothing is held between exchanges: other programs work meanwhile.
    ///
    /// `onRound` is told each exchange when it is over; what it throws ends all.
    ///
    /// - Throws: `CancellationError` at its end; `SatchelError` `database_in_use` where another program does it already, and `missing_data`,
    ///   `foreign_data`, `newer_data` or `storage_failed` where the replica cannot be read.
    public func keepInSync(onRound: @escaping @Sendable (SyncRound) throws -> Void) async throws {
        let watcher = SyncWatcher(replica: self, onRound: onRound) { try transport(to: $0) }
        try await watcher.run()
    }

    /// Whether a program keeps this replica in sync now.
    public var isKeptInSync: Bool { Lease.isHeld(.watch, in: folder.url) }
}

/// A flag that is raised once.
final class Flag: Sendable {
    private let isRaised = Mutex(false)

    /// Raises it; whether this was the first time.
    func raise() -> Bool {
        isRaised.withLock { isRaised in
            defer { isRaised = true }
            return !isRaised
        }
    }
}
