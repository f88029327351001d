/// The name of one change-set: the `counter`-th of `actor`, from 1.
///
/// It names that change-set for ever.
public struct Dot: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The actor that made the change-set.
    public let actor: ActorID
    /// The place of the change-set in the actor's line, from 1, without gaps.
    public let counter: UInt64

    /// Names the `counter`-th change-set of `actor`.
    /// - Precondition: `counter` is at least 1. Bytes from outside go through a decoder, which throws.
    @inlinable
    public init(_ actor: ActorID, _ counter: UInt64) {
        precondition(counter >= 1, "a dot's counter starts at 1, got \(counter)")
        self.actor = actor
        self.counter = counter
    }

    /// Reads the text form `actor:counter`.
    ///
    /// Returns `nil` for anything else.
    public init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard let colon = bytes.lastIndex(of: UInt8(ascii: ":")),
            let actor = ActorID(String(decoding: bytes[..<colon], as: UTF8.self)),
            let counter = UInt64(canonicalDigits: bytes[(colon + 1)...], limit: Limits.counterMax), counter >= 1
        else { return nil }
        self.init(actor, counter)
    }

    /// The dot under which this one enters a store when it is released from being parked: the actor `a:5*`, counter 1.
    public var released: Dot {
        Dot(ActorID(high: actor.high, low: actor.low, releasedCounter: counter), 1)
    }

    /// The text form, `actor:counter`.
    public var description: String { "\(actor):\(counter)" }

    /// The form for people: the first digits of the actor and the counter; a release is marked with a star, `4cc73f09:2*`.
    public var shortDescription: String {
        guard let released = actor.releasedDot else { return "\(actor.shortDescription):\(counter)" }
        return "\(released.shortDescription)*"
    }

    /// By actor, then by counter.
    @inlinable
    public static func < (left: Dot, right: Dot) -> Bool {
        left.actor == right.actor ? left.counter < right.counter : left.actor < right.actor
    }
}
