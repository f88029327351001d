import SatchelSync
import SatchelTestSupport
import SatchelWire

/// Messages out of everything that the types allow.
extension SeededRandom {
    mutating func anyRequest() -> SyncRequest {
        SyncRequest(
            schemaVersion: UInt32.random(in: 0...(.max), using: &self), epoch: anyEpoch(),
            actor: ActorID(high: next(), low: next()), highestCounter: anyCounter(),
            confirmed: isOnce(in: 2) ? nil : ConfirmedMark(counter: anyCounter(), digest: bytes(32)),
            forkToken: bytes(pick(below: 65)), checkpoint: isOnce(in: 2) ? nil : anyCheckpoint(),
            resumeAfter: isOnce(in: 2) ? nil : ServerSequence(anyCounter()), deviceTime: anyTimestamp(),
            scopeVersion: UInt64(pick(below: 3)),
            changeSets: (0..<pick(below: 5)).map { _ in anyOffered() },
            parked: Set((0..<pick(below: 4)).map { _ in anyCounter() }).sorted(), wantsRecords: isOnce(in: 2))
    }

    mutating func anyOffered() -> OfferedChangeSet {
        let made = anyChangeSet()
        let changeSet = ChangeSet(
            dot: made.dot, label: made.label, author: made.author, time: made.time, schemaVersion: made.schemaVersion,
            fixes: isOnce(in: 4) ? bytes(32) : nil, changes: made.changes)
        return OfferedChangeSet(changeSet: changeSet, digest: bytes(32))
    }

    mutating func anyFrame() -> SyncFrame {
        switch pick(below: 6) {
        case 0:
            .opening(
                Opening(
                    epoch: anyEpoch(), schemaVersion: UInt32(pick(below: 9)), serverTime: anyTimestamp(),
                    forkToken: bytes(16), frontier: anyCounter() - 1,
                    backup: pick(below: 2) == 0
                        ? nil
                        : BackupReceipt(
                            count: anyCounter() - 1, madeAt: Timestamp(milliseconds: Int64(1 + pick(below: 1_000))))))
        case 1:
            .verdicts(
                (0..<pick(below: 5)).map { _ in
                    let (verdict, original) = (anyVerdict(), Dot(ActorID(high: next(), low: next()), anyCounter()))
                    return VerdictEntry(
                        counter: anyCounter(), verdict: verdict, correctedTime: anyTimestamp(),
                        original: (verdict.rejection?.isDuplicate ?? (verdict == .reissued)) && isOnce(in: 2)
                            ? original : nil)
                })
        case 2:
            .actors((0..<pick(below: 5)).map { _ in ActorEntry(actor: anyActor(), user: anyText(), device: anyText()) })
        case 3: .records(anyDeltas())
        case 4: .closing(Closing(checkpoint: anyCheckpoint(), scopeVersion: UInt64(pick(below: 3))))
        default:
            .failure(
                ProblemFrame(
                    code: pick(from: ["dot_gap", "fork_detected"]), message: anyText(),
                    remedy: isOnce(in: 2) ? nil : "Try again.", isTransient: isOnce(in: 2),
                    nextCounter: isOnce(in: 2) ? nil : anyCounter()))
        }
    }

    /// A page; with handles, which only columns carry, where `isNamed`.
    mutating func anyDeltas(isNamed: Bool = false) -> [RecordDelta] {
        var sequence: UInt64 = 0
        return (0..<pick(below: 5)).map { _ in
            sequence += UInt64(pick(in: 1...1_000))
            let group = ReplicaGroup(replicas: 3, steps: pick(in: 1...14), using: &self)
            let dots = Set((0..<pick(below: 3)).map { _ in Dot(anyActor(), anyCounter()) })
            let fields = Set((0..<pick(below: 3)).map { _ in UInt32(pick(in: 1...9)) })
            let handle = isNamed && !isOnce(in: 4) ? anyCounter() : nil
            return RecordDelta(
                type: ItemSchema.type, record: RecordID(high: next(), low: next()), sequence: ServerSequence(sequence),
                state: widened(group.everything),
                provenance: dots.map {
                    Provenance(
                        dot: $0, label: anyText(), author: anyText(), deviceTime: anyTimestamp(), context: vector())
                },
                bases: fields.map {
                    BaseValue(
                        field: FieldID($0), key: isOnce(in: 3) ? UTF8Text("k" + anyText()) : nil, value: anyValue())
                }, handle: handle)
        }
    }

