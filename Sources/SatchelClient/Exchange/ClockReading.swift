import SatchelStorage
import SatchelSync
import SatchelWire

/// What a device's clocks say when a request leaves.
struct ClockReading {
    /// The wall clock.
    let wall: Timestamp
    /// The one that nobody sets, within this process.
    let elapsed: Duration
    /// The one that nobody sets, since the machine was started; `nil` where there is none.
    let sinceBoot: BootReading?

    /// Reads them.
    init(_ clock: any WallClock) {
        wall = clock.now()
        elapsed = clock.elapsed()
        sinceBoot = clock.sinceBoot()
    }

    /// How the wall clock stood, given how the answer begins; the way is measured by the clock that nobody sets.
    func measure(by opening: Opening, elapsed now: Duration) -> ClockMeasure {
        let returned = Timestamp(milliseconds: wall.milliseconds &+ Int64((now - elapsed) / .milliseconds(1)))
        return ClockMeasure(
            offset: ClockOffset(
                sent: wall, received: opening.receivedAt, answered: opening.serverTime, returned: returned),
            reading: sinceBoot, wall: wall)
    }
}
