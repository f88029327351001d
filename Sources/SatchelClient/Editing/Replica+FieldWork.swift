package import SatchelStorage
package import SatchelSync

// What is recorded on the spot, beside visits and notes. Each is one change-set.
extension Replica {
    /// Records a check-in at a visit or an account: an immutable row.
    ///
    /// - Throws: `SatchelError` as an edit does; `unknown_field` where a check-in of this schema cannot refer to such a record.
    package func checkIn(at text: String, position: String?, assignments: [Assignment]) throws -> EditOutcome {
        let now = clock.now()
        var facts = [Assignment(field: "taken_at", operation: .assign, value: now.description)]
        if let position { facts.append(Assignment(field: "position", operation: .assign, value: position)) }
        return try edit(purpose: "check-in") { transaction in
            let type = try transaction.schema.requireType(named: "check_in")
            let writes =
                try transaction.references(from: type, toSubject: text)
                + transaction.writes(facts + assignments, type: type)
            let change = DraftChange(type: type.id, record: .random(at: now), life: .create, writes: writes)
            return Draft(label: "check-in", changes: [change])
        }
    }
}

extension ReplicaTransaction {
    /// The references by which a new row of `type` tells what it is about: a record, and the account of a visit too.
    ///
    /// - Throws: `SatchelError` `unknown_record`, `ambiguous_id`, or `unknown_field` where the type has no such reference.
    package func references(from type: EntityType, toSubject text: String) throws -> [FieldChange] {
        let subject = try records.resolve(text, type: nil)
        guard let record = try record(subject), let subjectType = schema.type(record.type) else {
            throw Replica.unknownRecord(text)
        }
        var writes = [
            FieldChange(try type.requireField(named: subjectType.name).id, .register(.reference(subject)))
        ]
        if subjectType.name == "visit", let account = subjectType.field(named: "account"),
            let own = type.field(named: "account"), case .reference(let id) = record.state.winningValue(of: account)
        {
            writes.append(FieldChange(own.id, .register(.reference(id))))
        }
        return writes
    }
}
