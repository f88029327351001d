package import SatchelStorage
package import SatchelSync

/// What the engine needs of a store: views that are consistent, and writes that are durable when they return.
package protocol ServerStore: Sendable {
    /// A consistent view.
    associatedtype Snapshot: ServerSnapshot
    /// A transaction that writes.
    associatedtype Transaction: ServerTransaction where Transaction.Snapshot == Snapshot

    /// The schema that the store is read and written with.
    var schema: Schema { get }
    /// Who the store is.
    var identity: StoreIdentity { get }

    /// Runs `body` in one write transaction, durable when this returns; where it throws, nothing was written.
    ///
    /// It runs to its end even when the calling task is cancelled.
    func write<Result: Sendable>(_ body: @escaping @Sendable (Transaction) throws -> Result) async throws -> Result

    /// Runs `body` on one consistent view, which does not hold back writers.
    func read<Result: Sendable>(_ body: @escaping @Sendable (Snapshot) throws -> Result) async throws -> Result

    /// The records with these numbers, in their order; `nil` for a number that names none.
    func records(numbered keys: [UInt64]) throws(SatchelError) -> [RecordID?]

    /// Copies the store as it stands at one sequence into a new file, verifies the copy, and notes it.
    func backUp(
        to path: String, clock: any WallClock, progress: @escaping @Sendable (BackupProgress) throws -> Void
    ) async throws -> BackupNote

    /// Closes the store, once running reads and writes are done. May be called twice.
    func close() throws
}

