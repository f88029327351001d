import SatchelSync
import SatchelWire

/// What an exchange did, for people.
public struct SyncReport: Hashable, Sendable {
    /// Change-sets that the server answered.
    public var pushedCount = 0
    /// Of these, how many entered the store, with conflicts or without.
    public var appliedCount = 0
    /// Of these, how many stand beside other values now.
    public var conflictingCount = 0
    /// Of these, how many are parked.
    public var parkedCount = 0
    /// Records that came from the server, own ones included.
    public var pulledCount = 0
    /// Whether what is new was fetched too.
    public var isComplete = true
    /// Up to where base is complete now.
    public var checkpoint: UInt64 = 0
    /// Open conflicts that a person must decide.
    public var decideCount = 0
    /// Open conflicts to look at.
    public var reviewCount = 0
    /// Own change-sets that are parked until a person looks at them.
    public var parkedTotal = 0
    /// Own change-sets that wait for the next exchange: made meanwhile, or left by what was to go out.
    public var pendingCount = 0
    /// How often this database was found to be a copy, or put back to an earlier day, and went on as a new actor.
    public var forkCount = 0
    /// Own change-sets that waited when it began.
    var toSend = 0
    /// As how many actors it went on, for that or since the server was restored.
    var actorCount = 0
    /// Own change-sets that got another name by that.
    public var renamedCount = 0
    /// Whether the server was restored from a backup since the last sync.
    public var isServerRestored = false
    /// Lines of what others did that nobody has been shown.
    public var newsCount = 0
    /// Own change-sets that were given to it again.
    public var returnedCount = 0

    /// Bytes of bodies that went out, and that came in, as the line carries them.
    public var sentBytes = 0, receivedBytes = 0
    /// Whether it ended since as many bytes had passed as were to: the next sync goes on from there.
    public var isLimitReached = false
    /// What the next own change-set takes, where that is more than was left.
    public var nextBytes: Int?

    /// Whether a person is needed: a conflict to decide, or parked work.
    public var needsPerson: Bool { decideCount > 0 || parkedTotal > 0 }
}

extension SyncReport {
    /// Grows with all that an exchange keeps, also one that is cut.
    var progress: Int { pushedCount + pulledCount + returnedCount }

    /// Counts the answers to what was offered; news of parked work is none.
    mutating func count(_ answers: [VerdictEntry], offered: [OfferedChangeSet]) {
        let counters = Set(offered.map(\.changeSet.dot.counter))
        let verdicts = answers.filter { $0.formerActor == nil && counters.contains($0.counter) }
        pushedCount += verdicts.count
        appliedCount += verdicts.count { $0.verdict.isApplied }
        conflictingCount += verdicts.count { $0.verdict == .appliedWithConflicts }
        parkedCount += verdicts.count { !$0.verdict.isApplied }
    }
}
