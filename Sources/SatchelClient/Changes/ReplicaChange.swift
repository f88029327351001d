public import SatchelSync

/// What those who follow a replica are told: one record that shows something else, or that there is more than can be told.
public enum ReplicaChange: Hashable, Sendable {
    /// A record changed.
    case record(ChangedRecord)
    /// More changed than was kept or can be told one by one: whatever is on the screen is to be read anew.
    case rescan
}

/// A record that shows something else than before.
public struct ChangedRecord: Hashable, Sendable {
    /// What became of its row in the plain table.
    public enum Kind: Hashable, Sendable {
        /// There is a row now: the record was made, revived, or came from the server.
        case appeared
        /// The row is there still.
        case changed
        /// The row is gone.
        case disappeared
    }

    /// Where a change came from.
    public enum Origin: Hashable, Sendable {
        /// An edit through this library by this program.
        case edit
        /// Plain SQL, of whatever program, when it was sealed.
        case sql
        /// An exchange with the server by this program.
        case sync
        /// An edit by another program that shares the home.
        case otherProgram
    }

    /// The name of the record's type.
    public let typeName: String
    /// The record.
    public let id: RecordID
    /// What became of its row.
    public let kind: Kind
    /// The names of the fields that were written, or whose value or whose other values are not what they were, in the schema's
    /// order.
    ///
    /// Empty where only the record's life or a conflict changed.
    public let fields: [String]
    /// How much the record's open conflicts ask of people now; `nil` without one.
    public let conflict: ConflictSeverity?
    /// Where the change came from.
    public let origin: Origin
}

extension ReplicaChange {
    /// The record that changed; `nil` for a rescan.
    public var record: ChangedRecord? { if case .record(let record) = self { record } else { nil } }
}
