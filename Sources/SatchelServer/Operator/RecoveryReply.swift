import SatchelStorage
import SatchelSync

/// What a restore has cost and what came back, for operators (causality.md §7).
package struct RecoveryReply: Codable, Sendable {
    /// Which life of the store this is, counted from 1; only those after the first began by a restore.
    package let number: Int64
    /// The name of this life.
    package let epoch: String
    /// When it began, RFC 3339.
    package let beganAt: String
    /// Up to which sequence the backup had everything; 0 in the first life.
    package let restoredTo: UInt64
    /// What devices may offer.
    package let phase: Phase
    /// When recovery was closed, RFC 3339; `nil` where it was not.
    package let closedAt: String?
    /// The devices, in the order of their enrolment.
    package let devices: [Device]
    /// Change-sets that others mention and nobody offered.
    package let missing: [Missing]

    /// What devices may offer.
    package enum Phase: String, Codable, Sendable {
        /// The store was never restored, or its recovery is closed: their own work.
        case closed
        /// Their own work; received states are for later.
        case running
        /// Received states too.
        case open
    }

    /// What came back from a device.
    package struct Device: Codable, Sendable {
        /// The user it belongs to.
        package let user: String
        /// What its user calls it.
        package let name: String
        /// When it was last seen in this life; `nil` where it did not come yet.
        package let lastSeenAt: String?
        /// How many change-sets that the backup lacked it brought back.
        package let changeSetCount: Int
        /// How many states of records it brought back.
        package let stateCount: Int
    }

    /// Change-sets of an actor that are mentioned and not there.
    package struct Missing: Codable, Sendable {
        /// The actor.
        package let actor: String
        /// The user who made them; `nil` where nobody knows.
        package let user: String?
        /// The device they were made on; `nil` where nobody knows.
        package let device: String?
        /// The first counter.
        package let from: UInt64
        /// The last counter.
        package let through: UInt64
    }
}

// The recovery of a restored store, as an operator sees and steers it.
extension OperatorService {
    /// What came back up to now, and what did not.
    func recovery() async throws -> OperatorReply {
        let presence = presence
        return .recovery(try await store.read { try RecoveryReader(snapshot: $0, presence: presence).report() })
    }

    /// Lets devices offer states that they received from others.
    func openRecovery() async throws -> OperatorReply {
        let now = clock.now()
        return try await steer { transaction, _ in
            try transaction.setRecovery(isRecovering: true, isWindowOpen: true, at: now)
        }
    }

    /// Ends the recovery: lets in what waited for that, and joins nothing from now on.
    func closeRecovery() async throws -> OperatorReply {
        let (schema, identity, now) = (store.schema, store.identity, clock.now())
        return try await steer { transaction, isCareful in
            try RecoveryClosing(
                transaction: transaction, schema: schema, identity: identity, now: now,
                guardian: MergeGuard(transaction: transaction, requestID: "", isCareful: isCareful)
            ).close()
        }
    }

    private func steer(
        _ body: @escaping @Sendable (Store.Transaction, _ isCareful: Bool) throws -> Void
    ) async throws -> OperatorReply {
        try await queue.runGuarded { transaction, isCareful in
            guard try transaction.snapshot.epochStanding().isRecovering else {
                throw SatchelError(
                    .invalidRequest, "The store is not in recovery.",
                    remedy: "A recovery begins with `satchel-server restore FILE`, and is closed once.")
            }
            try body(transaction, isCareful)
            try transaction.flush()
        }
        return try await recovery()
    }
}
