/// What a change does to the life of its record.
public enum LifeWrite: UInt8, Hashable, Sendable {
    /// Makes the record.
    case create = 1
    /// Deletes the record. Its values stay for inspection.
    case delete = 2
    /// Brings a deleted or contested record back.
    case revive = 3
}

/// What a change does to one field.
public enum FieldWrite: Hashable, Sendable {
    /// Gives a register its value.
    case register(FieldValue)
    /// Adds elements to a set and removes others; both in byte order, none named twice.
    case set(add: [UTF8Text], remove: [UTF8Text])
    /// Adds to a counter; a negative number takes from it.
    case counter(Int64)
    /// Gives keys of a map their values, in byte order of the keys, none named twice; `null` takes a key away.
    case map([MapWrite])
}

/// A key of a map and the value it is given.
public struct MapWrite: Hashable, Sendable {
    /// The key.
    public let key: UTF8Text
    /// The value; `null` where the key is taken away.
    public let value: FieldValue

    /// Pairs a key with its value.
    public init(_ key: UTF8Text, _ value: FieldValue) {
        self.key = key
        self.value = value
    }
}

/// One field of a change, and what happens to it.
public struct FieldChange: Hashable, Sendable {
    /// The field that is written.
    public let field: FieldID
    /// What is written.
    public let write: FieldWrite

    /// Pairs a field with its write.
    public init(_ field: FieldID, _ write: FieldWrite) {
        self.field = field
        self.write = write
    }
}

/// The part of a change-set that touches one record.
public struct RecordChange: Hashable, Sendable {
    /// The record's type.
    public let type: EntityTypeID
    /// The record.
    public let record: RecordID
    /// What the author had seen of the record, less the line of the change-set's dot, which is not carried.
    public let context: VersionVector
    /// What happens to the record's life; `nil` for a plain edit.
    public let life: LifeWrite?
    /// The fields written, in the order of their numbers, each once.
    public let writes: [FieldChange]

    /// Describes a change; the writes are put in order.
    public init(
        type: EntityTypeID, record: RecordID, context: VersionVector, life: LifeWrite?, writes: [FieldChange]
    ) {
        self.type = type
        self.record = record
        self.context = context
        self.life = life
        self.writes = writes.sorted { $0.field < $1.field }
    }

    /// The records that the writes refer to.
    public var references: [RecordID] {
        writes.compactMap { if case .register(.reference(let target)) = $0.write { target } else { nil } }
    }
}

/// One atomic edit by one actor: the unit of tracking, transfer, merge, verdict and audit.
public struct ChangeSet: Hashable, Sendable {
    /// Its name for ever.
    public let dot: Dot
    /// What the author calls it, such as `edit` or `visit start`.
    public let label: String
    /// The user who made it.
    public let author: String
    /// The device's wall time when it was made.
    ///
    /// It decides nothing about causality.
    public let time: Timestamp
    /// The schema that its numbers refer to.
    public let schemaVersion: UInt32
    /// The digest of the parked change-set in whose place this one stands; `nil` for an ordinary one.
    ///
    /// A digest and not a dot, since both may get a new name before they are sent, and a renamed change-set keeps its digest.
    public let fixes: [UInt8]?
    /// The records it touches, each once; none where it discards what it fixes.
    public let changes: [RecordChange]

    /// Describes a change-set.
    public init(
        dot: Dot, label: String, author: String, time: Timestamp, schemaVersion: UInt32, fixes: [UInt8]? = nil,
        changes: [RecordChange]
    ) {
        self.dot = dot
        self.label = label
        self.author = author
        self.time = time
        self.schemaVersion = schemaVersion
        self.fixes = fixes
        self.changes = changes
    }

    /// The same change-set under another dot: its digest does not change (causality.md §2).
    public func renamed(to dot: Dot) -> ChangeSet {
        ChangeSet(
            dot: dot, label: label, author: author, time: time, schemaVersion: schemaVersion, fixes: fixes,
            changes: changes)
    }

    /// Checks the size of the canonical bytes.
    ///
    /// - Throws: ``Violation`` `too_large`.
    package static func validate(byteCount: Int) throws(Violation) {
        guard byteCount <= Limits.changeSetBytesMax else {
            throw Violation(
                .tooLarge, "A change-set takes at most \(Limits.changeSetBytesMax) bytes, got \(byteCount).")
        }
    }

    /// Checks what rests on the change-set and the schema alone.
    /// - Throws: ``Violation``, the first one in the order of the changes.
    public func validate(against schema: Schema) throws(Violation) {
        guard !changes.isEmpty || fixes != nil, changes.count <= Limits.changesPerChangeSetMax else {
            throw Violation(
                .tooLarge, "A change-set touches 1 to \(Limits.changesPerChangeSetMax) records, got \(changes.count).")
        }
        guard label.utf8.count <= Limits.labelBytesMax, !label.utf8.contains(0) else {
            throw Violation(.tooLarge, "A label takes at most \(Limits.labelBytesMax) bytes and no NUL character.")
        }
        guard author.utf8.count <= Limits.nameBytesMax, !author.utf8.contains(0) else {
            throw Violation(
                .tooLarge, "An author's name takes at most \(Limits.nameBytesMax) bytes and no NUL character.")
        }
        var seen: Set<RecordID> = []
        for change in changes {
            guard seen.insert(change.record).inserted else {
                throw Violation(
                    .invalidRequest, record: change.record, "Record \(change.record) stands twice in one change-set.")
            }
            guard zip(change.writes, change.writes.dropFirst()).allSatisfy({ $0.field < $1.field }) else {
                throw Violation(
                    .invalidRequest, record: change.record,
                    "A field of record \(change.record) is written twice in one change-set.")
            }
            guard change.context.count <= Limits.contextEntriesMax else {
                throw Violation(
                    .tooLarge, record: change.record,
                    "A context takes at most \(Limits.contextEntriesMax) actors, got \(change.context.count).")
            }
            try schema.validate(change)
        }
    }
}
