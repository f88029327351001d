import SatchelServer
import SatchelStorage
import SatchelSync
import SatchelTestSupport

/// A backup of the server's store, and what is known of what is in it.
struct KeptStore {
    let path: String
    let books: SeenModel.Books
    let digests: [UInt64: String]
    let logPosition: Int64
    let statuses: [RecordID: LifeStatus]
}

// A server that is put back to an older day (causality.md §7).
extension World {
    /// Backs the store up, puts the last backup in its place, or ends the recovery.
    func restore(_ random: inout SeededRandom) {
        guard server.mayRestore else { return note("the store cannot be put back from under a disk that fails") }
        guard !server.process.store.isWriterHeld else { return note("nobody tends to a store whose disk has stopped") }
        let life = StoreLife(
            epoch: StoreEpoch(high: random.next(), low: random.next()),
            actor: ActorID(high: random.next(), low: random.next()), checkpointKey: Array(1...32))
        do {
            try check()
            guard problems.isEmpty else { return }
            switch random.pick(below: 10) {
            case 0...3: try backUp()
            case 4...7: try putBack(as: life)
            default: try closeRecovery()
            }
        } catch is Crash {
            note("the server dies in it")
        } catch {
            report(.failed, "a restore: \(error)")
        }
    }

    private func backUp() throws {
        guard !server.process.life.isDead else { return }
        let path = try finish { try await $0.server.backUp(as: "kept") }
        kept = KeptStore(
            path: path, books: model.books, digests: serverDigests[model.books.epoch] ?? [:], logPosition: logPosition,
            statuses: serverStatuses)
        note("the server is backed up")
    }

    private func putBack(as life: StoreLife) throws {
        guard let kept else { return }
        try server.restore(kept.path, as: life)
        model.restore(kept.books, as: life.epoch)
        serverDigests[life.epoch] = kept.digests
        (logPosition, ledgerAt, serverStatuses) = (kept.logPosition, 0, kept.statuses)
        counters.note("server put back")
        note("the server is put back")
    }

    /// Ends a recovery; answers whether there was one.
    @discardableResult
    func closeRecovery() throws -> Bool {
        // A server that dies in it may have ended it all the same.
        model.books.isRecovering = try finish {
            try await $0.server.process.store.inspect { try $0.epochStanding().isRecovering }
        }
        guard model.books.isRecovering else { return false }
        _ = try finish { try await $0.server.process.service.perform(.closeRecovery) }
        model.books.isRecovering = false
        server.isTouched = true
        counters.note("recovery closed")
        note("the recovery is closed")
        return true
    }
}
