import SatchelInspection
import SatchelStorage
import SatchelSync

// Parked work, as an operator sees and releases it (causality.md §4).
extension OperatorService {
    /// What is parked still, past a position.
    func parked(after position: Int64, limit: Int) async throws -> OperatorReply {
        let limit = Self.bounded(limit)
        return try await store.read { snapshot in
            let page = try snapshot.parkedWork(after: position, limit: limit)
            let replies = try page.map { try Self.reply(to: $0, snapshot) }
            return .parked(replies, next: page.count == limit ? page.last?.position : nil)
        }
    }

    /// One change-set that is parked or was.
    func parkedWork(_ text: String) async throws -> OperatorReply {
        try await store.read { snapshot in
            .parked([try Self.reply(to: try find(text, snapshot), snapshot)], next: nil)
        }
    }

    /// Lets one in, and what waited for what it brings.
    func release(_ text: String) async throws -> OperatorReply {
        let (schema, identity, now) = (store.schema, store.identity, clock.now())
        return try await queue.runGuarded { transaction, isCareful in
            let work = try find(text, transaction.snapshot)
            guard let entry = try transaction.snapshot.logEntry(work.dot) else {
                throw SatchelError(.damagedData, "Change-set \(work.dot) is parked and not in the log.")
            }
            let standing = try transaction.snapshot.epochStanding()
            guard !standing.isRecovering else {
                throw SatchelError(
                    .inRecovery, "The store gets back what a restore has cost it; nothing is released until then.",
                    remedy: "Close the recovery with `satchel-server recovery close` once every device has come.")
            }
            let guardian = MergeGuard(transaction: transaction, requestID: "", isCareful: isCareful)
            let intake = Intake(
                transaction: transaction, schema: schema, servedUpTo: nil,
                origin: Origin(device: identity.name, clock: nil, now: now), standing: standing, guardian: guardian)
            try intake.release(work, logged: entry)
            try CheckInJudge(
                transaction: transaction, schema: schema, identity: identity, now: now, guardian: guardian
            ).judge(intake.arrived.records)
            let settled = try transaction.snapshot.parkedWork(work.dot) ?? work
            return .parked([try Self.reply(to: settled, transaction.snapshot)], next: nil)
        }
    }

    /// Gives one back to its author, who reads the reason at his next sync: nothing lets it in by itself any more.
    func giveBack(_ text: String, for reason: String) async throws -> OperatorReply {
        guard (1...Self.reasonBytesMax).contains(reason.utf8.count) else {
            throw SatchelError.wrongUsage(
                "A reason takes 1 to \(Self.reasonBytesMax) bytes, got \(reason.utf8.count).",
                remedy: "Say in a sentence what its author should do.")
        }
        let now = clock.now()
        return try await queue.run { transaction in
            let work = try find(text, transaction.snapshot)
            guard work.reissuedAs == nil else {
                throw SatchelError(
                    .alreadyReissued, "Change-set \(work.dot) came back already.",
                    remedy: "Look at what stands in its place: `parked show`.")
            }
            guard let entry = try transaction.snapshot.logEntry(work.dot) else {
                throw SatchelError(.damagedData, "Change-set \(work.dot) is parked and not in the log.")
            }
            let before = work.verdict.rejection
            let verdict = Verdict.rejected(
                Rejection(
                    code: SatchelError.Code.returned.word, record: before?.record, field: before?.field,
                    sentence: "The office gave it back: \(reason)"))
            try transaction.append(entry.revised(verdict, at: now))
            try transaction.setParked(work.dot, verdict: verdict, reissuedAs: nil)
            let settled = try transaction.snapshot.parkedWork(work.dot) ?? work
            return .parked([try Self.reply(to: settled, transaction.snapshot)], next: nil)
        }
    }

    static var reasonBytesMax: Int { 500 }

    private func find(_ text: String, _ snapshot: some ServerSnapshot) throws -> ParkedWork {
        let dot = try DotName(text).resolved(among: snapshot.actors(of: store.identity))
        guard let work = try snapshot.parkedWork(dot) else {
            throw SatchelError(
                .invalidRequest, "No parked change-set is called \"\(Excerpt.of(text))\".",
                remedy: "Take the name from `parked list`.")
        }
        return work
    }

    private static func reply(to work: ParkedWork, _ snapshot: some ServerSnapshot) throws -> ParkedReply {
        guard let entry = try snapshot.logEntry(work.dot) else {
            throw SatchelError(.damagedData, "Change-set \(work.dot) is parked and not in the log.")
        }
        return try ParkedReply(work, logged: entry, schema: snapshot.schema)
    }
}

extension ServerSnapshot {
    /// The actors that the store knows: its own, and those of the devices.
    func actors(of identity: StoreIdentity) throws -> [ActorID] {
        try devices().flatMap { try lines(ofDevice: $0.key) }.map(\.actor) + [identity.actor]
    }
}
