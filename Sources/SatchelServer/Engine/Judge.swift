import SatchelStorage
import SatchelSync

/// Whether a change-set may enter the store: steps 2 to 4 of causality.md §3, in that order.
///
/// It writes nothing, so that a change-set enters as a whole or not at all.
struct Judge<Transaction: ServerTransaction> {
    let transaction: Transaction
    let schema: Schema
    /// The sequence up to which the author's device was served; `nil` for the office, which sees all.
    let servedUpTo: ServerSequence?
    private let standing: EpochStanding
    private let officeActor: ActorID?
    private var served: [Dot: Bool] = [:]

    init(
        transaction: Transaction, schema: Schema, servedUpTo: ServerSequence?, standing: EpochStanding,
        officeActor: ActorID?
    ) {
        self.standing = standing
        self.officeActor = officeActor
        self.transaction = transaction
        self.schema = schema
        self.servedUpTo = servedUpTo
    }

    /// Why the change-set is parked; `nil` where it may enter.
    ///
    /// `isSuspect` says that it may be in the store under another name, `isWithdrawn` that a later one of the same push stands in its
    /// place.
    mutating func verdict(
        on changeSet: ChangeSet, byteCount: Int, digest: [UInt8], isSuspect: Bool, isWithdrawn: Bool,
        at placement: Placement
    ) throws -> Verdict? {
        // In a restored store one that waits under two names stays in sight of both authors, until either goes in.
        if isSuspect, let first = try transaction.snapshot.double(of: changeSet.dot, digest: digest),
            try transaction.snapshot.logEntry(first)?.isOutline != true,
            try !standing.isRestored || !isParked(first)
        {
            return .rejected(
                Rejection(
                    code: SatchelError.Code.duplicate.word, record: nil, field: nil,
                    sentence: "The same change-set is in the store as \(first)."))
        }
        guard !changeSet.isOutline else {
            return .rejected(
                Rejection(
                    code: SatchelError.Code.invalidRequest.word, record: nil, field: nil,
                    sentence: "It names no version of a schema: an outline of a change-set is none."))
        }
        if let unfit = try unfitFix(changeSet) { return unfit }
        if let rejection = try overclaim(in: changeSet, line: placement.line) { return .rejected(rejection) }
        if isWithdrawn {
            return .rejected(
                Rejection(
                    code: SatchelError.Code.withdrawn.word, record: nil, field: nil,
                    sentence: "Its author has corrected or given it up before it was sent."))
        }
        return try verdict(on: changeSet, byteCount: byteCount, at: placement)
    }

    /// The same for one that was held and whose record has come: steps 3 and 4 only.
    func verdict(on changeSet: ChangeSet, byteCount: Int, at placement: Placement) throws -> Verdict? {
        if let rejection = try need(of: changeSet) { return .held(rejection) }
        do {
            try ChangeSet.validate(byteCount: byteCount)
            if !Mutant.rulesUnchecked.isPlanted { try changeSet.validate(against: schema) }
        } catch {
            return .rejected(Rejection(error))
        }
        if let rejection = try misfit(in: changeSet) { return .rejected(rejection) }
        return try brokenRule(in: changeSet, at: placement).map { .rejected($0) }
    }

    /// Why a parked change-set cannot even be released: rules of the house are the operator's to set aside, but not what the
    /// store is built on.
    func obstacle(to changeSet: ChangeSet, byteCount: Int) throws -> Rejection? {
        if let rejection = try need(of: changeSet) { return rejection }
        guard !changeSet.isOutline else {
            return Rejection(
                code: SatchelError.Code.invalidRequest.word, record: nil, field: nil,
                sentence: "An outline of a change-set says nothing that could enter.")
        }
        do {
            try ChangeSet.validate(byteCount: byteCount)
            try changeSet.validate(against: try schema.withoutHouseRules())
        } catch let violation as Violation {
            return Rejection(violation)
        }
        return try misfit(in: changeSet)
    }

