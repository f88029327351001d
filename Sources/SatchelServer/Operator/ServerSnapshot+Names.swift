import SatchelStorage
import SatchelSync

extension ServerSnapshot {
    /// The record that a person names by its id or a unique ending, and its type; of any type where `type` is `nil`.
    ///
    /// - Throws: `SatchelError` `unknown_record`, also for a record of another type; `ambiguous_id`, `invalid_request`.
    func requireRecord(_ text: String, type: EntityType?) throws -> (record: StoredRecord, type: EntityType) {
        let id: RecordID
        do {
            id = try resolve(text, type: type?.id)
        } catch let error as SatchelError where error.code == .unknownRecord && type != nil {
            // What has this ending, though it is of another type, says more than that nothing has.
            guard let stranger = try? resolve(text, type: nil) else { throw error }
            id = stranger
        }
        guard let record = try record(id), let found = schema.type(record.type) else {
            throw SatchelError(
                .unknownRecord, "There is no \(type?.name ?? "record") \(id).", remedy: "Take the id from `list`.")
        }
        if let type, type.id != found.id { throw SatchelError.otherType(id, is: found, not: type) }
        return (record, found)
    }
}
