import Foundation
import GRDB
import SatchelSync

extension ReplicaTransaction {
    /// The own change-set that was made last; `nil` when none was.
    package func newestOwn() throws -> OwnChangeSet? {
        try Row.fetchOne(db, sql: "SELECT * FROM satchel_change_set ORDER BY position DESC LIMIT 1").map(ownChangeSet)
    }

    /// Takes the own change-set that was made last out of the queue, as if it had never been made.
    ///
    /// Nobody but this replica can know of it, so its counter is given to the next one. What it stood in the place of stands again.
    ///
    /// - Precondition: It was never handed to the network: its state is `queued`.
    package func withdraw(_ own: OwnChangeSet) throws {
        // What base has meanwhile of it leaves the overlay with the next reply, as all does; a duplicate never lies there.
        try db.execute(
            sql: "UPDATE satchel_change_set SET is_in_overlay = code IS NOT ?, fixed_by = NULL WHERE fixed_by = ?",
            arguments: [SatchelError.Code.duplicate.word, own.position])
        let restored = try Data.fetchAll(
            db,
            sql: """
                SELECT DISTINCT r.id FROM satchel_change_part p JOIN satchel_record r ON r.key = p.record
                JOIN satchel_change_set c ON c.position = p.position WHERE c.position = ? OR c.is_in_overlay
                """, arguments: [own.position])
        try db.execute(sql: "DELETE FROM satchel_change_part WHERE position = ?", arguments: [own.position])
        try db.execute(sql: "DELETE FROM satchel_change_set WHERE position = ?", arguments: [own.position])
        forget(own.position)
        hasWithdrawn = true
        let lineage = try meta.identity().lineage
        for id in restored.compactMap({ RecordID(blob: $0) }) { try rebuild(id, lineage: lineage) }
    }
}
