package import SatchelStorage
import SatchelSync
import Synchronization

/// Compares the server's wall clock with one that nobody sets, and says since when times cannot be believed.
package final class ClockWatch: Sendable {
    private struct State {
        var wall: Timestamp
        var elapsed: Duration
        var uncertainty: Int64 = 0
    }

    private let clock: any WallClock
    private let state: Mutex<State>

    /// Begins to look now.
    package init(clock: any WallClock) {
        self.clock = clock
        state = Mutex(State(wall: clock.now(), elapsed: clock.elapsed()))
    }

    /// A clock that is moved by less is not worth an alarm.
    static var jumpMin: Int64 { 60_000 }

    /// How far off the server's clock may be, in milliseconds; 0 while it can be believed.
    package var uncertaintyMilliseconds: Int64 { state.withLock(\.uncertainty) }

    /// Looks; returns by how many milliseconds the clock jumped since the last look, forward where that is above 0, and 0 where it did not.
    package func look() -> Int64 {
        let (wall, elapsed) = (clock.now(), clock.elapsed())
        return state.withLock { state in
            let went = Int64((elapsed - state.elapsed) / .milliseconds(1))
            let jump = wall.milliseconds &- state.wall.milliseconds &- went
            (state.wall, state.elapsed) = (wall, elapsed)
            guard jump.magnitude > UInt64(Self.jumpMin) else { return 0 }
            state.uncertainty = state.uncertainty &+ abs(jump)
            return jump
        }
    }

    /// Times may be off by so much: what was found before this process began, or by what the store holds.
    package func doubt(by milliseconds: Int64) { state.withLock { $0.uncertainty = $0.uncertainty &+ milliseconds } }

    /// An operator has looked: the clock is right as it stands.
    package func confirm() { state.withLock { $0.uncertainty = 0 } }
}