    /// Why a fix cannot stand in the place of what it names: that is not in its line, or it came back already.
    ///
    /// A late discard is no failure: it does nothing. In a restored store what it fixes may not have come back yet; then it is held
    /// until that has.
    func unfitFix(_ changeSet: ChangeSet) throws -> Verdict? {
        guard changeSet.fixes != nil else { return nil }
        let targets = try transaction.snapshot.fixed(by: changeSet)
        guard try targets.last.map({ try $0.changeSet()?.fixes == nil }) ?? false else {
            guard try !mayComeBack(before: changeSet.dot) else {
                return .held(
                    Rejection(
                        code: SatchelError.Code.awaitsReturn.word, record: nil, field: nil,
                        sentence: "The change-set that it fixes has not come back since the store was restored."))
            }
            return .rejected(
                Rejection(
                    code: SatchelError.Code.invalidRequest.word, record: nil, field: nil,
                    sentence: "The change-set that it fixes is not one of its own line."))
        }
        guard !changeSet.changes.isEmpty, !Mutant.lateFixEnters.isPlanted,
            let settled = try targets.first(where: { try !isParked($0.dot) })
        else {
            return nil
        }
        return .rejected(
            Rejection(
                code: SatchelError.Code.alreadyReissued.word, record: nil, field: nil,
                sentence: "Change-set \(settled.dot.shortDescription), in whose place it stands, has entered the store."
            ))
    }

    /// Whether something of a line may have been lost in a restore: the line, or one that it was forked from, began before.
    private func mayComeBack(before dot: Dot) throws -> Bool {
        guard standing.isRestored else { return false }
        let own = dot.actor.releasedDot ?? dot
        let actors = [own.actor] + (try transaction.snapshot.line(of: own)).entries.map(\.actor)
        return try actors.contains { actor in
            try transaction.snapshot.line(of: actor).map { $0.epoch < standing.number } ?? false
        }
    }

    /// Whether a change-set is parked still.
    func isParked(_ dot: Dot) throws -> Bool {
        try transaction.snapshot.parkedWork(dot).map { $0.reissuedAs == nil } ?? false
    }

    /// A rule of the schema that asks how the record stands, and who made it.
    private func brokenRule(in changeSet: ChangeSet, at placement: Placement) throws -> Rejection? {
        for change in changeSet.changes {
            guard let type = schema.type(change.type), type.hasStandingRules else { continue }
            let state = try transaction.record(change.record, likely: change.type)?.state ?? RecordState()
            let owner = try type.ownership == .own ? self.owner(of: state) : nil
            let writer = EntityType.Writer(user: changeSet.author, isServer: servedUpTo == nil, owner: owner)
            do throws(Violation) {
                try type.check(change, seen: change.context.union(placement.line), on: state, by: writer) {
                    var result = state
                    result.apply(change, dot: placement.dot, time: changeSet.time, line: placement.line)
                    return result
                }
            } catch {
                return Rejection(error)
            }
        }
        return nil
    }

    /// The user who made a record; `nil` where nobody did.
    private func owner(of state: RecordState) throws -> String? {
        guard let first = state.life.first(where: { !$0.isDelete })?.dot else { return nil }
        return try transaction.snapshot.logEntry(first.actor.releasedDot ?? first)?.author
    }

    /// A context names a change-set that this device was never served.
    private mutating func overclaim(in changeSet: ChangeSet, line: VersionVector) throws -> Rejection? {
        guard let servedUpTo else { return nil }
        for change in changeSet.changes {
            for dot in change.context.entries where !line.covers(dot) {
                if try wasServed(dot, upTo: servedUpTo) { continue }
                return Rejection(
                    code: SatchelError.Code.contextOverclaim.word, record: change.record, field: nil,
                    sentence: "The change claims to have seen \(dot), which this device was never served.")
            }
        }
        return nil
    }

    private mutating func wasServed(_ dot: Dot, upTo limit: ServerSequence) throws -> Bool {
        if let known = served[dot] { return known }
        let sequence = try transaction.snapshot.sequence(of: dot)
        let answer = try sequence.map { $0 <= limit } ?? false || isOfEarlierEpoch(dot.actor)
        served[dot] = answer
        return answer
    }

