import SatchelSync

/// One exchange as the device hears it: what arrives, in order, until it is over.
///
/// Only the simulation's thread touches it.
final class Line: @unchecked Sendable {
    enum Arrival {
        /// Bytes of the reply.
        case frame([UInt8])
        /// The stream is over, whole or not.
        case end
        /// There is no answer, or one that is not the server's.
        case failure(SatchelError)
        /// The device dies while it waits.
        case crash
    }

    private let timeline: Timeline
    private let patience: Int64
    private var arrivals: [Arrival] = []
    private var waiting: CheckedContinuation<Arrival, Never>?
    private var waitCount = 0
    /// Whether the device listens no more.
    private(set) var isOver = false
    /// How many frames arrived.
    private(set) var frameCount = 0

    /// A device that gives up after `patience` milliseconds in which nothing arrives.
    init(timeline: Timeline, patience: Int64) {
        self.timeline = timeline
        self.patience = patience
    }

    /// What arrives next.
    func next() async -> Arrival {
        if !arrivals.isEmpty { return arrivals.removeFirst() }
        waitCount += 1
        let wait = waitCount
        return await withCheckedContinuation { continuation in
            waiting = continuation
            timeline.plan(in: patience) { [weak self] in
                guard let self, wait == waitCount, waiting != nil else { return }
                arrive(.failure(SatchelError(.networkUnavailable, "No answer came.", isTransient: true)))
            }
        }
    }

    /// Something arrives; in vain where nobody listens.
    func arrive(_ arrival: Arrival) {
        guard !isOver else { return }
        if case .frame = arrival { frameCount += 1 }
        guard let waiting else { return arrivals.append(arrival) }
        self.waiting = nil
        waiting.resume(returning: arrival)
    }

    /// The device hangs up.
    func hangUp() {
        isOver = true
        arrivals = []
    }
}
