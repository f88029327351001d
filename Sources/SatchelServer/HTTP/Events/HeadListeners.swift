import SatchelSync
import Synchronization

/// Devices that wait for news of the store: they are told that its head moved, and nothing else.
final class HeadListeners: Sendable {
    private struct State {
        var listeners: [Int: HeadListener] = [:]
        var count = 0
        var isOver = false
    }

    private let limits: Limits
    private let state = Mutex(State())

    /// How many may listen.
    struct Limits: Sendable {
        /// In all.
        var listenersMax = ServerLimits.listenersMax
        /// On behalf of one device: the old line of a device that came anew may be dead without a word.
        var perDeviceMax = ServerLimits.listenersPerDeviceMax
    }

    init(limits: Limits = Limits()) { self.limits = limits }

    /// Adds a listener; where the device has too many, its oldest ends.
    ///
    /// - Throws: `SatchelError` `unavailable` where too many listen, or the server stops.
    func join(device: String) throws(SatchelError) -> HeadListener {
        let (joined, ended) = state.withLock { state -> (HeadListener?, HeadListener?) in
            let own = state.listeners.filter { $0.value.device == device }.keys.sorted()
            let oldest = own.count >= limits.perDeviceMax ? own.first : nil
            let ended = oldest.flatMap { state.listeners.removeValue(forKey: $0) }
            guard !state.isOver, state.listeners.count < limits.listenersMax else { return (nil, ended) }
            state.count += 1
            let listener = HeadListener(number: state.count, device: device)
            state.listeners[state.count] = listener
            return (listener, ended)
        }
        ended?.finish()
        guard let joined else {
            throw SatchelError(
                .unavailable, "The server tells as many devices of its news as it can.",
                remedy: "Ask by POST /v1/sync now and then; it goes on working.", isTransient: true)
        }
        return joined
    }

    /// Forgets a listener; one that is not there is no mistake.
    func leave(_ listener: HeadListener) {
        state.withLock { _ = $0.listeners.removeValue(forKey: listener.number) }
        listener.finish()
    }

    /// Ends what a device listens on.
    func end(device: String) {
        let ended = state.withLock { state in
            let own = state.listeners.filter { $0.value.device == device }
            for number in own.keys { state.listeners.removeValue(forKey: number) }
            return Array(own.values)
        }
        for listener in ended { listener.finish() }
    }

    /// Tells all where the head is.
    func announce(_ head: ServerSequence) { for listener in all { listener.tell(head) } }

    /// Has all say that they are there.
    func beat() { for listener in all { listener.beat() } }

    /// Ends all, and lets nobody join any more.
    func finish() {
        let all = state.withLock { state in
            state.isOver = true
            defer { state.listeners = [:] }
            return Array(state.listeners.values)
        }
        for listener in all { listener.finish() }
    }

    /// How many listen.
    var count: Int { state.withLock { $0.listeners.count } }

    private var all: [HeadListener] { state.withLock { Array($0.listeners.values) } }
}

/// One that listens: only the newest head waits for it, however slow it is.
final class HeadListener: Sendable {
    let number: Int
    let device: String
    /// A signal for each time when something should be said.
    let signals: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation
    private let head = Mutex<ServerSequence?>(nil)

    init(number: Int, device: String) {
        (self.number, self.device) = (number, device)
        (signals, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// The head that it was not told yet; `nil` where only a sign of life is due.
    func take() -> ServerSequence? {
        head.withLock { head in
            defer { head = nil }
            return head
        }
    }

    func tell(_ sequence: ServerSequence) {
        head.withLock { $0 = sequence }
        continuation.yield()
    }

    func beat() { continuation.yield() }
    func finish() { continuation.finish() }
}
