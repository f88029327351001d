package import SatchelInspection
import SatchelStorage
package import SatchelSync

extension Replica {
    /// One record as people read it, by its id or an ending of it.
    ///
    /// - Throws: `SatchelError` `unknown_type`, `unknown_record`, `ambiguous_id`, `invalid_request`.
    package func record(typeName: String, _ text: String) throws -> RecordReport {
        try reading { transaction in
            let type = try transaction.schema.requireType(named: typeName)
            let id = try transaction.resolve(text, type: type)
            return try report(try require(id, type: type, transaction), type: type, transaction)
        }
    }

    /// The visible records of a type that a question is answered with.
    ///
    /// - Throws: `SatchelError` `unknown_type`, `unknown_field`, `invalid_value`, `invalid_request`.
    package func records(
        typeName: String, _ question: ListQuestion = ListQuestion(), limit: Int
    ) throws -> [RecordReport] {
        var records: [RecordReport] = []
        try forEachRecord(typeName: typeName, question, limit: limit) { record, _ in records.append(record) }
        return records
    }

    /// Calls `body` with each of them, and with how many there are, out of one snapshot.
    /// - Complexity: O(rows of the type); one record is unpacked at a time.
    package func forEachRecord(
        typeName: String, _ question: ListQuestion, limit: Int = .max,
        _ body: (_ record: RecordReport, _ count: Int) throws -> Void
    ) throws {
        try reading { transaction in
            let type = try transaction.schema.requireType(named: typeName)
            let ids = try transaction.answer(question, type: type, limit: limit, at: clock.now())
            for id in ids {
                guard let record = try transaction.record(id), record.type == type.id else { continue }
                try body(try report(record, type: type, transaction), ids.count)
            }
        }
    }

    /// Runs one query in SQL that only reads.
    ///
    /// - Throws: `SatchelError` `invalid_request` for anything else.
    package func query(
        _ sql: String, limit: Int
    ) throws -> (columns: [String], rows: [[JSONValue]], isCut: Bool) {
        let answer = try reading { try $0.query(sql, limit: limit) }
        return (answer.columns, answer.rows, answer.isCut)
    }

    func report(
        _ record: StoredRecord, type: EntityType, _ transaction: ReplicaTransaction
    ) throws -> RecordReport {
        let overlay = record.base == nil ? [] : try transaction.overlay(of: record)
        let parked = overlay.count(where: \.isParked)
        return try RecordReport(
            record: record.id, type: type, state: record.state, life: record.status,
            context: try Provenances(of: record, transaction).inspectionContext(),
            pendingCount: overlay.count - parked, parkedCount: parked, readAt: try token(of: record, transaction))
    }

    /// The token of a read: it names none of the released dots of work that is still parked (causality.md §2).
    func token(of record: StoredRecord, _ transaction: ReplicaTransaction) throws -> ReadToken {
        let parked = record.base == nil ? [] : try transaction.parkedReleases()
        return ReadToken(
            actor: try transaction.identity().actor, record: record.id,
            context: record.state.context.removing { parked.contains($0) })
    }

    /// The records with open conflicts, the oldest first.
    package func conflicts(atLeast severity: ConflictSeverity, limit: Int) throws -> [ConflictReport] {
        try reading { transaction in
            try transaction.records.conflicting(atLeast: severity, limit: limit).map { record in
                try conflictReport(record, transaction)
            }
        }
    }

    /// The open conflicts of one record; an empty report when it has none.
    ///
    /// - Throws: `SatchelError` `unknown_record`, `ambiguous_id`, `invalid_request`.
    package func conflict(typeName: String, of text: String) throws -> ConflictReport {
        try reading { transaction in
            let type = try transaction.schema.requireType(named: typeName)
            let id = try transaction.resolve(text, type: type)
            return try conflictReport(try require(id, type: type, transaction), transaction)
        }
    }

    private func conflictReport(_ record: StoredRecord, _ transaction: ReplicaTransaction) throws -> ConflictReport {
        guard let type = transaction.schema.type(record.type) else { throw Self.unknownRecord(record.id.description) }
        return try ConflictReport(
            record: record.id, type: type, state: record.state, life: record.status,
            context: try Provenances(of: record, transaction).inspectionContext())
    }

    /// Settles one conflict of a record with an ordinary edit that covers every value, and queues it.
    ///
    /// - Parameters:
    ///   - typeName: The record's type.
    ///   - text: The record's id or an ending of it.
    ///   - subject: `life` or the name of the field; `nil` where only one conflict is open.
    ///   - choice: What shall stand; a value is typed as people type it.
    ///   - reason: Why, for those whose values go; it becomes the change-set's label.
    ///   - token: What the conflict's report gave; the resolution is refused when other values stand there now.
    /// - Returns: What the edit did.
    /// - Throws: `SatchelError` `no_conflict`, `conflict_changed`, `invalid_request`, and as an edit does.
    package func resolve(
        typeName: String, _ text: String, subject: String?, choice: TypedChoice, reason: String, token: String?
    ) throws -> EditOutcome {
        try edit(purpose: "resolve", options: EditOptions(settles: true)) { transaction in
            let type = try transaction.schema.requireType(named: typeName)
            let id = try transaction.resolve(text, type: type)
            let record = try require(id, type: type, transaction)
            let chosen = try choice.subject(named: subject, record: record, type: type)
            let typed = try choice.resolved(for: chosen, type: type, transaction)
            if let token { try record.state.requireToken(token, of: chosen, by: typed) }
            let change = try Resolution.draft(
                settling: chosen, by: typed, record: id, type: type, state: record.state, life: record.status)
            return Draft(label: reason, changes: try transaction.withReturning(change))
        }
    }

    /// One hash of base: what every replica with the same dots has.
    package func digest() throws -> String { try reading { try $0.baseDigest() } }

    private func require(
        _ id: RecordID, type: EntityType, _ transaction: ReplicaTransaction
    ) throws -> StoredRecord {
        guard let record = try transaction.record(id), record.type == type.id, record.state != RecordState() else {
            throw Self.unknownRecord(id.description)
        }
        return record
    }

    static func unknownRecord(_ text: String) -> SatchelError {
        SatchelError(
            .unknownRecord, "There is no record \(text) on this device.",
            remedy: "Take the id from `list`, or sync first.")
    }
}
