package import SatchelStorage
package import SatchelSync

/// When a replica that is kept in sync has its next exchange, and when it listens: facts in, a wait out.
///
/// No clock, no socket, no database. Times are those of a clock that nobody sets (`WallClock.elapsed()`), so that a jump of the wall clock
/// neither hurries nor delays anything.
package struct WatchPlan: Sendable {
    /// How often things are done.
    package struct Rhythm: Hashable, Sendable {
        /// From one exchange to the next at least.
        package var spacing = Duration.milliseconds(100)
        /// From one exchange to the next at most, while the server tells its news.
        package var listening = Duration.seconds(300)
        /// The same while it does not.
        package var asking = Duration.seconds(30)
        /// Within what an exchange follows after a network came up or a line was lost: not all devices at once.
        package var scatter = Duration.seconds(1)

        package init() {}
    }

    /// Where the replica stands.
    package struct Sight: Sendable {
        /// Whether change-sets wait for the server.
        package var hasWork: Bool
        /// The life of the store that the replica belongs to.
        package var epoch: StoreEpoch
        /// Up to where base is complete.
        package var checkpoint: ServerSequence
        /// What it keeps of failures.
        package var retry: RetryState

        package init(hasWork: Bool, epoch: StoreEpoch, checkpoint: ServerSequence, retry: RetryState) {
            self.hasWork = hasWork
            self.epoch = epoch
            self.checkpoint = checkpoint
            self.retry = retry
        }
    }

    private enum Line: Hashable { case closed, opening, open }

    private let rhythm: Rhythm
    private let schedule = RetrySchedule()
    private let jitter: Jitter

    private var head: ServerHead?
    /// The head that was announced when the last exchange began that ended well.
    private var answered: ServerHead?
    private var line = Line.closed
    private var lineFailures = 0
    private var lineAllowed = Duration.zero
    private var lastRound: Duration?
    /// Before when nothing is done, whatever was planned.
    private var held = Duration.zero
    /// By when an exchange is wanted, though nothing waits.
    private var wanted: Duration?
    /// A failure of the replica, with the moments that follow from it.
    private var failure: (state: RetryState, due: Duration, asked: Duration)?
    private var unkeptFailures = 0

    package init(rhythm: Rhythm = Rhythm(), jitter: Jitter) {
        self.rhythm = rhythm
        self.jitter = jitter
    }

    /// Takes what happened.
    package mutating func take(_ news: WatchNews, at now: Duration) {
        if let head = news.head { self.head = head }
        switch news.line {
        case .began: (line, lineFailures) = (.open, 0)
        case .ended(let wasThere, let asked):
            line = .closed
            lineFailures = wasThere ? 1 : lineFailures + 1
            lineAllowed = now + schedule.wait(afterFailures: lineFailures, asked: asked, jitter: jitter)
            // Where it was there, the server or the network may be gone: an exchange tells.
            if wasThere { want(by: now + jitter.draw(rhythm.scatter)) }
        case nil: break
        }
        if news.isNetworkUp { want(by: now + jitter.draw(rhythm.scatter)) }
    }

    private mutating func want(by moment: Duration) { wanted = min(wanted ?? moment, moment) }

    /// How long until the next exchange; zero when it is due.
    package mutating func wait(_ sight: Sight, at now: Duration, wallClock: Timestamp) -> Duration {
        let due = due(sight, at: now, wallClock: wallClock)
        return max(.zero, max(due, held) - now)
    }

    private mutating func due(_ sight: Sight, at now: Duration, wallClock: Timestamp) -> Duration {
        if sight.retry.failureCount > 0 {
            if failure?.state != sight.retry {
                failure = (
                    sight.retry, now + sight.retry.wait(at: wallClock), now + sight.retry.askedWait(at: wallClock)
                )
            }
            guard let failure else { return now }
            return max(failure.asked, min(failure.due, wanted ?? failure.due))
        }
        failure = nil
        guard let lastRound else { return now }
        let period = line == .open ? rhythm.listening : rhythm.asking
        let hurry = sight.hasWork || isBehind(sight) ? now : wanted ?? lastRound + period
        return max(lastRound + rhythm.spacing, min(hurry, lastRound + period))
    }

    /// Whether the server has announced what the replica does not have.
    private func isBehind(_ sight: Sight) -> Bool {
        guard let head, head != answered else { return false }
        return head.epoch != sight.epoch || head.sequence > sight.checkpoint
    }

    /// An exchange begins.
    package mutating func begin() -> ServerHead? {
        wanted = nil
        return head
    }

    /// An exchange ended well that began when `head` was the last that was announced.
    package mutating func succeed(head: ServerHead?, at now: Duration) {
        (answered, lastRound, unkeptFailures, held) = (head, now, 0, .zero)
    }

    /// An exchange did not end well.
    ///
    /// `isKept` says that the replica keeps the failure with the next attempt; where it could not, the wait is planned here.
    package mutating func fail(isKept: Bool, at now: Duration) {
        lastRound = now
        unkeptFailures = isKept ? 0 : unkeptFailures + 1
        let wait = isKept ? .zero : schedule.wait(afterFailures: unkeptFailures, jitter: jitter)
        held = now + max(rhythm.spacing, wait)
    }

    /// How long until the server should be listened to; `nil` while it is, or while the last exchange failed.
    package func lineWait(_ sight: Sight, at now: Duration) -> Duration? {
        guard line == .closed, sight.retry.failureCount == 0, lastRound != nil else { return nil }
        return max(.zero, lineAllowed - now)
    }

    /// The line is being opened.
    package mutating func openLine() { line = .opening }
}
