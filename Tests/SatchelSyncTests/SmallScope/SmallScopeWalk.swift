import SatchelSync
import SatchelTestSupport

/// Walks every history of a small scope, on the engine's side and on the oracle's.
///
/// A history is told in one order only: an operation that touches nothing but its own device stands right before the next of that
/// device that touches the server, since to which moment before it belongs makes no difference (a trace of Mazurkiewicz is walked
/// once). One in which an operation does nothing is another, shorter history, and left out.
struct SmallScopeWalk {
    /// What a walk has seen.
    struct Tally {
        var histories = 0, comparisons = 0, conflicts = 0, contested = 0, deleted = 0, manySiblings = 0
    }

    /// A history that the engine and the oracle tell differently.
    struct Difference: CustomStringConvertible {
        let problem: String
        let steps: [HistoryStep]

        var description: String { "\(problem)\n\(HistoryStep.pasteable(steps))" }
    }

    let scope: SmallScope
    let type: EntityType
    var fault: PlantedFault?
    private(set) var tally = Tally()

    init(_ scope: SmallScope, type: EntityType, fault: PlantedFault? = nil) {
        self.scope = scope
        self.type = type
        self.fault = fault
    }

    /// Walks until a history differs; `nil` when none does.
    mutating func firstDifference() -> Difference? {
        var choices = EveryChoice()
        repeat {
            var world = World(devices: scope.actors.count, type: type, fault: fault)
            guard tell(&world, using: &choices) else { continue }
            tally.histories += 1
            // First what each device shows of work that is still under way, then what all have in the end.
            for isSettled in [false, true] {
                if isSettled { world.settle() }
                if let problem = problem(in: world, isSettled) {
                    return Difference(problem: problem, steps: world.steps)
                }
            }
        } while choices.advance()
        return nil
    }

    /// Tells one history; `false` when an operation did nothing.
    private func tell(_ world: inout World, using choices: inout EveryChoice) -> Bool {
        for step in scope.opening { world.take(step) }
        var left = scope.actors.map(\.countMax)
        while true {
            let able = left.indices.filter { left[$0] > 0 }
            let turn = choices.pick(below: able.count + 1)
            guard turn < able.count else { break }
            let actor = able[turn]
            var isLocal = true
            while isLocal {
                let operations = scope.actors[actor].operations.filter { left[actor] > 1 || !$0.isLocal }
                let operation = choices.pick(from: operations)
                left[actor] -= 1
                guard world.take(operation, by: actor) else { return false }
                isLocal = operation.isLocal
            }
        }
        for actor in left.indices {
            let operations = scope.actors[actor].operations.filter(\.isLocal)
            while left[actor] > 0 {
                let pick = choices.pick(below: operations.count + 1)
                guard pick < operations.count else { break }
                left[actor] -= 1
                guard world.take(operations[pick], by: actor) else { return false }
            }
        }
        return true
    }

    /// What is told differently; devices are asked only while they may have something of their own to show.
    private mutating func problem(in world: World, _ isSettled: Bool) -> String? {
        let (oracle, engine) = (world.oracle, world.engine)
        let predicted = oracle.outcome(of: 0, known: oracle.server)
        let found = engine.outcome(of: engine.server[0])
        tally.comparisons += 1
        if isSettled { count(predicted) }
        if predicted != found { return "The server has \(found)\nand not \(predicted)." }
        for device in scope.actors.indices where !isSettled || !oracle.devices[device].parked.isEmpty {
            let predicted = oracle.outcome(of: 0, known: oracle.view(of: device))
            let found = engine.outcome(of: engine.effective(device, record: 0))
            tally.comparisons += 1
            if predicted != found { return "Device \(device) has \(found)\nand not \(predicted)." }
        }
        return nil
    }

    private mutating func count(_ outcome: RecordOutcome) {
        if !outcome.conflicts.isEmpty { tally.conflicts += 1 }
        if outcome.life == "contested" { tally.contested += 1 }
        if outcome.life == "deleted" { tally.deleted += 1 }
        if outcome.siblings.values.contains(where: { $0.count > 2 }) { tally.manySiblings += 1 }
    }
}

/// The two sides of one history, and the steps that led here.
private struct World {
    var oracle: SeenOracle
    var engine: EngineWorld
    var steps: [HistoryStep] = []

    init(devices: Int, type: EntityType, fault: PlantedFault?) {
        oracle = SeenOracle(devices: devices)
        engine = EngineWorld(devices: devices, type: type, fault: fault)
    }

    mutating func take(_ step: HistoryStep) {
        engine.take(step, name: oracle.take(step))
        steps.append(step)
    }

    /// Takes one operation; `false` when it does nothing here, or a device refuses it.
    mutating func take(_ operation: SmallScope.Operation, by device: Int) -> Bool {
        guard isAllowed(operation, by: device) else { return false }
        let (events, released) = (oracle.events.count, oracle.releasedCount)
        for step in operation.steps(of: device) { take(step) }
        switch operation {
        case .edit, .formEdit, .fix: return oracle.events.count > events
        case .release: return oracle.releasedCount > released
        case .read, .sync, .parkedSync, .send: return true
        }
    }

    /// Sends and fetches for all, and once more, so that all have everything.
    mutating func settle() {
        for _ in 0..<2 {
            for device in oracle.devices.indices {
                for step in SmallScope.Operation.sync.steps(of: device) { take(step) }
            }
        }
    }

    private func isAllowed(_ operation: SmallScope.Operation, by device: Int) -> Bool {
        let state = oracle.devices[device]
        let waits = state.unconfirmed.count > state.sentCount
        switch operation {
        case .read: return state.forms[0] != oracle.view(of: device)
        case .formEdit: return state.forms[0] != nil
        case .send, .parkedSync: return waits
        case .sync: return !state.unconfirmed.isEmpty || state.base != oracle.server
        case .fix, .release: return true
        case .edit(let edit): return isAllowed(edit, by: device)
        }
    }

    /// A replica refuses to edit what it sees deleted, to revive what lives, and to create what is there (causality.md §1).
    private func isAllowed(_ edit: HistoryStep.Edit, by device: Int) -> Bool {
        let life = oracle.outcome(of: 0, known: oracle.view(of: device)).life
        return switch edit {
        case .create: life == "absent"
        case .revive: life == "deleted" || life == "contested"
        default: life == "alive" || life == "contested"
        }
    }
}
