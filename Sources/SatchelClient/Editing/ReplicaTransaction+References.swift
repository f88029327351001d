package import SatchelStorage
package import SatchelSync

extension ReplicaTransaction {
    /// The references by which a new row of `type` tells what it is about: a record, and the account of a visit too.
    ///
    /// - Throws: `SatchelError` `unknown_record`, `ambiguous_id`, or `unknown_field` where the type has no such reference.
    package func references(from type: EntityType, toSubject text: String) throws -> [FieldChange] {
        try references(from: type, to: try records.resolve(text, type: nil), named: text)
    }

    /// The same for a record by its id; `text` is what a person called it.
    func references(from type: EntityType, to subject: RecordID, named text: String) throws -> [FieldChange] {
        guard let record = try record(subject), let subjectType = schema.type(record.type) else {
            throw Replica.unknownRecord(text)
        }
        var writes = [
            FieldChange(try type.requireField(named: subjectType.name).id, .register(.reference(subject)))
        ]
        if subjectType.name == "visit", let own = type.field(named: "account"),
            let account = try reference(of: subject, "account", type: subjectType)
        {
            writes.append(FieldChange(own.id, .register(.reference(account))))
        }
        return writes
    }
}
