import SatchelSync
import SatchelTestSupport
import SatchelWire
import Testing

/// The values behind the golden vectors.
enum WireVectors {
    enum Value: Sendable {
        case request(SyncRequest)
        case agreed(SyncRequest, WireAgreement)
        case frame(SyncFrame)
        case enrolRequest(EnrolRequest)
        case enrolReply(EnrolReply)
    }

    struct Vector: Sendable, CustomTestStringConvertible {
        let name: String
        let message: String
        let why: String
        let value: Value

        var testDescription: String { name }
    }

    static let all: [Vector] = [
        Vector(
            name: "request-first", message: "SyncRequest",
            why: "A device that has made nothing and never pulled: no dictionary, no checkpoint, no mark.",
            value: .request(first)),
        Vector(
            name: "request-one-change-set", message: "SyncRequest",
            why:
                "One change-set that creates a record, edits one with a context of three actors, and deletes one.",
            value: .request(oneChangeSet)),
        Vector(
            name: "request-every-kind", message: "SyncRequest",
            why: "Every kind of value and of write; a fix, a discard, and the counters of parked change-sets.",
            value: .request(everyKind)),
        Vector(
            name: "request-agreed", message: "SyncRequest",
            why:
                "What both ends know goes without saying: the dictionary of dictionary.bytes, and the handles 17 and 4711 for the second and the third record.",
            value: .agreed(agreed, WireAgreement(dictionary: dictionary, handles: handles))),
        Vector(
            name: "frame-opening", message: "SyncFrame",
            why: "The first frame of a reply.",
            value: .frame(
                .opening(
                    Opening(
                        epoch: epoch, schemaVersion: 3, serverTime: time(90), forkToken: bytes(0x40, 16), frontier: 7)))
        ),
        Vector(
            name: "frame-verdicts", message: "SyncFrame",
            why:
                "One verdict of each kind, also of parked work that came back; a rejection with and without a record and a field.",
            value: .frame(.verdicts(verdicts))),
        Vector(
            name: "frame-actors", message: "SyncFrame",
            why: "An ordinary actor, and one that stands for a release.",
            value: .frame(
                .actors([
                    ActorEntry(actor: lena, user: "lena", device: "Lena's phone"),
                    ActorEntry(actor: Dot(omar, 5).released.actor, user: "omar", device: "Omar's tablet"),
                ]))),
        Vector(
            name: "frame-records", message: "SyncFrame",
            why:
                "A record without a conflict, a contested one with two siblings, provenance and a base, and one whose delete has late dots.",
            value: .frame(.records(records))),
        Vector(
            name: "frame-record-of-every-kind", message: "SyncFrame",
            why:
                "Every kind of value and of state: registers, a counter of two actors, and a map with a key in conflict.",
            value: .frame(.records([recordOfEveryKind]))),
        Vector(
            name: "frame-closing", message: "SyncFrame",
            why: "The last frame of a whole reply.",
            value: .frame(
                .closing(
                    Closing(checkpoint: Checkpoint(epoch: epoch, sequence: ServerSequence(4_711), proof: bytes(0, 32))))
            )),
        Vector(
            name: "frame-failure", message: "SyncFrame",
            why: "A gap: the server names the counter that it wants.",
            value: .frame(
                .failure(
                    ProblemFrame(
                        code: "dot_gap", message: "The push begins at 9; the next one is 8.", remedy: nil,
                        isTransient: false, nextCounter: 8)))),
        Vector(
            name: "enrol-request", message: "EnrolRequest",
            why: "A device's name beyond ASCII.",
            value: .enrolRequest(EnrolRequest(code: "K7QM-2R4T", deviceName: "Télé de Léna 手机"))),
        Vector(
            name: "enrol-reply", message: "EnrolReply",
            why: "All that a new device needs.",
            value: .enrolReply(
                EnrolReply(
                    user: "lena", deviceID: "d-17", actor: lena, token: "not-a-real-token", forkToken: bytes(0x40, 16),
                    epoch: epoch, schemaVersion: 3, schemaSource: "version: 3\ntypes: {}\n", serverName: "North office")
            )),
    ]

