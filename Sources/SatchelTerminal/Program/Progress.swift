import SatchelSync
import Synchronization

/// How far work has come, on standard error, once it has taken more than a second.
///
/// On a terminal it is one line that is rewritten and at the end erased; elsewhere a plain line every few seconds;
/// under `--quiet` and `--json` nothing.
package final class Progress: Sendable {
    /// Where progress is shown.
    package enum Mode: Hashable, Sendable {
        /// Nowhere.
        case silent
        /// On a terminal of so many columns.
        case terminal(width: Int)
        /// In a file or a pipe.
        case lines
    }

    private struct State {
        var shownAt: Duration?
        var isOnScreen = false
    }

    private static let silence = Duration.seconds(1)
    private static let terminalPause = Duration.milliseconds(100)
    private static let linePause = Duration.seconds(5)

    private let mode: Mode
    private let elapsed: @Sendable () -> Duration
    private let write: @Sendable (String) -> Void
    private let state = Mutex(State())

    /// Starts to count; `elapsed` says how long ago that was.
    package init(mode: Mode, elapsed: @escaping @Sendable () -> Duration, write: @escaping @Sendable (String) -> Void) {
        self.mode = mode
        self.elapsed = elapsed
        self.write = write
    }

    /// Starts to count for a command with these options.
    package convenience init(_ options: OutputOptions) {
        let start = ContinuousClock.now
        let mode: Mode =
            if options.quiet || options.json { .silent } else {
                Terminal.errorWidth.map { .terminal(width: $0) } ?? .lines
            }
        self.init(
            mode: mode, elapsed: { ContinuousClock.now - start },
            // Progress that nobody can see is no reason to stop.
            write: { try? StandardStream.error.write($0) })
    }

    /// Says how far the work is, such as `Sending change-set 34 of 120`; may be called as often as one likes.
    package func report(_ sentence: @autoclosure () -> String) {
        guard mode != .silent else { return }
        let now = elapsed()
        guard now >= Self.silence else { return }
        state.withLock { state in
            if let shownAt = state.shownAt, now - shownAt < pause { return }
            state.shownAt = now
            switch mode {
            case .silent: break
            case .terminal(let width):
                state.isOnScreen = true
                write("\r\u{1B}[2K" + DisplayWidth.cut(SafeText.line(sentence()), to: width - 1))
            case .lines: write(SafeText.line(sentence()) + "\n")
            }
        }
    }

    /// Erases what stands on the terminal; a report may follow.
    package func finish() {
        state.withLock { state in
            guard state.isOnScreen else { return }
            state.isOnScreen = false
            write("\r\u{1B}[2K")
        }
    }

    private var pause: Duration { mode == .lines ? Self.linePause : Self.terminalPause }
}
