import Foundation
package import SatchelSync

/// Where wall time comes from: data that is recorded and shown, never what decides causality.
package protocol WallClock: Sendable {
    /// The present instant, as this machine believes.
    func now() -> Timestamp
    /// The time since a fixed start, which setting the clock does not change: only differences of it mean anything.
    func elapsed() -> Duration
    /// The time since the machine was started; `nil` where nobody knows.
    func sinceBoot() -> BootReading?
}

/// A time that setting the clock does not change, and that goes on from one process to the next and while the machine sleeps.
package struct BootReading: Hashable, Sendable {
    /// Which start of the machine it counts from.
    package let boot: String
    /// The time since then.
    package let elapsed: Duration

    package init(boot: String, elapsed: Duration) {
        self.boot = boot
        self.elapsed = elapsed
    }
}

extension WallClock {
    package func elapsed() -> Duration { ContinuousClock.now - machineStart }
    package func sinceBoot() -> BootReading? { nil }
}

private let machineStart = ContinuousClock.now
private let machineSetting = ProcessInfo.processInfo.environment["SATCHEL_NOW"]
#if os(Linux)
    private let machineBoot = try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)
        .trimmingCharacters(in: .whitespacesAndNewlines)
#endif

/// The machine's clock.
///
/// Debug builds take what `SATCHEL_NOW` says where it is set: an instant (RFC 3339) at which the clock stands, `+SECONDS` or `-SECONDS` by which it is wrong, or
/// `@FILE` that holds one of these, so that it can be set while a program runs.
package struct SystemClock: WallClock {
    package init() {}

    package func now() -> Timestamp {
        #if DEBUG
            switch Self.setting {
            case .stands(let instant): return instant
            case .isWrongBy(let seconds):
                return Timestamp(milliseconds: Self.machineNow.milliseconds &+ seconds &* 1_000)
            case nil: break
            }
        #endif
        return Self.machineNow
    }

    package func elapsed() -> Duration {
        #if DEBUG
            // Where the clock stands, time does.
            if case .stands = Self.setting { return .zero }
        #endif
        return ContinuousClock.now - machineStart
    }

    package func sinceBoot() -> BootReading? {
        #if DEBUG
            if case .stands = Self.setting { return BootReading(boot: "standing", elapsed: .zero) }
        #endif
        #if os(Linux)
            var time = timespec()
            guard let boot = machineBoot, unsafe clock_gettime(CLOCK_BOOTTIME, &time) == 0 else { return nil }
            return BootReading(boot: boot, elapsed: .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec))
        #else
            return nil
        #endif
    }

    private static var machineNow: Timestamp {
        Timestamp(milliseconds: Int64((Date().timeIntervalSince1970 * 1_000).rounded(.down)))
    }

    #if DEBUG
        /// What a test says of the clock.
        package enum Setting: Hashable, Sendable {
            /// It stands at an instant.
            case stands(Timestamp)
            /// It is wrong by so many seconds.
            case isWrongBy(Int64)

            /// Reads `2026-03-02T08:01:13.120Z`, `+259200` or `-60`; `nil` for anything else.
            package init?(_ text: String) {
                if let instant = Timestamp(text) {
                    self = .stands(instant)
                } else if let first = text.first, first == "+" || first == "-", let seconds = Int64(text) {
                    self = .isWrongBy(seconds)
                } else {
                    return nil
                }
            }
        }

        private static var setting: Setting? {
            guard let text = machineSetting else { return nil }
            guard text.first == "@" else { return Setting(text) }
            guard let content = try? String(contentsOfFile: String(text.dropFirst()), encoding: .utf8) else {
                return nil
            }
            return Setting(content.filter { !$0.isWhitespace })
        }
    #endif
}
