import SatchelStorage
public import SatchelSync

/// The answer to "is my work safe?", from the device alone.
public struct SafetyReport: Hashable, Sendable {
    /// The user whose device this is.
    public let user: String
    /// The device's name.
    public let device: String
    /// The server's address.
    public let server: String
    /// When the last sync ended well that fetched all; `nil` before the first.
    public let lastSync: Timestamp?
    /// Whether something is known to be left to fetch since then.
    public let isFetchUnfinished: Bool
    /// When the server took this device's credential last; `nil` before the first sync.
    public let credentialTakenAt: Timestamp?
    /// Up to where base is complete; 0 before the first sync.
    public let checkpoint: UInt64
    /// Server time less device time as last measured, in milliseconds.
    public let clockOffsetMilliseconds: Int64
    /// How far off that is at most, in milliseconds; `nil` before the first sync.
    public let clockErrorMilliseconds: Int64?
    /// Such as `about 3 days ahead`: how wrong the clock was at the last sync; `nil` where it was right within a minute.
    public let clockWrongness: String?
    /// Why the last sync did not end well; `nil` when it did.
    public let failure: SyncFailure?
    /// Why this home is not the one that it should be, so that the next sync goes on under a new name; `nil` where it is.
    public let doubt: HomeDoubt?
    /// Whether a program keeps this replica in sync by itself now.
    public let isWatched: Bool
    /// Own change-sets that the server has not answered.
    public let pending: [QueuedWork]
    /// How many bytes those and the parked ones take, as they are sent.
    public let waitingBytes: Int64
    /// Own change-sets that are parked.
    public let parked: [QueuedWork]
    /// Records whose rows hold more than a change-set takes: they are safe in their table and go nowhere until shortened.
    public let unsealed: [RecordID]
    /// Own change-sets that the server has answered, parked ones too.
    public let confirmedCount: Int
    /// Those among them that are in its store: neither parked nor given up, and not lost in a restore.
    ///
    /// With those that are parked there, given up, or wait for a restored server, they are all that it has answered.
    public let atServerCount: Int
    /// Those among them that are parked there.
    public let parkedThereCount: Int
    /// Those among them that were given up, or in whose place a later one stands.
    public let givenUpCount: Int
    /// Those among them that wait until a restored server has taken them again.
    public let reofferedCount: Int
    /// Those among them that a verified backup of the server holds, as it told last.
    public let backedUpCount: Int
    /// When that backup was made, by the server's clock; `nil` where the server told of none.
    public let lastBackup: Timestamp?
    /// When the oldest own change-set was made that no verified backup holds; `nil` where all are in one.
    public let oldestNotBackedUp: Timestamp?
    /// Own change-sets of which this device keeps no more than an outline, since it was short of space: what they wrote is at the
    /// server, and in its backups.
    public let outlineCount: Int
    /// Those among them that no verified backup holds: what they wrote is at the server alone.
    public let outlineCountWithoutBackup: Int
    /// Records with a conflict that a person must decide.
    public let decideCount: Int
    /// Records with other values to look at.
    public let reviewCount: Int
    /// What the machine is like now.
    public let conditions: DeviceConditions

    /// Whether a person is needed.
    public var needsPerson: Bool { decideCount > 0 || !needing.isEmpty || !unsealed.isEmpty || isRevoked }
    /// Whether the server had locked this device out when it was tried last.
    public var isRevoked: Bool { failure?.code == SatchelError.Code.deviceRevoked.word }
    /// Whether the server did not know this device's credential when it was tried last.
    public var isUnknown: Bool { failure?.code == SatchelError.Code.unauthorized.word }
    /// Of the parked ones those that a person must look at.
    public var needing: [QueuedWork] { parked.filter { !$0.isAwaitingReturn } }
    /// Why the last sync did not end well, as a code; `nil` when it did.
    public var lastFailure: String? { failure?.code }
    /// Whether everything is at the server.
    public var isAllConfirmed: Bool { pending.isEmpty }
}

/// Why a home is not the one that it should be.
public struct HomeDoubt: Hashable, Sendable {
    /// `older`: put back to an earlier day; `copy`: copied, and the original is still there; `other_machine`: brought here from another machine.
    public let reason: String
    /// The last change-set that was made here, where the file lacks it.
    public let missing: Dot?
    /// The home that this one is a copy of.
    public let original: String?

