/// One unbroken life of a replica: named at enrolment, and anew at every fork and in every store epoch.
///
/// A name is 128 random bits. When parked work `a:5` is released, it enters the store under an actor of its own, written
/// `a:5*`, which issues exactly one dot. That actor is named by what it releases, so that whoever releases it, and in
/// whatever epoch, arrives at the same dot.
///
/// The text form is 32 lower-case hexadecimal digits; the actor of a release adds `:5*`.
public struct ActorID: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The first eight bytes of the name, big-endian.
    public let high: UInt64
    /// The last eight bytes of the name, big-endian.
    public let low: UInt64
    /// The counter of the parked change-set that this actor releases; 0 for an ordinary actor.
    public let releasedCounter: UInt64

    /// Names an ordinary actor by its 16 bytes, given as two big-endian halves.
    @inlinable
    public init(high: UInt64, low: UInt64) {
        self.init(high: high, low: low, releasedCounter: 0)
    }

    /// Names the actor of a release where `releasedCounter` is above 0, an ordinary actor where it is 0.
    @inlinable
    package init(high: UInt64, low: UInt64, releasedCounter: UInt64) {
        self.high = high
        self.low = low
        self.releasedCounter = releasedCounter
    }

    /// Reads the text form.
    ///
    /// Returns `nil` unless `text` is exactly the form that `description` writes.
    public init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 32,
            let high = UInt64(hexDigits: bytes[0..<16]), let low = UInt64(hexDigits: bytes[16..<32])
        else { return nil }
        if bytes.count == 32 {
            self.init(high: high, low: low)
            return
        }
        guard bytes[32] == UInt8(ascii: ":"), bytes.last == UInt8(ascii: "*"),
            let counter = UInt64(canonicalDigits: bytes[33..<(bytes.count - 1)], limit: Limits.counterMax), counter > 0
        else { return nil }
        self.init(high: high, low: low, releasedCounter: counter)
    }

    /// Whether this actor stands for the release of one parked change-set.
    public var isRelease: Bool { releasedCounter > 0 }

    /// The parked dot that this actor releases; `nil` for an ordinary actor.
    public var releasedDot: Dot? {
        isRelease ? Dot(ActorID(high: high, low: low), releasedCounter) : nil
    }

    /// The text form: 32 hexadecimal digits, and `:5*` for the release of counter 5.
    public var description: String {
        let name = high.hexDigits + low.hexDigits
        return isRelease ? "\(name):\(releasedCounter)*" : name
    }

    /// The first eight digits, for people who compare a handful of devices by eye.
    public var shortDescription: String { String(description.prefix(8)) }

    /// Byte order of the name, then the released counter.
    @inlinable
    public static func < (left: ActorID, right: ActorID) -> Bool {
        if left.high != right.high { return left.high < right.high }
        if left.low != right.low { return left.low < right.low }
        return left.releasedCounter < right.releasedCounter
    }
}
