package import Foundation
import SatchelTestSupport

/// A run in full: what it was drawn from, and all that is done in it.
///
/// Running it is a function of this alone.
package struct Script: Codable, Hashable, Sendable {
    /// What it was drawn from.
    package var options: Options
    /// What is done, in the order of time.
    package var steps: [Step]

    /// The script of a seed.
    package static func drawn(from options: Options) -> Script {
        var random = SeededRandom(seed: options.seed)
        let bag = Step.Action.allCases.flatMap { action in
            Array(repeating: action, count: options.weights[action.rawValue] ?? 0)
        }
        let meanGap = Int(Int64(options.days) * 86_400_000 / Int64(max(options.ticks, 1)))
        var now: Int64 = 0
        var steps: [Step] = []
        for _ in 0..<options.ticks {
            // Seconds for most, so that exchanges and edits meet, and long pauses between.
            now += Int64(
                random.isOnce(in: 3) ? random.pick(in: 0...(meanGap * 5)) : random.pick(in: 0...60_000))
            let step = step(random.pick(from: bag), at: now, options, &random)
            // What is taken back is often a fix, which is rare otherwise.
            if step.action == .undo, random.isOnce(in: 2) {
                var fix = step
                fix.action = .reissue
                steps.append(fix)
            }
            steps.append(step)
        }
        return Script(options: options, steps: steps)
    }

    private static func step(
        _ action: Step.Action, at time: Int64, _ options: Options, _ random: inout SeededRandom
    ) -> Step {
        var step = Step(
            at: time, action: action, device: random.pick(below: options.devices),
            seed: UInt32(truncatingIfNeeded: random.next()))
        switch action {
        case .edit: step.size = random.pick(from: [1, 1, 1, 2, 3])
        case .sync: step.line = line(options, &random)
        case .crashDevice: step.size = random.pick(in: 0...24)
        case .crashServer: step.size = random.pick(in: 0...5)
        case .stall: step.size = random.pick(in: 1...3)
        case .cutOff: step.size = random.pick(from: [1, 10, 600, 3_000])
        default: break
        }
        return step
    }

    private static func line(_ options: Options, _ random: inout SeededRandom) -> LinePlan {
        var plan = LinePlan()
        func happens(_ percent: Int) -> Bool { random.pick(below: 100) < percent }
        if happens(options.lossPercent) { plan.losesRequest = true }
        if happens(options.delayPercent) { plan.requestDelay = Int64(random.pick(from: [1_000, 20_000, 100_000])) }
        if happens(options.delayPercent) { plan.frameDelay = Int64(random.pick(from: [500, 5_000, 30_000])) }
        if happens(options.duplicatePercent) {
            plan.duplicateAfter = Int64(random.pick(from: [1, 50, 10_000]))
            plan.hearsSecond = random.isOnce(in: 2)
        }
        if happens(options.replayPercent) {
            plan.replayAfter = Int64(random.pick(from: [60_000, 3_600_000, 86_400_000, 10 * 86_400_000]))
        }
        if happens(options.cutPercent) { plan.cutAfter = random.pick(in: 0...6) }
        if happens(options.stallPercent) { plan.stallAfter = random.pick(in: 0...4) }
        if happens(options.proxyPercent) { plan.isAnsweredByProxy = true }
        plan.recordsPerPage = random.pick(from: [1, 2, 50])
        return plan
    }

    /// The script as a file holds it.
    package func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let lines = try steps.map { String(decoding: try encoder.encode($0), as: UTF8.self) }
        return "{\"options\":\(try options.json()),\n\"steps\":[\n\(lines.joined(separator: ",\n"))\n]}\n"
    }

    /// Reads a file.
    package init(json: Data) throws { self = try JSONDecoder().decode(Script.self, from: json) }

    package init(options: Options, steps: [Step]) {
        self.options = options
        self.steps = steps
    }
}
