package import SatchelSync

/// Who a replica is, and whose.
package struct ReplicaIdentity: Hashable, Sendable {
    /// The replica's present actor.
    package var actor: ActorID
    /// Where the actor comes from.
    package var lineage: Lineage
    /// Where it was forked last; `nil` for one that was named at enrolment.
    package var fork: ForkOrigin?
    /// The actors that it was before and under whose names it still has change-sets, the oldest first.
    package var formerLines: [FormerOrigin] = []
    /// The user whose device this is.
    package var user: String
    /// The device's name.
    package var device: String
    /// The server's address.
    package var serverURL: String
    /// What the server calls itself.
    package var serverName: String
    /// The bearer token.
    ///
    /// Never logged, never printed.
    package var token: String
    /// Whom it takes for its server, as the exchange writes it; `nil` for whoever shows a certificate that the system trusts.
    package var serverTrust: String?

    package init(
        actor: ActorID, lineage: Lineage, user: String, device: String, serverURL: String, serverName: String,
        token: String, serverTrust: String? = nil
    ) {
        self.actor = actor
        self.lineage = lineage
        self.user = user
        self.device = device
        self.serverURL = serverURL
        self.serverName = serverName
        self.token = token
        self.serverTrust = serverTrust
    }

    /// Whether this replica is the actor, or was it before it was forked.
    package func hasBeen(_ actor: ActorID) -> Bool {
        self.actor == actor || lineage.ancestors.contains { $0.actor == actor }
    }
}

/// An actor that a replica was.
package struct FormerOrigin: Hashable, Sendable {
    /// The actor.
    package let actor: ActorID
    /// Where it was forked; `nil` for the one that was named at enrolment.
    package let fork: ForkOrigin?
}

/// Where the present actor of a replica was forked.
package struct ForkOrigin: Hashable, Sendable {
    /// Where.
    package let point: ForkPoint
    /// The digest of the line up to there, which its first change-set goes on from; empty where nothing is shared.
    package let digest: [UInt8]
    /// Whether the actor has its name: it gets that with its first change-set.
    package var isNamed: Bool
    /// The life of the store in which it was.
    package let epoch: StoreEpoch
    /// The actor's change-sets up to this counter were made in an earlier life of the store, under another name.
    package let renamedThrough: UInt64

    package init(point: ForkPoint, digest: [UInt8], isNamed: Bool, epoch: StoreEpoch, renamedThrough: UInt64) {
        self.epoch = epoch
        self.renamedThrough = renamedThrough
        self.point = point
        self.digest = digest
        self.isNamed = isNamed
    }
}

/// How a device's clock stood to its server's, and what the device's clocks said then.
package struct ClockMeasure: Hashable, Sendable {
    /// What was measured.
    package let offset: ClockOffset
    /// The wall clock then, and the one that nobody sets; `nil` where there is none.
    package let reading: BootReading?
    /// The wall clock then.
    package let wall: Timestamp

    package init(offset: ClockOffset, reading: BootReading?, wall: Timestamp) {
        self.offset = offset
        self.reading = reading
        self.wall = wall
    }

    /// How the clock stands now; `nil` where it may have been set since and nobody could tell: the machine was started anew.
    package func offset(at wall: Timestamp, _ reading: BootReading?) -> ClockOffset? {
        guard let then = self.reading, let reading, reading.boot == then.boot else { return nil }
        let elapsed = reading.elapsed - then.elapsed
        let went = Int64(elapsed / .milliseconds(1))
        return offset.later(by: elapsed, clockSetBy: wall.milliseconds &- self.wall.milliseconds &- went)
    }
}

/// Where a replica stands with its server.
package struct ExchangeFacts: Hashable, Sendable {
    /// The life of the server's store.
    package var epoch: StoreEpoch
    /// What the last reply told the device to show next time; kept in the same transaction as the verdicts.
    package var forkToken: [UInt8]
    /// Up to where base is complete and exact; `nil` before the first pull.
    package var checkpoint: Checkpoint?
    /// Server time less device time, as last measured.
    package var clockOffsetMilliseconds: Int64
    /// The same with how far off it is at most, and what the device's clocks said then; `nil` before the first exchange.
    package var clockMeasure: ClockMeasure?
    /// When the last exchange ended well.
    package var lastSync: Timestamp?
    /// How much of this replica's line a verified backup holds, as the server told last.
    package var backup: BackupReceipt?

    package init(epoch: StoreEpoch, forkToken: [UInt8]) {
        self.epoch = epoch
        self.forkToken = forkToken
        clockOffsetMilliseconds = 0
    }
}

