import Foundation
import SatchelInspection
import SatchelInterchange
package import SatchelStorage
import SatchelSync
package import SatchelWire

/// Whoever answers an operator: the store in this process, or a running server through its socket.
package protocol OperatorAccess: Sendable {
    /// Does what is asked.
    ///
    /// - Throws: `SatchelError`.
    func perform(_ request: OperatorRequest) async throws -> OperatorReply
}

/// Answers an operator from a store.
package struct OperatorService<Store: ServerStore>: OperatorAccess {
    let store: Store
    let queue: MergeQueue<Store>
    let presence: DevicePresence
    let clock: any WallClock
    private let alarms: AlarmDesk?
    /// Makes the backups.
    package let backupDesk: BackupDesk<Store>
    private let casePageBytesMax: Int
    private let shownKey: @Sendable () -> ServerKey?
    /// Told the id of a device that is locked out, once that is durable.
    let onRevoked: @Sendable (String) -> Void

    /// Answers from `store`; a page of records ends once it has `casePageBytesMax` bytes of them.
    ///
    /// `shownKey` is what enrolment codes name the server by, where devices know it by its key; `onRevoked` ends what a device that is locked
    /// out has open.
    package init(
        store: Store, queue: MergeQueue<Store>, presence: DevicePresence, clock: any WallClock,
        casePageBytesMax: Int = ServerLimits.casePageBytesMax, shownKey: @escaping @Sendable () -> ServerKey? = { nil },
        alarms: AlarmDesk? = nil, onRevoked: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.onRevoked = onRevoked
        self.alarms = alarms
        self.store = store
        self.queue = queue
        self.presence = presence
        self.clock = clock
        self.casePageBytesMax = casePageBytesMax
        self.shownKey = shownKey
        backupDesk = BackupDesk(store: store, clock: clock)
    }

    package func perform(_ request: OperatorRequest) async throws -> OperatorReply {
        let reply = try await reply(to: request)
        try FaultPoint.officeAnswers.reach()
        return reply
    }

    private func reply(to request: OperatorRequest) async throws -> OperatorReply {
        switch request {
        case .identity: return .identity(try await identity())
        case .addUser(let name): return .users([try await addUser(name)])
        case .users: return .users(try await store.read { try $0.users().map(UserReply.init) })
        case .makeCode(let user):
            let desk = EnrolmentDesk(store: store, queue: queue, clock: clock)
            let (code, expiresAt) = try await desk.makeCode(forUser: user)
            let text = EnrolmentCode(code: code, key: shownKey()).description
            return .code(CodeReply(user: user, code: text, expiresAt: expiresAt.description))
        case .devices: return .devices(try await devices())
        case .revoke(let device, let reason): return try await revoke(device, for: reason)
        case .reinstate(let device): return try await reinstate(device)
        case .alarms:
            // Who was just sent here by an error finds what it is about.
            try? await alarms?.write(to: queue)
            return .alarms(try await store.read { try $0.alarms().map(AlarmReply.init) })
        case .confirmAlarms(let code):
            // What devices were served past its end would get other numbers, and they would never fetch it.
            guard code != AlarmDesk.rolledBack else {
                throw SatchelError(
                    .invalidRequest, "A store that lacks what it has served does not become whole by being confirmed.",
                    remedy:
                        "Stop the server, then `satchel-server restore` the newest backup, or one that you make of the store as it is: devices give back what they hold."
                )
            }
            let now = clock.now()
            let count = try await queue.run { try $0.confirmAlarms(code: code, at: now) }
            alarms?.confirm(code)
            return .confirmed(count)
        case .apply(let request): return .applied(try await apply(request))
        case .conflicts(let request): return try await conflicts(request)
        case .record(let type, let id): return .records([try await record(type: type, id: id)], next: nil)
        case .records(let type, let after, let limit): return try await records(type: type, after: after, limit: limit)
        case .resolve(let request): return try await resolve(request)
        case .ledger(let after, let limit):
            return try await store.read { snapshot in
                var reader = LedgerReader(snapshot: snapshot)
                let (lines, next) = try reader.lines(after: after, limit: Self.bounded(limit))
                return .ledger(lines, next: next)
            }
        case .digest: return .digest(try await digest())
        case .verifyLog:
            return try await store.read { snapshot in
                try snapshot.verifyLog()
                return .verified(entries: try snapshot.head().position)
            }
        case .parked(let after, let limit): return try await parked(after: after, limit: limit)
        case .parkedWork(let dot): return try await parkedWork(dot)
        case .release(let dot): return try await release(dot)
        case .giveBack(let dot, let reason): return try await giveBack(dot, for: reason)
        case .explain(let type, let what): return try await explain(type: type, what)
        case .backUp(let path): return try await backUp(to: path)
        case .backupState(let path): return try await backupState(of: path)
        case .backups(let limit): return try await backups(limit: limit)
        case .recovery: return try await recovery()
        case .openRecovery: return try await openRecovery()
        case .closeRecovery: return try await closeRecovery()
        }
    }

    static func bounded(_ limit: Int) -> Int { min(max(limit, 1), Limits.recordsPerPageMax) }

    private func identity() async throws -> IdentityReply {
        let identity = store.identity
        let sequence = try await store.read { try $0.head().sequence.number }
        return IdentityReply(
            name: identity.name, epoch: identity.epoch.description, actor: identity.actor.description,
            schemaVersion: store.schema.version, schemaSource: identity.schemaSource, sequence: sequence)
    }

    private func addUser(_ name: String) async throws -> UserReply {
        try AccountName.check(name, what: "user")
        let now = clock.now()
        return UserReply(try await queue.run { try $0.addUser(named: name, at: now) })
    }

    /// The devices, all or those that are wanted, in the order of their enrolment.
    func devices(
        where isWanted: @escaping @Sendable (DeviceAccount) -> Bool = { _ in true }
    ) async throws -> [DeviceReply] {
        let (presence, now) = (presence, clock.now())
        return try await store.read { snapshot in
            try snapshot.devices().filter(isWanted).map { device in
                let lines = try snapshot.lines(ofDevice: device.key)
                let goneOver = lines.goneOver
                let visit = presence.lastVisit(of: device)
                return DeviceReply(
                    id: device.id.description, user: device.user, name: device.name, actor: device.actor.description,
                    presentActor: (lines.last?.actor ?? device.actor).description,
                    forks: lines.compactMap { ForkReply($0, isAfterRestore: goneOver.contains($0.actor)) },
                    enrolledAt: device.enrolledAt.description,
                    lastSeenAt: visit?.time.description,
                    changeSets: try lines.map { try snapshot.frontier(of: $0.actor).counter }.reduce(0, +),
                    clockOffsetMilliseconds: visit?.clock?.milliseconds,
                    clockErrorMilliseconds: visit?.clock?.errorMilliseconds, reportedPending: visit?.pending ?? 0,
                    silentSeconds: max(0, (now.milliseconds - (visit?.time ?? device.enrolledAt).milliseconds) / 1_000),
                    revokedAt: device.revocation?.at.description, revocationReason: device.revocation?.reason)
            }
        }
    }

    private func digest() async throws -> String {
        try await store.read { try $0.recordDigest() }
    }
}

