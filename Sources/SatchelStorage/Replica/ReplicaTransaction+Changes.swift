import GRDB
package import SatchelSync

/// Where a replica stands, for those who look whether others changed it.
package struct ReplicaMark: Hashable, Sendable {
    /// Who the replica is.
    package let actor: ActorID
    /// The place of the newest own change-set; 0 where there is none.
    package let position: Int64
    /// Up to where base is complete; `nil` before the first exchange.
    package let checkpoint: Checkpoint?
}

extension ReplicaTransaction {
    /// Where the replica stands now.
    package func mark() throws -> ReplicaMark {
        ReplicaMark(
            actor: try identity().actor,
            position: try Int64.fetchOne(db, sql: "SELECT max(position) FROM satchel_change_set") ?? 0,
            checkpoint: try exchangeFacts().checkpoint)
    }

    /// The own change-sets behind a place, in own order, at most `limit`.
    package func ownChangeSets(after position: Int64, limit: Int) throws -> [OwnChangeSet] {
        let rows = try Row.fetchAll(
            db, sql: "SELECT actor, counter FROM satchel_change_set WHERE position > ? ORDER BY position LIMIT ?",
            arguments: [position, Int64(limit)])
        return try rows.compactMap { try ownChangeSet(try storedDot($0)) }
    }
}
