package import Foundation
import SatchelSync
import SatchelTestSupport

/// What became of a run.
package struct Outcome: Sendable {
    /// What does not hold; empty where all does.
    package let problems: [Problem]
    /// What happened, line by line.
    package let trace: [String]
    /// How often each kind of thing happened.
    package let counters: Counters
    /// How conflicts were judged.
    package let tally: ConflictTally
    /// How many days of devices went by.
    package let deviceDays: Double
}

/// Runs scripts.
package enum Simulation {
    /// Runs a script in a folder of its own, which is gone afterwards.
    ///
    /// The folder lies in memory unless `folder` names another place. Running the same script again gives the same trace.
    package static func run(_ script: Script, in folder: URL? = nil) -> Outcome {
        do {
            let temporary = try TemporaryFolder(inMemory: folder == nil, in: folder)
            defer { _ = temporary }
            let world = try World(script: script, folder: temporary.url)
            do {
                try world.enrol()
                try world.play()
                try world.settle()
            } catch {
                world.report(.failed, "the simulation itself: \(error)")
            }
            try? world.close()
            let days = Double(world.timeline.now) / 86_400_000
            return Outcome(
                problems: world.problems, trace: world.trace, counters: world.counters, tally: world.tally,
                deviceDays: days * Double(script.options.devices))
        } catch {
            let problem = Problem(kind: .failed, text: "the simulation does not begin: \(error)", time: 0)
            return Outcome(
                problems: [problem], trace: [], counters: Counters(), tally: ConflictTally(), deviceDays: 0)
        }
    }
}

extension World {
    /// Plays the script, and looks after every event whether all holds that must.
    func play() throws {
        for step in script.steps {
            timeline.plan(in: step.at) { [self] in take(step) }
        }
        while problems.isEmpty, step() { try afterEvent() }
    }

    /// Lets the next event happen; answers whether there was one.
    private func step() -> Bool { timeline.step { clock.set(script.options.isTimeFrozen ? 0 : $0) } }

    /// Lets what was resumed run until it waits again, revives the dead, and looks.
    func afterEvent() throws {
        executor.drain()
        if server.process.life.isDead {
            note("the server begins anew")
            try powerCame(back: "the server", try server.restart()) { try server.inspect(Self.brokenPages) }
            executor.drain()
        }
        for device in devices where device.life.isDead {
            counters.note("device crashed")
            if let place = device.life.place { counters.note("device crashed: \(place)") }
            note("\(device.name) begins anew")
            try powerCame(back: device.name, try device.restart()) { try device.inspect(Self.brokenPages) }
            executor.drain()
        }
        try check()
    }

    /// Faults stop: within three rounds of syncs everything must be at rest.
    func settle() throws {
        guard problems.isEmpty else { return }
        network.stopFaults()
        for device in devices { device.spare() }
        server.spare()
        server.process.store.releaseWriter()
        while problems.isEmpty, step() { try afterEvent() }
        if model.books.isRecovering {
            for _ in 0...devices.count { try syncAll() }
            try closeRecovery()
            try afterEvent()
        }
        var head = try serverHead()
        for round in 1...3 {
            note("round \(round)")
            try syncAll()
            let now = try serverHead()
            if round == 3, now != head { report(.stuck, "the third quiet round still made commits") }
            head = now
        }
        if problems.isEmpty { try checkSettled() }
    }

    /// Every device syncs, one after the other, and nothing disturbs it.
    private func syncAll() throws {
        for device in devices where problems.isEmpty {
            sync(device, plan: LinePlan(), isQuiet: true)
            try afterEvent()
            while problems.isEmpty, step() { try afterEvent() }
        }
    }
}