extension AlarmReply {
    fileprivate init(_ alarm: Alarm) {
        self.init(
            code: alarm.code, subject: alarm.subject, sentence: alarm.sentence, since: alarm.since.description,
            lastSeenAt: alarm.lastSeenAt.description, count: alarm.count, confirmedAt: alarm.confirmedAt?.description)
    }
}

extension ForkReply {
    /// Tells of a line that began by a fork.
    fileprivate init?(_ line: DeviceLine, isAfterRestore: Bool) {
        guard let fork = line.fork else { return nil }
        self.init(
            actor: line.actor.description, parent: fork.actor.description, counter: fork.counter,
            beganAt: line.beganAt.description, isAfterRestore: isAfterRestore)
    }
}

extension [DeviceLine] {
    /// The lines by which a device went over to a new life of the store, as each does after a restore.
    ///
    /// That is the first of each life that goes on from an earlier one. A second one is a copy's.
    fileprivate var goneOver: Set<ActorID> {
        let epochs = Dictionary(map { ($0.actor, $0.epoch) }) { first, _ in first }
        var seen: [Int64: Set<ActorID>] = [:]
        return Set(
            filter { line in
                guard let fork = line.fork, epochs[fork.actor] ?? 0 != line.epoch else { return false }
                return seen[line.epoch, default: []].insert(fork.actor).inserted
            }.map(\.actor))
    }
}