/// One consistent view of a store.
package protocol ServerSnapshot {
    /// The schema that the view is read with.
    var schema: Schema { get }

    /// Where log and sequences stand.
    func head() throws -> StoreHead
    /// How far an actor came.
    func frontier(of actor: ActorID) throws -> Frontier
    /// Who an actor is; `nil` when nobody said.
    func name(of actor: ActorID) throws -> ActorName?

    /// The record with this name; `nil` when the store has none.
    func record(_ id: RecordID) throws -> StoredRecord?
    /// Finds the record that a person names by its whole id or by a unique ending.
    func resolve(_ text: String, type: EntityTypeID?) throws -> RecordID
    /// The shortest unique ending of a record's id.
    func shortestEnding(of id: RecordID) throws -> String
    /// Calls `body` with every record, in the order of ids.
    func forEachRecord(_ body: (StoredRecord) throws -> Void) throws
    /// Calls `body` with the visible records of a type past an id, in the order of ids, until it says that it has enough.
    func forEachVisible(of type: EntityType, after id: RecordID?, _ body: (StoredRecord) throws -> Bool) throws
    /// The records with an open conflict of at least this severity, past a number, in the order of their numbers.
    func conflicting(atLeast severity: ConflictSeverity, after key: Int64, limit: Int) throws -> [StoredRecord]
    /// The records that changed past `sequence`, on a sequence border.
    func feedPage(after sequence: ServerSequence, recordsMax: Int, bytesMax: Int) throws -> FeedPage

    /// What the log has of a change-set; `nil` when it never came.
    func logEntry(_ dot: Dot) throws -> LogEntry?
    /// Where a change-set stands in the order of commits; `nil` when it was not applied here.
    func sequence(of dot: Dot) throws -> ServerSequence?
    /// The first change-set in the log that is `dot` under another name, given its digest; `nil` when there is none.
    func double(of dot: Dot, digest: [UInt8]) throws -> Dot?
    /// Whether others were forked from an actor.
    func isForked(_ actor: ActorID) throws -> Bool
    /// The change-set with this digest in the line of `end`; `nil` when there is none.
    func dot(withDigest digest: [UInt8], below end: Dot) throws -> Dot?
    /// Calls `body` with the entries of the log past a position, each with its position and the hash stored beside it, until it
    /// says that it has enough.
    func forEachLogEntry(after position: Int64, _ body: (LogEntry, Int64, [UInt8]) throws -> Bool) throws
    /// Calls `body` with the applied change-sets that touched a record past a position of the log, the latest first, until it says
    /// that it has enough.
    func forEachPart(of record: StoredRecord, after position: Int64, _ body: (LogEntry) throws -> Bool) throws
    /// What became of a change-set that was parked; `nil` where it never was.
    func parkedWork(_ dot: Dot) throws -> ParkedWork?
    /// The held change-sets that wait for a record, in the order in which they came.
    func waiting(for record: RecordID) throws -> [ParkedWork]
    /// The fixes and discards that wait for what they fix to come back to a restored store, in the order in which they came.
    func waitingForReturn() throws -> [ParkedWork]
    /// The change-sets that are parked still, past a position, in the order in which they came.
    func parkedWork(after position: Int64, limit: Int) throws -> [ParkedWork]
    /// How many change-sets of a device are parked still, counted up to `most`.
    func parkedCount(ofDevice key: Int64, upTo most: Int) throws -> Int
    /// The verified backups that the store knows of, the newest first.
    func backups(limit: Int) throws -> [BackupNote]
    /// The newest verified backup that is a beginning of this store's log; `nil` where there is none.
    func newestBackup() throws -> BackupNote?
    /// How many change-sets of an actor's line lie before a position of the log, counted from the line's beginning.
    func countOfLine(_ actor: ActorID, from fork: ForkPoint?, upTo position: Int64) throws -> UInt64
    /// Checks the whole log against its chain and its digests.
    func verifyLog() throws

    /// The users, by name.
    func users() throws -> [UserAccount]
    /// The user of this name; `nil` when there is none.
    func user(named name: String) throws -> UserAccount?
    /// The devices, in the order of their enrolment.
    func devices() throws -> [DeviceAccount]
    /// The device whose token has this hash; `nil` when there is none.
    func device(tokenHash: [UInt8]) throws -> DeviceAccount?
    /// The device with this number; `nil` when there is none.
    func device(key: Int64) throws -> DeviceAccount?
    /// The line of an actor; `nil` where it is none of a device's.
    func line(of actor: ActorID) throws -> DeviceLine?
    /// The lines of a device, in the order in which they began.
    func lines(ofDevice key: Int64) throws -> [DeviceLine]
    /// Where an actor comes from.
    func lineage(of actor: ActorID) throws -> Lineage
    /// The digest that the first change-set of an actor goes on from; empty where the actor has no past.
    func firstDigest(of actor: ActorID) throws -> [UInt8]
    /// Which life of the store this is.
    func epochStanding() throws -> EpochStanding
    /// The last lives of the store, the present one first.
    func lives(limit: Int) throws -> [EpochStanding]
    /// The number of a life of the store; 0 where the store has no memory of it.
    func number(of epoch: StoreEpoch) throws -> Int64
    /// Every other name that the change-set with this dot has, if it was renamed by a fork and is the same.
    func otherNames(of dot: Dot) throws -> [Dot]
    /// Calls `body` with the states that were joined past a position of the log, in its order.
    func forEachJoined(after position: Int64, through end: Int64, _ body: (JoinedState) throws -> Void) throws
    /// The enrolment code with this hash; `nil` when there is none.
    func enrolCode(hash: [UInt8]) throws -> EnrolCode?
    /// All alarms, those that nobody confirmed first, then the latest first.
    func alarms() throws -> [Alarm]
}

