import SatchelSync

/// What the records of a history hold: a register of each policy, a set, a counter and a map.
enum HistorySchema {
    /// The registers by the numbers that histories give them.
    static let registers: [MergePolicy] = [
        .latest, .manual, .max, .min, .precedence(["2", "0", "1"]), .immutable, .server,
    ]
    /// Values of registers, of elements and of keys run from 0 up to, and not including, this; a key's 0 takes it away.
    static let valueCount = 3
    /// Keys of the map.
    static let keyCount = 2

    static let tags = FieldID(10)
    static let visits = FieldID(11)
    static let facts = FieldID(12)

    static func register(_ number: Int) -> FieldID { FieldID(UInt32(number + 1)) }

    /// The value that a register of this number holds.
    static func value(_ value: Int, of register: Int) -> FieldValue {
        if case .precedence = registers[register] { .text(UTF8Text(String(value))) } else { .integer(Int64(value)) }
    }

    static func makeType() throws -> EntityType {
        let fields = registers.enumerated().map { number, policy in
            var kind = FieldKind.integer(0...9)
            if case .precedence(let order) = policy { kind = .enumeration(order) }
            return Field(id: register(number), name: "register_\(number)", kind: kind, policy: policy)
        }
        let others = [
            Field(id: tags, name: "tags", kind: .set(maxLength: 5), policy: .set),
            Field(id: visits, name: "visits", kind: .counter, policy: .counter),
            Field(id: facts, name: "facts", kind: .map(maxLength: 5), policy: .map),
        ]
        return try Schema(
            version: 1, types: [EntityType(id: EntityTypeID(1), name: "item", fields: fields + others)]
        ).types[0]
    }
}
