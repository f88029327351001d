import GRDB
import SatchelSync

extension ReplicaTransaction {
    /// The own change-sets that touched a record and that the device still keeps, in own order.
    /// - Complexity: O(those), by index.
    package func ownChangeSets(touching record: StoredRecord) throws -> [OwnChangeSet] {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT c.actor, c.counter FROM satchel_change_part p JOIN satchel_change_set c ON c.position = p.position
                WHERE p.record = ? ORDER BY c.position
                """, arguments: [record.key])
        return try rows.compactMap { row in
            try ownChangeSet(try storedDot(row))
        }
    }
}
