import GRDB
package import SatchelSync

/// One hash of the canonical state of all the records of a store (causality.md §9).
///
/// Replicas with the same dots in the same scope have the same digest, byte for byte: over their records in the order of ids.
package struct StoreDigest {
    private var sink = SHA256Sink()
    private let schema: Schema

    package init(schema: Schema) { self.schema = schema }

    /// Takes the next record, in the order of ids.
    package mutating func add(_ state: RecordState, type: EntityTypeID, record: RecordID) {
        state.encodeDigest(type: type, record: record, schema: schema, into: &sink)
    }

    /// The hash, 64 hexadecimal digits.
    package consuming func finalized() -> String { sink.finalized().hexString }
}
