import Foundation
import Synchronization

/// Runs every task of a simulation on the one thread that drains it, one job after the other.
///
/// The store's own queues are the only threads beside it. What waits for one of them says so, and draining goes on until
/// nobody waits any more: so the order of jobs depends on nothing but the simulation.
final class SimulationExecutor: TaskExecutor {
    private struct State {
        var jobs: [UnownedJob] = []
        var waitingCount = 0
    }

    private let state = Mutex(State())
    private let arrival = DispatchSemaphore(value: 0)

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        state.withLock { $0.jobs.append(job) }
        arrival.signal()
    }

    /// Runs jobs until none is left and nobody waits for a store.
    func drain() {
        while let job = next() { unsafe job.runSynchronously(on: asUnownedTaskExecutor()) }
    }

    /// Waits for `body`, whose answer comes from another thread; draining goes on until it is there.
    func waiting<Result: Sendable>(_ body: () async throws -> Result) async rethrows -> Result {
        state.withLock { $0.waitingCount += 1 }
        defer { state.withLock { $0.waitingCount -= 1 } }
        return try await body()
    }

    /// The next job; `nil` once there is none and none will come.
    private func next() -> UnownedJob? {
        while true {
            let (job, isOver) = state.withLock { state -> (UnownedJob?, Bool) in
                if !state.jobs.isEmpty { return (state.jobs.removeFirst(), false) }
                return (nil, state.waitingCount == 0)
            }
            if let job { return job }
            if isOver { return nil }
            arrival.wait()
        }
    }
}
