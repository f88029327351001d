package import SatchelSync

/// An actor that a device was before it was forked, as far as a store may not know it (causality.md §7).
package struct LineClaim: Hashable, Sendable {
    /// The actor.
    package let actor: ActorID
    /// Where it began; `nil` for an actor that was named at enrolment.
    package let origin: Origin?

    /// Where a line began by a fork, with what its name was made of.
    package struct Origin: Hashable, Sendable {
        /// Where it was forked.
        package let point: ForkPoint
        /// The life of the store in which it was.
        package let epoch: StoreEpoch
        /// The digest that its first change-set goes on from; empty where nothing lies before it.
        package let digest: [UInt8]
        /// The digest of its first change-set.
        package let firstDigest: [UInt8]

        package init(point: ForkPoint, epoch: StoreEpoch, digest: [UInt8], firstDigest: [UInt8]) {
            self.point = point
            self.epoch = epoch
            self.digest = digest
            self.firstDigest = firstDigest
        }
    }

    package init(actor: ActorID, origin: Origin?) {
        self.actor = actor
        self.origin = origin
    }
}

/// A change-set that an earlier life of the store has judged, offered to a store that lacks it.
package struct Reoffer: Hashable, Sendable {
    /// The change-set, under its own dot, with the digest that the device keeps.
    package let offered: OfferedChangeSet
    /// The verdict of that life.
    package let verdict: Verdict
    /// The corrected time that it fixed.
    package let correctedTime: Timestamp
    /// Whether it was parked and came back by its release.
    package let isReleased: Bool

    package init(offered: OfferedChangeSet, verdict: Verdict, correctedTime: Timestamp, isReleased: Bool) {
        self.offered = offered
        self.verdict = verdict
        self.correctedTime = correctedTime
        self.isReleased = isReleased
    }
}

/// States of records that a device has from an earlier life of the store.
package struct OfferedStates: Hashable, Sendable {
    /// The states; their sequences ascend and mean nothing.
    package let records: [RecordDelta]
    /// Who the actors are that they mention, as far as the device was told.
    package let actors: [ActorEntry]

    package init(records: [RecordDelta], actors: [ActorEntry]) {
        self.records = records
        self.actors = actors
    }

    /// None.
    package static let none = OfferedStates(records: [], actors: [])
}

/// How far a store has come with a line.
package struct LineFrontier: Hashable, Sendable {
    /// The actor.
    package let actor: ActorID
    /// Its highest counter that the store has; 0 where it has nothing of it.
    package let counter: UInt64

    package init(actor: ActorID, counter: UInt64) {
        self.actor = actor
        self.counter = counter
    }
}

/// Whether a store gets back what a restore has cost it.
package enum RecoveryPhase: Hashable, Sendable {
    /// It was never restored, or its operator has closed the recovery.
    case none
    /// It takes re-offers; states are for later.
    case running
    /// It takes states too.
    case open
}
