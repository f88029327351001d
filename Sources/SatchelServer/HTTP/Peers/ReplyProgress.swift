import NIOCore

/// Whether the other end takes what was written to it: looked at now and then, while something waits.
struct ReplyProgress {
    private let patience: TimeAmount
    private var writes = 0
    private var seen: (writes: Int, buffered: Int, since: NIODeadline)?
    /// When to look again; `nil` while nothing waits.
    private(set) var deadline: NIODeadline?

    init(patience: TimeAmount) { self.patience = patience }

    /// Something was written.
    mutating func wrote(at now: NIODeadline) {
        writes &+= 1
        if deadline == nil { deadline = now + pause }
    }

    /// Whether what waits, `buffered` bytes, has been the same for too long.
    mutating func isStuck(at now: NIODeadline, buffered: Int) -> Bool {
        guard let deadline, now >= deadline else { return false }
        guard buffered > 0 else {
            (self.deadline, seen) = (nil, nil)
            return false
        }
        self.deadline = now + pause
        guard let seen, seen.writes == writes, seen.buffered == buffered else {
            seen = (writes, buffered, now)
            return false
        }
        return now - seen.since >= patience
    }

    private var pause: TimeAmount { .nanoseconds(patience.nanoseconds / 4) }
}
