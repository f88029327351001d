import SatchelStorage
import SatchelSync

// What a sync leaves in the home beside what came: what is given up where space is short, once the server has told what is safe, and how it ended.
extension SyncRunner {
    /// Gives up what acknowledged change-sets wrote where that may be and space is short.
    ///
    /// Of the server's clock and the own the earlier counts: one that jumped ahead makes nothing old.
    func keepWithinSpace(serverTime: Timestamp) throws {
        let short = KeepingRule.bytesShort(free: freeBytes())
        guard short > 0 else { return }
        let now = min(replica.clock.now(), serverTime)
        try replica.withTurn(purpose: "sync", origin: .sync) { store in
            do {
                _ = try store.write { try $0.giveUpWrites(short, at: now) }
            } catch let error as SatchelError where error.code == .diskFull {
                // Even that takes space: it is tried again with the next sync, and nothing was changed.
            }
        }
    }

    /// Keeps why it failed, and when it is tried again.
    func noteFailure(_ error: any Error, beginsRow: Bool) throws {
        try replica.withTurn(purpose: "sync", origin: .sync) { store in
            try store.write { transaction in
                if Mutant.retryUnderNewName.isPlanted { try Editor(transaction, clock: replica.clock).sealAgain() }
                var state = try transaction.retryState()
                state.note(error, at: replica.clock.now(), beginsRow: beginsRow, jitter: jitter)
                try transaction.setRetryState(state)
                try noteSilence(error, transaction)
            }
        }
    }

    /// Keeps what a push without an answer showed of the line.
    func noteSilence(_ error: any Error) throws {
        try replica.withTurn(purpose: "sync", origin: .sync) { store in try store.write { try noteSilence(error, $0) } }
    }

    private func noteSilence(_ error: any Error, _ transaction: ReplicaTransaction) throws {
        guard (error as? SatchelError)?.isSilence == true else { return }
        var pace = PushPace(bytes: try transaction.pushBytes())
        pace.noteFailure(ofBytes: try transaction.sentBytes())
        try transaction.setPushBytes(pace.bytes)
    }

    /// Keeps that a sync ended well which was not to fetch all: no failure of before stands behind it.
    ///
    /// Where it was to carry no more bytes, something is left to fetch.
    func noteGoodEnd(isLimitReached: Bool) throws {
        try replica.withTurn(purpose: "sync", origin: .sync) { store in
            try store.write { transaction in
                if isLimitReached { try transaction.noteFetch(isFinished: false) }
                guard try transaction.retryState() != RetryState() else { return }
                try transaction.setRetryState(RetryState())
            }
        }
    }

    /// Tells where the home stands once all is over.
    func tellStanding(in report: inout SyncReport) throws {
        try replica.reading { transaction in
            report.checkpoint = try transaction.completeThrough().number
            report.decideCount = try transaction.records.conflictCount(.decide)
            report.reviewCount = try transaction.records.conflictCount(.review)
            report.parkedTotal = try transaction.ownCount(.parked) - transaction.ownCount(.awaitsReturn)
            report.pendingCount = try transaction.ownCount(.unconfirmed)
            report.newsCount = try transaction.newsCount(after: transaction.newsShown().key)
        }
    }
}
