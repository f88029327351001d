package import SatchelSync

/// Who may edit.
package struct UserAccount: Hashable, Sendable {
    /// Its small number inside this store.
    package let key: Int64
    /// The name, unique by its bytes.
    package let name: String
    /// When it was made, by the server's clock.
    package let createdAt: Timestamp
}

/// A device that was enrolled, and the actor it edits as.
package struct DeviceAccount: Hashable, Sendable {
    /// Its small number inside this store.
    package let key: Int64
    /// Its name for ever, 16 random bytes in the form of a record's id.
    package let id: RecordID
    /// The user it belongs to.
    package let user: String
    /// What its user calls it.
    package let name: String
    /// The actor that it was named as at enrolment.
    package let actor: ActorID
    /// When it was enrolled, by the server's clock.
    package let enrolledAt: Timestamp
    /// When it last came, some minutes aside; `nil` where it never did.
    package let lastSeenAt: Timestamp?
    /// Up to where its base was complete when it last came, as its checkpoint proved, some minutes aside; zero before its first.
    package let checkpoint: ServerSequence
    /// How its clock stood when it last came, some minutes aside; `nil` where it never did.
    package let clock: ClockOffset?
    /// How many change-sets it still held when it last came, as it said, some minutes aside.
    package let reportedPending: UInt64
    /// When and why an operator locked it out; `nil` where nobody did, or it was let in again.
    package let revocation: DeviceRevocation?
}

/// That a device is locked out: its credential is refused, whatever it asks for.
package struct DeviceRevocation: Hashable, Sendable {
    /// Since when, by the server's clock.
    package let at: Timestamp
    /// Why, in the operator's words; `nil` where he gave none.
    package let reason: String?

    package init(at: Timestamp, reason: String?) {
        self.at = at
        self.reason = reason
    }
}

/// One line of a device's change-sets: the actor that it was named as at enrolment, or one that was forked since.
package struct DeviceLine: Hashable, Sendable {
    /// The actor.
    package let actor: ActorID
    /// The number of the device whose it is.
    package let device: Int64
    /// Where it was forked; `nil` for the first.
    package let fork: ForkPoint?
    /// The token that finds a copy of its database.
    package let forkToken: ForkToken
    /// When the server first heard of it, by the server's clock.
    package let beganAt: Timestamp
    /// The number of the life of the store in which it began; 0 for one that this store has no memory of.
    package let epoch: Int64

    package init(
        actor: ActorID, device: Int64, fork: ForkPoint?, forkToken: ForkToken, beganAt: Timestamp, epoch: Int64
    ) {
        self.epoch = epoch
        self.actor = actor
        self.device = device
        self.fork = fork
        self.forkToken = forkToken
        self.beganAt = beganAt
    }
}

/// What a device shows to prove that its database is the one that got the last answer (causality.md §6).
package struct ForkToken: Hashable, Sendable {
    /// The one in force.
    package var current: [UInt8]
    /// The one before: honoured until the current one was used, since the reply that brought it may have been lost.
    package var previous: [UInt8]
    /// Whether the device has shown the current one.
    package var isCurrentUsed: Bool

    package init(current: [UInt8], previous: [UInt8], isCurrentUsed: Bool) {
        self.current = current
        self.previous = previous
        self.isCurrentUsed = isCurrentUsed
    }

    /// The first token of a line that begins by a fork: nobody has one to show until its first reply came.
    package static func ofFork() -> ForkToken {
        ForkToken(current: Hashing.randomBytes(byteCount), previous: [], isCurrentUsed: false)
    }

    /// The first token of a device.
    package static func initial() -> ForkToken {
        let token = Hashing.randomBytes(byteCount)
        return ForkToken(current: token, previous: token, isCurrentUsed: false)
    }

    /// The token after one that the device showed and that a push changed something under.
    package func rotated() -> ForkToken {
        ForkToken(current: Hashing.randomBytes(Self.byteCount), previous: current, isCurrentUsed: false)
    }

    private static let byteCount = 16
}

/// A one-time code that lets a user enrol one device.
package struct EnrolCode: Hashable, Sendable {
    /// The user who may enrol.
    package let user: UserAccount
    /// When it ends.
    package let expiresAt: Timestamp
    /// When it was used; `nil` where it was not.
    package let usedAt: Timestamp?
}
