/// What happens to living children when their author deletes the parent they refer to.
public enum DeleteRule: Hashable, Sendable {
    /// The delete is refused on the replica where it is made.
    case restrict
    /// The same change-set deletes the children that the replica sees.
    case cascade
}

/// What a field holds.
public enum FieldKind: Hashable, Sendable {
    /// Text of at most so many Unicode scalars.
    case text(maxLength: Int)
    /// An integer within bounds.
    case integer(ClosedRange<Int64>)
    /// An exact number with so many digits behind the point, its bounds counted in the smallest unit.
    case decimal(scale: UInt8, ClosedRange<Int64>)
    /// Yes or no.
    case boolean
    /// A day of the calendar.
    case date
    /// An instant, UTC, to the millisecond.
    case timestamp
    /// One of a list of names, in the order of the schema.
    case enumeration([UTF8Text])
    /// The id of a record of another, or the same, type.
    case reference(to: EntityTypeID, onDelete: DeleteRule)
    /// A set of texts, each of at most so many Unicode scalars.
    case set(maxLength: Int)
    /// A number that only grows and shrinks by increments.
    case counter
    /// A place on the earth.
    case location
    /// Keys with a value each, every key a register of its own; texts of at most so many Unicode scalars.
    case map(maxLength: Int)
    /// Any JSON, as a whole.
    case json

    /// Whether the field is a set.
    public var isSet: Bool { if case .set = self { true } else { false } }

    /// Whether the field holds one value that is written as a whole, and not a set, a counter or a map.
    public var isRegister: Bool {
        switch self {
        case .set, .counter, .map: false
        default: true
        }
    }

    /// The policies that the kind takes, its default first.
    package var policies: [MergePolicy] {
        switch self {
        case .set: [.set]
        case .counter: [.counter]
        case .map: [.map]
        case .integer, .decimal, .date, .timestamp: [.latest, .manual, .max, .min, .immutable, .server]
        case .enumeration(let cases): [.latest, .manual, .precedence(cases), .immutable, .server]
        case .text, .boolean, .reference, .location, .json: [.latest, .manual, .immutable, .server]
        }
    }
}

/// How concurrent values of a field are settled.
public enum MergePolicy: Hashable, Sendable {
    /// The tables show the value with the latest corrected time; the others stay for review.
    case latest
    /// A person must decide; the tables show the latest until then.
    case manual
    /// The tables show the greatest value; the others are merged into it.
    case max
    /// The tables show the least value; the others are merged into it.
    case min
    /// Increments add up.
    case counter
    /// Adds and removes are united; an add wins over a remove that had not seen it.
    case set
    /// Every key is settled for itself, by the latest value.
    case map
    /// The tables show the value that stands last in the list; the others stay for review.
    case precedence([UTF8Text])
    /// The first value stays: whoever has seen it may not write another.
    case immutable
    /// Only the server's own edits write it.
    case server

    /// The word of the schema file.
    public var word: String {
        switch self {
        case .latest: "latest"
        case .manual: "manual"
        case .max: "max"
        case .min: "min"
        case .counter: "counter"
        case .set: "set"
        case .map: "map"
        case .precedence: "precedence"
        case .immutable: "immutable"
        case .server: "server"
        }
    }

    /// How much two distinct values ask of people; `nil` where they are merged.
    public var severity: ConflictSeverity? {
        switch self {
        case .manual: .decide
        case .latest, .precedence, .immutable, .server, .map: .review
        case .max, .min, .counter, .set: nil
        }
    }
}

/// When a record without a value in a field is refused.
public enum Requirement: Hashable, Sendable {
    /// It is never refused for that.
    case never
    /// It is always refused.
    case always
    /// It is refused from this status on, in the order of the type's status field: until then the record is a draft.
    case from(UTF8Text)
}

/// Who may write the records of a type.
public enum Ownership: Hashable, Sendable {
    /// Everybody.
    case shared
    /// Nobody but the user who made the record: there is one writer, and so no conflict but with himself.
    case own
}
