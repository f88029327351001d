import SatchelTestSupport

extension Script {
    /// The smallest script in which the same kind of promise is broken, as far as so many runs find it.
    ///
    /// Steps are left out, then made simpler, then devices that nobody uses; a script without some of its steps is a script.
    package func shrunk(keeping kind: Problem.Kind, attempts: Int = 300) -> Script {
        func fails(_ script: Script) -> Bool { Simulation.run(script).problems.first?.kind == kind }
        let steps = shrink(self.steps, attempts: attempts, simpler: \.simpler) { steps in
            fails(Script(options: options, steps: steps))
        }
        var smallest = Script(options: options, steps: steps)
        let used = (steps.map(\.device).max() ?? 0) + 1
        for devices in max(used, 1)..<max(options.devices, used, 2) {
            var fewer = smallest
            fewer.options.devices = devices
            guard fails(fewer) else { continue }
            smallest = fewer
            break
        }
        return smallest
    }
}
