import ArgumentParser
import Foundation
import SatchelSimulation
import SatchelTestSupport

/// Lets the disk fail under each operation at each call that it makes.
@main
struct SweepCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "satchel-sweep",
        abstract: "Let the disk fail at every call that Satchel makes of it, one after the other.",
        discussion: """
            At each point the call has to fail loudly or to be done all the same; what stands then is what stood before or what was to
            come, and doing it again works. Exits 0 when all holds that must, 1 when something does not.

            Examples:
              satchel-sweep                       every point
              satchel-sweep --every 20 --share 3  the fourth of twenty in a row
              satchel-sweep --operation edit      one operation
              satchel-sweep --calls sync          each sync, under all operations
            """)

    @Option(help: "Sweep one point of so many.") var every = 1
    @Option(help: "Which one of those, from 0.") var share = 0
    @Option(help: "Sweep under this operation only; may be repeated.") var operation: [String] = []
    @Option(
        help: "Have calls of this kind fail only: open, read, write, sync, truncate, delete, size or shared memory.")
    var calls: String?
    @Flag(help: "Name the operations, and end.") var listOperations = false

    func validate() throws {
        guard every > 0, (0..<every).contains(share) else {
            throw ValidationError("--every takes a number above 0, and --share one below it.")
        }
        guard chosenCalls != nil else { throw ValidationError("--calls takes the name of a kind of calls.") }
        for name in operation where !IOSweep.operations.contains(name) {
            throw ValidationError("No operation is called \"\(name)\"; --list-operations names all.")
        }
    }

    private var chosenCalls: FaultyDisk.Calls? {
        guard let calls else { return .all }
        return FaultyDisk.Calls.named.first { $0.name == calls }?.calls
    }

    func run() async throws {
        guard !listOperations else { return IOSweep.operations.forEach { print($0) } }
        let folder = try TemporaryFolder(inMemory: true)
        let report = try await IOSweep(in: folder.url, calls: chosenCalls ?? .all, every: every, share: share)
            .run(operation.isEmpty ? IOSweep.operations : operation)
        print(report.text)
        if !report.problems.isEmpty { throw ExitCode(1) }
    }
}
