package import SatchelStorage
package import SatchelSync

/// What a drill came to: whether a backup could take the place of the store, how long that takes, and what would be lost.
package struct DrillReport: Sendable {
    /// What a step of a drill does.
    package enum Step: Hashable, Sendable {
        /// The backup is verified and put into the scratch folder.
        case restoring
        /// Its log is merged once more, and everything derived from it compared.
        case replaying
        /// What devices hold is given back to it.
        case returning
    }

    /// What the store has taken since the backup, and what a restore would get back of it.
    package struct Since: Sendable {
        /// The sequence at which the store stood when the drill began.
        package let sequence: ServerSequence
        /// Change-sets of devices that the backup knows.
        package internal(set) var deviceChangeSetCount = 0
        /// How many of those came back in the drill, as their devices would offer them.
        package internal(set) var returnedCount = 0
        /// How many devices made them.
        package internal(set) var deviceCount = 0
        /// Change-sets of devices that were enrolled after it: they come back once those are enrolled anew, by hand.
        package internal(set) var strangerChangeSetCount = 0
        /// How many such devices there are.
        package internal(set) var strangerCount = 0
        /// Change-sets of the office: nobody offers these.
        package internal(set) var officeChangeSetCount = 0
        /// How many of those some device has received, so that their effect comes back while the recovery window is open.
        package internal(set) var receivedOfficeCount = 0
        /// Whether the copy was the store again in the end, record by record.
        package internal(set) var isSame = false

        /// Everything that the backup does not have.
        package var changeSetCount: Int { deviceChangeSetCount + strangerChangeSetCount + officeChangeSetCount }
    }

    /// The file that was tried.
    package let path: String
    /// Newer backups that the store knows of and whose files are not there.
    package let missingPaths: [String]
    /// Why it cannot be used; `nil` where it can.
    package internal(set) var problem: SatchelError?
    /// What the backup is of; `nil` where that could not be read.
    package internal(set) var point: RestorePoint?
    /// How old it was when the drill began, in seconds.
    package internal(set) var ageSeconds: Int64?
    /// How large the file is.
    package internal(set) var byteCount: Int64 = 0
    /// The life that the copy began; `nil` where it did not come so far.
    package internal(set) var epoch: StoreEpoch?
    /// The digest that its log makes, merged once more; `nil` where it did not come so far.
    package internal(set) var replayedDigest: String?
    /// What differs from what its log makes, though the records are the right ones.
    package internal(set) var findings = StoreFindings()
    /// How long it took to verify it and put it into place.
    package internal(set) var restoreTime = Duration.zero
    /// How long it took to merge its log once more.
    package internal(set) var replayTime = Duration.zero
    /// How long it took to take back what devices hold.
    package internal(set) var returnTime = Duration.zero
    /// What would be lost, and what comes back; `nil` where there is no store to compare with, or the backup is not of it.
    package internal(set) var since: Since?

    /// Whether the backup can take the place of the store.
    package var isUsable: Bool { problem == nil }
    /// Whether a person is needed though it can: rows differ from what the log says.
    package var needsPerson: Bool { isUsable && !findings.areNone }

    init(path: String, missingPaths: [String]) {
        self.path = path
        self.missingPaths = missingPaths
    }
}
