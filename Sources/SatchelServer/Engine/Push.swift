import SatchelStorage
import SatchelSync
import SatchelWire

/// What a push came to.
struct PushOutcome: Sendable {
    /// A verdict for each change-set that was offered, in their order, and news of parked work.
    var verdicts: [VerdictEntry] = []
    /// The token for the next request.
    var forkToken: [UInt8]
    /// The highest counter that the server knows of the device now.
    var frontier: UInt64 = 0
    /// The rejections that an operator should look at.
    var alarms: [Rejection] = []
    /// The change-sets whose merge threw what nobody foresaw.
    var faults: [MergeFault] = []
    /// Where the device has to go on as a new actor; `nil` where it goes on as it is.
    var fork: ForkPoint?
    /// Whether there are no records in this reply, whatever the request wants.
    var isWithoutRecords = false
    /// The token in force, where the request showed that and it still is.
    var usedToken: [UInt8]?
    /// How far the store has come with each line that the request names.
    var lineFrontiers: [LineFrontier] = []
    /// Whether the store gets back what a restore has cost it.
    var recovery = RecoveryPhase.none
}

extension LineCheck {
    /// What a request comes to that brings nothing new to the store.
    func outcome(of standing: LineStanding) throws -> PushOutcome {
        var outcome = try verdicts(of: standing)
        outcome.recovery = try snapshot.epochStanding().phase
        outcome.lineFrontiers = try LineClaims(snapshot: snapshot, request: request, device: device).frontiers()
        return outcome
    }

    private func verdicts(of standing: LineStanding) throws -> PushOutcome {
        switch standing {
        case .goesOn(let line, let frontier, let known, let isTokenCurrent):
            return PushOutcome(
                verdicts: try known.map(snapshot.presentVerdict) + snapshot.news(of: request, from: device),
                forkToken: line.forkToken.current, frontier: frontier.counter,
                usedToken: isTokenCurrent ? line.forkToken.current : nil)
        case .begins, .isUnnamed:
            return PushOutcome(verdicts: try snapshot.news(of: request, from: device), forkToken: [])
        case .isBehind(let known):
            return PushOutcome(
                verdicts: try known.map(snapshot.presentVerdict), forkToken: request.forkToken,
                frontier: known.last?.dot.counter ?? 0, isWithoutRecords: true)
        case .isForked(let point, let known):
            return PushOutcome(
                verdicts: try known.map(snapshot.presentVerdict), forkToken: request.forkToken,
                frontier: point.counter, fork: point, isWithoutRecords: true)
        }
    }
}

extension EpochStanding {
    /// What devices are told of it.
    var phase: RecoveryPhase { isRecovering ? (isWindowOpen ? .open : .running) : .none }
}

/// Takes the change-sets of one request, in one savepoint (causality.md §3).
struct Push<Transaction: ServerTransaction> {
    let transaction: Transaction
    let schema: Schema
    let identity: StoreIdentity
    let request: SyncRequest
    let device: DeviceAccount
    let presence: DevicePresence
    let now: Timestamp
    let serverErrorMilliseconds: Int64
    let recordBytesMax: Int
    let parkedMax: Int
    /// Where rules and merges may throw what nobody foresaw.
    let guardian: MergeGuard<Transaction>

    /// Judges and merges them all; one that is refused never stops the others.
    ///
    /// - Throws: ``ExchangeFailure`` where the request as a whole is not to be believed. Nothing of it is stored then.
    func outcome() throws -> PushOutcome {
        let returned = try request.epoch == identity.epoch ? takeBack() : []
        let check = LineCheck(
            snapshot: transaction.snapshot, request: request, device: device, presence: presence,
            epoch: identity.epoch)
        var outcome = try outcome(of: check, check.standing())
        outcome.verdicts += returned
        outcome.faults = guardian.faults
        return outcome
    }

    /// Takes what an earlier life of the store had: lines, change-sets, and while the window is open states; answers the news of it.
    private func takeBack() throws -> [VerdictEntry] {
        let standing = try transaction.snapshot.epochStanding()
        guard standing.isRestored else { return [] }
        try transaction.register(request, of: device, at: now)
        var intake = ReofferIntake(
            transaction: transaction, schema: schema, device: device, standing: standing, now: now,
            recordBytesMax: recordBytesMax, guardian: guardian)
        try intake.take(request.reoffers)
        if standing.isRecovering, standing.isWindowOpen {
            try StateIntake(
                transaction: transaction, schema: schema, identity: identity, device: device, now: now,
                guardian: guardian
            ).take(request.states)
        }
        try judgeCheckIns(intake.intake.arrived)
        return intake.news
    }

