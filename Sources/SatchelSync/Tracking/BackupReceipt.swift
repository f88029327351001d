/// What a server tells a device of its backups: how much of the device's line the newest verified one holds.
public struct BackupReceipt: Hashable, Sendable {
    /// How many change-sets of the line it has, from the line's first on and through its forks.
    public let count: UInt64
    /// When it was made, by the server's clock.
    public let madeAt: Timestamp

    /// Describes a receipt.
    public init(count: UInt64, madeAt: Timestamp) {
        self.count = count
        self.madeAt = madeAt
    }

    /// Whether a device may drop an own change-set (`Protocol/sync.md`, *Receipts*): a verified backup has it, or the server has
    /// had it for more than thirty days and the device is short of space.
    ///
    /// `place` is its place in the line, from 1; `confirmedFor` says how long ago its verdict came, `nil` where none did.
    public static func mayDrop(
        place: UInt64, confirmedFor: Duration?, isShortOfSpace: Bool, receipt: BackupReceipt?
    ) -> Bool {
        guard let confirmedFor else { return false }
        if let receipt, place <= receipt.count { return true }
        return isShortOfSpace && confirmedFor > .seconds(30 * 86_400)
    }
}
