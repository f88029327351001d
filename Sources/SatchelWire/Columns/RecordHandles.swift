package import SatchelSync

/// Short names of records that both ends know: a server names its records by number, and a device that was told may say the
/// number in place of sixteen random bytes.
///
/// They hold within one life of the server's store.
package struct RecordHandles: Sendable {
    /// The life of the store that the numbers belong to.
    package let epoch: StoreEpoch
    /// The number of a record; `nil` where none is known.
    package let handle: @Sendable (RecordID) throws(SatchelError) -> UInt64?
    /// The records of some numbers, in their order; `nil` for a number that names none.
    package let records: @Sendable ([UInt64]) throws(SatchelError) -> [RecordID?]

    /// Looks up handles and records as the two closures say.
    package init(
        epoch: StoreEpoch, handle: @escaping @Sendable (RecordID) throws(SatchelError) -> UInt64?,
        records: @escaping @Sendable ([UInt64]) throws(SatchelError) -> [RecordID?]
    ) {
        self.epoch = epoch
        self.handle = handle
        self.records = records
    }

    /// Takes numbers that are in memory; each names one record.
    package init(epoch: StoreEpoch, _ handles: [RecordID: UInt64]) {
        let records = Dictionary(handles.map { ($0.value, $0.key) }) { first, _ in first }
        self.init(epoch: epoch, handle: { handles[$0] }, records: { numbers in numbers.map { records[$0] } })
    }
}
