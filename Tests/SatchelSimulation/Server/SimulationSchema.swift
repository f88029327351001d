import SatchelSchemaFile
import SatchelSync

/// The schema of simulated stores: a field of each kind of merge, two ways in which records hang together, and purses whose
/// amounts cancel out.
enum SimulationSchema {
    static let source = source(upgrades: 0)

    /// The schema file after so many upgrades, each of which has given the items one more field.
    static func source(upgrades: Int) -> String {
        let more = (0..<upgrades).map { number in
            "\n      more\(number): { id: \(Int(firstMore.number) + number), kind: text, policy: manual }"
        }
        return """
            schema: \(1 + upgrades)
            types:
              item:
                id: 1
                fields:
                  name: { id: 1, kind: text, max_length: 200 }
                  phone: { id: 2, kind: text, max_length: 40, policy: manual }
                  parent: { id: 3, kind: reference, to: item, on_delete: restrict }
                  tags: { id: 4, kind: set, max_length: 40 }
                  visits: { id: 5, kind: counter }
                  facts: { id: 6, kind: map, max_length: 40 }
                  best: { id: 7, kind: int, policy: max }
                  least: { id: 8, kind: int, policy: min }
                  stage: { id: 9, kind: enum, values: [new, open, won], policy: precedence }\(more.joined())
              remark:
                id: 2
                fields:
                  body: { id: 1, kind: text, max_length: 200 }
                  item: { id: 2, kind: reference, to: item, on_delete: cascade }
              purse:
                id: 3
                fields:
                  label: { id: 1, kind: text, max_length: 40 }
                  amount: { id: 2, kind: int }
                  moved: { id: 3, kind: counter }
            """
    }
    /// The first of the fields that upgrades bring.
    static let firstMore = FieldID(21)

    static let item = EntityTypeID(1), remark = EntityTypeID(2), purse = EntityTypeID(3)
    static let name = FieldID(1), phone = FieldID(2), parent = FieldID(3), tags = FieldID(4), visits = FieldID(5)
    static let facts = FieldID(6), best = FieldID(7), least = FieldID(8), stage = FieldID(9)
    static let body = FieldID(1), about = FieldID(2)
    static let label = FieldID(1), amount = FieldID(2), moved = FieldID(3)

    static let items = (1...5).map { record($0) }
    static let remarks = (11...13).map { record($0) }
    /// An id that some take for an item and others for a remark.
    static let contested = record(21)
    /// Two records that every edit writes together: what one gets the other loses.
    static let purses = [record(31), record(32)]

    /// A fixed record for each number.
    static func record(_ number: Int) -> RecordID {
        RecordID(high: 0x0195_4FC0_0000_7000 + UInt64(number), low: 0x8000_0000_0000_0000 + UInt64(number))
    }

    /// The number of a record, for a story.
    static func number(of record: RecordID) -> UInt64 { record.low & 0xFFFF }

    /// The schema of a file.
    static func read(_ source: String = source) throws -> Schema { try SchemaFile.parse(source).schema }

    /// The same schema under the rule that no text begins with `~`.
    static func refusingMarked(_ schema: Schema) throws -> Schema {
        let pattern = try TextPattern("([^~].*)?")
        let types = schema.types.map { type in
            EntityType(
                id: type.id, name: type.name,
                fields: type.fields.map { field in
                    guard case .text = field.kind else { return field }
                    return Field(
                        id: field.id, name: field.name, kind: field.kind, policy: field.policy,
                        requirement: field.requirement, pattern: pattern)
                })
        }
        return try Schema(version: schema.version, types: types)
    }
}
