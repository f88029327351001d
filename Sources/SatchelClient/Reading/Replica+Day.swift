package import Foundation
import SatchelInspection
import SatchelStorage
package import SatchelSync

extension Replica {
    /// What stands in the day of this replica's user, in a time zone: today's where no other instant is named.
    ///
    /// - Throws: `SatchelError` `missing_data`, `foreign_data`, `newer_data` or `storage_failed`.
    package func day(of time: Timestamp? = nil, in zone: TimeZone) throws -> DayReport {
        let now = clock.now()
        return try reading { transaction in
            try DayReader(
                transaction: transaction, user: try transaction.identity().user,
                day: LocalDay(of: time ?? now, in: zone),
                now: now
            ).report()
        }
    }
}
