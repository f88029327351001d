import Foundation
package import SatchelSync

/// Where wall time comes from: data that is recorded and shown, never what decides causality.
package protocol WallClock: Sendable {
    /// The present instant, as this machine believes.
    func now() -> Timestamp
    /// The time since a fixed start, which setting the clock does not change: only differences of it mean anything.
    func elapsed() -> Duration
}

extension WallClock {
    package func elapsed() -> Duration { ContinuousClock.now - machineStart }
}

private let machineStart = ContinuousClock.now

/// The machine's clock.
///
/// Debug builds take a fixed instant from `SATCHEL_NOW` (RFC 3339) instead where it is set.
package struct SystemClock: WallClock {
    package init() {}

    package func now() -> Timestamp {
        #if DEBUG
            if let text = ProcessInfo.processInfo.environment["SATCHEL_NOW"], let instant = Timestamp(text) {
                return instant
            }
        #endif
        return Timestamp(milliseconds: Int64((Date().timeIntervalSince1970 * 1_000).rounded(.down)))
    }
}
