package import SatchelSync

/// Why a replica is not sure that it may go on with its line: it asks the server to fork it (causality.md §6).
package struct ReplicaDoubt: Hashable, Sendable {
    /// What speaks against it.
    package enum Reason: Hashable, Sendable {
        /// Its file lacks this own change-set, which it had: it was put back to an earlier day.
        case isOlder(missing: Dot)
        /// It was copied, and the one that it was copied from is still there.
        case isCopy(of: String)
        /// It was made on, or used by, another machine.
        case isOnOtherMachine
        /// The end of its queue could not be read: it does not know its own counter.
        case isUnreadable
    }

    /// What speaks against it.
    package let reason: Reason
    /// How many own change-sets the file held when it was noticed: all up to there are shared with the other life of the file, and keep their names.
    package let position: Int64
}

extension ReplicaDoubt.Reason {
    /// The word, as it is kept and as `--json` prints it.
    package var word: String {
        switch self {
        case .isOlder: "older"
        case .isCopy: "copy"
        case .isOnOtherMachine: "other_machine"
        case .isUnreadable: "unreadable"
        }
    }
}
