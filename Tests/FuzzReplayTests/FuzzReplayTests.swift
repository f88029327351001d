import Foundation
import FuzzTargets
import Testing

/// What `Scripts/fuzz` began from and what it found: none of it may trap, and each promise holds.
@Suite struct FuzzReplayTests {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../Fixtures/fuzz").standardizedFileURL

    @Test(arguments: FuzzTarget.allCases) func `each input of the corpus is refused or read as one thing`(
        target: FuzzTarget
    ) throws {
        let folder = Self.folder.appending(path: target.rawValue)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        #expect(!names.isEmpty)
        for name in names {
            let bytes = Array(try Data(contentsOf: folder.appending(path: name)))
            if let problem = target.run(bytes) { Issue.record("\(target)/\(name): \(problem)") }
        }
    }
}
