import SatchelStorage
import SatchelSync

/// Takes change-sets in their turn: judges, lets in or parks, and lets in what waited for what has come.
struct Intake<Transaction: ServerTransaction> {
    let transaction: Transaction
    let schema: Schema
    let merger: Merger<Transaction>
    let origin: Origin
    let standing: EpochStanding
    private(set) var judge: Judge<Transaction>
    /// Catches what nobody foresaw.
    let guardian: MergeGuard<Transaction>
    /// What was made by all that it let in.
    let arrived = ArrivedRecords()

    init(
        transaction: Transaction, schema: Schema, recordBytesMax: Int = Limits.recordBytesMax,
        servedUpTo: ServerSequence?, origin: Origin, standing: EpochStanding, officeActor: ActorID? = nil,
        guardian: MergeGuard<Transaction>? = nil
    ) {
        self.standing = standing
        self.guardian = guardian ?? MergeGuard(transaction: transaction, requestID: "", isCareful: false)
        self.transaction = transaction
        self.schema = schema
        self.origin = origin
        merger = Merger(transaction: transaction, schema: schema, recordBytesMax: recordBytesMax)
        judge = Judge(
            transaction: transaction, schema: schema, servedUpTo: servedUpTo, standing: standing,
            officeActor: officeActor)
    }

    /// Judges a change-set that is next in its line, after `frontier`, and takes it, as it says.
    ///
    /// `mayPark` says no where its author is told at once and nothing is to be kept; `isRenamed` that it had another name in an
    /// earlier life of the store; `isWithdrawn` that a later one of the same push stands in its place.
    /// - Throws: `SatchelError` where it would be parked and may not.
    mutating func take(
        _ changeSet: ChangeSet, bytes: [UInt8], digest: [UInt8], after frontier: Frontier, mayPark: Bool = true,
        isRenamed: Bool = false, isWithdrawn: Bool = false
    ) throws -> LogEntry {
        try FaultPoint.mergeBegins.reach()
        let placement = try transaction.snapshot.placement(of: changeSet.dot, changeSet)
        let parked =
            try (isRenamed ? obstacle(toRenamed: changeSet, digest: digest) : nil)
            ?? judge.verdict(
                on: changeSet, byteCount: bytes.count, digest: digest, isSuspect: frontier.isNextSuspect,
                isWithdrawn: isWithdrawn, at: placement)
        if let rejection = parked?.rejection, !mayPark {
            throw SatchelError(
                SatchelError.Code(rejection.code), rejection.sentence,
                remedy: "Correct it and try again; nothing of it was written.")
        }
        let targets = changeSet.fixes == nil ? [] : try transaction.snapshot.fixed(by: changeSet)
        let created = try newRecords(of: changeSet)
        let entry = try merger.take(
            changeSet, bytes: bytes, digest: digest, at: placement, parked: parked, origin: origin)
        guard entry.verdict.isApplied else { return entry }
        // A late discard does nothing to what has come back; a fix that came too late for that is closed by it. In a restored store it may
        // wait under another name as well: with this one it has come back.
        try settle(transaction.isRestored ? targets + [entry] : targets, as: entry.dot)
        try releaseWaiting(for: created)
        return entry
    }

    /// Takes a change-set as ``take(_:bytes:digest:after:mayPark:)`` does; where its rules or its merge throw what nobody foresaw it is
    /// parked, and what comes behind it goes on.
    mutating func takeGuarded(
        _ changeSet: ChangeSet, bytes: [UInt8], digest: [UInt8], after frontier: Frontier, isRenamed: Bool,
        isWithdrawn: Bool
    ) throws -> LogEntry {
        let taken = try guardian.run(changeSet.dot) {
            try take(
                changeSet, bytes: bytes, digest: digest, after: frontier, isRenamed: isRenamed,
                isWithdrawn: isWithdrawn)
        }
        return try taken ?? park(changeSet, bytes: bytes, digest: digest)
    }

    /// Parks a change-set whose merge threw what nobody foresaw.
    func park(_ changeSet: ChangeSet, bytes: [UInt8], digest: [UInt8]) throws -> LogEntry {
        let nowhere = Placement(
            dot: changeSet.dot, own: changeSet.dot, place: changeSet.dot, line: VersionVector(),
            ownLine: VersionVector())
        return try merger.take(
            changeSet, bytes: bytes, digest: digest, at: nowhere,
            parked: .rejected(MergeFault.rejection(requestID: guardian.requestID)), origin: origin)
    }

