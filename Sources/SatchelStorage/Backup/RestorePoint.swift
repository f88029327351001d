package import SatchelSync

/// Up to where a backup has everything: one moment in the life of a store, in the order of its commits (G24).
package struct RestorePoint: Hashable, Sendable {
    /// The life of the store that was copied.
    package let epoch: StoreEpoch
    /// Where log and sequences stood: all up to there is in the copy, and nothing after.
    package let head: StoreHead
    /// The digest of all records there, 64 hexadecimal digits (``StoreDigest``).
    package let digest: String
    /// The change-set that was applied last; `nil` where none was.
    package let lastChangeSet: Dot?
    /// When it was, by the server's clock.
    package let madeAt: Timestamp

    package init(epoch: StoreEpoch, head: StoreHead, digest: String, lastChangeSet: Dot?, madeAt: Timestamp) {
        self.epoch = epoch
        self.head = head
        self.digest = digest
        self.lastChangeSet = lastChangeSet
        self.madeAt = madeAt
    }

    /// The sequence of the last applied change-set.
    package var sequence: ServerSequence { head.sequence }
    /// The position of the last entry of the log.
    package var position: Int64 { head.position }
    /// The hash of the log's chain there.
    package var chain: [UInt8] { head.chain }
}

/// A backup that was made of a store and verified, as the store notes it.
package struct BackupNote: Hashable, Sendable {
    /// Up to where it has everything.
    package let point: RestorePoint
    /// The file, as its path was when it was made.
    package let path: String
    /// How large the file was then.
    package let byteCount: Int64
    /// When the copy had been opened and found to be what was copied.
    package let verifiedAt: Timestamp

    package init(point: RestorePoint, path: String, byteCount: Int64, verifiedAt: Timestamp) {
        self.point = point
        self.path = path
        self.byteCount = byteCount
        self.verifiedAt = verifiedAt
    }
}

/// How far a backup came.
package struct BackupProgress: Hashable, Sendable {
    /// What is done to the store or its copy, in the order in which it is done.
    package enum Step: String, Hashable, Sendable, Codable {
        /// The records of the store are hashed; counts are records.
        case hashing
        /// Its pages are copied; counts are pages.
        case copying
        /// The copy is looked through, its log checked and its records hashed; counts are records.
        case checking
    }

    /// What is done.
    package let step: Step
    /// How much of it is done.
    package let done: Int
    /// How much there is, about.
    package let total: Int

    package init(step: Step, done: Int, total: Int) {
        self.step = step
        self.done = done
        self.total = total
    }
}
