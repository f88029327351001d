import GRDB
package import SatchelSync

/// A record of a store, by its name.
package struct NamedRecord: Hashable, Sendable {
    /// Its number in the store.
    package let key: Int64
    /// Its type.
    package let type: EntityTypeID
    /// Its name.
    package let id: RecordID
}

extension SQLiteServerTransaction {
    /// Writes everything that differs from what the log makes, and looks again (G20).
    ///
    /// - Parameters:
    ///   - derived: What the log makes, already compared with this store.
    ///   - progress: Told how far it came; what it throws ends it.
    ///   - serve: Called with the records that devices may have fetched as they must not be, or never, at most 1,000 at a time:
    ///     they have to be served anew.
    /// - Throws: ``SatchelError`` `damaged_data` where something still differs; the transaction has to end with that, and the store
    ///   stays as it was.
    package func rebuild(
        from derived: DerivedStore, progress: (VerificationProgress) throws -> Void,
        serve: ([NamedRecord]) throws -> Void
    ) throws {
        try derived.mend(db, progress: progress)
        var served: [NamedRecord] = []
        while true {
            let page = try derived.served(after: served.last?.key ?? 0, limit: Limits.changesPerChangeSetMax)
            served += page.map { NamedRecord(key: $0.key, type: $0.type, id: $0.id) }
            if page.count < Limits.changesPerChangeSetMax { break }
        }
        try reload()
        let left = try derived.compare { _ in }
        guard left.areNone else {
            let first = left.differences.first
            throw damaged("\(first.map { "\($0.table) \($0.row)" } ?? "the store") after it was mended")
        }
        for start in stride(from: 0, to: served.count, by: Limits.changesPerChangeSetMax) {
            try serve(Array(served[start..<min(start + Limits.changesPerChangeSetMax, served.count)]))
        }
    }
}
