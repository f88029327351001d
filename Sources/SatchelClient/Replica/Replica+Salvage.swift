import SatchelStorage
package import SatchelSync

/// What of a queue can still be read, and the schema to read it with.
package struct SalvagedQueue {
    /// One own change-set that waits for the server or is parked.
    package struct Piece {
        /// Its name; `nil` where its actor cannot be read.
        package let dot: Dot?
        /// Where it stands, as a word.
        package let state: String
        /// Its canonical bytes and their digest, as they are stored.
        package let bytes: [UInt8], digest: [UInt8]
        /// What the bytes say; `nil` where they say nothing.
        package let changeSet: ChangeSet?
        /// Whether the bytes are those that were sealed.
        package let isIntact: Bool
    }

    /// The change-sets, in own order.
    package let pieces: [Piece]
    /// Whether some may be missing.
    package let isPartial: Bool
    /// The replica's schema; `nil` where it cannot be read.
    package let schema: Schema?
}

extension Replica {
    /// Reads what waits for the server or is parked from a home that may be damaged: without the lease, and without writing.
    ///
    /// What plain SQL wrote and nobody sealed is not among it.
    ///
    /// - Throws: `SatchelError` `missing_data`, or `damaged_data` where nothing can be read at all.
    package func salvagedQueue() throws -> SalvagedQueue {
        let salvage = try QueueSalvage(folder)
        let pieces = salvage.pieces.map { piece in
            SalvagedQueue.Piece(
                dot: piece.dot, state: piece.state, bytes: piece.body, digest: piece.digest,
                changeSet: piece.changeSet, isIntact: piece.isIntact)
        }
        return SalvagedQueue(
            pieces: pieces, isPartial: salvage.isPartial,
            schema: salvage.schemaSource.flatMap { try? Self.readSchema($0) })
    }
}