    init(_ doubt: ReplicaDoubt) {
        reason = doubt.reason.word
        if case .isOlder(let dot) = doubt.reason { missing = dot } else { missing = nil }
        if case .isCopy(let home) = doubt.reason { original = home } else { original = nil }
    }
}

/// One own change-set in the queue, for people.
public struct QueuedWork: Hashable, Sendable {
    /// Its name.
    public let dot: Dot
    /// What its author called it.
    public let label: String
    /// When it was made, by the device's clock.
    public let madeAt: Timestamp
    /// Where it stands, as a word.
    public let state: String
    /// The records it touches.
    public let records: [RecordID]
    /// What people know the first of these by, such as `account 3f2a Aster`; `nil` where it touches none.
    public let subject: String?
    /// Why it is parked, as a code; `nil` where it is not.
    public let code: String?
    /// Why it is parked, in a sentence.
    public let sentence: String?

    /// Whether it goes in by itself once a restored server has back what it lacks.
    public var isAwaitingReturn: Bool {
        state == QueueState.held.word
            && [SatchelError.Code.inRecovery.word, SatchelError.Code.awaitsReturn.word].contains(code)
    }
}

extension Replica {
    /// Answers "is my work safe?" without a network.
    ///
    /// - Throws: `SatchelError` `missing_data`, `foreign_data`, `newer_data` or `storage_failed`.
    public func safetyReport() throws -> SafetyReport {
        try reading { transaction in
            let identity = try transaction.identity()
            let facts = try transaction.exchangeFacts()
            let unconfirmed = try transaction.ownChangeSets(.unconfirmed)
            let parked = try transaction.ownChangeSets(.parked)
            return SafetyReport(
                user: identity.user, device: identity.device, server: identity.serverURL, lastSync: facts.lastSync,
                isFetchUnfinished: try transaction.isFetchUnfinished(),
                credentialTakenAt: facts.clockMeasure?.wall ?? facts.lastSync,
                checkpoint: try transaction.completeThrough().number,
                clockOffsetMilliseconds: facts.clockOffsetMilliseconds,
                clockErrorMilliseconds: facts.clockMeasure?.offset.errorMilliseconds,
                clockWrongness: facts.clockMeasure?.offset.wrongness,
                failure: SyncFailure(try transaction.retryState()),
                doubt: try transaction.doubt(by: witness, at: folder).map(HomeDoubt.init), isWatched: isKeptInSync,
                pending: try unconfirmed.filter { !$0.isParked }.map(transaction.queuedWork),
                waitingBytes: try transaction.ownBytes(.unconfirmed), parked: try parked.map(transaction.queuedWork),
                unsealed: try transaction.unsealedRecords(),
                confirmedCount: try transaction.ownCount(.all) - unconfirmed.count,
                atServerCount: try transaction.ownCount(.inStore),
                parkedThereCount: try transaction.ownCount(.parkedThere),
                givenUpCount: try transaction.ownCount(.givenUp), reofferedCount: try transaction.reofferedCount(),
                backedUpCount: try transaction.backedUpCount(), lastBackup: facts.backup?.madeAt,
                oldestNotBackedUp: try transaction.oldestNotBackedUp(), outlineCount: try transaction.outlineCount(),
                outlineCountWithoutBackup: try transaction.outlineCountWithoutBackup(),
                decideCount: try transaction.records.conflictCount(.decide),
                reviewCount: try transaction.records.conflictCount(.review),
                conditions: DeviceConditions(home: home))
        }
    }
}

extension QueuedWork {
    fileprivate init(_ own: OwnChangeSet, subject: String?) {
        dot = own.changeSet.dot
        label = own.changeSet.label
        madeAt = own.changeSet.time
        state = own.isParked && !own.state.isParked ? "invalid" : own.state.word
        records = own.changeSet.changes.map(\.record)
        self.subject = subject
        code = own.rejection?.code
        sentence = own.rejection?.sentence
    }
}

extension ReplicaTransaction {
    /// An own change-set as people read of it.
    func queuedWork(_ own: OwnChangeSet) throws -> QueuedWork {
        let subject = try own.changeSet.changes.first.map { change in
            let type = schema.type(change.type)?.name ?? ""
            let name = try shownName(of: change.record).flatMap { $0 == type ? nil : $0 }
            return [type, try records.shortestEnding(of: change.record), name ?? ""].filter { !$0.isEmpty }
                .joined(separator: " ")
        }
        return QueuedWork(own, subject: subject)
    }
}
