import SatchelStorage
import SatchelSync
import Synchronization

/// Lets the changes of many devices share one write transaction: whoever comes while one runs rides in the next.
///
/// Each change is a savepoint of its own, so one that fails undoes nothing of the others. The answer leaves after the commit.
package actor MergeQueue<Store: ServerStore> {
    /// What is run in a transaction, and whether it has that for itself.
    private typealias Change = @Sendable (Store.Transaction, _ isAlone: Bool) throws -> Void

    /// A change that waits, and the task that waits for it.
    private struct Rider {
        let change: Change
        /// Resumed with whether the task has to lead the next transaction itself.
        let continuation: CheckedContinuation<Bool, any Error>
    }

    private let store: Store
    private let batchMax: Int
    private let onCommit: @Sendable () -> Void
    private var waiting: [Rider] = []
    private var isRunning = false

    /// Writes to `store`, at most `batchMax` changes a transaction; says after each that it is durable.
    package init(store: Store, batchMax: Int = 64, onCommit: @escaping @Sendable () -> Void = {}) {
        self.store = store
        self.batchMax = batchMax
        self.onCommit = onCommit
    }

    /// Runs `change` in a transaction that it may share, and returns once that is durable.
    ///
    /// `change` may run twice: when a shared transaction fails as a whole, each change is tried alone.
    package func run<Result: Sendable>(
        _ change: @escaping @Sendable (Store.Transaction) throws -> Result
    ) async throws -> Result {
        let outcome = Outcome<Result>()
        let contained: Change = { transaction, isAlone in
            // Where it is alone the transaction ends with it, which saves SQLite a copy of each page that it changes.
            if isAlone { return outcome.set(.success(try change(transaction))) }
            // A refusal is this change's own. A failing store throws past it and ends the transaction.
            do {
                let result = try transaction.savepoint { try change(transaction) }
                outcome.set(.success(result))
            } catch let error where error is SatchelError || error is ExchangeFailure {
                outcome.set(.failure(error))
            }
        }
        if isRunning {
            let isLeading = try await withCheckedThrowingContinuation { continuation in
                waiting.append(Rider(change: contained, continuation: continuation))
            }
            if isLeading { try await lead(contained) }
        } else {
            isRunning = true
            try await lead(contained)
        }
        return try outcome.get()
    }

    /// Runs a change whose merges may throw what nobody foresaw: where one did after it had written something, once more, with care.
    package func runGuarded<Result: Sendable>(
        _ change: @escaping @Sendable (Store.Transaction, _ isCareful: Bool) throws -> Result
    ) async throws -> Result {
        do {
            return try await run { try change($0, false) }
        } catch  where MergeFault.isOne(error) {
            return try await run { try change($0, true) }
        }
    }

    /// Runs one transaction with `own` and those who wait, answers them, and passes the lead on.
    private func lead(_ own: @escaping Change) async throws {
        let riders = Array(waiting.prefix(batchMax - 1))
        waiting.removeFirst(riders.count)
        defer {
            if waiting.isEmpty {
                isRunning = false
            } else {
                waiting.removeFirst().continuation.resume(returning: true)
            }
        }
        // Also where it failed: some of the changes may have been made alone.
        defer { onCommit() }
        let changes = [own] + riders.map(\.change)
        do {
            try await store.write { transaction in
                for change in changes { try change(transaction, changes.count == 1) }
            }
            for rider in riders { rider.continuation.resume(returning: false) }
        } catch {
            guard !riders.isEmpty else { throw error }
            for rider in riders {
                do {
                    try await store.write { try rider.change($0, true) }
                    rider.continuation.resume(returning: false)
                } catch {
                    rider.continuation.resume(throwing: error)
                }
            }
            try await store.write { try own($0, true) }
        }
    }
}

/// What became of one change, set on the store's thread and read after the commit.
private final class Outcome<Value: Sendable>: Sendable {
    private let result = Mutex<Result<Value, any Error>?>(nil)

    func set(_ result: Result<Value, any Error>) { self.result.withLock { $0 = result } }

    func get() throws -> Value {
        guard let result = result.withLock({ $0 }) else {
            throw SatchelError(.internalError, "A change left the merge queue without an outcome.")
        }
        return try result.get()
    }
}
