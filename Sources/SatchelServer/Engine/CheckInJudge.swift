import SatchelStorage
import SatchelSync

/// The records that change-sets have made in one run of the intake.
final class ArrivedRecords {
    /// The records, in the order in which they came.
    private(set) var records: [RecordID] = []

    func note(_ record: RecordID) { records.append(record) }
}

/// The server's own verdicts on check-ins: by the rule that devices judge by, with the customers' places as the store has them.
///
/// They are change-sets of the store's own actor, in the transaction that brings the check-ins, so that no check-in stands without one
/// after a crash and none is judged twice. A verdict stays as it is: where the customer gets another place later, a new check-in tells.
struct CheckInJudge<Transaction: ServerTransaction> {
    private static var label: String { "check-in verdict" }
    /// Check-ins of one change-set.
    private static var checkInsMax: Int { 200 }

    let transaction: Transaction
    let schema: Schema
    let identity: StoreIdentity
    let now: Timestamp
    /// Where a verdict may throw what nobody foresaw: then the check-in stands without one.
    let guardian: MergeGuard<Transaction>

    /// Judges those of the records that are check-ins without a verdict of the server's.
    ///
    /// A schema without a field for it keeps none. In a recovery nothing is judged: the verdicts of before may come back yet.
    func judge(_ records: [RecordID]) throws {
        guard !records.isEmpty, let fields = ServerVerdictFields(schema),
            try !transaction.snapshot.epochStanding().isRecovering
        else { return }
        var checkIns: [RecordID] = []
        var seen: Set<RecordID> = []
        for record in records where seen.insert(record).inserted {
            if try transaction.type(of: record) == fields.type.id { checkIns.append(record) }
        }
        for start in stride(from: 0, to: checkIns.count, by: Self.checkInsMax) {
            try judge(checkIns[start..<min(start + Self.checkInsMax, checkIns.count)], fields)
        }
    }

    /// Judges what has come to a store while it got back what a restore had cost it, once that has ended.
    ///
    /// - Complexity: O(check-ins).
    func judgeReturned() throws {
        let standing = try transaction.snapshot.epochStanding()
        guard let fields = ServerVerdictFields(schema), standing.isRestored else { return }
        try transaction.flush()
        var records: [RecordID] = []
        try transaction.snapshot.forEachVisible(of: fields.type, after: nil) { record in
            if record.position > standing.position { records.append(record.id) }
            return true
        }
        try judge(records)
    }

    private func judge(_ checkIns: ArraySlice<RecordID>, _ fields: ServerVerdictFields) throws {
        let frontier = try transaction.snapshot.frontier(of: identity.actor)
        try guardian.run(Dot(identity.actor, frontier.counter + 1)) {
            let changes = try checkIns.compactMap { try change(judging: $0, fields) }
            guard !changes.isEmpty else { return }
            let edits = OfficeEdits(
                transaction: transaction, schema: schema, identity: identity, user: identity.name, now: now)
            do {
                _ = try edits.make(Draft(label: Self.label, changes: changes), at: now, settles: true)
            } catch let error as SatchelError where !MergeFault.isOne(error) && !error.isTransient && error.cause == nil
            {
                // A rule of the organisation's schema that no verdict fits, or a record that is full: nothing of it was written.
                guardian.note(error, at: Dot(identity.actor, frontier.counter + 1))
            }
        }
    }

    /// The verdict as a change of its check-in; `nil` where that has one.
    private func change(judging id: RecordID, _ fields: ServerVerdictFields) throws -> DraftChange? {
        guard let row = try transaction.record(id, likely: fields.type.id)?.state,
            row.winningValue(of: fields.verdict).isNull
        else { return nil }
        let said = CheckInRow { name in fields.type.field(named: name).map { row.winningValue(of: $0) } ?? .null }
        let verdict = said.verdict(at: try site(of: row, fields.type))
        return DraftChange(type: fields.type.id, record: id, writes: fields.writes(verdict))
    }

    /// Where the customer is that a check-in names, itself or through its visit.
    private func site(of row: RecordState, _ type: EntityType) throws -> CheckInSite {
        var customer = row.reference(type.field(named: "account"))
        if customer == nil, let visit = row.reference(type.field(named: "visit")),
            let record = try transaction.record(visit)
        {
            customer = record.state.reference(schema.type(record.type)?.field(named: "account"))
        }
        guard let customer, let record = try transaction.record(customer), let type = schema.type(record.type) else {
            return CheckInSite()
        }
        return CheckInSite(of: record.state, type)
    }
}

extension RecordState {
    /// The record that a field refers to.
    fileprivate func reference(_ field: Field?) -> RecordID? {
        guard let field, case .reference(let record) = winningValue(of: field) else { return nil }
        return record
    }
}
