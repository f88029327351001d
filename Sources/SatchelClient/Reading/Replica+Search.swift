package import SatchelInspection
import SatchelStorage
import SatchelSync

extension Replica {
    /// The visible records in whose texts all words of `text` are, those with them in what people know them by first, at most `limit`.
    ///
    /// Words of letters are found by their beginning and without regard to case and accents; characters of scripts without spaces anywhere.
    /// `progress` hears how many records were taken into the index, and of how many, where that has to be made or caught up first.
    ///
    /// - Throws: `SatchelError` `unknown_type`; `missing_data`, `foreign_data`, `newer_data`, `database_in_use` or `storage_failed`.
    package func search(
        _ text: String, types: [String] = [], limit: Int, progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) throws -> [RecordReport] {
        if try reading({ try $0.isSearchDue() }) { try catchUpSearch(progress) }
        return try reading { transaction in
            let names = try types.map { try transaction.schema.requireType(named: $0).name }
            return try transaction.search(text, types: names.isEmpty ? nil : Set(names), limit: limit).compactMap {
                id in
                guard let record = try transaction.record(id), let type = transaction.schema.type(record.type) else {
                    return nil
                }
                return try report(record, type: type, transaction)
            }
        }
    }

    /// Takes into the index what changed, a batch a transaction, so that nobody waits long for the lease.
    func catchUpSearch(_ progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }) throws {
        var done = 0
        var hasMore = true
        while hasMore {
            let left: Int
            (hasMore, left) = try withTurn(purpose: "search") { store in
                try store.write { (try $0.indexForSearch(limit: Self.searchBatch), try $0.searchWorkCount()) }
            }
            done += Self.searchBatch
            progress(done, hasMore ? done + left : done)
        }
    }

    /// Takes into the index what a sync brought, where somebody has searched before and it is more than a search looks through as it is: who waits for a
    /// sync waits for this unseen, and who searches at a customer's does not.
    ///
    /// What cannot be done now the next search does.
    package func catchUpSearchAfterSync(_ progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }) {
        guard (try? reading { try $0.hasSearchWork() && $0.isSearchDue() }) == true else { return }
        try? catchUpSearch(progress)
    }

    private static let searchBatch = 2_000
}
