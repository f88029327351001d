/// A mistake that a debug build can be told to make, so that it is seen whether the tests find it (`Scripts/mutants`).
///
/// `SATCHEL_MUTANT` names one by its raw value. A release build makes none of them.
package enum Mutant: String, CaseIterable, Sendable {
    // Merge (causality.md §1 to §3)
    /// A write to a register drops nothing, whatever its author had seen.
    case contextIgnored = "context-ignored"
    /// A write to a register drops every other value, seen or not.
    case lastWriteWins = "last-write-wins"
    /// Of two values of a register the one with the earlier clock is dropped.
    case clockDecides = "clock-decides"
    /// An author's own earlier writes count as unseen.
    case ownWriteStays = "own-write-stays"
    /// A delete drops the writes of life that its author had not seen.
    case deleteWins = "delete-wins"
    /// A delete covers whatever the record holds, seen or not.
    case deleteCoversAll = "delete-covers-all"
    /// A remove from a set takes additions with it that its author had not seen.
    case setRemovesUnseen = "set-removes-unseen"
    /// An increment drops what others added.
    case counterForgetsOthers = "counter-forgets-others"
    /// A write to one key of a map drops the other keys.
    case mapIsRegister = "map-is-register"
    /// What a record covers grows by what authors had seen, not only by what was applied.
    case contextsJoined = "contexts-joined"
    /// Work that comes late enters over that of authors who had seen it.
    case lateRuleOff = "late-rule-off"
    /// A delete does not learn of late work that its author had seen.
    case lateDeleteForgets = "late-delete-forgets"

    // Server (causality.md §3 and §4)
    /// A change-set enters though the record it needs is not there.
    case needUnchecked = "need-unchecked"
    /// What a change-set breaks of the schema's rules does not matter.
    case rulesUnchecked = "rules-unchecked"
    /// What is refused has the whole push refused, each time that it comes.
    case poisonStopsPush = "poison-stops-push"
    /// What waited for a record is not looked at when the record comes.
    case heldForgotten = "held-forgotten"
    /// Work that was held enters under its own name.
    case heldUnderOwnName = "held-under-own-name"
    /// A parked change-set is not kept among the parked.
    case parkedForgotten = "parked-forgotten"
    /// Parked change-sets are gone when the server starts again.
    case parkedDroppedAtStart = "parked-dropped-at-start"
    /// A fix enters though what it fixes came back already.
    case lateFixEnters = "late-fix-enters"
    /// Nobody is told of a later verdict on parked work.
    case newsWithheld = "news-withheld"
    /// The feed is read from one commit too far.
    case pullSkipsOne = "pull-skips-one"

    // Device (causality.md §2 and §5)
    /// An edit claims to have seen what stands now, not what its form showed.
    case readTokenIgnored = "read-token-ignored"
    /// A context names work that is parked still.
    case contextNamesParked = "context-names-parked"
    /// What was handed to the network counts as answered.
    case sentIsConfirmed = "sent-is-confirmed"
    /// A refused change-set is taken for an applied one.
    case rejectedIsApplied = "rejected-is-applied"
    /// The checkpoint is written before the records that it stands for.
    case checkpointBeforeRecords = "checkpoint-before-records"
    /// A cut reply is resumed one commit too far.
    case resumeSkipsOne = "resume-skips-one"
    /// A record that comes from the server hides own work that the server does not have yet.
    case overlayForgotten = "overlay-forgotten"
    /// After a lost answer, what was sent is made again under a new name.
    case retryUnderNewName = "retry-under-new-name"

    // Disk
    /// A device does not wait for its disk.
    case deviceNeverSyncs = "device-never-syncs"
    /// The server's commits do not wait for its disk, only its checkpoints do.
    case commitsUnsynced = "commits-unsynced"
}

#if DEBUG
    extension Mutant {
        /// The one that is planted; set by a program before it does anything else, and never after.
        nonisolated(unsafe) private static var planted: Mutant?

        /// Whether the program makes this mistake.
        package var isPlanted: Bool { unsafe Self.planted == self }

        /// Plants the one with this name.
        ///
        /// - Throws: ``SatchelError`` `invalid_request` where there is none.
        package static func plant(_ name: String) throws(SatchelError) {
            guard let mutant = Mutant(rawValue: name) else {
                throw SatchelError(
                    .invalidRequest, "No mutant is called \"\(name)\".",
                    remedy: "SATCHEL_MUTANT takes one of: \(allCases.map(\.rawValue).joined(separator: ", ")).")
            }
            unsafe planted = mutant
        }
    }
#else
    extension Mutant {
        /// Whether the program makes this mistake: a release build makes none.
        package var isPlanted: Bool { false }
    }
#endif
