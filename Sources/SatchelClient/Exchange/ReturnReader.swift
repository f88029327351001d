import SatchelStorage
import SatchelSync
import SatchelWire

/// Reads what a replica offers to a store that was restored: confirmed change-sets first, and behind them states (causality.md §7).
struct ReturnReader {
    let transaction: ReplicaTransaction
    let bytesMax: Int

    /// The next of it, and whether more change-sets wait behind.
    ///
    /// `mayReoffer` says no where the store has just said that what comes next has to wait.
    func work(mayReoffer: Bool) throws -> (work: ReturningWork, hasMore: Bool) {
        var work = ReturningWork()
        let identity = try transaction.identity()
        work.renamedThrough = identity.fork?.renamedThrough ?? 0
        let isUnconfirmed = try identity.fork != nil && transaction.newestConfirmed(of: identity.actor) == nil
        guard try isUnconfirmed || transaction.mayReturn() else { return (work, false) }
        work.isAsking = true
        work.lines = try transaction.ownLines().map { line in
            LineClaim(
                actor: line.actor,
                origin: line.origin.map {
                    LineClaim.Origin(point: $0.point, epoch: $0.epoch, digest: $0.digest, firstDigest: line.firstDigest)
                })
        }
        var hasMore = false
        if mayReoffer {
            let (batch, more) = try transaction.firstReoffered(
                countMax: Limits.changeSetsPerPushMax, bytesMax: bytesMax)
            work.reoffers = batch.compactMap(Reoffer.init)
            hasMore = more
        }
        if !hasMore, try transaction.hasStatesToOffer() { try addStates(to: &work) }
        return (work, hasMore)
    }

    private func addStates(to work: inout ReturningWork) throws {
        let aside = try transaction.firstAside(
            countMax: Limits.recordsPerPageMax, bytesMax: bytesMax)
        work.lastAside = aside.last?.key
        let records = aside.enumerated().map { index, aside in
            RecordDelta(
                type: aside.type, record: aside.record, sequence: ServerSequence(UInt64(index + 1)), state: aside.state)
        }
        let actors = Set(
            records.flatMap { delta in
                delta.state.context.entries.map(\.actor) + delta.state.life.map(\.dot.actor)
                    + delta.state.fields.flatMap { $0.state.dots.map(\.actor) }
            })
        let entries = try actors.sorted().compactMap { actor in
            try transaction.name(of: actor).map { ActorEntry(actor: actor, user: $0.user, device: $0.device) }
        }
        work.states = OfferedStates(records: records, actors: entries)
    }
}

extension Reoffer {
    /// A confirmed change-set with its verdict; `nil` for one without.
    fileprivate init?(_ own: OwnChangeSet) {
        let verdict: Verdict
        switch (own.state, own.rejection) {
        case (.applied, _): verdict = .applied
        case (.appliedWithConflicts, _): verdict = .appliedWithConflicts
        case (.reissued, _): verdict = .reissued
        case (.held, let rejection?): verdict = .held(rejection)
        case (.rejected, let rejection?): verdict = .rejected(rejection)
        default: return nil
        }
        self.init(
            offered: OfferedChangeSet(changeSet: own.changeSet, digest: own.digest), verdict: verdict,
            correctedTime: own.correctedTime, isReleased: own.state == .reissued && own.isReleased)
    }
}
