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
    private var served: [Dot: Bool] = [:]

    init(transaction: Transaction, schema: Schema, servedUpTo: ServerSequence?) {
        self.transaction = transaction
        self.schema = schema
        self.servedUpTo = servedUpTo
    }

    /// Why the change-set is parked; `nil` where it may enter.
    mutating func rejection(
        of changeSet: ChangeSet, byteCount: Int, digest: [UInt8], line: VersionVector
    ) throws -> Rejection? {
        if let first = try transaction.snapshot.dot(withDigest: digest) {
            return Rejection(
                code: SatchelError.Code.duplicate.word, record: nil, field: nil,
                sentence: "The same change-set is in the store as \(first).")
        }
        if let rejection = try overclaim(in: changeSet, line: line) { return rejection }
        if let rejection = try need(of: changeSet) { return rejection }
        do {
            try ChangeSet.validate(byteCount: byteCount)
            try changeSet.validate(against: schema)
        } catch {
            return Rejection(error)
        }
        if let rejection = try misfit(in: changeSet) { return rejection }
        return try brokenRule(in: changeSet, line: line)
    }

    /// A rule of the schema that asks how the record stands, and who made it.
    private func brokenRule(in changeSet: ChangeSet, line: VersionVector) throws -> Rejection? {
        for change in changeSet.changes {
            guard let type = schema.type(change.type), type.hasStandingRules else { continue }
            let state = try transaction.record(change.record)?.state ?? RecordState()
            let owner = try type.ownership == .own ? self.owner(of: state) : nil
            let writer = EntityType.Writer(user: changeSet.author, isServer: servedUpTo == nil, owner: owner)
            do throws(Violation) {
                try type.check(change, seen: change.context.union(line), on: state, by: writer) {
                    var result = state
                    result.apply(change, dot: changeSet.dot, time: changeSet.time, line: line)
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
        let answer = sequence.map { $0 <= limit } ?? false
        served[dot] = answer
        return answer
    }

    /// A record that the change-set needs and the store does not have.
    private func need(of changeSet: ChangeSet) throws -> Rejection? {
        let created = Set(changeSet.changes.filter { $0.life == .create }.map(\.record))
        for change in changeSet.changes {
            let touched = change.life == .create ? [] : [change.record]
            for record in touched + change.references where !created.contains(record) {
                if try transaction.type(of: record) != nil { continue }
                return Rejection(
                    code: SatchelError.Code.unknownRecord.word, record: record, field: nil,
                    sentence: "The store has no record \(record).")
            }
        }
        return nil
    }

    /// A record or a reference of another type than the change says; everything named is there.
    private func misfit(in changeSet: ChangeSet) throws -> Rejection? {
        let created = Dictionary(changeSet.changes.map { ($0.record, $0.type) }) { first, _ in first }
        for change in changeSet.changes {
            if let type = try transaction.type(of: change.record), type != change.type {
                return Rejection(
                    code: SatchelError.Code.invalidRequest.word, record: change.record, field: nil,
                    sentence: "Record \(change.record) is \(name(type)), not \(name(change.type)).")
            }
            for entry in change.writes {
                guard case .register(.reference(let target)) = entry.write,
                    case .reference(let wanted, _)? = schema.type(change.type)?.field(entry.field)?.kind,
                    let found = try transaction.type(of: target) ?? created[target], found != wanted
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