/// One transaction that writes.
package protocol ServerTransaction {
    /// The view that the transaction reads from.
    associatedtype Snapshot: ServerSnapshot

    /// What the transaction sees, less what is not flushed.
    var snapshot: Snapshot { get }
    /// Where log and sequences stand, this transaction's entries included.
    var head: StoreHead { get }
    /// Whether the store was ever restored from a backup.
    var isRestored: Bool { get }

    /// Grows with everything that the transaction keeps; what it was before stays with who asks.
    var writeCount: Int { get }

    /// Runs `body` so that its writes are in whole or not at all; where it throws, what was done before stays.
    func savepoint<Result>(_ body: () throws -> Result) throws -> Result
    /// Writes what was kept in memory.
    func flush() throws

    /// The record as it stands in this transaction, `type` being what the caller thinks it is; `nil` when the store has none.
    func record(_ id: RecordID, likely type: EntityTypeID?) throws -> StoredRecord?
    /// The record as it stands, or a new one that nothing is known of.
    func recordOrNew(_ id: RecordID, type: EntityTypeID) throws -> StoredRecord
    /// The type of a record; `nil` when the store has none.
    func type(of id: RecordID) throws -> EntityTypeID?
    /// Whether a record lives; for one that waits to be flushed, by its own state alone.
    func status(of id: RecordID) throws -> LifeStatus
    /// The visible records that refer to `id`, as far as they are flushed.
    func visibleChildren(of id: RecordID, type: EntityTypeID) throws -> [(
        type: EntityType, id: RecordID, rule: DeleteRule
    )]
    /// What went with a record by the same deletes, and would come back with it.
    func goneWith(_ id: RecordID, type: EntityTypeID) throws -> [(type: EntityTypeID, id: RecordID)]
    /// Keeps a record as changed by the change-set that is appended to the log next.
    func save(_ record: StoredRecord) throws
    /// Appends to the log, moves the actor's frontier, and gives an applied change-set its sequence.
    func append(_ entry: LogEntry) throws
    /// Drops rows of the feed that a pull has found stale.
    func dropFromFeed(_ rows: [FeedPage.Row]) throws
    /// Keeps what became of parked work; the log tells of it too, in an entry of its own.
    func setParked(_ dot: Dot, verdict: Verdict, reissuedAs: Dot?) throws

    /// Notes a backup of this store, or the one that it was restored from.
    func addBackup(_ note: BackupNote) throws

    /// Makes a user.
    func addUser(named name: String, at time: Timestamp) throws -> UserAccount
    /// Keeps the hash of a one-time code.
    func addEnrolCode(hash: [UInt8], user: UserAccount, expiresAt: Timestamp, now: Timestamp) throws
    /// Marks a code as used.
    func useEnrolCode(hash: [UInt8], at time: Timestamp) throws
    /// Makes a device with an actor of its own.
    func addDevice(
        user: UserAccount, name: String, actor: ActorID, tokenHash: [UInt8], forkToken: ForkToken, at time: Timestamp
    ) throws -> DeviceAccount
    /// Locks a device out, or lets it in again with `nil`.
    func setRevocation(_ revocation: DeviceRevocation?, ofDevice key: Int64) throws
    /// Begins a line of a device, whose first change-set goes on from `firstDigest`.
    func addLine(_ line: DeviceLine, firstDigest: [UInt8]) throws
    /// Keeps who an actor is.
    func setName(_ name: ActorName, of actor: ActorID) throws
    /// Keeps the fork token of a line.
    func setForkToken(_ token: ForkToken, of actor: ActorID) throws
    /// Keeps when a device last came, the checkpoint that it showed, how its clock stood, and how many change-sets it held.
    func setLastSeen(
        _ time: Timestamp, checkpoint: ServerSequence, clock: ClockOffset?, pending: UInt64, ofDevice key: Int64
    ) throws
    /// Begins, opens or closes the recovery of this life of the store.
    func setRecovery(isRecovering: Bool, isWindowOpen: Bool, at time: Timestamp) throws
    /// Keeps a state that is joined with the next entry of the log, as a device offered it.
    func keepJoined(_ state: RecordState, of record: StoredRecord, device key: Int64) throws
    /// Keeps that a line has shown this token.
    func noteUse(ofForkToken token: [UInt8], by actor: ActorID) throws

    /// Keeps that something should be looked at; once more where that is so already.
    func raiseAlarm(
        code: String, subject: String, sentence: String, doubtMilliseconds: Int64, at time: Timestamp
    ) throws
    /// Keeps that an operator has looked at all alarms of a code, and returns how many there were that nobody had.
    func confirmAlarms(code: String, at time: Timestamp) throws -> Int
}

extension ServerTransaction {
    /// The record as it stands in this transaction; `nil` when the store has none.
    package func record(_ id: RecordID) throws -> StoredRecord? { try record(id, likely: nil) }
}

extension SQLiteServerStore: ServerStore {}
extension SQLiteServerSnapshot: ServerSnapshot {}
extension SQLiteServerTransaction: ServerTransaction {}
