import Foundation
import ScenarioRunner
import Testing

/// The example for embedders, as a process against a real server.
@Suite struct ExampleTests {
    private static let program = Places.programs.appending(path: "follow-changes").path

    @Test(
        .enabled(
            if: FileManager.default.isExecutableFile(atPath: program), "the example is not beside the programs"))
    func `the example enrols, follows what a sync brings and what it edits itself, and leaves all at the server`()
        async throws
    {
        let server = try await ServerProcess.start(in: Site())
        let ann = try await server.enrol("ann")
        let id = try await ann.new("account", ["name=Aster", "city=Lund"])
        try await ann.sync()

        let home = server.site.path("example")
        let arguments = [server.url, try await server.code(for: "bo"), home]
        let process = try server.site.start(Self.program, arguments.map { Array($0.utf8) })
        let result = try await server.site.end(process)
        #expect(result.exitCode == 0, "\(result.output)\(result.error)")
        let lines = result.output.split(separator: "\n").map(String.init)
        for line in [
            "enrolled bo", "sync: appeared name=Aster city=Lund", "pulled 1", "edited Aster as change-set 1",
            "edit: changed note=called", "pushed 1, 0 beside other values", "everything is at the server: true",
        ] {
            #expect(lines.contains(line), "\(line)\nis not in\n\(result.output)")
        }
        #expect(lines.count == 7)

        let bo = Device(site: server.site, home: home)
        try await server.quiet([ann, bo])
        #expect(try await ann.show("account", id).fields["note"] == .text("called"))
        try await server.requireDrained([ann, bo])
        try await server.requireGracefulStop()
    }

    @Test(
        .enabled(
            if: FileManager.default.isExecutableFile(atPath: program), "the example is not beside the programs"))
    func `a name that would drive the terminal is shown by its characters' numbers`() async throws {
        let server = try await ServerProcess.start(in: Site())
        let ann = try await server.enrol("ann")
        try await ann.new("account", ["name=Aster\u{1B}[2J\u{202E}", "city=one\npushed 9, 9 beside other values"])
        try await ann.sync()
        let arguments = [server.url, try await server.code(for: "bo"), server.site.path("example")]
        let process = try server.site.start(Self.program, arguments.map { Array($0.utf8) })
        let result = try await server.site.end(process)
        #expect(result.exitCode == 0, "\(result.output)\(result.error)")
        #expect(!result.output.unicodeScalars.contains { $0.value == 0x1B || $0.value == 0x202E })
        #expect(result.output.split(separator: "\n").count == 7, "\(result.output)")
        #expect(result.output.contains(#"edited Aster\u{1B}[2J\u{202E} as change-set 1"#), "\(result.output)")
        try await server.requireGracefulStop()
    }

    @Test(
        .enabled(
            if: FileManager.default.isExecutableFile(atPath: program), "the example is not beside the programs"))
    func `the example says what is wrong with a code, and ends with 1`() async throws {
        let server = try await ServerProcess.start(in: Site())
        let arguments = [server.url, "NO-SUCH-CODE", server.site.path("example")]
        let process = try server.site.start(Self.program, arguments.map { Array($0.utf8) })
        let result = try await server.site.end(process)
        #expect(result.exitCode == 1)
        #expect(result.output.contains("[invalid_code]"), "\(result.output)\(result.error)")
        try await server.requireGracefulStop()
    }
}
