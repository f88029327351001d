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

    /// Whether the process is dead.
    var isDead: Bool { state.withLock { $0.isDead } }
    /// Where it died; `nil` while it lives, and where it was ended from outside.
    var place: String? { state.withLock { $0.place } }

    /// The process dies at the step after so many others.
    func die(afterSteps count: Int) { state.withLock { $0.stepsLeft = count } }
    /// The process is ended from outside.
    func end() { state.withLock { $0.isDead = true } }
    /// The process is not to die any more.
    func spare() { state.withLock { $0.stepsLeft = nil } }

    /// The process comes to a step.
    ///
    /// - Throws: ``Crash`` where it dies there or is dead.
    func reach(_ place: String) throws {
        try state.withLock { state in
            if !state.isDead, let left = state.stepsLeft {
                state.stepsLeft = left - 1
                if left == 0 { (state.isDead, state.place) = (true, place) }
            }
            if state.isDead { throw Crash(place: place) }
        }
    }
}
