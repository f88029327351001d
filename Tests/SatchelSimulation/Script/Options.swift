import Foundation
import SatchelTestSupport

/// What a run is drawn from: some faults are off in it and some are frequent, so that each meets the others in many mixtures.
package struct Options: Codable, Hashable, Sendable {
    /// The seed that everything follows from.
    package var seed: UInt64
    /// How many devices.
    package var devices: Int
    /// How many steps.
    package var ticks: Int
    /// How many days the steps lie in.
    package var days: Int
    /// How often each kind of step is drawn, against the others.
    package var weights: [String: Int]
    /// Of a hundred exchanges, how many the line does each of these things to.
    package var lossPercent: Int
    package var delayPercent: Int
    package var duplicatePercent: Int
    package var replayPercent: Int
    package var cutPercent: Int
    package var stallPercent: Int
    package var proxyPercent: Int
    /// Of a hundred texts, how many the rule of the house refuses.
    package var poisonPercent: Int
    /// How far clocks are set wrong, in days; empty where all are right.
    package var skews: [Int]
    /// Whether all clocks stand still at one instant, so that every tie falls to the names.
    package var isTimeFrozen: Bool
    /// Whether a crash takes the power with it: what no sync made durable is gone, but for a little.
    ///
    /// Scripts of before do not say.
    package var isPowerCut: Bool?

    /// The options, as a script's file holds them.
    package func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    /// The options of a seed.
    package static func drawn(seed: UInt64, ticks: Int) -> Options {
        var random = SeededRandom(seed: ~seed)
        var weights: [String: Int] = [:]
        var others = SeededRandom(seed: seed &+ 0x0DD)
        for action in Step.Action.allCases {
            let usual = usualWeights[action] ?? 1
            func weight(_ random: inout SeededRandom) -> Int { random.pick(from: [0, usual, usual, usual * 3]) }
            // What came later is drawn apart, so that a seed keeps its other options.
            weights[action.rawValue] =
                isNeeded(action) ? usual : action == .undo ? weight(&others) : weight(&random)
        }
        func rate(_ choices: [Int]) -> Int { random.pick(from: choices) }
        return Options(
            seed: seed, devices: random.pick(from: [2, 3, 3, 4, 5, 8]), ticks: ticks, days: max(ticks / 5, 1),
            weights: weights, lossPercent: rate([0, 5, 15, 30]), delayPercent: rate([0, 10, 40]),
            duplicatePercent: rate([0, 5, 30]), replayPercent: rate([0, 10, 50]), cutPercent: rate([0, 10, 30]),
            stallPercent: rate([0, 10, 20]), proxyPercent: rate([0, 5]), poisonPercent: rate([0, 10, 20, 40]),
            skews: random.pick(from: [[], [-1, 1], [-3, 3, 0], [-3_650, 3_650, 0, -20_000], [0, 0, 30]]),
            isTimeFrozen: random.isOnce(in: 12), isPowerCut: random.isOnce(in: 5))
    }

    /// The same where every crash takes the power with it, and crashes are many.
    package var losingPower: Options {
        var options = self
        options.isPowerCut = true
        options.weights[Step.Action.crashDevice.rawValue] = 18
        options.weights[Step.Action.crashServer.rawValue] = 12
        return options
    }

    /// Without these nothing would happen at all.
    private static func isNeeded(_ action: Step.Action) -> Bool { action == .edit || action == .sync }

    private static let usualWeights: [Step.Action: Int] = [
        .edit: 24, .sql: 6, .move: 6, .read: 5, .resolve: 6, .reissue: 8, .sync: 36, .crashDevice: 3, .setClock: 2,
        .office: 5, .inspect: 3, .release: 3, .rule: 2, .stall: 2, .crashServer: 2, .cutOff: 3, .clone: 1, .rollBack: 2,
        .restore: 3, .upgrade: 1, .undo: 5,
    ]
}
