/// One way of a connection: what came in and has not gone out, and what is to become of it.
///
/// It knows no socket.
struct Lane {
    /// What is to be done next.
    enum Step: Equatable {
        /// Send this on, after a while.
        case pass([UInt8], after: Duration)
        /// The end that the plan wants is reached.
        case end(LanePlan.End)
        /// Its sender has said all, and all has gone out.
        case finish
        /// Nothing, until more comes or it is released.
        case rest
    }

    var plan: LanePlan
    /// Bytes that have gone out.
    private(set) var passedCount = 0
    private var waiting: [UInt8] = []
    private var isFinished = false
    private(set) var isStopped = false

    init(_ plan: LanePlan) { self.plan = plan }

    /// Bytes that came in and are kept back.
    var heldCount: Int { isStopped ? waiting.count : 0 }

    /// Whether its sender has to wait before it may say more.
    var isFull: Bool { plan.queueMax.map { waiting.count > $0 } ?? false }

    /// Takes what came in.
    mutating func take(_ bytes: some Sequence<UInt8>) { waiting += bytes }

    /// Notes that nothing more comes.
    mutating func finish() { isFinished = true }

    /// Lets nothing out any more.
    mutating func stop() { isStopped = true }

    /// Lets everything out again, as a plain lane does.
    mutating func release() {
        plan = LanePlan()
        isStopped = false
    }

    mutating func next() -> Step {
        guard !isStopped else { return .rest }
        let isAtEnd = plan.end.map { passedCount >= $0.count && (passedCount > 0 || !waiting.isEmpty) } ?? false
        if isAtEnd, let end = plan.end { return .end(end) }
        guard !waiting.isEmpty else { return isFinished ? .finish : .rest }
        let isTrickling = plan.trickle.map { passedCount >= $0.after } ?? false
        let free = plan.trickle.map { isTrickling ? 1 : $0.after - passedCount } ?? .max
        let count = min(waiting.count, plan.pieceMax, free, plan.end.map { $0.count - passedCount } ?? .max)
        var piece = Array(waiting.prefix(count))
        waiting.removeFirst(count)
        for place in piece.indices { piece[place] ^= plan.flips[passedCount + place] ?? 0 }
        passedCount += count
        return .pass(piece, after: isTrickling ? plan.trickle?.every ?? .zero : plan.duration(of: count))
    }
}
