package import SatchelStorage
package import SatchelSync
package import SatchelWire

/// The server's side of an exchange: a store, a request and a clock in, frames out; it knows no sockets.
package struct SyncEngine<Store: ServerStore>: Sendable {
    /// How much one page of a pull holds, and so one record.
    package struct PageLimits: Sendable {
        /// Bytes of all the values that stand for one record.
        package var recordBytesMax = Limits.recordBytesMax
        /// Records in one page.
        package var recordsMax = Limits.recordsPerPageMax
        /// Bytes in one page, about.
        package var bytesMax = Limits.pageBytesMax
        /// Bytes in the first page of a reply, about.
        package var bytesAtFirst = 16 * 1024
        /// Stale rows of the feed that a page may pass without dropping them.
        package var staleRowsMax = 256
        /// Bytes in a page at least where a device has asked for a short reply: with less left the reply ends.
        package var bytesAtLeast = 1024

        package init() {}
    }

    /// Where an exchange stands between two pages.
    package struct Cursor: Sendable {
        /// What the device gets first.
        package let opening: [SyncFrame]
        fileprivate let device: DeviceAccount
        /// Who is told the news of each record: nobody with a first sync.
        fileprivate let asker: NewsAsker?
        fileprivate var after: ServerSequence
        fileprivate var knownActors: Set<ActorID> = []
        fileprivate var wantsRecords: Bool
        /// Bytes of the pages so far, about.
        fileprivate var bytesSent = 0
        /// How many bytes of pages the device still takes, about; `nil` where it takes all.
        ///
        /// Whoever sends them counts them as they are on the line.
        package var bytesWanted: Int?
        /// Whether the closing was given out.
        package fileprivate(set) var isDone = false
        /// The rejections that an operator should look at.
        package let alarms: [Rejection]
        /// The change-sets that were parked because their merge threw what nobody foresaw.
        package let faults: [MergeFault]
        /// Where the device has to go on as a new actor; `nil` where it goes on as it is.
        package let fork: ForkPoint?

        /// Ends the exchange without a closing.
        package mutating func stop() { isDone = true }
    }

    /// What is kept.
    package let store: Store
    /// In which pushes wait to be merged together.
    package let queue: MergeQueue<Store>
    /// When each device was seen last.
    package let presence: DevicePresence
    /// The clocks of the server.
    package let clock: any WallClock
    /// How large a page of a reply may be.
    package let pageLimits: PageLimits
    /// How many change-sets of one device may be parked at once.
    let parkedMax: Int
    /// Who is told what an operator should look at; `nil` where nobody is.
    let alarms: AlarmDesk?
    /// What a request may lean on: the dictionary of the store's schema, and the numbers of its records.
    package let agreement: WireAgreement
    private let proofs: CheckpointProof

    package init(
        store: Store, queue: MergeQueue<Store>, presence: DevicePresence, clock: any WallClock,
        pageLimits: PageLimits = PageLimits(), parkedMax: Int = ServerLimits.parkedPerDeviceMax,
        alarms: AlarmDesk? = nil
    ) {
        self.parkedMax = parkedMax
        self.alarms = alarms
        self.store = store
        self.queue = queue
        self.presence = presence
        self.clock = clock
        self.pageLimits = pageLimits
        proofs = CheckpointProof(identity: store.identity)
        agreement = WireAgreement(
            dictionary: PresetDictionary(schema: store.schema),
            handles: RecordHandles(
                epoch: store.identity.epoch, handle: { _ in nil },
                records: { (keys) throws(SatchelError) in try store.records(numbered: keys) }))
    }

    /// Takes a request: checks it, merges what it pushes, and says how the answer begins.
    ///
    /// When this returns, the verdicts in the opening are durable. `requestID` is how the log names the request.
    /// - Throws: ``ExchangeFailure`` or `SatchelError`. Nothing of the request was stored then.
    package func begin(
        _ request: SyncRequest, from device: DeviceAccount, requestID: String = ""
    ) async throws -> Cursor {
        try alarms?.requireWholeStore()
        alarms?.lookAtClock()
        let now = clock.now()
        let offset = ClockOffset(sent: request.deviceTime, received: now, measured: request.clock)
        try check(request, from: device)
        let bringsNothing = request.changeSets.isEmpty && request.reoffers.isEmpty && request.states.records.isEmpty
        let outcome: PushOutcome
        do {
            outcome =
                bringsNothing
                ? try await look(request, from: device)
                : try await push(request, from: device, now: now, requestID: requestID)
        } catch let error as SatchelError where error.code == .storeRolledBack {
            alarms?.noteRollback(error, shownBy: device)
            throw error
        }
        presence.noteVisit(
            device: device.key,
            DevicePresence.Visit(
                time: now, checkpoint: request.checkpoint?.sequence ?? .zero, clock: offset,
                pending: request.highestCounter - min(request.highestCounter, outcome.frontier)))
        // Only now: a copy that is turned away must not spend the token for the other one.
        if let token = outcome.usedToken { presence.noteUse(of: token, by: request.actor) }
        let backup = try await receipt(for: request, outcome)
        var frames: [SyncFrame] = [
            .opening(
                Opening(
                    epoch: store.identity.epoch, schemaVersion: store.schema.version, receivedAt: now,
                    serverTime: max(now, clock.now()),
                    forkToken: outcome.forkToken, frontier: outcome.frontier, backup: backup,
                    lineFrontiers: outcome.lineFrontiers, recovery: outcome.recovery))
        ]
        // Answers and news of parked work may be more than one frame takes.
        for start in stride(from: 0, to: outcome.verdicts.count, by: Limits.changeSetsPerPushMax) {
            let end = min(start + Limits.changeSetsPerPushMax, outcome.verdicts.count)
            frames.append(.verdicts(Array(outcome.verdicts[start..<end])))
        }
        if let fork = outcome.fork { frames.append(.fork(fork)) }
        let wantsRecords = request.wantsRecords && !outcome.isWithoutRecords
        let start = max(request.checkpoint?.sequence ?? .zero, request.resumeAfter ?? .zero)
        return Cursor(
            opening: frames, device: device,
            asker: request.checkpoint.map { NewsAsker(actor: request.actor, checkpoint: $0.sequence) },
            after: wantsRecords ? start : request.checkpoint?.sequence ?? .zero,
            wantsRecords: wantsRecords, isDone: outcome.fork != nil, alarms: outcome.alarms, faults: outcome.faults,
            fork: outcome.fork)
    }

    /// How much of an actor's line the newest verified backup holds.
    ///
    /// Nothing is told where the line may go on somewhere else: the count is of change-sets that both ends have. An actor that has brought nothing
    /// yet says itself from which line it goes on.
    private func receipt(for request: SyncRequest, _ outcome: PushOutcome) async throws -> BackupReceipt? {
        guard outcome.fork == nil, !outcome.isWithoutRecords else { return nil }
        return try await store.read { snapshot in
            guard let point = try snapshot.newestBackup()?.point else { return nil }
            return BackupReceipt(
                count: try snapshot.countOfLine(request.actor, from: request.fork, upTo: point.position),
                madeAt: point.madeAt)
        }
    }

    /// The next frames of an exchange: a page of records in a view of its own, and after the last the closing.
    ///
    /// An exchange that wants no records is closed where the device stands.
    package func nextFrames(_ cursor: inout Cursor) async throws -> [SyncFrame] {
        guard !cursor.isDone else { return [] }
        guard cursor.wantsRecords else {
            cursor.isDone = true
            return [.closing(Closing(checkpoint: proofs.checkpoint(at: cursor.after, device: cursor.device.id)))]
        }
        let (start, known, limits, asker) = (cursor.after, cursor.knownActors, pageLimits, cursor.asker)
        let device = cursor.device
        // A reply that is cut has to come again from its last whole page on: so that no more than a third of what passed is lost, no page but the first
        // is larger than half of those before it.
        let usual = min(limits.bytesMax, max(limits.bytesAtFirst, cursor.bytesSent / 2))
        let bytesMax = min(usual, cursor.bytesWanted.map { max(limits.bytesAtLeast, $0) } ?? usual)
        // The first page always comes, so that each reply brings something. Without a closing the device goes on behind the last one.
        if let wanted = cursor.bytesWanted, cursor.bytesSent > 0, wanted < limits.bytesAtLeast {
            cursor.isDone = true
            return []
        }
        let page = try await store.read { snapshot in
            try FaultPoint.pageReads.reach()
            // Also in the middle of a long answer.
            try snapshot.requireAdmitted(device)
            let page = try snapshot.feedPage(
                after: start, recordsMax: limits.recordsMax, bytesMax: bytesMax)
            let reader = DeltaReader(snapshot: snapshot, asker: asker)
            let deltas = try page.records.map(reader.delta)
            var known = known
            let actors = try reader.actors(in: deltas, known: &known)
            return (page: page, deltas: deltas, actors: actors, known: known, head: try snapshot.head().sequence)
        }
        await drop(page.page.stale)
        cursor.knownActors = page.known
        cursor.after = page.page.last
        cursor.bytesSent += page.page.byteCount
        var frames: [SyncFrame] = []
        if !page.actors.isEmpty { frames.append(.actors(page.actors)) }
        if !page.deltas.isEmpty { frames.append(.records(page.deltas)) }
        if page.page.isLast {
            frames.append(.closing(Closing(checkpoint: proofs.checkpoint(at: page.head, device: cursor.device.id))))
            cursor.isDone = true
        }
        return frames
    }

    /// Drops what a page has passed in vain, once it is much.
    ///
    /// A store that cannot write now still answers: the rows are passed again another time.
    private func drop(_ stale: [FeedPage.Row]) async {
        guard stale.count >= pageLimits.staleRowsMax else { return }
        try? await queue.run { try $0.dropFromFeed(stale) }
    }

    /// The whole answer at once.
    package func frames(for request: SyncRequest, from device: DeviceAccount) async throws -> [SyncFrame] {
        var cursor = try await begin(request, from: device)
        var frames = cursor.opening
        while !cursor.isDone { frames += try await nextFrames(&cursor) }
        return frames
    }

    private func check(_ request: SyncRequest, from device: DeviceAccount) throws(SatchelError) {
        guard request.protocolVersion == SyncProtocol.version else {
            throw SatchelError(
                .protocolMismatch,
                "The device speaks protocol \(request.protocolVersion); this server speaks \(SyncProtocol.version).",
                remedy: "Update the older of the two; the device's work is kept.")
        }
        guard request.changeSets.count <= Limits.changeSetsPerPushMax else {
            throw SatchelError(
                .tooLarge,
                "A push takes at most \(Limits.changeSetsPerPushMax) change-sets, got \(request.changeSets.count).",
                remedy: "Send them in several pushes.")
        }
        // Sequences of another life of the store mean nothing here.
        guard request.epoch == store.identity.epoch else { return }
        if let checkpoint = request.checkpoint, !proofs.isGenuine(checkpoint, device: device.id) {
            throw SatchelError(
                .invalidCheckpoint, "The checkpoint was not issued to this device by this server.",
                remedy: "Nothing was stored; keep the folder as it is and ask the operator.")
        }
    }

    /// An exchange that pushes nothing: it writes nothing either.
    private func look(_ request: SyncRequest, from device: DeviceAccount) async throws -> PushOutcome {
        let (presence, epoch) = (presence, store.identity.epoch)
        return try await store.read { snapshot in
            try snapshot.requireAdmitted(device)
            try requireReached(request, head: try snapshot.head().sequence, epoch: epoch)
            let check = LineCheck(
                snapshot: snapshot, request: request, device: device, presence: presence, epoch: epoch)
            return try check.outcome(of: check.standing())
        }
    }

    /// Merges what was pushed.
    private func push(
        _ request: SyncRequest, from device: DeviceAccount, now: Timestamp, requestID: String
    ) async throws -> PushOutcome {
        let (store, presence, recordBytesMax, parkedMax) = (store, presence, pageLimits.recordBytesMax, parkedMax)
        let serverError = alarms?.watch.uncertaintyMilliseconds ?? 0
        let identity = store.identity
        return try await queue.runGuarded { transaction, isCareful in
            try transaction.snapshot.requireAdmitted(device)
            try requireReached(request, head: transaction.head.sequence, epoch: identity.epoch)
            let push = Push(
                transaction: transaction, schema: store.schema, identity: identity, request: request, device: device,
                presence: presence,
                now: now, serverErrorMilliseconds: serverError,
                recordBytesMax: recordBytesMax, parkedMax: parkedMax,
                guardian: MergeGuard(transaction: transaction, requestID: requestID, isCareful: isCareful))
            return try push.outcome()
        }
    }
}

/// A device cannot be past what the store has committed.
///
/// A checkpoint that the server has made, past its last commit, proves that the store is not what it was; where a cut reply ended, a
/// device only claims.
private func requireReached(_ request: SyncRequest, head: ServerSequence, epoch: StoreEpoch) throws {
    guard request.epoch == epoch else { return }
    if let shown = request.checkpoint?.sequence, shown > head {
        throw SatchelError(
            .storeRolledBack, "The store has served up to sequence \(shown), and ends at \(head).",
            remedy:
                "Nothing was stored, and everything is kept; the operator has to look (`satchel-server alarms list`).",
            isTransient: true)
    }
    guard request.resumeAfter ?? .zero <= head else {
        throw SatchelError(
            .invalidCheckpoint, "The reply that was cut went past the last commit of this store, \(head).",
            remedy: "Nothing was stored; keep the folder as it is and ask the operator.")
    }
}
