import Foundation
import ScenarioRunner
import Testing

/// The first thing that a newcomer runs.
@Suite struct QuickstartTests {
    @Test func `the quickstart passes, and leaves nothing behind`() async throws {
        let site = try Site()
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let env = try #require(Places.installed("env"))
        let scratch = site.path("tmp")
        try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
        let command = [
            "SATCHEL_BIN=\(Places.programs.path)", "TMPDIR=\(scratch)", "bash",
            root.appending(path: "Scripts/quickstart").path,
        ]
        let result = try await site.end(try site.start(env, command.map { Array($0.utf8) }))
        #expect(result.exitCode == 0, "\(result.output)\(result.error)")
        #expect((result.output + result.error).contains("Quickstart passed in "))
        let left = try FileManager.default.contentsOfDirectory(atPath: scratch).filter { $0.contains("satchel") }
        #expect(left.isEmpty)
    }
}
