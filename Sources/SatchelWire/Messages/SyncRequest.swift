package import SatchelSync

/// A change-set as a device offers it, with the digest that the device keeps for it.
package struct OfferedChangeSet: Hashable, Sendable {
    /// The change-set.
    package let changeSet: ChangeSet
    /// The device's own digest, 32 bytes (causality.md §2); `nil` where that of a later one of the push speaks for it.
    ///
    /// The server computes it again: an unequal one means that the lines of the two differ, or that bytes were lost. A digest
    /// is over the one before it too, so the last of a push is enough, and 32 bytes that do not shrink are most of an edit.
    package let digest: [UInt8]?

    /// Pairs a change-set with its digest.
    package init(changeSet: ChangeSet, digest: [UInt8]?) {
        self.changeSet = changeSet
        self.digest = digest
    }
}

extension [OfferedChangeSet] {
    /// The same with no digest but the last one's, which speaks for all.
    package var withLastDigest: [OfferedChangeSet] {
        enumerated().map { index, offered in
            index == count - 1 ? offered : OfferedChangeSet(changeSet: offered.changeSet, digest: nil)
        }
    }
}

/// The highest of its own counters for which a device has a verdict, with the digest it keeps there.
package struct ConfirmedMark: Hashable, Sendable {
    /// The counter, at least 1.
    package let counter: UInt64
    /// The digest of that change-set, 32 bytes.
    package let digest: [UInt8]

    /// Pairs a counter with its digest.
    package init(counter: UInt64, digest: [UInt8]) {
        self.counter = counter
        self.digest = digest
    }
}

/// What a device says in one exchange; also one that pushes nothing says all of it.
package struct SyncRequest: Hashable, Sendable {
    /// The protocol that the request is written in, and that the reply must be written in.
    package let protocolVersion: UInt32
    /// The schema that the device knows.
    package let schemaVersion: UInt32
    /// The life of the store that the device belongs to.
    package let epoch: StoreEpoch
    /// The device's present actor.
    package let actor: ActorID
    /// The highest counter that the device has given out; 0 when it has made nothing.
    package let highestCounter: UInt64
    /// The highest own counter that has a verdict; `nil` when none has.
    package let confirmed: ConfirmedMark?
    /// The token of the last reply that the device took.
    package let forkToken: [UInt8]
    /// Where the device's base stands; `nil` when it has never pulled.
    package let checkpoint: Checkpoint?
    /// The sequence of the last record that was staged before the stream was cut; `nil` when nothing is staged.
    package let resumeAfter: ServerSequence?
    /// The device's wall clock when it sent the request.
    package let deviceTime: Timestamp
    /// The scope that the device's base was pulled in; 0 while there is one scope for all.
    package let scopeVersion: UInt64
    /// The change-sets offered, each actor's in the order of counters.
    package let changeSets: [OfferedChangeSet]
    /// The counters of own change-sets that are parked, ascending: the reply says which of them came back.
    package let parked: [UInt64]
    /// Whether the reply is to hold records past the checkpoint.
    package let wantsRecords: Bool
    /// Where the present actor was forked from another; `nil` for one that was named at enrolment.
    package let fork: ForkPoint?
    /// Whether the device asks for a new actor, since it does not trust its own counter.
    package let wantsFork: Bool
    /// The parked change-sets of actors that the device was before, in dot order.
    package let formerParked: [Dot]
    /// How the device's clock stands to the server's, as an earlier exchange told; `nil` where none did, or the clock may have been set since.
    package let clock: ClockOffset?
    /// The actors that the device was and is, as far as they made something, the oldest first; empty where the store has all of it.
    package let lines: [LineClaim]
    /// Confirmed change-sets that the store lacks since it was restored, each actor's in the order of counters.
    package let reoffers: [Reoffer]
    /// States that the device has from an earlier life of the store.
    package let states: OfferedStates
    /// The present actor's change-sets up to this counter were made in an earlier life of the store, under another name.
    package let renamedThrough: UInt64

    /// Describes a request.
    package init(
        protocolVersion: UInt32 = SyncProtocol.version, schemaVersion: UInt32, epoch: StoreEpoch, actor: ActorID,
        highestCounter: UInt64, confirmed: ConfirmedMark?, forkToken: [UInt8], checkpoint: Checkpoint?,
        resumeAfter: ServerSequence? = nil, deviceTime: Timestamp, scopeVersion: UInt64 = 0,
        changeSets: [OfferedChangeSet], parked: [UInt64] = [], wantsRecords: Bool = true, fork: ForkPoint? = nil,
        wantsFork: Bool = false, formerParked: [Dot] = [], clock: ClockOffset? = nil,
        lines: [LineClaim] = [],
        reoffers: [Reoffer] = [], states: OfferedStates = .none, renamedThrough: UInt64 = 0
    ) {
        self.clock = clock
        self.protocolVersion = protocolVersion
        self.schemaVersion = schemaVersion
        self.epoch = epoch
        self.actor = actor
        self.highestCounter = highestCounter
        self.confirmed = confirmed
        self.forkToken = forkToken
        self.checkpoint = checkpoint
        self.resumeAfter = resumeAfter
        self.deviceTime = deviceTime
        self.scopeVersion = scopeVersion
        self.changeSets = changeSets
        self.parked = parked
        self.wantsRecords = wantsRecords
        self.fork = fork
        self.wantsFork = wantsFork
        self.formerParked = formerParked
        self.lines = lines
        self.reoffers = reoffers
        self.states = states
        self.renamedThrough = renamedThrough
    }
}
