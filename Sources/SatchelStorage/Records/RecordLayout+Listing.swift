import Foundation
import GRDB
package import SatchelSync

/// A condition on a plain column.
package struct ListFilter: Hashable, Sendable {
    /// How the column stands to the value.
    package enum Comparison: Hashable, Sendable {
        /// It shows the value, or its set holds this element.
        case equal
        /// It shows another one or none, or its set does not hold this element.
        case different
        /// It comes before the value.
        case below
        /// It comes before the value, or is it.
        case atMost
        /// It comes behind the value.
        case above
        /// It comes behind the value, or is it.
        case atLeast
        /// It has the value within it, letters alike in either case.
        case contains
    }

    /// The field.
    package let field: Field
    /// The value, or the element of a set as text.
    package let value: FieldValue
    /// How the field stands to it.
    package let comparison: Comparison

    package init(field: Field, _ comparison: Comparison = .equal, value: FieldValue) {
        self.field = field
        self.comparison = comparison
        self.value = value
    }
}

/// By what a list is sorted.
package struct ListOrder: Hashable, Sendable {
    /// The field; `nil` for the id, which tells when a record was made.
    package let field: Field?
    /// The field whose value counts where the first has none.
    package let orElse: Field?
    /// Whether the last comes first.
    package let isDescending: Bool

    package init(field: Field?, orElse: Field? = nil, isDescending: Bool = false) {
        self.field = field
        self.orElse = orElse
        self.isDescending = isDescending
    }
}

extension RecordLayout {
    /// The visible records of a type that meet every condition, in the order that is asked for and then of ids; those without a value come
    /// last.
    ///
    /// Enums stand in the order of the schema, texts in that of their letters without regard to case, or of the bytes that `textKey` makes of them.
    /// - Complexity: O(rows of the type); by index where a reference is asked for.
    package func visible(
        _ type: EntityType, where filters: [ListFilter], orderedBy orders: [ListOrder] = [], limit: Int,
        textKey: (@Sendable (String) -> [UInt8])? = nil
    ) throws -> [RecordID] {
        if let textKey { db.add(function: Self.keyFunction(textKey)) }
        var arguments: [DatabaseValue] = []
        let condition = self.condition(filters, &arguments)
        var terms: [String] = []
        for order in orders {
            let direction = order.isDescending ? " DESC" : ""
            guard let field = order.field, let first = field.columnNames.first?.quoted else {
                terms.append("id\(direction)")
                continue
            }
            let column = order.orElse?.columnNames.first.map { "coalesce(\(first), \($0.quoted))" } ?? first
            terms.append("\(column) IS NULL")
            switch field.kind {
            case .enumeration(let cases):
                let ranks = cases.enumerated().map { index, name in
                    arguments.append(name.string.databaseValue)
                    return "WHEN ? THEN \(index)"
                }
                terms.append("CASE \(column) \(ranks.joined(separator: " ")) ELSE \(cases.count) END\(direction)")
            case .text:
                terms.append(
                    textKey == nil ? "\(column) COLLATE NOCASE\(direction)" : "satchel_key(\(column))\(direction)")
            default: terms.append("\(column)\(direction)")
            }
        }
        arguments.append(Int64(limit).databaseValue)
        return try String.fetchAll(
            db,
            sql: """
                SELECT id FROM \(type.name.quoted) \(condition) ORDER BY \((terms + ["id"]).joined(separator: ", ")) LIMIT ?
                """, arguments: StatementArguments(arguments)
        ).compactMap { RecordID($0) }
    }

    private static func keyFunction(_ key: @escaping @Sendable (String) -> [UInt8]) -> DatabaseFunction {
        DatabaseFunction("satchel_key", argumentCount: 1, pure: true) { values in
            values.first.flatMap { String.fromDatabaseValue($0) }.map { Data(key($0)) }
        }
    }

    /// How many visible records of a type meet every condition.
    /// - Complexity: O(rows of the type); by index where a reference is asked for.
    package func visibleCount(_ type: EntityType, where filters: [ListFilter] = []) throws -> Int {
        var arguments: [DatabaseValue] = []
        let condition = self.condition(filters, &arguments)
        return try Int.fetchOne(
            db, sql: "SELECT count(*) FROM \(type.name.quoted) \(condition)", arguments: StatementArguments(arguments)
        ) ?? 0
    }

    private func condition(_ filters: [ListFilter], _ arguments: inout [DatabaseValue]) -> String {
        let conditions = filters.map { filter in
            let column = (filter.field.columnNames.first ?? filter.field.name).quoted
            if filter.value.isNull { return "\(column) IS \(filter.comparison == .different ? "NOT " : "")NULL" }
            if filter.comparison == .contains {
                arguments.append(filter.value.text.lowercased().databaseValue)
                return "instr(swiftLowercaseString(\(column)), ?) > 0"
            }
            if filter.field.kind.isSet {
                arguments.append(filter.value.text.databaseValue)
                // The column is checked first: another program may have put anything into it.
                return (filter.comparison == .different ? "NOT " : "")
                    + "EXISTS (SELECT 1 FROM json_each(CASE WHEN json_valid(\(column)) THEN \(column) END) e WHERE e.value = ?)"
            }
            arguments.append(ColumnCodec.databaseValue(.register(filter.value)))
            return "\(column) \(filter.comparison.symbol) ?"
        }
        return conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
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

extension ListFilter.Comparison {
    /// The operator in SQL.
    fileprivate var symbol: String {
        switch self {
        case .equal, .contains: "="
        case .different: "IS NOT"
        case .below: "<"
        case .atMost: "<="
        case .above: ">"
        case .atLeast: ">="
        }
    }
}
