package import SatchelSync

/// One part of the reply: an opening, verdicts, then actors and records in turn, and the closing, or a failure in place of
/// whatever would come next.
package enum SyncFrame: Hashable, Sendable {
    /// The first frame.
    case opening(Opening)
    /// The verdicts on change-sets that were offered.
    case verdicts([VerdictEntry])
    /// Who the actors are that later frames mention.
    case actors([ActorEntry])
    /// Records past the checkpoint, in the order of their sequences.
    case records([RecordDelta])
    /// The last frame of a whole reply.
    case closing(Closing)
    /// The last frame of a reply that stopped.
    case failure(ProblemFrame)
    /// The device's database was copied or put back: it goes on as a new actor from there. It comes behind the verdicts up to
    /// there, and only a closing follows.
    case fork(ForkPoint)
}

/// What a reply begins with.
package struct Opening: Hashable, Sendable {
    /// The life of the server's store.
    package let epoch: StoreEpoch
    /// The schema that the server uses.
    package let schemaVersion: UInt32
    /// The server's clock when it had the request whole.
    package let receivedAt: Timestamp
    /// The server's clock when it began to answer.
    package let serverTime: Timestamp
    /// The token for the next request; to be kept in the transaction that keeps the verdicts.
    package let forkToken: [UInt8]
    /// The highest counter that the server knows of the request's actor, this push included; 0 when it knows none.
    package let frontier: UInt64
    /// How much of the actor's line the newest verified backup holds; `nil` where the server does not tell.
    package let backup: BackupReceipt?
    /// How far the store has come with each former line that the request names, its re-offers included.
    package let lineFrontiers: [LineFrontier]
    /// Whether the store gets back what a restore has cost it.
    package let recovery: RecoveryPhase

    /// Describes an opening.
    package init(
        epoch: StoreEpoch, schemaVersion: UInt32, receivedAt: Timestamp? = nil, serverTime: Timestamp,
        forkToken: [UInt8], frontier: UInt64, backup: BackupReceipt? = nil,
        lineFrontiers: [LineFrontier] = [], recovery: RecoveryPhase = .none
    ) {
        self.receivedAt = receivedAt ?? serverTime
        self.epoch = epoch
        self.schemaVersion = schemaVersion
        self.serverTime = serverTime
        self.forkToken = forkToken
        self.frontier = frontier
        self.backup = backup
        self.lineFrontiers = lineFrontiers
        self.recovery = recovery
    }
}

/// The verdict on one change-set of the request's actor, or of one that the device was before.
package struct VerdictEntry: Hashable, Sendable {
    /// The change-set's counter.
    package let counter: UInt64
    /// The verdict.
    package let verdict: Verdict
    /// When the change-set was made, by the server's reckoning; it is fixed once and travels with the change-set.
    package let correctedTime: Timestamp
    /// The actor that the device was when it made the change-set; `nil` for the request's own.
    package let formerActor: ActorID?
    /// How far off the corrected time is at most, in milliseconds; `nil` where nobody knows.
    package let timeErrorMilliseconds: Int64?
    /// Whether it is reissued by its release, and not by a fix.
    package let isReleased: Bool
    /// The name under which the store has the same change-set, where this one is a duplicate or came back with
    /// that one; `nil` where nobody says.
    package let original: Dot?

    /// Describes a verdict.
    package init(
        counter: UInt64, verdict: Verdict, correctedTime: Timestamp, formerActor: ActorID? = nil,
        timeErrorMilliseconds: Int64? = nil, isReleased: Bool = false, original: Dot? = nil
    ) {
        self.timeErrorMilliseconds = timeErrorMilliseconds
        self.counter = counter
        self.verdict = verdict
        self.correctedTime = correctedTime
        self.formerActor = formerActor
        self.isReleased = isReleased
        self.original = original
    }
}

/// Who an actor is: a frame names actors before records mention them.
package struct ActorEntry: Hashable, Sendable {
    /// The actor.
    package let actor: ActorID
    /// The user whose device it is.
    package let user: String
    /// The name of the device.
    package let device: String

    /// Describes an actor.
    package init(actor: ActorID, user: String, device: String) {
        self.actor = actor
        self.user = user
        self.device = device
    }
}

/// What a whole reply ends with.
package struct Closing: Hashable, Sendable {
    /// Where the device's base stands once it has applied the reply.
    package let checkpoint: Checkpoint
    /// The scope that the records were read in; 0 while there is one scope for all.
    package let scopeVersion: UInt64

    /// Describes a closing.
    package init(checkpoint: Checkpoint, scopeVersion: UInt64 = 0) {
        self.checkpoint = checkpoint
        self.scopeVersion = scopeVersion
    }
}
