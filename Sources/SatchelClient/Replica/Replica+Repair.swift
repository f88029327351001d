import SatchelStorage

/// What a repair made of a damaged home.
public struct HomeRepair: Hashable, Sendable {
    /// How many own change-sets are in the new database.
    public let changeSetCount: Int
    /// Of these, how many wait for the server's answer.
    public let pendingCount: Int
    /// Whether what was made last could not be read: it is in the damaged file alone, and what the server has of it comes with the next sync.
    public let isCut: Bool
    /// Where the damaged file is kept.
    public let keptAt: String
}

extension Replica {
    /// Makes the database of a damaged home anew, from what it holds of its own; everything else comes with the next sync.
    ///
    /// Returns `nil`, with nothing changed, where the home is whole. What plain SQL wrote and nobody sealed stays in the damaged file.
    ///
    /// - Throws: `SatchelError` `damaged_data` where a part within the queue cannot be read, `missing_data`, `foreign_data`, `database_in_use`; nothing
    ///   was changed then.
    public func repair() throws -> HomeRepair? {
        try ReplicaRepair.run(folder, schemaReader: Self.readSchema).map {
            HomeRepair(
                changeSetCount: $0.changeSetCount, pendingCount: $0.pendingCount, isCut: $0.isCut, keptAt: $0.keptAt)
        }
    }
}
