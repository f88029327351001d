import GRDB
package import SatchelSync

// What is safe where. Own change-sets stand in the order of their line, so that the first of them are those that a backup holds.
extension ReplicaTransaction {
    /// How many own change-sets with a verdict are in a verified backup, as the server told last.
    /// - Complexity: O(own change-sets).
    package func backedUpCount() throws -> Int {
        guard let receipt = try meta.exchangeFacts().backup else { return 0 }
        return try Int.fetchOne(
            db,
            sql: """
                SELECT count(*) FROM (SELECT state FROM satchel_change_set ORDER BY position LIMIT ?) WHERE state NOT IN (?, ?)
                """,
            arguments: [Int64(clamping: receipt.count), QueueState.queued.rawValue, QueueState.sent.rawValue]) ?? 0
    }

    /// When the oldest own change-set was made that is in no verified backup, by the server's clock as far as that is known; `nil`
    /// where all are.
    package func oldestNotBackedUp() throws -> Timestamp? {
        try Int64.fetchOne(
            db, sql: "SELECT estimated_at FROM satchel_change_set ORDER BY position LIMIT 1 OFFSET ?",
            arguments: [Int64(clamping: try meta.exchangeFacts().backup?.count ?? 0)]
        ).map { Timestamp(milliseconds: $0) }
    }
}
