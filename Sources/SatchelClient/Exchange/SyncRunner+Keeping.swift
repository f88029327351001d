import SatchelStorage
import SatchelSync

// What a device gives up where it is short of space, once the server has told what is safe.
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
}