    private func outcome(of check: LineCheck<Transaction.Snapshot>, _ standing: LineStanding) throws -> PushOutcome {
        switch standing {
        case .goesOn(let line, let frontier, let known, let isTokenCurrent):
            let fresh = request.changeSets.dropFirst(known.count)
            let taken = try take(fresh, after: frontier)
            // News are read behind that: what came may have let in what waited.
            var outcome = try check.outcome(of: standing)
            if isTokenCurrent, !fresh.isEmpty {
                let token = line.forkToken.rotated()
                try transaction.setForkToken(token, of: line.actor)
                outcome.forkToken = token.current
                outcome.usedToken = nil
            }
            try outcome.add(taken, known: known.count, in: transaction.snapshot)
            return outcome
        case .begins(let point, let firstDigest):
            let token = ForkToken.ofFork()
            try transaction.setName(ActorName(user: device.user, device: device.name), of: request.actor)
            try transaction.addLine(
                DeviceLine(
                    actor: request.actor, device: device.key, fork: point, forkToken: token, beganAt: now,
                    epoch: try transaction.snapshot.epochStanding().number),
                firstDigest: firstDigest)
            let frontier = Frontier(counter: 0, digest: firstDigest, isNextSuspect: true)
            let taken = try take(request.changeSets[...], after: frontier)
            var outcome = try check.outcome(of: standing)
            outcome.forkToken = token.current
            try outcome.add(taken, known: 0, in: transaction.snapshot)
            return outcome
        case .isUnnamed, .isBehind, .isForked: return try check.outcome(of: standing)
        }
    }

    /// Takes change-sets that come next in the line, after `frontier`.
    private func take(_ changeSets: ArraySlice<OfferedChangeSet>, after frontier: Frontier) throws -> [LogEntry] {
        let origin = Origin(
            device: device.name,
            clock: ClockOffset(sent: request.deviceTime, received: now, measured: request.clock),
            serverErrorMilliseconds: serverErrorMilliseconds, now: now)
        var intake = Intake(
            transaction: transaction, schema: schema, recordBytesMax: recordBytesMax,
            servedUpTo: request.checkpoint?.sequence ?? .zero, origin: origin,
            standing: try transaction.snapshot.epochStanding(), officeActor: identity.actor,
            guardian: guardian)
        var frontier = frontier
        var entries: [LogEntry] = []
        let replaced = Set(changeSets.compactMap(\.changeSet.fixes))
        // What was sent before a fork may come behind it.
        let isForked = try !changeSets.isEmpty && transaction.snapshot.isForked(request.actor)
        for offered in changeSets {
            let changeSet = offered.changeSet
            let bytes = changeSet.canonicalBytes
            let digest = Hashing.changeSetDigest(canonicalBytes: bytes, previous: frontier.digest)
            guard offered.digest == nil || offered.digest == digest else { throw malformed(changeSet.dot) }
            if isForked { frontier.isNextSuspect = true }
            let entry = try intake.takeGuarded(
                changeSet, bytes: bytes, digest: digest, after: frontier,
                isRenamed: changeSet.dot.counter <= request.renamedThrough, isWithdrawn: replaced.contains(digest))
            entries.append(entry)
            if entry.verdict.rejection != nil, Mutant.poisonStopsPush.isPlanted { throw malformed(entry.dot) }
            frontier = Frontier(
                counter: changeSet.dot.counter, digest: digest,
                isNextSuspect: entry.verdict.rejection?.isDuplicate == true)
        }
        try requireRoom(for: entries)
        try judgeCheckIns(intake.arrived)
        try FaultPoint.pushMerged.reach()
        return entries
    }

    /// Puts the server's own verdict beside each check-in that has come.
    private func judgeCheckIns(_ arrived: ArrivedRecords) throws {
        try CheckInJudge(
            transaction: transaction, schema: schema, identity: identity, now: now, guardian: guardian
        ).judge(arrived.records)
    }

    /// Refuses a push that parks more than is kept for one device; what it lets in or discards makes room before.
    private func requireRoom(for entries: [LogEntry]) throws {
        guard entries.contains(where: { $0.verdict.rejection != nil }),
            try transaction.snapshot.parkedCount(ofDevice: device.key, upTo: parkedMax + 1) > parkedMax
        else { return }
        var error = SatchelError(
            .tooManyParked, "More than \(parkedMax) change-sets of this device would be parked.",
            remedy: "Everything is kept. Fix or discard parked ones (`satchel queue list`), or ask the operator.",
            isTransient: true)
        error.retryAfter = ServerLimits.parkedPause
        throw error
    }

    private func malformed(_ dot: Dot) -> SatchelError {
        SatchelError(
            .malformedBody, "The digest of change-set \(dot) does not fit its bytes and the one before it.",
            remedy: "Nothing was stored; sync again.")
    }
}

extension PushOutcome {
    /// Takes what was newly judged, behind the `known` verdicts that stand there and before the news.
    fileprivate mutating func add(_ entries: [LogEntry], known: Int, in snapshot: some ServerSnapshot) throws {
        verdicts.insert(contentsOf: try entries.map(snapshot.presentVerdict), at: known)
        if let last = entries.last { frontier = last.dot.counter }
        alarms = entries.compactMap(\.verdict.rejection).filter {
            $0.code == SatchelError.Code.contextOverclaim.word
        }
    }
}
