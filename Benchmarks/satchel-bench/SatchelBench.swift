import ArgumentParser
import Foundation
import SatchelSync

/// Measures Satchel beside raw SQLite doing the same rows, in the same run.
@main
struct SatchelBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "satchel-bench", abstract: "Measure Satchel beside raw SQLite doing the same rows.",
        discussion: "Scripts/bench makes the input and runs it.")

    /// What can be measured.
    enum Workload: String, CaseIterable, ExpressibleByArgument {
        case w1, w3, w4, w5, edit, `import`, bytes, day
    }

    @Option(help: ArgumentHelp("The folder that generate.py wrote to.", valueName: "folder"))
    var input: String

    @Option(help: ArgumentHelp("How often each is run; the median counts.", valueName: "count"))
    var runs = 5

    @Option(help: ArgumentHelp("The folder with the program satchel, for day.", valueName: "folder"))
    var programs: String?

    @Option(help: ArgumentHelp("The folder with the programs empty and floor, for day.", valueName: "folder"))
    var floor: String?

    @Flag(help: "Print one JSON object a line.")
    var json = false

    @Argument(help: ArgumentHelp("What to measure; all when none is named.", valueName: "name"))
    var names: [Workload] = []

    func run() async throws {
        let bench = try Bench(input: URL(filePath: input), runs: max(1, runs)) { finding in
            let line = json ? try finding.json() : finding.text
            try FileHandle.standardOutput.write(contentsOf: Data((line + "\n").utf8))
        }
        defer { bench.finish() }
        for name in names.isEmpty ? Workload.allCases : names { try await measure(name, with: bench) }
    }

    private func measure(_ name: Workload, with bench: Bench) async throws {
        switch name {
        case .w1:
            let merging = try await Merging(bench)
            try await merging.oneCommitEach()
            try await merging.layout()
            try await merging.allWaiting()
        case .w3: try await Pulling(bench).measure()
        case .w4: try await Growing(bench).measure()
        case .w5: try await Exchanging(bench).measure()
        case .edit:
            let editing = try Editing(bench)
            try await editing.measure()
            try await editing.besideDeadLine()
        case .import: try await Importing(bench).measure()
        case .bytes: try Sending(bench).measure()
        case .day:
            guard let programs, let floor else {
                throw ValidationError("To measure the day, --programs and --floor name the programs that are run.")
            }
            let places = Commanding.Programs(ours: URL(filePath: programs), floor: URL(filePath: floor))
            try Commanding(bench, programs: places).measure()
        }
    }
}
