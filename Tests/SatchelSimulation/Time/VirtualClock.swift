import SatchelStorage
import SatchelSync
import Synchronization

/// The right time of a simulation: what its server goes by.
final class VirtualClock: WallClock {
    /// When every simulation begins: 2027-01-15.
    static let start = Timestamp(milliseconds: 1_800_000_000_000)
    private let milliseconds = Mutex<Int64>(0)

    func now() -> Timestamp { Timestamp(milliseconds: Self.start.milliseconds + milliseconds.withLock { $0 }) }
    func elapsed() -> Duration { .milliseconds(milliseconds.withLock { $0 }) }
    func set(_ now: Int64) { milliseconds.withLock { $0 = now } }
}

/// A device's clock, wrong by as much as somebody set it.
final class SkewedClock: WallClock {
    private let right: VirtualClock
    private let error = Mutex<Int64>(0)

    init(_ right: VirtualClock) { self.right = right }

    func now() -> Timestamp {
        // Within the years that a timestamp can say, as an operating system's clock is.
        let wrong = right.now().milliseconds + error.withLock { $0 }
        return Timestamp(milliseconds: min(max(wrong, 0), 250_000_000_000_000))
    }

    func elapsed() -> Duration { right.elapsed() }
    func set(wrongBy milliseconds: Int64) { error.withLock { $0 = milliseconds } }
}
