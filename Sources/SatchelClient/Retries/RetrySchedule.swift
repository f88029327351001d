package import SatchelSync

/// When an exchange that did not end well is tried again: exponential with full jitter, and never before the server asked for it.
///
/// The wait is drawn evenly from a window that grows with each failure (Brooker, "Exponential Backoff and Jitter", 2015), so that a thousand
/// devices which lost their server at once do not come back at once.
package struct RetrySchedule: Hashable, Sendable {
    /// The window after the first failure.
    package var first = Duration.seconds(1)
    /// The window that it grows to.
    package var longest = Duration.seconds(900)

    /// One second at first, half as much again with each failure, fifteen minutes at most.
    package init() {}

    /// How long a program leaves a server alone that wants nothing of this device, where it says no time itself: only people can change that.
    ///
    /// A person's own attempt does not wait for it.
    package static func pause(after code: SatchelError.Code) -> Duration? {
        code == .deviceRevoked ? .seconds(900) : nil
    }

    /// The window that the wait is drawn from after so many failures in a row.
    package func window(afterFailures count: Int) -> Duration {
        var window = first
        for _ in 1..<max(2, count) {
            guard count > 1, window < longest else { break }
            window = window * 3 / 2
        }
        return min(window, longest)
    }

    /// How long to wait after so many failures in a row.
    ///
    /// Where the server `asked` for a pause the wait is at least that, and what is drawn comes on top: all who were turned away together
    /// would come back together else.
    package func wait(afterFailures count: Int, asked: Duration? = nil, jitter: Jitter) -> Duration {
        let window = window(afterFailures: count)
        guard let asked, asked > .zero else { return jitter.draw(window) }
        let spread = min(asked * 2, .seconds(60))
        return asked + jitter.draw(max(window, spread))
    }
}

/// Where the chance in a wait comes from.
package struct Jitter: Sendable {
    /// A duration from zero up to the one that is given.
    package let draw: @Sendable (Duration) -> Duration

    package init(draw: @escaping @Sendable (Duration) -> Duration) { self.draw = draw }

    /// The system's generator, to the millisecond.
    package static let system = Jitter { window in
        .milliseconds(Int64.random(in: 0...max(0, Int64(window / .milliseconds(1)))))
    }

    /// No chance: always the same part of the window, for tests and simulations.
    package static func share(_ share: Double) -> Jitter {
        Jitter { window in .milliseconds(Int64(window / .milliseconds(1) * share)) }
    }
}