    /// Lets in a parked change-set for an operator, under its `x*`: what the rules of the house say does not matter then.
    ///
    /// One that came back already stays as it is.
    /// - Throws: `SatchelError`: `already_reissued` where another stands in its place, and what the store cannot hold.
    func release(_ work: ParkedWork, logged entry: LogEntry) throws {
        guard work.reissuedAs == nil else { return }
        guard let changeSet = try entry.changeSet() else {
            throw SatchelError(.damagedData, "What change-set \(work.dot) says was erased.")
        }
        let refusals = [SatchelError.Code.contextOverclaim.word, SatchelError.Code.alreadyReissued.word]
        if let rejection = work.verdict.rejection, refusals.contains(rejection.code) { throw refusal(rejection) }
        if let rejection = try judge.unfitFix(changeSet)?.rejection { throw refusal(rejection) }
        if let rejection = try judge.obstacle(to: changeSet, byteCount: entry.body?.count ?? 0) {
            throw refusal(rejection)
        }
        let created = try newRecords(of: changeSet)
        let verdict = try enter(changeSet, logged: entry)
        if let rejection = verdict.rejection { throw refusal(rejection) }
        try releaseWaiting(for: created)
    }

    private func refusal(_ rejection: Rejection) -> SatchelError {
        SatchelError(
            SatchelError.Code(rejection.code), rejection.sentence,
            remedy: "It stays parked; its author can fix or discard it.")
    }

    /// Lets in all that waited for records which are there now, and what waited for the records that those bring.
    ///
    /// All held on one record come in their authors' order. Who waits for another record waits on; who is not valid is rejected in
    /// place.
    func releaseWaiting(for records: [RecordID]) throws {
        var records = Mutant.heldForgotten.isPlanted ? [] : records
        while !records.isEmpty {
            let record = records.removeFirst()
            arrived.note(record)
            for work in try transaction.snapshot.waiting(for: record) { records += try enterWaiting(work) }
        }
    }

    /// Lets in what waited, or notes why it stays parked; returns the records that it makes.
    func enterWaiting(_ work: ParkedWork) throws -> [RecordID] {
        // After a restore the same change-set may wait under several names: with the first that enters all have come back.
        guard try judge.isParked(work.dot), let entry = try transaction.snapshot.logEntry(work.dot) else { return [] }
        let outcome = try guardian.run(work.dot) { try enterIfFit(entry) }
        let fault = Verdict.rejected(MergeFault.rejection(requestID: guardian.requestID))
        guard let (verdict, created) = outcome ?? (fault, []) else { return [] }
        if verdict.isApplied { return created }
        try transaction.append(entry.revised(verdict, at: origin.now))
        try transaction.setParked(work.dot, verdict: verdict, reissuedAs: nil)
        return []
    }

    /// Lets in what waited where it may enter now, with the records that it makes; `nil` where its bytes are gone.
    private func enterIfFit(_ entry: LogEntry) throws -> (verdict: Verdict, created: [RecordID])? {
        guard let changeSet = try entry.changeSet() else { return nil }
        if let unfit = try judge.unfitFix(changeSet) { return (unfit, []) }
        let placement = try transaction.snapshot.placement(of: entry.dot.released, changeSet)
        let parked =
            // What was applied once is not validated again.
            placement.isReturned
            ? try judge.need(of: changeSet).map { .held($0) } ?? judge.misfit(in: changeSet).map { .rejected($0) }
            : try judge.verdict(on: changeSet, byteCount: entry.body?.count ?? 0, at: placement)
        if let parked { return (parked, []) }
        let created = try newRecords(of: changeSet)
        return (try enter(changeSet, logged: entry), created)
    }

    /// Puts the writes of a parked change-set in under its `x*`, and notes that it came back.
    func enter(_ changeSet: ChangeSet, logged entry: LogEntry) throws -> Verdict {
        let name = Mutant.heldUnderOwnName.isPlanted ? entry.dot : entry.dot.released
        let placement = try transaction.snapshot.placement(of: name, changeSet)
        try FaultPoint.releaseEnters.reach()
        let verdict = try merger.release(changeSet, logged: entry, at: placement, now: origin.now)
        guard verdict.isApplied else { return verdict }
        try settle([entry] + transaction.snapshot.fixed(by: changeSet), as: entry.dot.released)
        return verdict
    }

    /// Notes of what is parked of these, under whatever name, that it came back.
    func settle(_ entries: [LogEntry], as dot: Dot) throws {
        for entry in try transaction.withOtherNames(entries) where try judge.isParked(entry.dot) {
            try transaction.setParked(entry.dot, verdict: .reissued, reissuedAs: dot)
        }
    }

    /// The records that a change-set makes and the store does not have.
    func newRecords(of changeSet: ChangeSet) throws -> [RecordID] {
        try changeSet.changes.filter { try $0.life == .create && transaction.type(of: $0.record) == nil }.map(\.record)
    }
}
