import SatchelStorage
import SatchelSync

/// How much of a sync is done, on a line that does not carry all of it.
package enum SyncReach: Hashable, Sendable {
    /// All: own work goes out, and what is new comes in.
    case all
    /// Own work goes out, up to the change-set at this place in own order, or all of it where none is named; nothing comes in but verdicts.
    case own(through: Int64?)

    /// Whether records come in.
    var fetches: Bool { self == .all }

    /// Whether a change-set at a place in own order goes out.
    func includes(_ position: Int64) -> Bool {
        if case .own(let last?) = self { position <= last } else { true }
    }
}

extension Replica {
    /// The reach of a sync that is to bring out what was made of some records: with all that stands before it in own order, since a
    /// change-set is taken in its turn or never.
    ///
    /// - Throws: `SatchelError` `unknown_record`, `ambiguous_id`, and `invalid_request` where nothing that was made of them waits.
    package func reach(ofRecords texts: [String]) throws -> SyncReach {
        try reading { transaction in
            let ids = Set(try texts.map { try transaction.records.resolve($0, type: nil) })
            let last = try transaction.ownChangeSets(.unconfirmed).last { own in
                own.changeSet.changes.contains { ids.contains($0.record) }
            }
            guard let last else {
                throw SatchelError(
                    .invalidRequest, "Nothing that was made of these records waits for a sync.",
                    remedy: "`satchel status` lists what waits.")
            }
            return .own(through: last.position)
        }
    }
}

extension SyncRunner {
    /// Whether own work waits that goes out with this sync.
    func hasOwnToSend() throws -> Bool {
        try replica.reading { transaction in
            let next = try transaction.firstUnconfirmed(countMax: 1, bytesMax: .max).batch.first
            return next.map { reach.includes($0.position) } ?? false
        }
    }
}
