import SatchelClient
import SatchelServer
import SatchelStorage
import SatchelSync
import SatchelTestSupport

// What each step of a script means.
extension World {
    /// Does what a step says.
    func take(_ step: Step) {
        guard problems.isEmpty, devices.indices.contains(step.device) else { return }
        var random = SeededRandom(seed: UInt64(step.seed))
        // Where a home was copied, any of the copies may be meant.
        let copies = devices.filter { $0.origin == step.device }
        let device = copies.count == 1 ? copies[0] : random.pick(from: copies)
        let makes = [.edit, .sql, .move, .resolve, .reissue, .undo].contains(step.action)
        if makes { device.madeMax += 1 }
        if device.transport != nil, makes {
            counters.note("edit while a reply came")
        }
        switch step.action {
        case .edit: attempt(device) { try edit(device, size: step.size ?? 1, &random) }
        case .sql: attempt(device) { try writeSQL(device, &random) }
        case .move: attempt(device) { try move(device, &random) }
        case .read: attempt(device) { try openForm(device, &random) }
        case .resolve: attempt(device) { try resolve(device, &random) }
        case .reissue: attempt(device) { try reissue(device, &random) }
        case .sync: sync(device, plan: step.line ?? LinePlan())
        case .crashDevice: crash(device, afterSteps: step.size ?? 0, &random)
        case .setClock: setClock(device, &random)
        case .office: office(&random)
        case .inspect: inspect(&random)
        case .release: release(&random)
        case .rule: changeRule(&random)
        case .stall: stall(minutes: step.size ?? 1)
        case .crashServer: crashServer(afterSteps: step.size ?? 0, &random)
        case .cutOff: cutOff(device, minutes: step.size ?? 1, &random)
        case .clone: clone(device)
        case .rollBack: rollBack(device, &random)
        case .restore: restore(&random)
        case .upgrade: upgrade()
        case .undo: undo(device)
        }
    }

    /// What a replica and an office answer to an edit that does not fit what they hold.
    static let refusals: Set<SatchelError.Code> = [
        .unknownRecord, .recordDeleted, .recordExists, .hasChildren, .noConflict, .invalidRequest, .invalidValue,
        .tooLarge, .alreadyReissued, .fieldInConflict, .conflictChanged, .inRecovery, .alreadyDone,
    ]

    /// Lets somebody do something on a device; what the replica refuses is no failure, and neither is a crash.
    func attempt(_ device: SimulatedDevice, _ body: () throws -> Void) {
        do {
            try device.perform(body)
        } catch let error as SatchelError where Self.refusals.contains(error.code) {
            device.madeMax -= 1
            counters.note("refused: \(error.code.word)")
            note("\(device.name) is refused: \(error.code.word)")
        } catch  where error is Crash || device.life.isDead {
            note("\(device.name) dies in it")
        } catch {
            report(.failed, "\(device.name): \(error)")
        }
    }

    // MARK: - Exchanges

    /// A device begins to sync; one that does so already goes on.
    func sync(_ device: SimulatedDevice, plan: LinePlan, isQuiet: Bool = false) {
        guard device.transport == nil else { return }
        let transport = NetworkTransport(network: network, device: device.number, plan: plan) { [weak device] in
            device?.isTouched = true
        }
        device.transport = transport
        note("\(device.name) syncs \(plan.story)")
        let life = device.life
        start { [self] in
            do {
                let report = try await device.perform {
                    try await SyncRunner(replica: device.replica, transport: transport, jitter: .share(0.5)).run()
                }
                synced(device, transport)
                counters.note("went on as a new actor", report.forkCount)
                counters.note("renamed by a fork", report.renamedCount)
                note(
                    "\(device.name) pushed \(report.pushedCount), pulled \(report.pulledCount) to \(report.checkpoint)")
            } catch  where error is Crash || life.isDead {
                note("\(device.name) dies while it syncs")
            } catch let error as SatchelError where error.isTransient && !isQuiet {
                counters.note("sync failed: \(error.code.word)")
                note("\(device.name) could not sync: \(error.code.word)")
                device.hasLostAnswer = error.code == .networkUnavailable
            } catch {
                self.report(isQuiet ? .stuck : .failed, "\(device.name) could not sync: \(error)")
            }
            device.isTouched = true
            device.transport = nil
        }
    }

    private func synced(_ device: SimulatedDevice, _ transport: NetworkTransport) {
        if device.hasLostAnswer { counters.note("retry after a lost answer") }
        if device.hasStaged { counters.note("reply cut and resumed") }
        device.hasLostAnswer = false
    }

    // MARK: - What happens to machines

