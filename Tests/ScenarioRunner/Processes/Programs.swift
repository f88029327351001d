package import Foundation

/// One of the three programs that people run.
package enum Program: String, Sendable {
    case satchel
    case server = "satchel-server"
    case inspect = "satchel-inspect"
}

/// Where the programs and the data shared between repositories are.
package enum Places {
    /// The folder of the programs: `SATCHEL_BIN`, else the one the tests were built into.
    package static let programs: URL = {
        if let named = environment("SATCHEL_BIN") { return URL(filePath: named, directoryHint: .isDirectory) }
        let bundle = URL(filePath: CommandLine.arguments.first ?? "").deletingLastPathComponent()
        let besides = [bundle, bundle.deletingLastPathComponent()]
        let built = besides.first {
            manager.isExecutableFile(atPath: $0.appending(path: Program.satchel.rawValue).path)
        }
        return built ?? package.appending(path: ".build/debug")
    }()

    /// What is shared beside the repository: `SATCHEL_SHARED`, else `../shared`.
    package static let shared =
        environment("SATCHEL_SHARED").map { URL(filePath: $0, directoryHint: .isDirectory) }
        ?? package.deletingLastPathComponent().appending(path: "shared")

    /// Real concurrent edits of public registries.
    package static var realMerges: URL { shared.appending(path: "data/real-merges") }

    /// Real inspections of six reps.
    package static var visits: URL { shared.appending(path: "data/visits/chicago-visits.csv") }

    /// Real tracks of phones and receivers.
    package static var tracks: URL { shared.appending(path: "data/tracks") }

    /// Real pictures, whole and damaged ones.
    package static var photos: URL { shared.appending(path: "data/photos") }

    /// Real names in Chinese.
    package static var chineseNames: URL { shared.appending(path: "data/zh") }

    /// Whether shared data is beside the repository.
    package static func has(_ data: URL...) -> Bool {
        data.allSatisfy { manager.fileExists(atPath: $0.path(percentEncoded: false)) }
    }

    /// What makes the workloads of the benchmarks.
    package static var generator: URL { shared.appending(path: "bench/generate.py") }

    /// Whether the shared data is played whole, and not a tenth of it: `SATCHEL_ACCEPTANCE=all`.
    package static var isWhole: Bool { environment("SATCHEL_ACCEPTANCE") == "all" }

    /// The first program of this name on the path; `nil` where it is not installed.
    package static func installed(_ name: String) -> String? {
        (environment("PATH") ?? "").split(separator: ":").map { "\($0)/\(name)" }
            .first { manager.isExecutableFile(atPath: $0) }
    }

    /// The value of a variable that is set and not empty.
    package static func environment(_ name: String) -> String? {
        ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    private static var manager: FileManager { .default }
    private static let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
}

/// Something went otherwise than a test needs it to go on.
package struct AcceptanceFailure: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
