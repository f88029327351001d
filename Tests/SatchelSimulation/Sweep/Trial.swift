import Foundation
import SatchelStorage
import SatchelSync
import SatchelTestSupport

/// One point of a sweep: an operation under which the disk fails, what stands then, and whether doing it again works.
struct Trial {
    /// What an operation begins with and leads to where nothing fails.
    struct States {
        let before: SweepState
        let after: SweepState
        let twice: SweepState
    }

    /// What came of it.
    struct Outcome {
        /// Whether the disk did fail.
        var isReached = false
        /// Whether the operation said so.
        var hasFailed = false
        var problems: [String] = []
    }

    let operation: SweptOperation
    let point: IOSweep.Point
    let states: States

    /// Plays it in a copy of the template.
    func run(template: URL, folder: URL) async -> Outcome {
        var outcome = Outcome()
        do {
            try FileManager.default.copyItem(at: template, to: folder)
            let scene = try SweepScene(folder: folder)
            let disk = try FaultyDisk(folder: scene.place(of: operation.part).url, seed: UInt64(point.nth))
            if operation.isUp { _ = try scene.store() }
            disk.fail(point.calls, point.failure, at: point.nth, lasting: point.lasts)
            var failure: (any Error)?
            do { try await operation.perform(scene) } catch { failure = error }
            outcome.isReached = disk.failureCount > 0
            outcome.hasFailed = failure != nil
            if outcome.isReached || failure != nil { try await judge(failure, scene, disk, &outcome) }
            disk.heal()
            try? scene.closeServer()
        } catch {
            outcome.problems.append("\(error)")
        }
        try? FileManager.default.removeItem(at: folder)
        return outcome
    }

    private func judge(
        _ failure: (any Error)?, _ scene: SweepScene, _ disk: FaultyDisk, _ outcome: inout Outcome
    ) async throws {
        if let failure { outcome.problems += complaints(about: failure) }
        switch point.next {
        case .goesOn: disk.heal()
        case .isRestarted:
            disk.heal()
            try scene.closeServer()
        case .losesPower: try cutPower(scene, disk)
        }
        let found = try await scene.state()
        outcome.problems += complaints(about: found, isAcknowledged: failure == nil)
        let isDone = operation.kind == .creation && scene.place(of: operation.part).hasDatabase
        if !isDone { try await operation.perform(scene) }
        let again = try await scene.state()
        let wanted = operation.kind == .edit && found == states.after ? states.twice : states.after
        if again != wanted { outcome.problems.append("after doing it again it is [\(again)], not [\(wanted)]") }
        // What was acknowledged at last is on the disk, whatever happened to the sync before.
        try cutPower(scene, disk)
        let kept = try await scene.state()
        if kept != again { outcome.problems.append("the power took it back to [\(kept)] from [\(again)]") }
        try scene.closeServer()
    }

    private func cutPower(_ scene: SweepScene, _ disk: FaultyDisk) throws {
        disk.cut()
        try? scene.closeServer()
        disk.heal()
        _ = try disk.restore()
    }

    /// It must fail in words that a person understands, as what it is.
    private func complaints(about failure: any Error) -> [String] {
        guard let error = failure as? SatchelError else { return ["it threw \(failure)"] }
        let isFull = point.calls == .write && point.failure != .error
        let wanted: Set<SatchelError.Code> = isFull ? [.diskFull] : [.storageFailed, .diskFull]
        return wanted.contains(error.code) ? [] : ["it failed as \(error)"]
    }

    private func complaints(about found: SweepState, isAcknowledged: Bool) -> [String] {
        if isAcknowledged, found != states.after { return ["it was acknowledged, and is [\(found)]"] }
        if operation.kind != .exchange {
            return found == states.before || found == states.after ? [] : ["it is torn: [\(found)]"]
        }
        var problems: [String] = []
        if found.server != states.before.server, found.server != states.after.server {
            problems.append("the server is torn: [\(found)]")
        }
        let devices = [
            (found.ann, states.before.ann, states.after.ann), (found.bob, states.before.bob, states.after.bob),
        ]
        for (found, before, after) in devices {
            guard let found, let before, let after else { continue }
            if found.own != before.own { problems.append("the queue of a device is another: [\(found)]") }
            if found.base != before.base, found.base != after.base { problems.append("base is torn: [\(found)]") }
            for (number, verdict) in found.verdicts.enumerated()
            where verdict != "-" && after.verdicts[number] != verdict {
                problems.append("a verdict is none of the server's: [\(found)]")
            }
        }
        if found.server == states.before.server,
            found.bob?.verdicts != states.before.bob?.verdicts
                || found.ann?.verdicts != states.before.ann?.verdicts
        {
            problems.append("a device knows verdicts that the server does not: [\(found)]")
        }
        return problems
    }
}
