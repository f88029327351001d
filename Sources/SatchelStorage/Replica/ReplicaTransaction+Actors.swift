import Foundation
import GRDB
package import SatchelSync

extension ReplicaTransaction {
    /// Every actor that this replica has met: own ones, and those whose work it holds or was told of.
    /// - Complexity: O(actors).
    package func metActors() throws -> [ActorID] {
        try Data.fetchAll(db, sql: "SELECT name FROM satchel_actor ORDER BY key").compactMap { ActorID(blob: $0) }
    }

    /// The own change-set with this digest; `nil` when there is none.
    /// - Complexity: O(own change-sets).
    package func ownChangeSet(withDigest digest: [UInt8]) throws -> OwnChangeSet? {
        let row = try Row.fetchOne(
            db, sql: "SELECT actor, counter FROM satchel_change_set WHERE digest = ?", arguments: [Data(digest)])
        return try row.flatMap { try ownChangeSet(try storedDot($0)) }
    }

    /// The own change-set at this position; `nil` when there is none.
    package func ownChangeSet(at position: Int64) throws -> OwnChangeSet? {
        let row = try Row.fetchOne(
            db, sql: "SELECT actor, counter FROM satchel_change_set WHERE position = ?", arguments: [position])
        return try row.flatMap { try ownChangeSet(try storedDot($0)) }
    }
}