    private static let epoch = StoreEpoch(high: 0x1122_3344_5566_7788, low: 0x99AA_BBCC_DDEE_FF00)
    private static let lena = ActorID(high: 0xA1, low: 0x01)
    private static let omar = ActorID(high: 0xB2, low: 0x02)
    private static let office = ActorID(high: 0xC3, low: 0x03)

    private static func time(_ seconds: Int64) -> Timestamp {
        Timestamp(milliseconds: 1_772_438_400_000 + seconds * 1_000)
    }

    private static func bytes(_ first: UInt8, _ count: UInt8) -> [UInt8] { (0..<count).map { first + $0 } }

    private static let first = SyncRequest(
        schemaVersion: 3, epoch: epoch, actor: lena, highestCounter: 0, confirmed: nil, forkToken: bytes(0x40, 16),
        checkpoint: nil, deviceTime: time(0), changeSets: [])

    private static let oneChangeSet = SyncRequest(
        schemaVersion: 3, epoch: epoch, actor: lena, highestCounter: 8,
        confirmed: ConfirmedMark(counter: 7, digest: bytes(0x60, 32)), forkToken: bytes(0x40, 16),
        checkpoint: Checkpoint(epoch: epoch, sequence: ServerSequence(4_700), proof: bytes(0, 32)),
        resumeAfter: ServerSequence(4_705), deviceTime: time(60),
        changeSets: [OfferedChangeSet(changeSet: changeSet, digest: bytes(0x80, 32))])

    private static let changeSet = ChangeSet(
        dot: Dot(lena, 8), label: "visit end", author: "lena", time: time(-30), schemaVersion: 3,
        changes: [
            RecordChange(
                type: EntityTypeID(3), record: .sample(1), context: VersionVector(), life: .create,
                writes: [
                    FieldChange(FieldID(1), .register(.text("Besuch bei Müller 会议"))),
                    FieldChange(FieldID(2), .register(.integer(-42))),
                    FieldChange(FieldID(3), .register(.timestamp(time(-600)))),
                    FieldChange(FieldID(4), .register(.reference(.sample(2)))),
                    FieldChange(FieldID(5), .register(.null)),
                    FieldChange(FieldID(6), .set(add: ["key account", "vip"], remove: ["cold"])),
                ]),
            RecordChange(
                type: EntityTypeID(1), record: .sample(2),
                context: VersionVector([Dot(omar, 12), Dot(office, 300), Dot(omar, 5).released]), life: nil,
                writes: [FieldChange(FieldID(2), .register(.text("+49 40 123")))]),
            RecordChange(
                type: EntityTypeID(4), record: .sample(3), context: VersionVector([Dot(office, 299)]), life: .delete,
                writes: []),
        ])

    private static let verdicts = [
        VerdictEntry(counter: 4, verdict: .applied, correctedTime: time(1)),
        VerdictEntry(counter: 5, verdict: .appliedWithConflicts, correctedTime: time(2)),
        VerdictEntry(
            counter: 6,
            verdict: .held(
                Rejection(code: "unknown_record", record: .sample(9), field: nil, sentence: "It waits on a record.")),
            correctedTime: time(0)),
        VerdictEntry(
            counter: 7,
            verdict: .rejected(
                Rejection(code: "invalid_value", record: .sample(2), field: FieldID(2), sentence: "It takes a number.")),
            correctedTime: time(3)),
        VerdictEntry(counter: 8, verdict: .reissued, correctedTime: time(4)),
    ]

