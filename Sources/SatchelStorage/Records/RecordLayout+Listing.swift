import Foundation
import GRDB
package import SatchelSync

/// A condition on a plain column: the field shows this value, or its set holds this element.
package struct ListFilter: Hashable, Sendable {
    /// The field.
    package let field: Field
    /// The value, or the element of a set as text.
    package let value: FieldValue

    package init(field: Field, value: FieldValue) {
        self.field = field
        self.value = value
    }
}

extension RecordLayout {
    /// The visible records of a type that meet every condition, in the order of ids.
    /// - Complexity: O(rows of the type); by index where a reference is asked for.
    package func visible(_ type: EntityType, where filters: [ListFilter], limit: Int) throws -> [RecordID] {
        var conditions: [String] = []
        var arguments: [DatabaseValue] = []
        for filter in filters {
            let column = filter.field.name.quoted
            if filter.value.isNull {
                conditions.append("\(column) IS NULL")
            } else if filter.field.kind.isSet {
                // The column is checked first: another program may have put anything into it.
                conditions.append(
                    "EXISTS (SELECT 1 FROM json_each(CASE WHEN json_valid(\(column)) THEN \(column) END) e WHERE e.value = ?)"
                )
                arguments.append(filter.value.text.databaseValue)
            } else {
                conditions.append("\(column) = ?")
                arguments.append(ColumnCodec.databaseValue(.register(filter.value)))
            }
        }
        let condition = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
        arguments.append(Int64(limit).databaseValue)
        return try String.fetchAll(
            db, sql: "SELECT id FROM \(type.name.quoted) \(condition) ORDER BY id LIMIT ?",
            arguments: StatementArguments(arguments)
        ).compactMap { RecordID($0) }
    }

    /// What people know a record by: the value of its type's title field; `nil` when the store shows no such record.
    package func title(of id: RecordID) throws -> String? {
        guard let type = try typeID(of: id).flatMap(schema.type), let field = type.titleField else { return nil }
        return try String.fetchOne(
            db, sql: "SELECT \(field.name.quoted) FROM \(type.name.quoted) WHERE id = ?",
            arguments: [id.description])
    }

    private func typeID(of id: RecordID) throws -> EntityTypeID? {
        let statement = try db.cachedStatement(sql: "SELECT type FROM satchel_record WHERE id = ?")
        return try UInt32.fetchOne(statement, arguments: [id.blob]).map { EntityTypeID($0) }
    }
}
