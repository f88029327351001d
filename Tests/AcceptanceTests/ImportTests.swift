import Foundation
import ScenarioRunner
import Testing

/// Tables of another system, imported by the office.
@Suite struct ImportTests {
    private struct Counts: Decodable, Equatable {
        let made: Int, changed: Int, same: Int, refused: Int

        enum CodingKeys: String, CodingKey {
            case made = "made_count"
            case changed = "changed_count"
            case same = "same_count"
            case refused = "refused_count"
        }
    }

    private func run(
        _ type: String, _ table: String, _ server: ServerProcess, expecting codes: Set<Int32> = [0]
    ) async throws -> ProgramResult {
        let path = server.site.path("\(type).csv")
        try Data(table.utf8).write(to: URL(filePath: path))
        return try await server.command(["import", type, path, "--as", "office", "--json"], expecting: codes)
    }

    @Test func `a table is imported by the other system's numbers, and again without an edit`() async throws {
        let server = try await ServerProcess.start(in: Site())
        let device = try await server.enrol("ann")
        let accounts = #"""
            external_id,name,city,credit_limit,tags
            A1,"Aster, Ltd",上海,1250.50,vip;tea
            A2,"Birch ""B""",,,
            """#
        let contacts = "external_id,name,account,consent,birthday\nC1,Bo,A1,true,1980-02-29\n"
        let first: Counts = try await run("account", accounts, server).decoded()
        #expect(first == Counts(made: 2, changed: 0, same: 0, refused: 0))
        let people: Counts = try await run("contact", contacts, server).decoded()
        #expect(people == Counts(made: 1, changed: 0, same: 0, refused: 0))
        let (ledger, again) = (try await server.ledger().count, try await run("account", accounts, server))
        let repeated: Counts = try again.decoded()
        #expect(repeated == Counts(made: 0, changed: 0, same: 2, refused: 0))
        #expect(try await server.ledger().count == ledger)
        let moved: Counts = try await run("account", "external_id,city\nA1,Lund\nA2,\n", server).decoded()
        #expect(moved == Counts(made: 0, changed: 1, same: 1, refused: 0))

        try await server.quiet([device])
        let shown = try await device.list("account").first { $0.fields["external_id"] == .text("A1") }
        #expect(shown?.fields["name"] == .text("Aster, Ltd"))
        #expect(shown?.fields["city"] == .text("Lund"))
        #expect(shown?.fields["credit_limit"] == .text("1250.50"))
        #expect(shown?.fields["tags"] == .elements(["vip", "tea"]))
        let contact = try await device.list("contact")[0].fields
        #expect(contact["account"] == shown.map { .text($0.id) })
        #expect(contact["consent"] == .flag(true))
        try await server.requireDrained([device])
        try await server.requireGracefulStop()
    }

    @Test func `what a device exports is imported again, without an edit or into another office`() async throws {
        let server = try await ServerProcess.start(in: Site())
        let device = try await server.enrol("ann")
        let parent = try await device.new("account", ["name='=1+1", "external_id=P"])
        _ = try await device.new(
            "account",
            [
                "name==SUM(A1)", "parent=\(parent)", "tags+=a;b", "tags+=vip", "attributes.size=12 m",
                "location=31.2304,121.4737,12",
                "credit_limit=-0.00", "last_visit=2026-03-02T08:01:13.120Z", "opening_hours={\"mon\":[9,17]}",
                "note=-5\nAster, \"阿斯特\"",
                "stock+=3", "status=key",
            ])
        try await device.sync()
        let table = try await device.run(["export", "account"]).output
        let same: Counts = try await run("account", table, server).decoded()
        #expect(same == Counts(made: 0, changed: 0, same: 2, refused: 0), "\(table)")
        // Elsewhere a counter begins at 0, so its column stays behind.
        let wrong = try await server.site.run(
            .server,
            [
                "import", "account", server.site.path("account.csv"), "--as", "office", "--data",
                try await other(server),
            ],
            expecting: [1])
        #expect(wrong.error.contains("is a counter, which takes no value, and does not stand at 3"), "\(wrong.account)")
        let lines = try await device.run(["export", "account", "--json"]).output
        #expect(lines.split(separator: "\n").count == 2 && lines.hasPrefix("{\"type\":\"account\""), "\(lines)")
        try await device.run(["export", "account", "--json", "--as", "csv"], expecting: [64])
        // Rows without a column for numbers of another system are found by their ids, and made under them.
        let id = "0199a000-0000-7000-8000-00000000a57e"
        let made: Counts = try await run("account", "id,name\n\(id),Birch\n\(parent),Aster\n", server).decoded()
        #expect(made == Counts(made: 1, changed: 1, same: 0, refused: 0))
        for bad in ["id,name\n1234,Birch\n", "id,name\n,Birch\n", "id,name\n\(id),a\n\(id),b\n"] {
            _ = try await run("account", bad, server, expecting: [1])
        }
        try await server.quiet([device])
        // Of two rows with one id the first holds.
        #expect(try await device.show("account", id).fields["name"] == .text("a"))
        try await server.requireDrained([device])
        try await server.requireGracefulStop()
    }

    /// Another office, with nothing in it.
    private func other(_ server: ServerProcess) async throws -> String {
        let path = server.site.path("other")
        try await server.site.run(.server, ["init", "--data", path], expecting: [0])
        try await server.site.run(.server, ["user", "add", "office", "--data", path], expecting: [0])
        return path
    }

    @Test(arguments: [
        ("name\nAster\n", "invalid_request"), ("external_id,nonsense\nA1,x\n", "unknown_field"),
        ("external_id,name\nA1,\"x\n", "invalid_request"),
    ]) func `a table that cannot be understood is refused whole`(table: String, code: String) async throws {
        let server = try await ServerProcess.start(in: Site())
        let result = try await run("account", table, server, expecting: [1])
        #expect(result.failureCode == code)
        #expect(try await server.ledger().isEmpty)
        try await server.requireGracefulStop()
    }

    /// A refused row, under `--json`.
    private struct Refusals: Decodable {
        struct Refusal: Decodable {
            let line: Int
            let error: FailureForm.Failure
        }

        let refused: [Refusal]
    }

    @Test func `a row that the schema forbids is refused by its line and counted as such, and the others go in`()
        async throws
    {
        let server = try await ServerProcess.start(in: Site())
        _ = try await run("account", "external_id,name\nA9,Old\n", server)
        let table = """
            external_id,name,employees
            A1,Aster,many
            A2,"Bir
            ch",4
            A3,,7
            A9,,few
            A9b,New,
            """
        let result = try await run("account", table, server, expecting: [1])
        let counts: Counts = try result.decoded()
        #expect(counts == Counts(made: 2, changed: 0, same: 0, refused: 3))
        #expect(try await server.ledger().count == 3)
        #expect(result.error.isEmpty, "under --json the refusals are in the document: \(result.account)")
        let refused = try result.decoded(Refusals.self).refused
        #expect(refused.map(\.line) == [2, 5, 6])
        #expect(refused.map(\.error.code) == ["invalid_value", "required_field", "invalid_value"])
        #expect(refused.map(\.error.message).allSatisfy { $0.hasPrefix("Line ") })

        let plain = try await server.command(
            ["import", "account", server.site.path("account.csv"), "--as", "office"], expecting: [1])
        #expect(plain.output == "0 new, 0 changed, 2 as they were; 3 refused.\n", "\(plain.account)")
        let lines = plain.error.split(separator: "\n")
        #expect(lines.count == 3, "\(plain.account)")
        #expect(!plain.error.contains("nothing was written"), "others of the file were: \(plain.account)")
        // A record that was not made has no id that anybody could look up.
        let ids = plain.error.matches(of: /[0-9a-f]{8}-[0-9a-f]{4}-/).count
        #expect(ids == 0, "\(plain.account)")
        #expect(lines[1].contains("Line 5: Field \"name\" of the new account is required"), "\(plain.account)")
        try await server.requireGracefulStop()
    }

    @Test func `a row that cannot be understood is refused by its line, and the others go in`() async throws {
        let server = try await ServerProcess.start(in: Site())
        let table = """
            external_id,name,parent,stock
            A1,Aster,,
            A2,Birch
            A1,Cedar,,
            A3,Date,A9,
            ,Elm,,
            A4,Fig,,4
            A5,Gum,,
            """
        let result = try await run("account", table, server, expecting: [1])
        let counts: Counts = try result.decoded()
        #expect(counts == Counts(made: 2, changed: 0, same: 0, refused: 5))
        let refused = try result.decoded(Refusals.self).refused
        #expect(refused.map(\.line) == [3, 4, 5, 6, 7])
        #expect(
            refused.map(\.error.code)
                == ["invalid_request", "invalid_request", "unknown_record", "invalid_request", "invalid_value"])
        #expect(refused[1].error.message == "Line 4: \"A1\" stands on line 2 already, which holds.")
        #expect(refused[0].error.message == "Line 3: The row has 2 cells, the first line 4.")
        #expect(try await server.ledger().count == 2)
        try await server.requireGracefulStop()
    }

    @Test(arguments: [
        ("name,city\nAster,Lund\n", "names no field \"external_id\""),
        ("external_id,name,city,name\nA1,x,y,z\n", "names field \"name\" twice"),
        ("external_id;name\nA1;x\n", "separated by \";\""),
        ("external_id\tname\nA1\tx\n", "separated by a tab"),
    ]) func `what is wrong with the first line is said as it is`(table: String, words: String) async throws {
        let server = try await ServerProcess.start(in: Site())
        let result = try await run("account", table, server, expecting: [1])
        #expect(result.failureCode == "invalid_request")
        let failure = try JSONDecoder().decode(FailureForm.self, from: Data(result.error.utf8)).error
        #expect(failure.message.contains(words), "\(failure.message)")
        try await server.requireGracefulStop()
    }

    @Test func `an import by nobody is refused, also where it would change nothing`() async throws {
        let server = try await ServerProcess.start(in: Site())
        for table in ["external_id,name\n", "external_id,name\nA1,x\n"] {
            let path = server.site.path("account.csv")
            try Data(table.utf8).write(to: URL(filePath: path))
            let result = try await server.command(["import", "account", path, "--as", "nobody"], expecting: [1])
            #expect(result.failureCode == "unknown_user", "\(result.account)")
        }
        #expect(try await server.ledger().isEmpty)
        try await server.requireGracefulStop()
    }
}
