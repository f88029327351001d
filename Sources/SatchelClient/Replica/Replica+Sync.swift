import SatchelStorage
public import SatchelSync

extension Replica {
    /// Pushes the queue and pulls to the checkpoint, because a person wants it now.
    ///
    /// It waits for no retry that is planned, and the waits after it begin anew. Only where the server asked for a pause that is not over
    /// (`Retry-After`) nothing is sent, unless `isUrgent`.
    ///
    /// - Throws: `SatchelError`; where it is transient, the same call may succeed later. Nothing pending is ever lost.
    public func sync(
        isUrgent: Bool = false, onProgress: @escaping @Sendable (Int) -> Void = { _ in }
    ) async throws -> SyncReport {
        try await sync(
            .all, isUrgent: isUrgent,
            onProgress: { step in if case .fetched(let count, _) = step { onProgress(count) } })
    }

    /// The same, as far as `reach` says, and with at most about `bytesMax` bytes of bodies both ways.
    ///
    /// Own work goes first, the oldest before the others; where as much has passed it ends in good order, and the next sync goes on from there. An own
    /// change-set that is larger than what is left is not sent, and nothing behind it; of the server's records at least one comes where any is asked for.
    package func sync(
        _ reach: SyncReach, bytesMax: Int? = nil, isUrgent: Bool = false,
        onProgress: @escaping @Sendable (SyncStep) -> Void,
        onIndexed: (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) async throws -> SyncReport {
        let (identity, retry) = try reading { (try $0.identity(), try $0.retryState()) }
        if !isUrgent, let refusal = retry.refusal(at: clock.now()) { throw refusal }
        var runner = SyncRunner(
            replica: self, transport: try transport(to: identity, meter: ByteMeter(bytesMax: bytesMax)),
            onProgress: onProgress)
        runner.reach = reach
        let report = try await runner.run(isByHand: true)
        catchUpSearchAfterSync(onIndexed)
        return report
    }

    /// The line to the server of this replica, if it is the one.
    func transport(to identity: ReplicaIdentity, meter: ByteMeter = ByteMeter()) throws -> HTTPTransport {
        try HTTPTransport(
            serverURL: identity.serverURL, trust: ServerTrust(stored: identity.serverTrust), meter: meter)
    }
}

/// How far a sync is.
package enum SyncStep: Hashable, Sendable {
    /// So many own change-sets were answered, of those that waited when it began.
    case sent(Int, of: Int)
    /// So many records have come, in so many bytes of all that has come in.
    case fetched(Int, bytes: Int)
}

/// Why the last sync did not end well, and when the next one is tried by itself.
public struct SyncFailure: Hashable, Sendable {
    /// Why, as a code.
    public let code: String
    /// The same in a sentence; `nil` where nobody gave one.
    public let sentence: String?
    /// When, by the device's clock.
    public let failedAt: Timestamp?
    /// How many syncs in a row did not end well; one by hand begins anew.
    public let count: Int
    /// When `satchel sync --watch` tries again.
    public let nextAttempt: Timestamp?
    /// Until when the server asked to be left alone; `nil` where it did not.
    public let notBefore: Timestamp?
}

extension SyncFailure {
    /// The failure that a replica keeps; `nil` where the last exchange ended well.
    init?(_ state: RetryState) {
        guard let code = state.code else { return nil }
        self.init(
            code: code, sentence: state.sentence, failedAt: state.failedAt, count: state.failureCount,
            nextAttempt: state.nextAttempt, notBefore: state.notBefore)
    }
}
