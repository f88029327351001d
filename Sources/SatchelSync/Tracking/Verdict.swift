/// The server's answer to one change-set.
public enum Verdict: Hashable, Sendable {
    /// Every part is in.
    case applied
    /// Every part is in, and some field that it wrote, or the life of a record it touches, has several values now.
    case appliedWithConflicts
    /// Parked until a record it needs is there.
    case held(Rejection)
    /// Parked for a person.
    case rejected(Rejection)
    /// It was parked and came back: released, fixed or discarded.
    case reissued

    /// Whether the change-set entered the store.
    public var isApplied: Bool { self == .applied || self == .appliedWithConflicts }

    /// Why the change-set is parked; `nil` where it is not.
    public var rejection: Rejection? {
        switch self {
        case .applied, .appliedWithConflicts, .reissued: nil
        case .held(let rejection), .rejected(let rejection): rejection
        }
    }

    /// The word, as `--json` prints it.
    public var word: String {
        switch self {
        case .applied: "applied"
        case .appliedWithConflicts: "applied_with_conflicts"
        case .held: "held"
        case .rejected: "rejected"
        case .reissued: "reissued"
        }
    }
}

/// Why a change-set is parked: code, place and a sentence.
public struct Rejection: Hashable, Sendable {
    /// The rule, as a word of `Protocol/errors.md`.
    public let code: String
    /// The record that breaks it, or that is waited for.
    public let record: RecordID?
    /// The field that breaks it.
    public let field: FieldID?
    /// What happened, for people.
    public let sentence: String

    /// Whether the store has the same change-set under another name: nothing was applied, and nothing is missing.
    public var isDuplicate: Bool { code == SatchelError.Code.duplicate.word }

    /// States why.
    public init(code: String, record: RecordID?, field: FieldID?, sentence: String) {
        self.code = code
        self.record = record
        self.field = field
        self.sentence = sentence
    }

    /// States a broken rule.
    public init(_ violation: Violation) {
        self.init(
            code: violation.code.word, record: violation.record, field: violation.field, sentence: violation.sentence)
    }
}