extension OperatorService {
    /// Applies lines in one transaction; one that is refused does not stop the others.
    private func apply(_ request: ApplyRequest) async throws -> [EditOutcome] {
        let (schema, identity, now) = (store.schema, store.identity, clock.now())
        return try await queue.runGuarded { transaction, isCareful in
            _ = try transaction.snapshot.requireUser(named: request.user)
            let edits = OfficeEdits(
                transaction: transaction, schema: schema, identity: identity, user: request.user, now: now,
                isCareful: isCareful)
            return try request.lines.map { line in
                let mark = transaction.writeCount
                let apply = { try Self.apply(line, by: edits, settles: request.settles) }
                do {
                    return try isCareful ? transaction.savepoint(apply) : apply()
                } catch let error as SatchelError {
                    // Nothing of a refused line was written: it is judged whole before its first write.
                    return EditOutcome(line: line.number, problem: OperatorProblem(error))
                } catch  where MergeFault.isOne(error) && (isCareful || transaction.writeCount == mark) {
                    return EditOutcome(
                        line: line.number, problem: OperatorProblem(ExchangeFailure(any: error).error))
                }
            }
        }
    }

    private static func apply(
        _ line: ApplyRequest.Line, by edits: OfficeEdits<Store.Transaction>, settles: Bool
    ) throws -> EditOutcome {
        let edit = try EditLineParser.parse(line: Array(line.text.utf8), number: line.number)
        let changes = try edit.changes.map { change in
            guard change.readAt == nil else {
                throw SatchelError(
                    .invalidToken, "A read on a device is no context of the office's edits.",
                    remedy: "Leave \"read_at\" out: the office has seen all that the store has."
                ).located(inLine: line.number)
            }
            let life = try change.record.map { try edits.life(of: $0) } ?? .absent
            return try change.draftChange(schema: edits.schema, life: life, newRecord: .random(at: edits.now))
        }
        let entry: LogEntry
        do {
            entry = try edits.make(
                Draft(label: edit.label ?? "office edit", changes: changes), at: edit.at ?? edits.now,
                settles: settles)
        } catch let error as SatchelError {
            throw error.naming(zip(edit.changes, changes)).located(inLine: line.number)
        }
        return EditOutcome(
            line: line.number, dot: entry.dot.description, verdict: entry.verdict.word,
            records: changes.map(\.record.description))
    }

    private func resolve(_ request: ResolveRequest) async throws -> OperatorReply {
        let (schema, identity, now) = (store.schema, store.identity, clock.now())
        return try await queue.runGuarded { transaction, isCareful in
            _ = try transaction.snapshot.requireUser(named: request.user)
            let id = try transaction.snapshot.resolve(request.record, type: nil)
            guard let record = try transaction.record(id), let type = schema.type(record.type) else {
                throw SatchelError(
                    .unknownRecord, "There is no record \(id).", remedy: "Take the id from `conflicts list`.")
            }
            let subject = try type.conflictSubject(named: request.subject)
            let choice = try request.choice.resolution(of: subject, type: type, in: transaction.snapshot)
            if let token = request.token { try record.state.requireToken(token, of: subject, by: choice) }
            let draft = try Resolution.draft(
                settling: subject, by: choice, record: id, type: type, state: record.state, life: record.status)
            // Who keeps a record keeps what went with it.
            let returning = draft.life == .revive ? try transaction.goneWith(id, type: type.id) : []
            let changes = [draft] + returning.map { DraftChange(type: $0.type, record: $0.id, life: .revive) }
            let edits = OfficeEdits(
                transaction: transaction, schema: schema, identity: identity, user: request.user, now: now,
                isCareful: isCareful)
            let entry = try edits.make(Draft(label: request.reason, changes: changes), at: now, settles: true)
            try transaction.flush()
            let settled = try transaction.record(id) ?? record
            return .resolved(
                dot: entry.dot.description, try CaseReader(snapshot: transaction.snapshot).describe(settled))
        }
    }
}

