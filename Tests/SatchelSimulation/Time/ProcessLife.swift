import SatchelStorage
import Synchronization

/// A process dies here: nothing that it would have done afterwards is done.
struct Crash: Error, CustomStringConvertible {
    let place: String
    var description: String { "a crash at \(place)" }
}

/// Whether a process lives, and where it dies.
final class ProcessLife: Sendable {
    private struct State {
        var isDead = false
        var stepsLeft: Int?
        var place: String?
    }

    private let state = Mutex(State())
    private let onDeath: @Sendable () -> Void

    /// `onDeath` is told once, at the very moment.
    init(onDeath: @escaping @Sendable () -> Void = {}) { self.onDeath = onDeath }

    /// Whether the process is dead.
    var isDead: Bool { state.withLock { $0.isDead } }
    /// Where it died; `nil` while it lives, and where it was ended from outside.
    var place: String? { state.withLock { $0.place } }

    /// The process dies at the step after so many others.
    func die(afterSteps count: Int) { state.withLock { $0.stepsLeft = count } }
    /// The process is ended from outside, for what is said if there is something to say.
    func end(at place: String? = nil) {
        let isNews = state.withLock { state in
            guard !state.isDead else { return false }
            (state.isDead, state.place) = (true, place)
            return true
        }
        if isNews { onDeath() }
    }
    /// The process is not to die any more.
    func spare() { state.withLock { $0.stepsLeft = nil } }

    /// The process comes to a step.
    ///
    /// - Throws: ``Crash`` where it dies there or is dead.
    func reach(_ place: String) throws {
        let (isDead, isNews) = state.withLock { state in
            guard !state.isDead, let left = state.stepsLeft else { return (state.isDead, false) }
            state.stepsLeft = left - 1
            if left == 0 { (state.isDead, state.place) = (true, place) }
            return (left == 0, left == 0)
        }
        if isNews { onDeath() }
        if isDead { throw Crash(place: place) }
    }
}
