package import SatchelInspection
import SatchelStorage
import SatchelSync

/// The records of one type that refer to a record by one field.
package struct RelatedRecords: Hashable, Sendable {
    /// The name of their type.
    package let type: String
    /// The name of the field.
    package let field: String
    /// How many there are.
    package let count: Int
    /// The ones that were made last.
    package let latest: [RecordReport]
}

extension Replica {
    /// What refers to a record: at a customer his contacts, opportunities, visits, tasks, notes, photos.
    ///
    /// - Throws: `SatchelError` `unknown_type`, `unknown_record`, `ambiguous_id`.
    /// - Complexity: O(records that refer to it), by index.
    package func related(typeName: String, _ text: String, limit: Int) throws -> [RelatedRecords] {
        try reading { transaction in
            let type = try transaction.schema.requireType(named: typeName)
            let id = try transaction.resolve(text, type: type)
            return try transaction.schema.references(to: type.id).compactMap { child, field, _ in
                let isAboutIt = [ListFilter(field: field, value: .reference(id))]
                let count = try transaction.records.visibleCount(child, where: isAboutIt)
                guard count > 0 else { return nil }
                let ids = try transaction.records.visible(
                    child, where: isAboutIt, orderedBy: [ListOrder(field: nil, isDescending: true)], limit: limit)
                let latest = try ids.compactMap { id in
                    try transaction.record(id).map { try report($0, type: child, transaction) }
                }
                return RelatedRecords(type: child.name, field: field.name, count: count, latest: latest)
            }
        }
    }
}