    /// The state with what a short history seldom has: late dots, values of every kind, counters, maps.
    private mutating func widened(_ state: RecordState) -> RecordState {
        let life = state.life.map { pair in
            guard case .deleted(let context) = pair.mark, isOnce(in: 2) else { return pair }
            let late = (0..<pick(below: 3)).map { _ in Dot(anyActor(), anyCounter()) }
            return LifePair(
                dot: pair.dot, time: pair.time,
                mark: .deleted(context: DeletingContext(vector: context.vector, lateDots: late)))
        }
        let more = Set((0..<pick(below: 4)).map { _ in UInt32(pick(in: 10...90)) }).map { number in
            FieldEntry(FieldID(number), anyFieldState())
        }
        return RecordState(context: state.context, life: life, fields: state.fields + more)
    }

    private mutating func anyFieldState() -> FieldState {
        switch pick(below: 4) {
        case 0: .register(anySiblings(atLeast: 0))
        case 1:
            .set(
                anyTexts().map { text in
                    let stamps = anySiblings(atLeast: 1).map { ElementDot(dot: $0.dot, time: $0.time) }
                    return SetElement(value: text, dots: stamps)
                })
        case 2:
            .counter(
                Set((0..<pick(below: 3)).map { _ in anyActor() }).sorted().map {
                    CounterEntry(dot: Dot($0, anyCounter()), time: anyTimestamp(), sum: Int64(bitPattern: next()))
                })
        default: .map(anyTexts().map { MapEntry(key: $0, siblings: anySiblings(atLeast: 1)) })
        }
    }

    private mutating func anyTexts() -> [UTF8Text] {
        Set((0..<pick(below: 4)).map { _ in UTF8Text(anyText()) }).sorted()
    }

    private mutating func anySiblings(atLeast count: Int) -> [Sibling] {
        Set((0..<pick(in: count...(count + 2))).map { _ in Dot(anyActor(), anyCounter()) }).sorted().map {
            Sibling(dot: $0, time: anyTimestamp(), value: anyValue())
        }
    }

    mutating func anyEnrolReply() -> EnrolReply {
        EnrolReply(
            user: "lena", deviceID: "d-\(pick(below: 1_000))", actor: ActorID(high: next(), low: next()),
            token: bytes(32).hexString, forkToken: bytes(16), epoch: anyEpoch(), schemaVersion: UInt32(pick(below: 9)),
            schemaSource: "version: 1\n" + anyText(lengthMax: 200), serverName: "field office")
    }

    private mutating func anyVerdict() -> Verdict {
        let rejection = Rejection(
            code: pick(from: ["invalid_value", "duplicate"]),
            record: isOnce(in: 2) ? nil : RecordID(high: next(), low: next()),
            field: isOnce(in: 2) ? nil : FieldID(UInt32(pick(in: 1...300))), sentence: anyText())
        return pick(from: [.applied, .appliedWithConflicts, .held(rejection), .rejected(rejection), .reissued])
    }

    private mutating func anyCheckpoint() -> Checkpoint {
        Checkpoint(epoch: anyEpoch(), sequence: ServerSequence(anyCounter() - 1), proof: bytes(32))
    }

    private mutating func anyEpoch() -> StoreEpoch { StoreEpoch(high: next(), low: next()) }

    private mutating func anyCounter() -> UInt64 { next() % Limits.counterMax + 1 }
}

extension FrameReader {
    /// All the frames that are there whole.
    mutating func rest() throws -> [SyncFrame] {
        var frames: [SyncFrame] = []
        while let frame = try next() { frames.append(frame) }
        return frames
    }
}