extension OperatorService {
    private func conflicts(_ request: ConflictsRequest) async throws -> OperatorReply {
        let severity: ConflictSeverity = request.severity == ConflictSeverity.decide.word ? .decide : .review
        let page = CasePage(countMax: Self.bounded(request.limit), bytesMax: casePageBytesMax)
        let after = request.after.flatMap { Int64($0) } ?? 0
        return try await store.read { snapshot in
            var page = page
            let records = try snapshot.conflicting(atLeast: severity, after: after, limit: page.countMax)
            let reader = CaseReader(snapshot: snapshot)
            for record in records where !page.isFull { page.add(try reader.describe(record), named: "\(record.key)") }
            return page.reply
        }
    }

    private func record(type name: String?, id text: String) async throws -> RecordCase {
        let type = try name.map { try store.schema.requireType(named: $0) }
        return try await store.read { snapshot in
            return try CaseReader(snapshot: snapshot).describe(try snapshot.requireRecord(text, type: type).record)
        }
    }

    private func records(type name: String, after: String?, limit: Int) async throws -> OperatorReply {
        let type = try store.schema.requireType(named: name)
        let page = CasePage(countMax: Self.bounded(limit), bytesMax: casePageBytesMax)
        return try await store.read { snapshot in
            let reader = CaseReader(snapshot: snapshot)
            var page = page
            try snapshot.forEachVisible(of: type, after: after.flatMap { RecordID($0) }) { record in
                page.add(try reader.describe(record), named: record.id.description)
                return !page.isFull
            }
            return page.reply
        }
    }
}

/// A page of records that ends at a number of them, or of bytes.
private struct CasePage {
    let countMax: Int
    let bytesMax: Int
    private var cases: [RecordCase] = []
    private var byteCount = 0
    private var last: String?

    init(countMax: Int, bytesMax: Int) {
        self.countMax = countMax
        self.bytesMax = bytesMax
    }

    var isFull: Bool { cases.count >= countMax || byteCount >= bytesMax }

    /// What is answered; where it is full, more may follow what is named last.
    var reply: OperatorReply { .records(cases, next: isFull ? last : nil) }

    mutating func add(_ record: RecordCase, named name: String) {
        cases.append(record)
        byteCount += record.frame.count
        last = name
    }
}

extension SatchelError {
    /// The failure without the ids that records would have got that were not made: nobody can look them up.
    fileprivate func naming(_ changes: some Sequence<(EditLineChange, DraftChange)>) -> SatchelError {
        var error = self
        for (written, draft) in changes where written.record == nil {
            error.message = error.message.replacing(
                "\(written.typeName) \(draft.record)", with: "the new \(written.typeName)"
            )
            .replacing("\(draft.record)", with: "the new \(written.typeName)")
        }
        return error
    }
}

extension ResolveRequest.Choice {
    /// The choice with its value read by the field's kind; a record is named by its id or an ending of it.
    fileprivate func resolution(
        of subject: ConflictSubject, type: EntityType, in snapshot: some ServerSnapshot
    ) throws -> ResolutionChoice {
        switch self {
        case .take(let number): return .take(number)
        case .empty: return .value(.null)
        case .keep: return .keep
        case .delete: return .delete
        case .value(let text):
            guard case .field(let id) = subject, let field = type.field(id) else {
                return .value(.text(UTF8Text(text)))
            }
            if text.isEmpty { return .value(.null) }
            if case .reference(let target, _) = field.kind {
                return .value(.reference(try snapshot.resolve(text, type: target)))
            }
            return .value(try field.parse(text))
        }
    }
}

extension UserReply {
    fileprivate init(_ user: UserAccount) {
        self.init(name: user.name, createdAt: user.createdAt.description)
    }
}
