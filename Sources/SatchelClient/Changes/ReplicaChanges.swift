import Synchronization

/// The changes of a replica from the moment on in which ``Replica/changes(keeping:)`` was called, for one task to go through.
///
/// It ends when that task is cancelled or ``Replica/close()`` is called; the changes after that are told to nobody. Where the task is
/// slower than what happens, the newest are kept and a ``ReplicaChange/rescan`` stands before them.
public struct ReplicaChanges: AsyncSequence, Sendable {
    /// What is told.
    public typealias Element = ReplicaChange
    /// It never fails.
    public typealias Failure = Never

    let stream: AsyncStream<ReplicaChange>
    let loss: ChangeLoss
    /// Kept for as long as somebody may listen.
    let hub: ChangeHub

    /// Begins to listen.
    ///
    /// Changes since the call of ``Replica/changes(keeping:)`` are told first.
    public func makeAsyncIterator() -> Iterator {
        Iterator(base: stream.makeAsyncIterator(), loss: loss, hub: hub)
    }

    /// Waits for one change after the other.
    public struct Iterator: AsyncIteratorProtocol {
        private var base: AsyncStream<ReplicaChange>.Iterator
        private let loss: ChangeLoss
        private let hub: ChangeHub
        /// What was taken from the buffer and comes after the rescan that was told in its place.
        private var held: ReplicaChange?

        init(base: AsyncStream<ReplicaChange>.Iterator, loss: ChangeLoss, hub: ChangeHub) {
            self.base = base
            self.loss = loss
            self.hub = hub
        }

        /// Waits for the next change; `nil` when there will be none.
        public mutating func next() async -> ReplicaChange? { await next(isolation: #isolation) }

        /// Waits for the next change on the caller's actor; `nil` when there will be none.
        public mutating func next(isolation actor: isolated (any Actor)?) async -> ReplicaChange? {
            if let change = held {
                held = nil
                return change
            }
            guard !loss.take() else { return .rescan }
            guard let change = await base.next(isolation: actor) else { return nil }
            guard loss.take() else { return change }
            // A rescan says all that another one would.
            if change != .rescan { held = change }
            return .rescan
        }
    }
}

/// Whether changes were dropped that nobody has been told of.
final class ChangeLoss: Sendable {
    private let isOpen = Mutex(false)

    /// Something was dropped.
    func note() { isOpen.withLock { $0 = true } }

    /// Whether something was dropped since it was last asked.
    func take() -> Bool {
        isOpen.withLock { isOpen in
            defer { isOpen = false }
            return isOpen
        }
    }
}
