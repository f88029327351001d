import Synchronization

/// What happened since somebody last looked; several of a kind are one.
package struct WatchNews: Sendable {
    /// What became of the line on which the server tells its news.
    package enum Line: Hashable, Sendable {
        /// It is there.
        case began
        /// It ended; `wasThere` says that it had begun, `asked` how long the server wants to be left alone.
        case ended(wasThere: Bool, asked: Duration?)
    }

    /// Somebody who could write the replica has closed it.
    package var isLocal = false
    /// A network came up.
    package var isNetworkUp = false
    /// The newest head that was announced.
    package var head: ServerHead?
    /// The last that became of the line.
    package var line: Line?

    package init() {}

    /// Whether nothing happened.
    package var isEmpty: Bool { !isLocal && !isNetworkUp && head == nil && line == nil }
}

/// Wakes the one who waits for news, and keeps them while nobody waits.
package final class WatchBell: Sendable {
    private struct State {
        var news = WatchNews()
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    package init() {}

    /// Tells something.
    package func tell(_ change: (inout WatchNews) -> Void) {
        state.withLock { state -> CheckedContinuation<Void, Never>? in
            change(&state.news)
            defer { state.waiter = nil }
            return state.waiter
        }?.resume()
    }

    /// Waits until something is told, the time is over, or the task is cancelled; returns what was told.
    ///
    /// One at a time may wait.
    package func wait(atMost limit: Duration) async -> WatchNews {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await Task.sleep(for: limit) }
            group.addTask { await self.waitForNews() }
            await group.next()
            group.cancelAll()
        }
        return state.withLock { state in
            defer { state.news = WatchNews() }
            return state.news
        }
    }

    private func waitForNews() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let mustWait = state.withLock { state in
                    guard state.news.isEmpty, !Task.isCancelled else { return false }
                    state.waiter = continuation
                    return true
                }
                if !mustWait { continuation.resume() }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                defer { state.waiter = nil }
                return state.waiter
            }
            waiter?.resume()
        }
    }
}