    private static let records = [
        RecordDelta(
            type: EntityTypeID(1), record: .sample(1), sequence: ServerSequence(4_706),
            state: RecordState(
                context: VersionVector([Dot(lena, 2)]),
                life: [LifePair(dot: Dot(lena, 1), time: time(10), mark: .alive)],
                fields: [
                    FieldEntry(
                        FieldID(1), .register([Sibling(dot: Dot(lena, 2), time: time(20), value: .text("Nord"))])),
                    FieldEntry(
                        FieldID(6),
                        .set([SetElement(value: "vip", dots: [ElementDot(dot: Dot(lena, 1), time: time(10))])])),
                ])),
        RecordDelta(
            type: EntityTypeID(1), record: .sample(2), sequence: ServerSequence(4_708),
            state: RecordState(
                context: VersionVector([Dot(lena, 4), Dot(omar, 9), Dot(office, 300)]),
                life: [
                    LifePair(dot: Dot(office, 1), time: time(-900), mark: .alive),
                    LifePair(
                        dot: Dot(office, 300), time: time(40),
                        mark: .deleted(context: DeletingContext(vector: VersionVector([Dot(office, 300)])))),
                ],
                fields: [
                    FieldEntry(
                        FieldID(2),
                        .register([
                            Sibling(dot: Dot(lena, 4), time: time(30), value: .text("111")),
                            Sibling(dot: Dot(omar, 9), time: time(25), value: .text("222")),
                        ]))
                ]),
            provenance: [
                Provenance(
                    dot: Dot(lena, 4), label: "edit", author: "lena", deviceTime: time(31),
                    context: VersionVector([Dot(lena, 3), Dot(office, 1)])),
                Provenance(
                    dot: Dot(omar, 9), label: "edit", author: "omar", deviceTime: time(26),
                    context: VersionVector([Dot(omar, 8), Dot(office, 1)])),
            ],
            bases: [BaseValue(field: FieldID(2), value: .text("000"))]),
        RecordDelta(
            type: EntityTypeID(4), record: .sample(3), sequence: ServerSequence(4_711),
            state: RecordState(
                context: VersionVector([Dot(omar, 10)]),
                life: [
                    LifePair(
                        dot: Dot(omar, 10), time: time(50),
                        mark: .deleted(
                            context: DeletingContext(
                                vector: VersionVector([Dot(omar, 10)]), lateDots: [Dot(lena, 3), Dot(lena, 5)])))
                ],
                fields: [FieldEntry(FieldID(1), .register([]))])),
    ]

