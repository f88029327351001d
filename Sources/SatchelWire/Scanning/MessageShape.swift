import SatchelSync

/// What a field of a message looks like in protobuf's binary form.
struct FieldShape: Sendable {
    enum Kind: Sendable {
        case varint
        case bytes
        case text
        case packed
        case message(MessageShape)
        /// A field of the JSON form alone.
        case absent
    }

    let kind: Kind
    /// How often the field may stand in one message; for a packed field, how many numbers it may hold.
    let countMax: Int

    static let absent = FieldShape(kind: .absent, countMax: 0)
    static let varint = FieldShape(kind: .varint, countMax: 1)
    static let bytes = FieldShape(kind: .bytes, countMax: 1)
    static let text = FieldShape(kind: .text, countMax: 1)
    static let packed = FieldShape(kind: .packed, countMax: WireLimits.elementsMax)

    static func one(_ shape: MessageShape) -> FieldShape { FieldShape(kind: .message(shape), countMax: 1) }

    static func many(_ shape: MessageShape, max: Int = WireLimits.elementsMax) -> FieldShape {
        FieldShape(kind: .message(shape), countMax: max)
    }
}

/// A message of `sync.proto` as the scanner knows it: its fields by number, from 1 without gaps.
final class MessageShape: Sendable {
    let name: StaticString
    /// The numbers of the fields of which a message holds one at most, the members of its oneof; empty without one.
    let choice: Range<Int>
    private let fields: [FieldShape]

    /// Describes a message of at most 32 fields.
    init(_ name: StaticString, choice: Range<Int> = 0..<0, _ fields: [FieldShape]) {
        self.name = name
        self.choice = choice
        self.fields = fields
    }

    func field(_ number: UInt64) -> FieldShape? {
        guard number >= 1, number <= UInt64(fields.count) else { return nil }
        let field = fields[Int(number) - 1]
        if case .absent = field.kind { return nil }
        return field
    }
}

extension MessageShape {
    static let syncRequest = MessageShape(
        "SyncRequest",
        [
            .varint, .varint, .bytes, .absent, .bytes, .varint, .one(confirmedMark), .bytes, .one(checkpoint),
            .varint, .varint, .varint, .varint, .absent, .packed, .bytes, .one(forkPoint), .varint,
            .many(formerParked, max: Limits.parkedPerRequestMax), .one(clockReading),
            .many(lineClaim, max: WireLimits.linesMax),
            .one(reoffers), .one(records), .many(actorEntry), .varint,
        ])
    static let syncFrame = MessageShape(
        "SyncFrame", choice: 1..<8,
        [
            .one(opening), .one(verdicts), .one(actors), .one(records), .one(closing), .one(problem), .one(forkPoint),
        ])
    static let enrolRequest = MessageShape("EnrolRequest", [.varint, .text, .text])
    static let enrolReply = MessageShape(
        "EnrolReply", [.text, .text, .bytes, .text, .bytes, .bytes, .varint, .text, .text])

    private static let actorName = MessageShape("ActorName", [.bytes, .varint])
    private static let confirmedMark = MessageShape("ConfirmedMark", [.varint, .bytes])
    private static let forkPoint = MessageShape("ForkPoint", [.bytes, .varint])
    private static let lineClaim = MessageShape(
        "LineClaim", [.bytes, .one(forkPoint), .bytes, .bytes, .bytes])
    private static let reoffers = MessageShape(
        "Reoffers", [.absent, .absent, .bytes, .many(verdictEntry, max: Limits.changeSetsPerPushMax)])
    private static let formerParked = MessageShape("FormerParked", [.bytes, .packed])
    private static let clockReading = MessageShape("ClockReading", [.varint, .varint])
    private static let checkpoint = MessageShape("Checkpoint", [.bytes, .varint, .bytes])

    private static let opening = MessageShape(
        "Opening",
        [
            .bytes, .varint, .varint, .bytes, .varint, .varint, .varint, .varint, .absent,
            .many(lineFrontier, max: WireLimits.linesMax), .varint,
        ])
    private static let lineFrontier = MessageShape("LineFrontier", [.bytes, .varint])
    private static let verdicts = MessageShape("Verdicts", [.many(verdictEntry, max: Limits.changeSetsPerPushMax)])
    private static let verdictEntry = MessageShape(
        "VerdictEntry", [.varint, .varint, .varint, .one(rejection), .bytes, .varint, .varint, .bytes, .varint])
    private static let rejection = MessageShape("Rejection", [.text, .bytes, .varint, .text])
    private static let actors = MessageShape("Actors", [.many(actorEntry)])
    private static let actorEntry = MessageShape("ActorEntry", [.one(actorName), .text, .text])
    private static let records = MessageShape("Records", [.absent, .absent, .absent, .absent, .absent, .bytes])
    private static let closing = MessageShape("Closing", [.one(checkpoint), .varint])
    private static let problem = MessageShape(
        "Problem", [.text, .text, .varint, .text, .text, .text, .varint, .varint])
}
