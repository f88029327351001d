import SatchelSync
import Synchronization

/// How far work has come, on standard error, once it has taken more than a second.
///
/// On a terminal it is one line that is rewritten and at the end erased; elsewhere a plain line every few seconds;
/// under `--quiet` and `--json` nothing. Of work that is counted it says how fast it goes, and how long it takes yet where it is known how much
/// there is.
package final class Progress: Sendable {
    /// How much of a piece of work is done.
    package struct Work: Sendable {
        /// What is counted.
        package enum Unit: Hashable, Sendable {
            /// Records, edits, rows.
            case things
            /// Bytes.
            case bytes
        }

        /// What the work is, to tell it from another one before or behind it.
        package let name: String
        /// How much is done.
        package let done: Int
        /// How much there is; `nil` where nobody knows.
        package let total: Int?
        /// In what it is counted.
        package let unit: Unit
        /// How many bytes have come over the line for it; `nil` where none do.
        package let bytes: Int?

        /// Says how much is done.
        package init(_ name: String, done: Int, of total: Int? = nil, in unit: Unit = .things, bytes: Int? = nil) {
            self.name = name
            self.done = done
            self.total = total
            self.unit = unit
            self.bytes = bytes
        }
    }

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
        /// How much was done of the present work when it was heard of first, and when that was.
        var start: (work: Work, at: Duration)?
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
        Interruption.ofProcess.endLine { [weak self] in self?.finish() }
    }

    /// Says how far the work is, and with it how fast it goes; may be called as often as one likes.
    ///
    /// The rate is that since the work was first heard of.
    package func report(_ sentence: @autoclosure () -> String, _ work: Work) {
        guard mode != .silent else { return }
        let now = elapsed()
        let start = state.withLock { state in
            if let start = state.start, start.work.name == work.name { return start }
            state.start = (work, now)
            return (work, now)
        }
        report(Pace(from: start.work, to: work, in: now - start.at).joined(to: sentence()))
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

/// How fast work goes, and how long it takes yet.
private struct Pace {
    let work: Progress.Work
    /// A second.
    let rate: Double

    init(from start: Progress.Work, to work: Progress.Work, in duration: Duration) {
        self.work = work
        let seconds = duration / .seconds(1)
        rate = seconds > 0 ? Double(max(work.done - start.done, 0)) / seconds : 0
    }

    func joined(to sentence: String) -> String {
        ([sentence] + [speed, size, left].compactMap(\.self)).joined(separator: Sentences.comma)
    }

    private var speed: String? {
        guard rate > 0, rate < 1e15 else { return nil }
        switch work.unit {
        case .bytes: return "\(ByteText.size(Int64(rate)))/s"
        case .things:
            let tenths = Int((rate * 10).rounded())
            return said("\(rate < 10 ? "\(tenths / 10).\(tenths % 10)" : "\(Int(rate))") a second")
        }
    }

    private var size: String? { work.bytes.map { ByteText.size(Int64($0)) } }

    private var left: String? {
        guard let total = work.total, total > work.done, rate > 0 else { return nil }
        let seconds = (Double(total - work.done) / rate).rounded(.up)
        guard seconds < 1e9 else { return nil }
        return said("about \(HumanAge.duration(seconds: Int64(seconds))) left")
    }
}
