import GRDB
package import SatchelSync

/// Why the last exchange did not end well, and when the next one is tried by itself: kept with the replica, so that it outlives every program.
package struct RetryState: Hashable, Sendable {
    /// Consecutive exchanges that did not end well; 0 where the last one did.
    package var failureCount = 0
    /// Why the last one did not, as a code; `nil` where it did.
    package var code: String?
    /// The same in a sentence.
    package var sentence: String?
    /// When it failed, by the device's clock.
    package var failedAt: Timestamp?
    /// Before when no automatic exchange is tried.
    package var nextAttempt: Timestamp?
    /// Before when the server wants no exchange at all; `nil` where it did not say.
    package var notBefore: Timestamp?

    /// Nothing failed.
    package init() {}

    /// How long it is until the next automatic attempt; zero when it is due.
    ///
    /// A clock that was set back to before the failure cannot tell how long that is ago: nothing is waited for then.
    package func wait(at now: Timestamp) -> Duration { left(until: nextAttempt, at: now) }

    /// How long the server wants to be left alone; zero when it does not.
    package func askedWait(at now: Timestamp) -> Duration { left(until: notBefore, at: now) }

    private func left(until end: Timestamp?, at now: Timestamp) -> Duration {
        guard let end, let failedAt, now >= failedAt else { return .zero }
        return .milliseconds(max(0, end.milliseconds - now.milliseconds))
    }
}

// What is kept of failures.
extension ReplicaTransaction {
    /// When the next exchange is tried, and why.
    package func retryState() throws -> RetryState { try meta.retryState() }

    /// Whether own change-sets wait for the server's answer.
    package func hasUnconfirmed() throws -> Bool {
        let sql = "SELECT EXISTS (SELECT 1 FROM satchel_change_set WHERE state < ?)"
        return try Bool.fetchOne(db, sql: sql, arguments: [QueueState.applied.rawValue]) ?? false
    }

    /// Bytes of the change-sets that were handed to the network and got no answer.
    package func sentBytes() throws -> Int {
        let sql = "SELECT coalesce(sum(length(body)), 0) FROM satchel_change_set WHERE state = ?"
        return try Int.fetchOne(db, sql: sql, arguments: [QueueState.sent.rawValue]) ?? 0
    }

    /// How many bytes of change-sets the next push takes, as the line showed; `nil` where nothing is known of it.
    package func pushBytes() throws -> Int? { try meta.number(.pushBytes).map { Int(clamping: $0) } }

    /// Keeps it; what is so already is not written again.
    package func setPushBytes(_ bytes: Int) throws {
        if try pushBytes() != bytes { try meta.set(.pushBytes, bytes) }
    }

    /// Keeps it; what is so already is not written again.
    package func setRetryState(_ state: RetryState) throws {
        if try meta.retryState() != state { try meta.setRetryState(state) }
    }
}

extension ReplicaMeta {
    fileprivate func retryState() throws -> RetryState {
        var state = RetryState()
        state.failureCount = Int(clamping: try number(.failureCount) ?? 0)
        state.code = try text(.lastFailure)
        state.sentence = try text(.lastFailureSentence)
        state.failedAt = try instant(.lastFailureTime)
        state.nextAttempt = try instant(.nextAttempt)
        state.notBefore = try instant(.notBefore)
        return state
    }

    fileprivate func setRetryState(_ state: RetryState) throws {
        try set(.failureCount, state.failureCount)
        try set(.lastFailure, state.code)
        try set(.lastFailureSentence, state.sentence)
        try set(.lastFailureTime, state.failedAt?.milliseconds)
        try set(.nextAttempt, state.nextAttempt?.milliseconds)
        try set(.notBefore, state.notBefore?.milliseconds)
    }

    private func instant(_ key: Key) throws -> Timestamp? {
        try number(key).map { Timestamp(milliseconds: $0) }
    }
}
