import NIOCore

/// What a connection owes the server, and until when: event in, deadline out.
///
/// It has no timer and no socket. A body's deadline moves on with each byte, by what one byte may take at the least rate, and never
/// further than one pause away: so one number holds both rules. While the server itself does not read, it stands still.
struct PeerClock {
    /// What of a request comes next.
    enum Reading { case start, head, body }
    /// Why the time is up.
    enum Expiry { case head, body, idle, closing }

    private let headPatience: TimeAmount
    private let bodyPatience: TimeAmount
    private let idlePatience: TimeAmount
    private let closingPatience: TimeAmount
    private let nanosecondsPerByte: Int64

    private(set) var reading = Reading.start
    /// Requests whose replies have not been sent to their end.
    private(set) var repliesOwed = 0
    private var expiry: Expiry?
    private var end: NIODeadline
    private var pausedAt: NIODeadline?

    /// A connection that was made now: a head is due.
    init(limits: PeerLimits, now: NIODeadline) {
        headPatience = TimeAmount(limits.headPatience)
        bodyPatience = TimeAmount(limits.bodyPatience)
        idlePatience = TimeAmount(limits.idlePatience)
        closingPatience = TimeAmount(limits.closingPatience)
        nanosecondsPerByte = 1_000_000_000 / Int64(max(1, limits.bodyBytesPerSecondMin))
        expiry = .head
        end = now + headPatience
    }

    /// When to look again; `nil` where nothing is owed.
    var deadline: NIODeadline? { expiry == nil || isPaused ? nil : end }

    /// What is overdue.
    func overdue(at now: NIODeadline) -> Expiry? { deadline.map { now >= $0 } == true ? expiry : nil }

    /// Bytes came, of whatever.
    mutating func bytesCame(at now: NIODeadline) {
        guard reading == .start else { return }
        reading = .head
        if repliesOwed == 0, expiry == .idle { expect(.head, by: now + headPatience) }
    }

    /// A whole head came.
    mutating func headCame(at now: NIODeadline) {
        reading = .body
        repliesOwed += 1
        expect(.body, by: now + bodyPatience)
        if pausedAt != nil { pausedAt = now }
    }

    /// Some of a body came.
    mutating func bodyCame(_ count: Int, at now: NIODeadline) {
        guard expiry == .body else { return }
        let grown = end + .nanoseconds(nanosecondsPerByte * Int64(count))
        end = min(grown, now + bodyPatience)
        if pausedAt != nil { pausedAt = now }
    }

    /// A request came to its end.
    mutating func requestEnded(at now: NIODeadline) {
        reading = .start
        if repliesOwed > 0 { expiry = nil } else { expect(.idle, by: now + idlePatience) }
    }

    /// The request that is being read is refused: its reply is owed, and nothing more of it.
    mutating func requestFailed() { expiry = nil }

    /// A reply was sent to its end.
    mutating func replyEnded(at now: NIODeadline) {
        repliesOwed -= 1
        guard repliesOwed == 0, expiry != .closing else { return }
        switch reading {
        case .start: expect(.idle, by: now + idlePatience)
        case .head: expect(.head, by: now + headPatience)
        case .body: expect(.closing, by: now + closingPatience)
        }
    }

    /// The server will answer nothing more.
    mutating func closes(at now: NIODeadline) { expect(.closing, by: now + closingPatience) }

    /// The server stops reading.
    mutating func pause(at now: NIODeadline) { pausedAt = pausedAt ?? now }

    /// The server reads on.
    mutating func resume(at now: NIODeadline) {
        guard let pausedAt else { return }
        if expiry == .body { end = end + (now - pausedAt) }
        self.pausedAt = nil
    }

    private var isPaused: Bool { pausedAt != nil && expiry == .body }

    private mutating func expect(_ expiry: Expiry, by end: NIODeadline) {
        self.expiry = expiry
        self.end = end
    }
}
