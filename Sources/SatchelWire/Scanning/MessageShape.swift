import SatchelSync

/// What a field of a message looks like in protobuf's binary form.
struct FieldShape: Sendable {
    enum Kind: Sendable {
        case varint
        case bytes
        case text
        case packed
        case message(MessageShape)
    }

    let kind: Kind
    /// How often the field may stand in one message; for a packed field, how many numbers it may hold.
    let countMax: Int

    static let varint = FieldShape(kind: .varint, countMax: 1)
    static let bytes = FieldShape(kind: .bytes, countMax: 1)
    static let text = FieldShape(kind: .text, countMax: 1)
    static let texts = FieldShape(kind: .text, countMax: WireLimits.elementsMax)
    static let packed = FieldShape(kind: .packed, countMax: WireLimits.elementsMax)
    static let vector = FieldShape(kind: .packed, countMax: 2 * Limits.contextEntriesMax)

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

    /// Describes a message of at most 16 fields.
    init(_ name: StaticString, choice: Range<Int> = 0..<0, _ fields: [FieldShape]) {
        self.name = name
        self.choice = choice
        self.fields = fields
    }

    func field(_ number: UInt64) -> FieldShape? {
        number >= 1 && number <= UInt64(fields.count) ? fields[Int(number) - 1] : nil
    }
}

extension MessageShape {
    static let syncRequest = MessageShape(
        "SyncRequest",
        [
            .varint, .varint, .bytes, .many(actorName), .bytes, .varint, .one(confirmedMark), .bytes, .one(checkpoint),
            .varint, .varint, .varint, .varint, .many(changeSet, max: Limits.changeSetsPerPushMax), .packed,
        ])
    static let syncFrame = MessageShape(
        "SyncFrame", choice: 1..<7,
        [.one(opening), .one(verdicts), .one(actors), .one(records), .one(closing), .one(problem)])
    static let enrolRequest = MessageShape("EnrolRequest", [.varint, .text, .text])
    static let enrolReply = MessageShape(
        "EnrolReply", [.text, .text, .bytes, .text, .bytes, .bytes, .varint, .text, .text])

    private static let actorName = MessageShape("ActorName", [.bytes, .varint])
    private static let confirmedMark = MessageShape("ConfirmedMark", [.varint, .bytes])
    private static let checkpoint = MessageShape("Checkpoint", [.bytes, .varint, .bytes])
    private static let changeSet = MessageShape(
        "ChangeSet", [.varint, .varint, .text, .text, .varint, .varint, .many(change), .bytes, .bytes])
    private static let change = MessageShape("Change", [.varint, .bytes, .vector, .varint, .many(write)])
    private static let write = MessageShape(
        "Write", choice: 2..<6, [.varint, .one(value), .one(setWrite), .varint, .one(mapWrite)])
    private static let mapWrite = MessageShape("MapWrite", [.many(keyWrite)])
    private static let keyWrite = MessageShape("KeyWrite", [.text, .one(value)])
    private static let setWrite = MessageShape("SetWrite", [.texts, .texts])
    private static let value = MessageShape(
        "Value", choice: 1..<11,
        [.varint, .text, .varint, .varint, .bytes, .varint, .one(decimal), .varint, .one(location), .text])
    private static let decimal = MessageShape("Decimal", [.varint, .varint])
    private static let location = MessageShape("Location", [.varint, .varint, .varint])

    private static let opening = MessageShape("Opening", [.bytes, .varint, .varint, .bytes, .varint])
    private static let verdicts = MessageShape("Verdicts", [.many(verdictEntry, max: Limits.changeSetsPerPushMax)])
    private static let verdictEntry = MessageShape("VerdictEntry", [.varint, .varint, .varint, .one(rejection)])
    private static let rejection = MessageShape("Rejection", [.text, .bytes, .varint, .text])
    private static let actors = MessageShape("Actors", [.many(actorEntry)])
    private static let actorEntry = MessageShape("ActorEntry", [.one(actorName), .text, .text])
    private static let records = MessageShape(
        "Records", [.many(actorName), .packed, .packed, .packed, .many(record, max: Limits.recordsPerPageMax)])
    private static let record = MessageShape(
        "Record",
        [
            .varint, .bytes, .varint, .vector, .many(lifePair), .many(fieldEntry), .many(provenance), .many(baseValue),
        ])
    private static let lifePair = MessageShape("LifePair", [.varint, .varint, .vector, .packed])
    private static let fieldEntry = MessageShape(
        "FieldEntry", choice: 2..<6,
        [.varint, .one(registerState), .one(setState), .one(counterState), .one(mapState)])
    private static let counterState = MessageShape("CounterState", [.many(counterPart)])
    private static let counterPart = MessageShape("CounterPart", [.varint, .varint])
    private static let mapState = MessageShape("MapState", [.many(mapEntry)])
    private static let mapEntry = MessageShape("MapEntry", [.text, .many(sibling)])
    private static let registerState = MessageShape("RegisterState", [.many(sibling)])
    private static let sibling = MessageShape("Sibling", [.varint, .one(value)])
    private static let setState = MessageShape("SetState", [.many(setElement)])
    private static let setElement = MessageShape("SetElement", [.text, .packed])
    private static let provenance = MessageShape("Provenance", [.varint, .varint, .text, .text, .varint, .vector])
    private static let baseValue = MessageShape("BaseValue", [.varint, .one(value), .text])
    private static let closing = MessageShape("Closing", [.one(checkpoint), .varint])
    private static let problem = MessageShape(
        "Problem", [.text, .text, .varint, .text, .text, .text, .varint, .varint])
}
