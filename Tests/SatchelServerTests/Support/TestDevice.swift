import SatchelServer
import SatchelStorage
import SatchelSync
import SatchelTestSupport
import SatchelWire

/// What a device says and keeps, with nothing of a replica but the names: every lie can be told with it.
struct TestDevice: Sendable {
    let account: DeviceAccount
    let server: TestServer
    let epoch: StoreEpoch
    var actor: ActorID
    var forkToken: [UInt8]
    var checkpoint: Checkpoint?
    var counter: UInt64 = 0
    var digest: [UInt8] = []
    var confirmed: ConfirmedMark?
    /// What it was last told of each record.
    var states: [RecordID: RecordState] = [:]
    /// What it made and has no verdict for.
    var queued: [OfferedChangeSet] = []

    init(reply: EnrolReply, account: DeviceAccount, server: TestServer) {
        self.account = account
        self.server = server
        epoch = reply.epoch
        actor = reply.actor
        forkToken = reply.forkToken
    }

    /// Makes a change-set of one record with the context of what the device was told, and queues it.
    mutating func edit(
        _ record: RecordID, life: LifeWrite? = nil, context: VersionVector? = nil, _ writes: FieldChange...
    ) {
        make([
            RecordChange(
                type: ItemSchema.type, record: record, context: context ?? seen(record), life: life, writes: writes)
        ])
    }

    /// Makes a change-set of several records and queues it.
    mutating func make(_ changes: [RecordChange], author: String? = nil, at time: Timestamp? = nil) {
        counter += 1
        let changeSet = ChangeSet(
            dot: Dot(actor, counter), label: "edit", author: author ?? account.user,
            time: time ?? server.clock.now(), schemaVersion: 1, changes: changes)
        digest = Hashing.changeSetDigest(canonicalBytes: changeSet.canonicalBytes, previous: digest)
        queued.append(OfferedChangeSet(changeSet: changeSet, digest: digest))
    }

    /// The context that an edit made now carries.
    func seen(_ record: RecordID) -> VersionVector {
        let line = Lineage().line(of: Dot(actor, counter + 1))
        return (states[record]?.context ?? VersionVector()).removing(line: line)
    }

    /// What the device would say now.
    func request(
        changeSets: [OfferedChangeSet]? = nil, resumeAfter: ServerSequence? = nil, deviceTime: Timestamp? = nil,
        wantsRecords: Bool = true
    ) -> SyncRequest {
        SyncRequest(
            schemaVersion: 1, epoch: epoch, actor: actor, highestCounter: counter, confirmed: confirmed,
            forkToken: forkToken, checkpoint: checkpoint, resumeAfter: resumeAfter,
            deviceTime: deviceTime ?? server.clock.now(), changeSets: changeSets ?? queued, wantsRecords: wantsRecords)
    }

    /// Exchanges what is queued for what is new, and keeps both; returns the verdicts.
    @discardableResult
    mutating func sync(with engine: SyncEngine<SQLiteServerStore>? = nil) async throws -> [VerdictEntry] {
        let frames = try await (engine ?? server.engine()).frames(for: request(), from: account)
        return take(frames)
    }

    /// Keeps what frames say.
    mutating func take(_ frames: [SyncFrame]) -> [VerdictEntry] {
        var verdicts: [VerdictEntry] = []
        for frame in frames {
            switch frame {
            case .opening(let opening): forkToken = opening.forkToken
            case .verdicts(let entries): verdicts += entries
            case .records(let deltas): for delta in deltas { states[delta.record] = delta.state }
            case .closing(let closing): checkpoint = closing.checkpoint
            case .actors, .failure, .fork: break
            }
        }
        let judged = Set(verdicts.map(\.counter))
        if let last = queued.last(where: { judged.contains($0.changeSet.dot.counter) }), let digest = last.digest {
            confirmed = ConfirmedMark(counter: last.changeSet.dot.counter, digest: digest)
        }
        queued.removeAll { judged.contains($0.changeSet.dot.counter) }
        return verdicts
    }
}

extension FieldChange {
    static func name(_ text: String) -> FieldChange { FieldChange(ItemSchema.name, .register(.text(UTF8Text(text)))) }
    static func phone(_ text: String) -> FieldChange { FieldChange(ItemSchema.phone, .register(.text(UTF8Text(text)))) }
    static func parent(_ id: RecordID) -> FieldChange { FieldChange(ItemSchema.parent, .register(.reference(id))) }
    static func tags(add: [UTF8Text]) -> FieldChange { FieldChange(ItemSchema.tags, .set(add: add, remove: [])) }
}

extension [SyncFrame] {
    /// The records of all pages, in the order in which they came.
    var deltas: [RecordDelta] {
        flatMap { frame -> [RecordDelta] in if case .records(let deltas) = frame { deltas } else { [] } }
    }
    /// The verdicts.
    var verdicts: [VerdictEntry] {
        flatMap { frame -> [VerdictEntry] in if case .verdicts(let entries) = frame { entries } else { [] } }
    }
    /// The closing; `nil` where there is none.
    var closing: Closing? {
        compactMap { frame -> Closing? in if case .closing(let closing) = frame { closing } else { nil } }.last
    }
    /// The opening; `nil` where there is none.
    var opening: Opening? {
        compactMap { frame -> Opening? in if case .opening(let opening) = frame { opening } else { nil } }.first
    }
    /// Where the device is told to go on as another actor; `nil` where it is not.
    var fork: ForkPoint? {
        compactMap { frame -> ForkPoint? in if case .fork(let point) = frame { point } else { nil } }.last
    }
    /// How many pages of records there are.
    var pageCount: Int { count { if case .records = $0 { true } else { false } } }
}

/// The code of the failure that `body` ends with; `nil` where it does not fail.
func code(of body: () async throws -> Void) async -> SatchelError.Code? {
    do {
        try await body()
        return nil
    } catch {
        return ExchangeFailure(any: error).error.code
    }
}
