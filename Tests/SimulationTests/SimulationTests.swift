import SatchelSimulation
import Testing

/// Seeds of the simulation.
@Suite struct SimulationTests {
    @Test func `what holds at first`() {
        let outcome = Simulation.run(Script.drawn(from: Options.drawn(seed: 1, ticks: 60)))
        #expect(outcome.problems == [])
    }
}
