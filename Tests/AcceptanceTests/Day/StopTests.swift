import Foundation
import ScenarioRunner
import Testing

/// Who stops a command learns what is safe, and finds it so.
@Suite struct StopTests {
    /// Edit lines that make accounts.
    private static func accounts(_ count: Int) -> [String] {
        (0..<count).map { #"{"type":"account","set":{"name":"Account \#($0)"}}"# }
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func `a sync that is stopped keeps what came, and the next one goes on from there`(signal: Int32) async throws {
        struct Standing: Decodable {
            let isUnfinished: Bool
            enum CodingKeys: String, CodingKey { case isUnfinished = "is_fetch_unfinished" }
        }
        let server = try await ServerProcess.start(in: Site())
        let (ann, bo) = (try await server.enrol("ann"), try await server.enrol("bo"))
        try await bo.apply(Self.accounts(40))
        try await bo.sync()
        // It stands still once a page of what came is kept.
        let sync = try ann.with("SATCHEL_FAULT=stage-kept:1:stall").start(["sync"])
        try await Patience.until("a page that is kept") {
            let standing = try await ann.run(["status", "--json"]).decoded(Standing.self)
            return standing.isUnfinished ? true : nil
        }
        sync.signal(signal)
        let stopped = try await server.site.end(sync)
        #expect(stopped.exitCode == 128 + signal && stopped.output.isEmpty, "\(stopped.account)")
        #expect(
            stopped.error
                == "Stopped. What was recorded is kept, and what came, too; `satchel sync` goes on from there.\n")
        let ready = try await ann.run(["ready"], expecting: [3]).output
        #expect(ready.contains("not yet"), "\(ready)")
        try await ann.sync()
        #expect(try await ann.list("account").count == 40)
        try await server.requireDrained([ann, bo])
        try await server.requireGracefulStop()
    }

    @Test func `an export that is stopped leaves no file, and under --json says nothing`() async throws {
        let server = try await ServerProcess.start(in: Site())
        let ann = try await server.enrol("ann")
        try await ann.apply(Self.accounts(600))
        let folder = server.site.path("exports")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        for (options, said) in [
            ([], "Stopped. No file was made, and nothing here has changed; export again.\n"), (["--json"], ""),
        ] {
            let export = try ann.start(["export", "account", "--output", "\(folder)/a.csv"] + options)
            let entries = { try FileManager.default.contentsOfDirectory(atPath: folder) }
            try await Patience.until("the draft") { try entries().contains { $0.hasSuffix(".part") } ? true : nil }
            export.signal(SIGINT)
            let stopped = try await server.site.end(export)
            #expect(stopped.exitCode == 130 && stopped.output.isEmpty && stopped.error == said, "\(stopped.account)")
            #expect(try entries() == [])
        }
        let chinese = try ann.with("LANG=zh_CN.UTF-8").start(["export", "account"])
        try await Patience.until("the first record") { chinese.outputText.isEmpty ? nil : true }
        chinese.signal(SIGTERM)
        let stopped = try await server.site.end(chinese)
        #expect(stopped.exitCode == 143 && stopped.error.hasPrefix("已停止。"), "\(stopped.error)")
    }
}