    private func clone(_ device: SimulatedDevice) {
        guard devices.count(where: { $0.origin == device.origin }) < Self.copiesMax else { return }
        do {
            try check()
            let copy = try copy(device)
            counters.note("home copied")
            note("the home of \(device.name) is copied to \(copy.name)")
        } catch {
            report(.failed, "copying \(device.name): \(error)")
        }
    }

    private static let copiesMax = 3

    /// Keeps a home aside, or puts in its place what was kept.
    private func rollBack(_ device: SimulatedDevice, _ random: inout SeededRandom) {
        do {
            try check()
            if !random.isOnce(in: 3), let known = try device.putBack() {
                counters.note("home put back")
                note("the home of \(device.name) is put back")
                model.devices[device.number] = known
            } else {
                note("the home of \(device.name) is kept aside")
                try device.keepAside(model.devices[device.number])
            }
        } catch {
            report(.failed, "putting \(device.name) back: \(error)")
        }
    }

    private func setClock(_ device: SimulatedDevice, _ random: inout SeededRandom) {
        guard !script.options.skews.isEmpty else { return }
        let days = random.pick(from: script.options.skews)
        counters.note("clock set")
        note("the clock of \(device.name) is wrong by \(days) days")
        device.clock.set(wrongBy: Int64(days) * 86_400_000)
    }

    private func stall(minutes: Int) {
        note("the server's disk stops for \(minutes) minutes")
        let store = server.process.store
        store.holdWriter()
        timeline.plan(in: Int64(minutes) * 30_000) { store.releaseWriter() }
    }

    private func crash(_ device: SimulatedDevice, afterSteps count: Int, _ random: inout SeededRandom) {
        let change = random.pick(in: 1...60)
        if !random.isOnce(in: 3), device.cutPower(atChange: change) {
            return note("\(device.name) is to lose its power with change \(change) of its files")
        }
        note("\(device.name) is to die in \(count) steps")
        device.life.die(afterSteps: count)
    }

    private func crashServer(afterSteps count: Int, _ random: inout SeededRandom) {
        let change = random.pick(in: 1...60)
        if !random.isOnce(in: 3), server.cutPower(atChange: change) {
            return note("the server is to lose its power with change \(change) of its files")
        }
        note("the server is to die in \(count) steps")
        if count == 0 { server.process.life.end() } else { server.process.life.die(afterSteps: count) }
    }

    /// A machine is there again, after a power cut with what that left.
    func powerCame(back name: String, _ loss: FaultyDisk.Loss?, broken: () throws -> [String]) throws {
        guard let loss else { return }
        for problem in try broken() { report(.torn, "\(name) after a power cut: \(problem)") }
        note("of what \(name) had not synced \(loss.lost) changes are lost, \(loss.kept) stayed, \(loss.torn) torn")
        counters.note("power cut")
        counters.note("power cut: changes lost", loss.lost)
        counters.note("power cut: changes kept", loss.kept)
        counters.note("power cut: a write torn", loss.torn)
        counters.note("power cut: a deleted file came back", loss.revived)
    }

    private func cutOff(_ device: SimulatedDevice, minutes: Int, _ random: inout SeededRandom) {
        let way = random.pick(below: 3)
        note("\(device.name) is cut off for \(minutes) minutes, way \(way)")
        network.cutOff(device.number, up: way != 1, down: way != 0, for: Int64(minutes) * 60_000)
    }

    /// The server stops, and begins anew with a schema that has one more field.
    private func upgrade() {
        do {
            try server.upgrade()
            server.process.life.end()
            counters.note("schema upgraded")
            note("the schema gains a field")
        } catch {
            report(.failed, "an upgrade: \(error)")
        }
    }

    private func changeRule(_ random: inout SeededRandom) {
        let isOn = !random.isOnce(in: 3)
        note(isOn ? "marked texts are refused" : "no text is refused")
        do {
            try server.refuseMarked(isOn)
        } catch {
            report(.failed, "the rule: \(error)")
        }
    }
}

extension LinePlan {
    /// The plan, for a story.
    fileprivate var story: String {
        var words: [String] = []
        if let requestDelay { words.append("late by \(requestDelay)") }
        if losesRequest == true { words.append("in vain") }
        if let duplicateAfter {
            words.append("twice after \(duplicateAfter)\(hearsSecond == true ? ", heard then" : "")")
        }
        if let replayAfter { words.append("again after \(replayAfter)") }
        if let frameDelay { words.append("frames late by \(frameDelay)") }
        if let cutAfter { words.append("cut after \(cutAfter)") }
        if let stallAfter { words.append("stalled after \(stallAfter)") }
        if isAnsweredByProxy == true { words.append("through a proxy") }
        return words.joined(separator: ", ")
    }
}
