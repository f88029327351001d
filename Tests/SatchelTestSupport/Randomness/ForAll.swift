import Foundation

/// How to see one case of a property test again.
package struct Replay: Sendable, CustomStringConvertible {
    /// The seed of the case.
    package let seed: UInt64
    /// What `swift test --filter` takes to run the test's suite.
    package let filter: String

    /// A command line that runs the case alone; give it to `#expect` as the comment.
    package var description: String { "SATCHEL_SEED=\(seed) swift test --filter \(filter)" }

    /// Names the suite by the file it stands in, as the tests here do.
    package init(seed: UInt64, fileID: String) {
        self.seed = seed
        let file = fileID.split(separator: "/").last ?? ""
        filter = String(file.split(separator: ".").first ?? file)
    }
}

/// Which seeds a property runs with.
package enum Seeds {
    /// The seed that `SATCHEL_SEED` names; `nil` when it names none.
    package static var replayed: UInt64? { ProcessInfo.processInfo.environment["SATCHEL_SEED"].flatMap(UInt64.init) }

    /// The replayed seed alone, else `cases` seeds from `first` on.
    ///
    /// For a soak `SATCHEL_CASES` says how many instead, and with `SATCHEL_FRESH_SEEDS` set they begin anywhere, so that it sees
    /// other cases each time.
    package static func forThisRun(cases: Int, first: UInt64) -> [UInt64] {
        if let replayed { return [replayed] }
        let environment = ProcessInfo.processInfo.environment
        let cases = environment["SATCHEL_CASES"].flatMap { Int($0) } ?? cases
        let isFresh = environment["SATCHEL_FRESH_SEEDS"] != nil
        let start = isFresh ? UInt64.random(in: 0...(.max)) : first
        return (0..<max(cases, 1)).map { start &+ UInt64($0) }
    }
}

/// Runs `body` once a seed; each case draws all it needs from its own generator.
///
/// What `body` throws stops the walk and goes on, after the command that replays the case was printed.
package func forAll(
    cases: Int, seed: UInt64 = 1, fileID: String = #fileID, _ body: (inout SeededRandom, Replay) throws -> Void
) rethrows {
    for seed in Seeds.forThisRun(cases: cases, first: seed) {
        let replay = Replay(seed: seed, fileID: fileID)
        var random = SeededRandom(seed: seed)
        do {
            try body(&random, replay)
        } catch {
            print("Replay with: \(replay)")
            throw error
        }
    }
}
