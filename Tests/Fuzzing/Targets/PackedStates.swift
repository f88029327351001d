import GRDB
package import SatchelStorage
package import SatchelSync

/// Packed states of a type with fields of several kinds, in a database of four actors.
package enum PackedStates {
    /// The type: its fields are a text, a set, a counter, a map, a decimal and a location.
    package static let type: EntityType? = try? Schema(
        version: 1,
        types: [
            EntityType(
                id: EntityTypeID(1), name: "item",
                fields: [
                    Field(id: FieldID(1), name: "name", kind: .text(maxLength: 200), policy: .latest),
                    Field(id: FieldID(2), name: "tags", kind: .set(maxLength: 40), policy: .set),
                    Field(id: FieldID(3), name: "visits", kind: .counter, policy: .counter),
                    Field(id: FieldID(4), name: "facts", kind: .map(maxLength: 40), policy: .map),
                    Field(
                        id: FieldID(5), name: "amount", kind: .decimal(scale: 2, Int64.min...Int64.max), policy: .max),
                    Field(id: FieldID(6), name: "place", kind: .location, policy: .manual),
                ])
        ]
    ).type(EntityTypeID(1))

    private static let queue: DatabaseQueue? = try? {
        let queue = try DatabaseQueue()
        try queue.write { db in
            try ActorTable.create(db)
            let actors = ActorTable()
            for number in 1...4 { _ = try actors.key(of: ActorID(high: 0, low: UInt64(number)), db) }
        }
        return queue
    }()

    /// Lends the reader and writer of packed states.
    package static func withCodec<Result>(_ body: (RecordStateCodec) throws -> Result) throws -> Result? {
        guard let queue, let type else { return nil }
        return try queue.write { db in try body(RecordStateCodec(type: type, actors: ActorTable(), db: db)) }
    }

    static func run(_ bytes: [UInt8]) -> String? {
        do {
            return try withCodec { codec in
                FuzzTarget.again(
                    bytes, read: { try codec.decode($0, row: nil) }, write: { try codec.encode($0, row: nil) })
            } ?? nil
        } catch {
            return "The database failed: \(error)"
        }
    }
}