    /// Dots of an earlier life of the store are taken as claimed: the proof went with it.
    private func isOfEarlierEpoch(_ actor: ActorID) throws -> Bool {
        guard standing.isRestored, actor != officeActor else { return false }
        let line = try transaction.snapshot.line(of: actor.releasedDot?.actor ?? actor)
        return line.map { $0.epoch < standing.number } ?? true
    }

    /// A record that the change-set needs and the store does not have.
    func need(of changeSet: ChangeSet) throws -> Rejection? {
        if Mutant.needUnchecked.isPlanted { return nil }
        let makesRecords = changeSet.changes.contains { $0.life == .create }
        let created = makesRecords ? Set(changeSet.changes.filter { $0.life == .create }.map(\.record)) : []
        for change in changeSet.changes {
            if change.life != .create, !created.contains(change.record),
                try transaction.record(change.record, likely: change.type) == nil
            {
                return missing(change.record)
            }
            for record in change.references where !created.contains(record) {
                if try transaction.type(of: record) == nil { return missing(record) }
            }
        }
        return nil
    }

    /// The record that the change-set writes, where it writes no other, and lacks nothing but that.
    func missingAlone(to changeSet: ChangeSet) throws -> RecordID? {
        guard changeSet.changes.count == 1, let change = changeSet.changes.first, change.life != .create,
            try transaction.type(of: change.record) == nil,
            try change.references.allSatisfy({ try $0 == change.record || transaction.type(of: $0) != nil })
        else { return nil }
        return change.record
    }

    private func missing(_ record: RecordID) -> Rejection {
        Rejection(
            code: SatchelError.Code.unknownRecord.word, record: record, field: nil,
            sentence: "The store has no record \(record).")
    }

    /// A record or a reference of another type than the change says; everything named is there.
    func misfit(in changeSet: ChangeSet) throws -> Rejection? {
        let isAlone = changeSet.changes.count == 1
        let created = isAlone ? [:] : Dictionary(changeSet.changes.map { ($0.record, $0.type) }) { first, _ in first }
        for change in changeSet.changes {
            if let type = try transaction.type(of: change.record), type != change.type {
                return Rejection(
                    code: SatchelError.Code.invalidRequest.word, record: change.record, field: nil,
                    sentence: "Record \(change.record) is \(name(type)), not \(name(change.type)).")
            }
            for entry in change.writes {
                guard case .register(.reference(let target)) = entry.write,
                    case .reference(let wanted, _)? = schema.type(change.type)?.field(entry.field)?.kind,
                    let found = try transaction.type(of: target)
                        ?? (target == change.record ? change.type : created[target]), found != wanted
                else { continue }
                return Rejection(
                    code: SatchelError.Code.invalidValue.word, record: change.record, field: entry.field,
                    sentence: "The field refers to \(name(wanted)); record \(target) is \(name(found)).")
            }
        }
        return nil
    }

    private func name(_ type: EntityTypeID) -> String {
        schema.type(type).map { "of type \($0.name)" } ?? "of an unknown type"
    }
}

extension Schema {
    /// The same records without the rules of the house: what every value must be so that the store can hold it.
    func withoutHouseRules() throws(SatchelError) -> Schema {
        let types = types.map { type in
            EntityType(id: type.id, name: type.name, fields: type.fields.map(\.withoutHouseRules))
        }
        return try Schema(version: version, types: types)
    }
}

extension Field {
    fileprivate var withoutHouseRules: Field {
        let kind: FieldKind =
            switch self.kind {
            case .text, .enumeration: .text(maxLength: Limits.textBytesMax)
            case .integer: .integer(Int64.min...Int64.max)
            case .decimal(let scale, _): .decimal(scale: scale, Int64.min...Int64.max)
            case .set: .set(maxLength: Limits.elementBytesMax)
            case .map: .map(maxLength: Limits.elementBytesMax)
            default: self.kind
            }
        return Field(id: id, name: name, kind: kind, policy: kind.policies[0])
    }
}
