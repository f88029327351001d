/// The life of a server's store: a restore from backup starts a new one, in which sequences of the old mean nothing.
public struct StoreEpoch: Hashable, Sendable, CustomStringConvertible {
    /// The first eight of its 16 random bytes, big-endian.
    public let high: UInt64
    /// The last eight bytes, big-endian.
    public let low: UInt64

    /// Takes the 16 bytes as two big-endian halves.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Reads the text form, 32 lower-case hexadecimal digits.
    public init?(_ text: some StringProtocol) {
        guard let actor = ActorID(text), !actor.isRelease else { return nil }
        self.init(high: actor.high, low: actor.low)
    }

    /// The text form, 32 lower-case hexadecimal digits.
    public var description: String { high.hexDigits + low.hexDigits }
}

/// A place in the order of a store's commits, from 1; 0 is before the first.
public struct ServerSequence: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The place.
    public let number: UInt64

    /// Wraps a place.
    public init(_ number: UInt64) { self.number = number }

    /// Before the first commit.
    public static let zero = ServerSequence(0)

    /// Earlier first.
    public static func < (left: Self, right: Self) -> Bool { left.number < right.number }

    /// The number.
    public var description: String { String(number) }
}

/// A server sequence up to which a device's base is complete and exact, with the server's proof that it was served.
///
/// The proof lets the server judge what a device can have seen (causality.md §3.2) without writing anything down when it
/// serves: it is a keyed hash of epoch, device and sequence. Devices keep it and hand it back; they cannot make one.
public struct Checkpoint: Hashable, Sendable {
    /// The life of the store that the sequence belongs to.
    public let epoch: StoreEpoch
    /// The head of the snapshot that the last page was read from.
    public let sequence: ServerSequence
    /// The server's keyed hash, opaque to devices.
    public let proof: [UInt8]

    /// Pairs a sequence with its proof.
    public init(epoch: StoreEpoch, sequence: ServerSequence, proof: [UInt8]) {
        self.epoch = epoch
        self.sequence = sequence
        self.proof = proof
    }
}
