import Foundation
import ScenarioRunner
import Testing

/// A device that a stranger wrote: `Tests/Interop/client.py`, from `Protocol/sync.md` alone, over JSON.
@Suite struct InteropTests {
    @Test func `a client written from the document alone works with the server and beside a real device`() async throws
    {
        guard let python = Places.installed("python3") else {
            print("skipped: there is no program python3")
            return
        }
        let schema = Stranger.folder.appending(path: "schema.yaml").path
        let server = try await ServerProcess.start(in: Site(), schema: schema)
        let site = server.site
        let ann = try await server.enrol("ann")
        let stranger = Stranger(site: site, python: python, home: site.path("stranger"))

        let codes = (try await server.code(for: "ann"), try await server.code(for: "bo"))
        let scene = try await stranger.run(["check", server.url, codes.0, codes.1])
        #expect(scene.hasSuffix("All checks passed.\n"), "\(scene)")
        try await ann.sync()
        #expect(try await ann.list("account").map { $0.fields["name"] } == [.text("Acme 3")])

        try await stranger.run(["enrol", server.url, try await server.code(for: "bo"), "--home", stranger.home])
        let account = try await stranger.edit(["new", "account", "name=Grüße & Co", "phone=1"])
        try await stranger.sync()
        try await ann.sync()
        #expect(try await ann.show("account", account).fields["name"] == .text("Grüße & Co"))

        // Neither has seen the other's edit.
        try await ann.set("account", account, ["phone=2"])
        try await stranger.edit(["set", account, "phone=3"])
        try await stranger.sync()
        try await ann.sync()
        try await stranger.sync()
        #expect(try await stranger.show(account).fields["phone"] == .elements(["2", "3"]))
        let open = try await ann.conflicts().first { $0.id == account }
        #expect(Set(open?.conflicts.first?.siblings.map(\.value) ?? []) == [.text("2"), .text("3")])

        // The stranger settles it for both, and then the device's own edit comes back to him.
        try await stranger.edit(["set", account, "phone=4"])
        try await stranger.sync()
        try await ann.sync()
        #expect(try await ann.conflicts().allSatisfy { $0.id != account })
        #expect(try await ann.show("account", account).fields["phone"] == .text("4"))
        let second = try await ann.new("account", ["name=Second"])
        try await ann.set("account", account, ["phone=5"])
        try await ann.sync()
        try await stranger.sync()
        #expect(try await stranger.show(second).fields["name"] == .text("Second"))
        #expect(try await stranger.show(account).fields["phone"] == .text("5"))
        try await server.requireDrained([ann])
        try await server.requireGracefulStop()
    }
}

/// A reader of the binary form that a stranger wrote: `Tests/Interop/columns.py`, from `Protocol/sync.md` alone.
@Suite struct ColumnInteropTests {
    @Test func `a reader written from the document alone finds in the golden columns what their JSON says`()
        async throws
    {
        guard let python = Places.installed("python3") else {
            print("skipped: there is no program python3")
            return
        }
        let site = try Site()
        let vectors = Stranger.folder.appending(path: "../../Fixtures/wire/v1").standardizedFileURL.path
        let command = [Stranger.folder.appending(path: "columns.py").path, vectors]
        let result = try await site.end(try site.start(python, command.map { Array($0.utf8) }))
        #expect(result.exitCode == 0 && result.output == "5 vectors read as their JSON says.\n", "\(result.account)")
    }
}

/// The client in Python, and a home of its own.
private struct Stranger {
    /// A record as the client prints it; a field in conflict is the list of its values.
    struct Form: Decodable {
        let fields: [String: Shown]
    }

    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Interop")

    let site: Site
    let python: String
    let home: String

    /// Runs a command that has to end with 0; returns what it printed.
    @discardableResult
    func run(_ arguments: [String]) async throws -> String {
        let command = [Self.folder.appending(path: "client.py").path] + arguments
        let result = try await site.end(try site.start(python, command.map { Array($0.utf8) }))
        guard result.exitCode == 0 else { throw AcceptanceFailure(result.account) }
        return result.output
    }

    /// Makes or edits a record; returns its id.
    @discardableResult
    func edit(_ arguments: [String]) async throws -> String {
        try await run(arguments + ["--home", home]).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    func sync() async throws { try await run(["sync", "--home", home]) }

    func show(_ id: String) async throws -> Form {
        let text = try await run(["show", id, "--home", home])
        return try JSONDecoder().decode(Form.self, from: Data(text.utf8))
    }
}
