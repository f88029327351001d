import SatchelStorage
import SatchelSync

extension Replica {
    /// Follows what changes of the replica from now on, for one task to go through.
    ///
    /// Edits and exchanges through this value and its copies are told record by record when they are on the disk. Edits by other
    /// programs that share the home, or by a replica value made apart, are told when this one next takes a turn, and on Linux
    /// as soon as they have closed the file; an exchange of theirs is a ``ReplicaChange/rescan``. Plain SQL is told when it is
    /// sealed. Read what is to be shown after this returns: then nothing falls between.
    ///
    /// At most `limit` changes wait for a slow task. Where more come, the newest are kept behind a `rescan`.
    ///
    /// - Throws: `SatchelError` `missing_data`, `foreign_data`, `newer_data` or `storage_failed`.
    /// - Precondition: `limit` is at least 1.
    public func changes(keeping limit: Int = 1_000) throws -> ReplicaChanges {
        precondition(limit >= 1, "at least one change is kept, got \(limit)")
        let (folder, clock, witness, hub) = (folder, clock, witness, hub)
        return try hub.follow(keeping: limit) {
            let store = try ReplicaStore.openForReading(folder, schemaReader: Self.readSchema)
            defer { try? store.close() }
            return try store.read { try $0.mark() }
        } watch: {
            HomeWatch(folder: folder) { [weak hub] in
                guard let hub else { return }
                // What cannot be read now is found by the next turn.
                try? Replica(folder: folder, clock: clock, witness: witness, hub: hub).lookForOthers()
            }
        }
    }

    /// Ends the streams of changes of this value and of its copies.
    ///
    /// Nothing else is held between calls: it may be used as before, and followed anew.
    public func close() { hub.finish() }

    /// How many streams of this value and its copies are listened to.
    package var followerCount: Int { hub.followerCount }

    /// Looks what other programs did, and seals their plain SQL.
    func lookForOthers() throws {
        let store = try ReplicaStore.openForReading(folder, schemaReader: Self.readSchema)
        let hasForeignWrites: Bool
        do {
            try hub.look(store)
            hasForeignWrites = try store.hasForeignWrites()
        } catch {
            try? store.close()
            throw error
        }
        try store.close()
        if hasForeignWrites { try withTurn(purpose: "seal") { _ in } }
    }
}