/// Where an own change-set stands in the queue.
package enum QueueState: Int, Hashable, Sendable {
    /// Waits for an exchange.
    case queued = 0
    /// Was sent; no verdict came back yet.
    case sent = 1
    /// In the store.
    case applied = 2
    /// In the store, beside other values.
    case appliedWithConflicts = 3
    /// Waits at the server for a record.
    case held = 4
    /// Parked with a reason.
    case rejected = 5
    /// Was parked, and came back under another dot.
    case reissued = 6

    /// Whether the server has answered.
    package var hasVerdict: Bool { self != .queued && self != .sent }

    /// Whether it is in the store under its own dot.
    package var isApplied: Bool { self == .applied || self == .appliedWithConflicts }

    /// Whether it is held or rejected.
    package var isParked: Bool { self == .held || self == .rejected }

    /// The word, as `--json` prints it.
    package var word: String {
        switch self {
        case .queued: "queued"
        case .sent: "sent"
        case .applied: "applied"
        case .appliedWithConflicts: "applied_with_conflicts"
        case .held: "held"
        case .rejected: "rejected"
        case .reissued: "reissued"
        }
    }
}

/// An own change-set with all that the device keeps of it.
package struct OwnChangeSet: Hashable, Sendable {
    /// Its place in own order.
    package let position: Int64
    /// What was edited.
    package let changeSet: ChangeSet
    /// Its digest, over its line.
    package let digest: [UInt8]
    /// Its corrected time: the server's, or the device's own estimate until then.
    package let correctedTime: Timestamp
    /// How far off that is at most, in milliseconds; `nil` where nobody knows, as before the server's answer.
    package let timeErrorMilliseconds: Int64?
    /// Where it stands.
    package let state: QueueState
    /// Where it stood in the life of the store that base is of, where a later one has judged it anew: until the first whole reply of
    /// that one it lies over base as it did.
    var baseState: QueueState?
    /// Whether base does not hold it yet.
    package let isInOverlay: Bool
    /// Why it is parked, or would be: a change by plain SQL that breaks the schema is parked before it is sent.
    package let rejection: Rejection?

    /// Where it stands in its line: its own dot, or that of the change-set in whose place a fix stands.
    package let place: Dot
    /// The position of ``place``.
    package let placePosition: Int64
    /// The own change-set that fixes or discards it, as its position; `nil` where none does.
    package let fixedBy: Int64?
    /// Whether it was parked and came back by its release.
    package var isReleased = false
    /// The name under which the store has the same change-set, where it said that this one is a duplicate or came back with that one.
    var original: Dot?

    /// Whether it stands apart until a person corrects it.
    package var isParked: Bool { state.isParked || rejection != nil }

    /// The dot under which its writes stand in the effective state: `x*` for parked work (causality.md §2).
    package var effectiveDot: Dot { isLaidApart ? changeSet.dot.released : changeSet.dot }

    /// The state by which it lies over base, or in it.
    var laidState: QueueState { baseState ?? state }

    private var isLaidApart: Bool { laidState.isParked || baseState == nil && rejection != nil }

    /// The name under which a record of base, which has seen `context`, has its writes; `nil` where that is its own or none, and
    /// while it lies over base itself.
    package func originalInBase(of context: VersionVector) -> Dot? {
        guard !isInOverlay, laidState.isParked || laidState == .reissued, let original,
            context.covers(original) || context.covers(original.released)
        else { return nil }
        return original
    }

    /// Its part in the overlay of a record whose base has seen `context`.
    package func entry(touching record: RecordID, type: EntityTypeID, over context: VersionVector) -> OverlayEntry {
        let original = originalInBase(of: context)
        let isReleased = original.map { !context.covers($0) } ?? (isLaidApart || laidState == .reissued)
        return OverlayEntry(
            changes: changeSet.changes.filter { $0.record == record && $0.type == type },
            dot: original ?? changeSet.dot, place: place, time: correctedTime, isParked: isReleased,
            isInBase: !isInOverlay)
    }
}
