/// An edit of one record before it has a name: what a form, a command or captured SQL asks for.
public struct DraftChange: Hashable, Sendable {
    /// The record's type.
    public let type: EntityTypeID
    /// The record.
    public let record: RecordID
    /// What happens to its life; `nil` for a plain edit.
    public let life: LifeWrite?
    /// The fields written, each once.
    public let writes: [FieldChange]
    /// The context of the read that the edit rests on; `nil` for the record as it stands when the edit is made.
    public let readAt: VersionVector?

    /// Describes an edit of one record.
    public init(
        type: EntityTypeID, record: RecordID, life: LifeWrite? = nil, writes: [FieldChange] = [],
        readAt: VersionVector? = nil
    ) {
        self.type = type
        self.record = record
        self.life = life
        self.writes = writes
        self.readAt = readAt
    }
}

/// A change-set before it is sealed: one atomic edit of one or more records.
public struct Draft: Hashable, Sendable {
    /// What the author calls it.
    public let label: String
    /// When it was made, where somebody else noted that; `nil` for now.
    public let madeAt: Timestamp?
    /// The digest of the parked change-set in whose place the edit stands; `nil` for an ordinary one.
    public let fixes: [UInt8]?
    /// The records it touches, each once.
    public let changes: [DraftChange]

    /// Describes an edit.
    public init(label: String, madeAt: Timestamp? = nil, fixes: [UInt8]? = nil, changes: [DraftChange]) {
        self.label = label
        self.madeAt = madeAt
        self.fixes = fixes
        self.changes = changes
    }

    /// The same edit with other changes.
    package func replacing(changes: [DraftChange]) -> Draft {
        Draft(label: label, madeAt: madeAt, fixes: fixes, changes: changes)
    }

    /// Gives the edit its name and, for each record, the context its author had seen (causality.md §2).
    ///
    /// - Parameters:
    ///   - dot: The next dot of the author's replica.
    ///   - author: The user who edits.
    ///   - time: The device's wall time.
    ///   - schemaVersion: The version of the schema that the edit was made with.
    ///   - line: What the author cannot but have seen: the line of the dot, or of what is fixed; left out of the contexts.
    ///   - contextOf: K(r) of the effective state of a record, without the released dots of work that is still parked.
    /// - Returns: The change-set, ready to be queued.
    public func sealed(
        dot: Dot, author: String, time: Timestamp, schemaVersion: UInt32, line: VersionVector,
        contextOf: (RecordID) throws -> VersionVector
    ) rethrows -> ChangeSet {
        let changes = try self.changes.map { change in
            let readAt = Mutant.readTokenIgnored.isPlanted ? nil : change.readAt
            let context = try readAt ?? contextOf(change.record)
            return RecordChange(
                type: change.type, record: change.record, context: context.removing(line: line), life: change.life,
                writes: change.writes)
        }
        return ChangeSet(
            dot: dot, label: label, author: author, time: time, schemaVersion: schemaVersion, fixes: fixes,
            changes: changes)
    }
}