    /// A value of each kind, by the field it stands in.
    private static let values: [(FieldID, FieldValue)] = [
        (FieldID(1), .null), (FieldID(2), .text("Grüße, 再见")), (FieldID(3), .integer(.min)),
        (FieldID(4), .timestamp(time(-1))), (FieldID(5), .reference(.sample(9))), (FieldID(6), .boolean(false)),
        (FieldID(7), .boolean(true)),
        (FieldID(8), DecimalNumber(units: -12_990, scale: 2).map { .decimal($0) } ?? .null),
        (FieldID(9), CalendarDate("2026-03-02").map { .date($0) } ?? .null),
        (FieldID(10), Location("48.1371540,11.5761240,12").map { .location($0) } ?? .null),
        (FieldID(11), Location("-33.8567844,151.2152967").map { .location($0) } ?? .null),
        (FieldID(12), .json(#"{"a":[1,null]}"#)),
    ]

    private static let everyKind = SyncRequest(
        schemaVersion: 3, epoch: epoch, actor: lena, highestCounter: 10, confirmed: nil, forkToken: bytes(0x40, 16),
        checkpoint: nil, deviceTime: time(60),
        changeSets: [
            OfferedChangeSet(
                changeSet: ChangeSet(
                    dot: Dot(lena, 8), label: "edit", author: "lena", time: time(-30), schemaVersion: 3,
                    changes: [
                        RecordChange(
                            type: EntityTypeID(3), record: .sample(1), context: VersionVector(), life: .create,
                            writes: values.map { FieldChange($0.0, .register($0.1)) } + [
                                FieldChange(FieldID(20), .set(add: ["a"], remove: ["b", "c"])),
                                FieldChange(FieldID(21), .counter(-3)),
                                FieldChange(
                                    FieldID(22), .map([MapWrite("height", .integer(7)), MapWrite("width", .null)])),
                                FieldChange(FieldID(23), .map([])),
                            ])
                    ]), digest: bytes(0x80, 32)),
            OfferedChangeSet(
                changeSet: ChangeSet(
                    dot: Dot(lena, 9), label: "fix", author: "lena", time: time(-20), schemaVersion: 3,
                    fixes: bytes(0x10, 32),
                    changes: [
                        RecordChange(
                            type: EntityTypeID(3), record: .sample(1), context: VersionVector(), life: .revive,
                            writes: [])
                    ]), digest: bytes(0xA0, 32)),
            OfferedChangeSet(
                changeSet: ChangeSet(
                    dot: Dot(lena, 10), label: "discard", author: "lena", time: time(-10), schemaVersion: 3,
                    fixes: bytes(0x20, 32), changes: []), digest: bytes(0xC0, 32)),
        ], parked: [3, 5])

    private static let recordOfEveryKind = RecordDelta(
        type: EntityTypeID(3), record: .sample(1), sequence: ServerSequence(4_709),
        state: RecordState(
            context: VersionVector([Dot(lena, 8), Dot(omar, 9)]),
            life: [LifePair(dot: Dot(lena, 8), time: time(10), mark: .alive)],
            fields: values.map {
                FieldEntry($0.0, .register([Sibling(dot: Dot(lena, 8), time: time(10), value: $0.1)]))
            } + [
                FieldEntry(
                    FieldID(21),
                    .counter([
                        CounterEntry(dot: Dot(lena, 8), time: time(10), sum: -3),
                        CounterEntry(dot: Dot(omar, 9), time: time(12), sum: 40),
                    ])),
                FieldEntry(
                    FieldID(22),
                    .map([
                        MapEntry(
                            key: "height", siblings: [Sibling(dot: Dot(lena, 8), time: time(10), value: .integer(7))]),
                        MapEntry(
                            key: "width",
                            siblings: [
                                Sibling(dot: Dot(lena, 8), time: time(10), value: .text("narrow")),
                                Sibling(dot: Dot(omar, 9), time: time(12), value: .text("wide")),
                            ]),
                    ])),
            ]),
        provenance: [
            Provenance(
                dot: Dot(lena, 8), label: "edit", author: "lena", deviceTime: time(10), context: VersionVector())
        ],
        bases: [BaseValue(field: FieldID(22), key: "width", value: .null)])

    /// The dictionary of a schema with one enum.
    static let dictionary: PresetDictionary = {
        let status = Field(
            id: FieldID(2), name: "status", kind: .enumeration(["prospect", "customer"]), policy: .latest)
        let type = EntityType(id: EntityTypeID(1), name: "account", fields: [status])
        guard let schema = try? Schema(version: 3, types: [type]) else {
            preconditionFailure("the schema of the vectors breaks a rule")
        }
        return PresetDictionary(schema: schema)
    }()

    private static let handles = RecordHandles(epoch: epoch, [.sample(2): 17, .sample(3): 4_711])

    private static let agreed = SyncRequest(
        schemaVersion: 3, epoch: epoch, actor: lena, highestCounter: 9, confirmed: nil, forkToken: bytes(0x40, 16),
        checkpoint: nil, deviceTime: time(60),
        changeSets: [
            OfferedChangeSet(
                changeSet: ChangeSet(
                    dot: Dot(lena, 8), label: "edit", author: "lena", time: time(-30), schemaVersion: 3,
                    changes: [
                        RecordChange(
                            type: EntityTypeID(1), record: .sample(2), context: VersionVector([Dot(office, 3)]),
                            life: nil, writes: [FieldChange(FieldID(2), .register(.text("customer")))])
                    ]), digest: nil),
            OfferedChangeSet(
                changeSet: ChangeSet(
                    dot: Dot(lena, 9), label: "edit", author: "lena", time: time(-20), schemaVersion: 3,
                    changes: [
                        RecordChange(
                            type: EntityTypeID(1), record: .sample(2), context: VersionVector([Dot(office, 3)]),
                            life: nil,
                            writes: [
                                FieldChange(FieldID(2), .register(.text("prospect"))),
                                FieldChange(FieldID(3), .register(.reference(.sample(3)))),
                                FieldChange(FieldID(4), .register(.text(UTF8Text(bytes(0xA0, 32).hexString)))),
                            ])
                    ]), digest: bytes(0xA0, 32)),
        ])
}
