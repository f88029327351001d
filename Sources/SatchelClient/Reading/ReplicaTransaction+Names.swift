import SatchelStorage
import SatchelSync

extension ReplicaTransaction {
    /// The record of a type that a person names by its whole id, or by a unique ending of it.
    ///
    /// Whether there is one with that whole id is not asked.
    ///
    /// - Throws: `SatchelError` `unknown_record`, also for a record of another type; `ambiguous_id`, `invalid_request`.
    func resolve(_ text: String, type: EntityType) throws -> RecordID {
        do {
            let id = try records.resolve(text, type: type.id)
            try check(id, isOf: type)
            return id
        } catch let error as SatchelError where error.code == .unknownRecord {
            guard let stranger = try? records.resolve(text, type: nil) else { throw error }
            try check(stranger, isOf: type)
            throw error
        }
    }

    /// The same for what a reference refers to.
    func resolve(_ text: String, type id: EntityTypeID) throws -> RecordID {
        guard let type = schema.type(id) else { return try records.resolve(text, type: id) }
        return try resolve(text, type: type)
    }

    /// What people know a record by: its title, or its type where it has none, as a visit that was begun on the spot.
    ///
    /// `nil` where no table shows it.
    func shownName(of id: RecordID) throws -> String? {
        if let title = try records.title(of: id), !title.isEmpty { return title }
        guard let standing = try records.standing(of: id), standing.status.isVisible else { return nil }
        return schema.type(standing.type)?.name
    }

    /// What people know a record by, and its ending, such as `Aster (3f2a)`; its ending alone where no table shows it.
    func mention(_ id: RecordID) throws -> String {
        let ending = try records.shortestEnding(of: id)
        return try shownName(of: id).map { "\($0) (\(ending))" } ?? ending
    }

    /// Refuses a record of another type.
    ///
    /// - Throws: `SatchelError` `unknown_record`.
    func check(_ id: RecordID, isOf type: EntityType) throws {
        guard let standing = try records.standing(of: id), standing.status != .absent, standing.type != type.id,
            let found = schema.type(standing.type)
        else { return }
        throw SatchelError.otherType(id, is: found, not: type)
    }
}
