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
        let (subjectType, reference) = try self.subject(subject, of: type, named: text)
        var writes = [FieldChange(reference.id, .register(.reference(subject)))]
        if subjectType.name == "visit", let own = type.field(named: "account"),
            let account = try self.reference(of: subject, "account", type: subjectType)
        {
            writes.append(FieldChange(own.id, .register(.reference(account))))
        }
        return writes
    }

    /// What a new row of `type` is to be about: the type of that record, and the field by which the row refers to it.
    ///
    /// - Throws: `SatchelError` `unknown_record` where it is not there; `unknown_field` where no such row is about its type; `record_deleted`.
    func subject(
        _ subject: RecordID, of type: EntityType, named text: String
    ) throws -> (type: EntityType, reference: Field) {
        guard let record = try record(subject), let found = schema.type(record.type), record.status != .absent else {
            throw Replica.unknownRecord(text)
        }
        guard let reference = type.field(named: found.name) else {
            let names = type.fields.filter { field in
                if case .reference(let target, _) = field.kind {
                    schema.type(target)?.name == field.name
                } else {
                    false
                }
            }.map(\.name)
            throw SatchelError(
                .unknownField,
                "Record \(subject) is of type \(found.name); a record of type \(type.name) is about one of \(names.joined(separator: ", ")).",
                remedy: "Name one of these; `search` and `list` have their ids.")
        }
        guard record.status.isVisible else {
            throw SatchelError(
                .recordDeleted, "\(found.name) \(subject) is deleted.", remedy: "Revive it first; its values are kept.")
        }
        return (found, reference)
    }
}
