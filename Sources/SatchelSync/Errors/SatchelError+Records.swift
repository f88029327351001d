extension SatchelError {
    /// The refusal of a record that was named as one of another type.
    package static func otherType(_ record: RecordID, is found: EntityType, not wanted: EntityType) -> SatchelError {
        SatchelError(
            .unknownRecord, "Record \(record) is of type \(found.name), not \(wanted.name).",
            remedy: "Name its own type, or take the id from `list \(wanted.name)`.")
    }
}
