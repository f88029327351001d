import SatchelStorage
import SatchelSync
import Synchronization

/// A wall clock that tests move by hand.
final class TestClock: WallClock {
    private let instant: Mutex<Timestamp>

    init(_ milliseconds: Int64 = 1_800_000_000_000) { instant = Mutex(Timestamp(milliseconds: milliseconds)) }

    func now() -> Timestamp { instant.withLock { $0 } }

    func advance(milliseconds: Int64) {
        instant.withLock { $0 = Timestamp(milliseconds: $0.milliseconds + milliseconds) }
    }
}
