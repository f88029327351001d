package import Foundation
import SatchelStorage
import SatchelSync
package import SatchelTestSupport

/// Lets the disk fail under each operation at each call that it makes, and looks at what stands afterwards.
package struct IOSweep: Sendable {
    /// A point of the sweep: how the disk fails under which operation.
    struct Point: Hashable, Sendable, CustomStringConvertible {
        let operation: String
        let calls: FaultyDisk.Calls
        let failure: FaultyDisk.Failure
        let nth: Int
        /// Whether the disk goes on failing until the operation is over.
        let lasts: Bool
        /// What comes after: the same process goes on, another takes its place, or the power goes.
        let next: Next

        enum Next: String, CaseIterable, Sendable { case goesOn, isRestarted, losesPower }

        var description: String {
            let kind = FaultyDisk.Calls.named.first { $0.calls == calls }?.name ?? "call"
            return "\(operation): \(kind) \(nth) \(failure)\(lasts ? ", and all later ones" : ""), then it \(next)"
        }
    }

    /// What a sweep came to.
    package struct Report: Sendable {
        /// Points at which the disk did fail, by operation.
        package fileprivate(set) var points: [(operation: String, count: Int)] = []
        /// What does not hold, with the point.
        package fileprivate(set) var problems: [String] = []
        /// How often the call failed loudly, and how often it was done all the same.
        package fileprivate(set) var failed = 0, done = 0

        /// One line.
        package var line: String {
            "io sweep: \(points.map(\.count).reduce(0, +)) points, \(problems.count) wrong"
        }

        /// A line for each operation, then that one.
        package var text: String {
            points.map { "  \($0.operation): \($0.count)\n" }.joined() + problems.map { "  wrong: \($0)\n" }.joined()
                + "  failed loudly \(failed), done all the same \(done)\n" + line
        }
    }

    private static let faults: [(FaultyDisk.Calls, FaultyDisk.Failure)] = [
        (.read, .error), (.write, .error), (.write, .full), (.write, .short), (.sync, .error), (.truncate, .error),
        (.delete, .error), (.open, .error), (.size, .error), (.shared, .error),
    ]

    private let calls: FaultyDisk.Calls
    private let every: Int
    private let share: Int
    private let folder: URL

    /// Sweeps every point, or the `share`-th of `every` in a row, in an empty folder that is there.
    ///
    /// Only `calls` fail, where not all kinds of them are wanted.
    package init(in folder: URL, calls: FaultyDisk.Calls = .all, every: Int = 1, share: Int = 0) {
        self.folder = folder
        self.calls = calls
        self.every = every
        self.share = share
    }

    /// The names of the operations.
    package static var operations: [String] { SweptOperation.all.map(\.name) }

    /// Sweeps all operations, or some by name.
    package func run(_ names: [String] = operations) async throws -> Report {
        var report = Report()
        for operation in SweptOperation.all where names.contains(operation.name) {
            try await sweep(operation, into: &report)
        }
        return report
    }

    private func sweep(_ operation: SweptOperation, into report: inout Report) async throws {
        let template = folder.appending(path: "template")
        let states = try await prepare(operation, in: template)
        defer { try? FileManager.default.removeItem(at: template) }
        var (count, number) = (0, share)
        for (calls, failure) in Self.faults where self.calls.contains(calls) {
            for lasts in [false, true] {
                for next in Point.Next.allCases {
                    var nth = number % every + 1
                    number += 1
                    while true {
                        let point = Point(
                            operation: operation.name, calls: calls, failure: failure, nth: nth, lasts: lasts,
                            next: next)
                        let trial = Trial(operation: operation, point: point, states: states)
                        let outcome = await trial.run(template: template, folder: folder.appending(path: "trial"))
                        report.problems += outcome.problems.map { "\(point): \($0)" }
                        guard outcome.isReached else { break }
                        count += 1
                        if outcome.hasFailed { report.failed += 1 } else { report.done += 1 }
                        nth += every
                    }
                }
            }
        }
        report.points.append((operation.name, count))
    }

    /// Makes the scene that an operation begins with, and looks how it is before and after, and after doing it twice.
    private func prepare(_ operation: SweptOperation, in template: URL) async throws -> Trial.States {
        try FileManager.default.createDirectory(at: template, withIntermediateDirectories: true)
        let scene = try SweepScene(folder: template)
        try scene.makeServer()
        try await scene.addOffice()
        for part in [SweepScene.Part.ann, .bob] { try await scene.enrol(part) }
        for number in 0..<3 { try scene.edit(.ann, "made \(number)", of: [number], life: .create) }
        try await scene.sync(.ann)
        try await scene.sync(.bob)
        try await operation.prepare(scene)
        try scene.closeServer()
        var states: [SweepState] = []
        for times in 0...2 {
            let place = folder.appending(path: "sound")
            try FileManager.default.copyItem(at: template, to: place)
            defer { try? FileManager.default.removeItem(at: place) }
            let scene = try SweepScene(folder: place)
            if operation.isUp { _ = try scene.store() }
            for time in 0..<times where operation.kind != .creation || time == 0 {
                try await operation.perform(scene)
            }
            states.append(try await scene.state())
            try scene.closeServer()
        }
        return Trial.States(before: states[0], after: states[1], twice: states[2])
    }
}
