import SatchelStorage
import SatchelSync
import SatchelWire

/// Whether a request comes from the one replica that continues its actor's line (causality.md §6).
struct LineCheck<Snapshot: ServerSnapshot> {
    let snapshot: Snapshot
    let request: SyncRequest
    let device: DeviceAccount
    let presence: DevicePresence

    /// Checks counter, digest and fork token.
    ///
    /// - Returns: Whether the token shown is the one in force; if not, it is the one before, and the last reply was lost.
    /// - Throws: ``ExchangeFailure`` `fork_detected`, or `dot_gap` where the device holds confirmed change-sets that the store
    ///   does not have.
    func isTokenCurrent() throws -> Bool {
        let frontier = try snapshot.frontier(of: request.actor)
        guard frontier.counter <= request.highestCounter else {
            throw ExchangeFailure.fork(
                "the server has \(frontier.counter) of its change-sets and the device made \(request.highestCounter)")
        }
        if let confirmed = request.confirmed {
            guard confirmed.counter <= frontier.counter else {
                throw ExchangeFailure.dotGap(next: frontier.counter + 1)
            }
            guard try digest(at: confirmed.counter, frontier: frontier) == confirmed.digest else {
                throw ExchangeFailure.fork("change-set \(confirmed.counter) is another one than the server has")
            }
        }
        let token = device.forkToken
        if Hashing.areEqual(request.forkToken, token.current) {
            presence.noteUse(of: token.current, device: device.key)
            return true
        }
        let isPreviousHonoured = !token.isCurrentUsed && !presence.hasUsed(token.current, device: device.key)
        guard isPreviousHonoured, Hashing.areEqual(request.forkToken, token.previous) else {
            throw ExchangeFailure.fork("another copy of it has synced since")
        }
        return false
    }

    private func digest(at counter: UInt64, frontier: Frontier) throws -> [UInt8]? {
        if counter == frontier.counter { return frontier.digest }
        return try snapshot.logEntry(Dot(request.actor, counter))?.digest
    }
}
