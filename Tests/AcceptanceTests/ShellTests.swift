import Foundation
import ScenarioRunner
import Testing

/// Edits that somebody types into the `sqlite3` shell, on a device's database.
@Suite(
    .serialized,
    .enabled(if: Places.installed("sqlite3") != nil, "the program sqlite3 is not installed; Scripts/test installs it"))
struct ShellTests {
    @Test func `edits typed in the shell arrive at the other rep`() async throws {
        let server = try await ServerProcess.start(in: Site())
        let (device, other) = (try await server.enrol("ann"), try await server.enrol("bo"))
        let kept = try await device.new("account", ["name=Aster", "tags+=old", "tags+=vip"])
        let gone = try await device.new("account", ["name=Gone"])
        try await server.quiet([device, other])

        let made = "01a20000-0000-7000-8000-00000000abcd"
        try await device.shell(
            """
            BEGIN;
            UPDATE account SET city = 'Malmö', tags = '["new","vip"]', employees = 12 WHERE id = '\(kept)';
            INSERT INTO account (id, name, parent) VALUES ('\(made)', '阿斯特', '\(kept)');
            DELETE FROM account WHERE id = '\(gone)';
            COMMIT;
            """)
        // Somebody else edits the same record meanwhile: the two merge.
        try await other.set("account", kept, ["tags+=bo", "industry=Books"])
        try await server.requireDrained([device, other])

        for replica in [device, other] {
            let record = try await replica.show("account", kept)
            #expect(record.fields["city"] == .text("Malmö"))
            #expect(record.fields["employees"] == .number(12))
            #expect(record.fields["industry"] == .text("Books"))
            #expect(record.fields["tags"] == .elements(["new", "vip", "bo"]))
            let child = try await replica.show("account", made)
            #expect(child.fields["name"] == .text("阿斯特"))
            #expect(child.fields["parent"] == .text(kept))
            #expect(try await Set(replica.list("account").map(\.id)) == [kept, made])
        }
        try await server.requireGracefulStop()
    }

    @Test func `a broken value typed in the shell is parked, and everything else goes on`() async throws {
        let server = try await ServerProcess.start(in: Site())
        let (device, other) = (try await server.enrol("ann"), try await server.enrol("bo"))
        let broken = try await device.new("account", ["name=Aster", "employees=3"])
        let sound = try await device.new("account", ["name=Birch"])
        try await server.quiet([device, other])

        try await device.shell(
            """
            UPDATE account SET employees = 'many' WHERE id = '\(broken)';
            UPDATE account SET city = 'Lund' WHERE id = '\(sound)';
            """)
        try await device.set("account", broken, ["city=Ystad"])
        let parked = try await device.status().parked
        #expect(parked.map(\.code) == ["invalid_value"])
        #expect(parked.map(\.records) == [[broken]])
        let sync = try await device.run(["sync"], expecting: [3])
        #expect(sync.output.contains("satchel status"), "\(sync.account)")

        try await server.requireDrained([device, other], parked: 1)
        #expect(try await other.show("account", sound).fields["city"] == .text("Lund"))
        let there = try await other.show("account", broken)
        #expect(there.fields["city"] == .text("Ystad"))
        #expect(there.fields["employees"] == .number(3))
        #expect(try await device.status().parked.map(\.code) == ["invalid_value"])
        try await server.requireGracefulStop()
    }
}

extension Device {
    /// Runs SQL in the shell, on the device's database.
    func shell(_ sql: String) async throws {
        let program = Places.installed("sqlite3") ?? "sqlite3"
        let result = try await site.end(try site.start(program, [databasePath, sql].map { Array($0.utf8) }))
        guard result.exitCode == 0, result.error.isEmpty else { throw AcceptanceFailure(result.account) }
    }
}
