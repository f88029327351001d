public import SatchelSync

/// How an edit deals with what it finds.
public struct EditOptions: Sendable {
    /// Whether a field in a conflict that a person must decide may be written without having read its values.
    public var settles: Bool

    /// Refuses such an edit unless told otherwise.
    public init(settles: Bool = false) { self.settles = settles }
}

/// What an edit did, once it is on the disk.
public struct EditOutcome: Hashable, Sendable {
    /// The change-set's name.
    public let dot: Dot
    /// The records it touched, in order; a cascade's children after their parent.
    public let records: [RecordID]
    /// The names of their types, in the same order.
    public let types: [String]
    /// The standing values that the edit covered, where there were several: nobody's work goes without a word.
    public let settled: [SettledField]
}

/// A field that had several values when it was written.
public struct SettledField: Hashable, Sendable {
    /// The record.
    public let record: RecordID
    /// The field's name.
    public let field: String
    /// How much the conflict had asked of people.
    public let severity: ConflictSeverity
    /// The values that stood and that the edit wrote over, the winner's first: not the one that it chose among them.
    public let values: [String]
    /// The same as people know them: a reference by the title of what it refers to, and its ending.
    package let shown: [String]
}

extension EditOutcome {
    /// What a change-set with these changes, in this order, did.
    init(_ dot: Dot, _ changes: [DraftChange], in schema: Schema, settled: [SettledField] = []) {
        self.dot = dot
        records = changes.map(\.record)
        types = changes.map { schema.type($0.type)?.name ?? "" }
        self.settled = settled
    }
}
