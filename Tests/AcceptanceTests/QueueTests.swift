import Foundation
import ScenarioRunner
import Testing

/// Work that the server did not take, looked after by its author and by the office, with the real programs.
@Suite struct QueueTests {
    private struct Work: Decodable { let dot: String, state: String, code: String? }

    private func queue(_ device: Device) async throws -> [Work] {
        try await device.run(["queue", "list", "--json"], expecting: [0, 3]).decoded()
    }

    @Test func `a parked edit is fixed, another discarded, and both are gone from the queue`() async throws {
        let server = try await ServerProcess.start(in: Site())
        let device = try await server.enrol("ann")
        let (first, second) = (
            try await device.new("account", ["name=Aster"]), try await device.new("account", ["name=Birch"])
        )
        try await device.sync()
        guard let shell = Places.installed("sqlite3") else { return print("skipped: there is no program sqlite3") }
        for (id, value) in [(first, "many"), (second, "few")] {
            let sql = "UPDATE account SET employees = '\(value)' WHERE id = '\(id)'"
            let process = try server.site.start(shell, [device.databasePath, sql].map { Array($0.utf8) })
            #expect(try await process.end().exitCode == 0)
            _ = try await queue(device)
        }
        let parked = try await queue(device)
        #expect(parked.map(\.code) == ["invalid_value", "invalid_value"])
        let shown = try await device.run(["queue", "show", parked[0].dot]).output
        #expect(shown.contains("employees: many"))
        try await device.run(["queue", "fix", parked[0].dot, "employees=40"])
        try await device.run(["queue", "discard", parked[1].dot])
        // What was parked came back or was given up in the same exchange: nobody is needed.
        let sync = try await device.run(["sync"])
        #expect(!sync.output.contains("parked"), "\(sync.account)")
        #expect(try await queue(device).isEmpty)
        #expect(try await device.show("account", first).fields["employees"] == .number(40))
        #expect(try await device.show("account", second).fields["employees"] == .null)
        try await server.requireDrained([device])
        try await server.requireGracefulStop()
    }

    @Test func `parked work is named as the programs print it, in full or in short`() async throws {
        let server = try await ServerProcess.start(in: Site())
        let device = try await server.enrol("ann")
        let id = try await device.new("account", ["name=Aster"])
        try await device.sync()
        guard let shell = Places.installed("sqlite3") else { return print("skipped: there is no program sqlite3") }
        for number in ["-1", "-2", "-3"] {
            let sql = "UPDATE account SET employees = \(number) WHERE id = '\(id)'"
            let process = try server.site.start(shell, [device.databasePath, sql].map { Array($0.utf8) })
            #expect(try await process.end().exitCode == 0)
            try await device.sync()
        }
        let parked = try await queue(device).map(\.dot)
        #expect(parked.count == 3)
        let short = parked.map { String($0.prefix(8) + $0.drop { $0 != ":" }) }
        for (whole, short) in zip(parked, short) {
            let shown: Work = try await device.run(["queue", "show", short, "--json"], expecting: [0]).decoded()
            #expect(shown.dot == whole)
            struct Parked: Decodable { let dot: String }
            let atServer: Parked = try await server.command(["parked", "show", short, "--json"]).decoded()
            #expect(atServer.dot == whole)
        }
        try await device.run(["queue", "fix", short[0], "employees=40"])
        try await device.run(["queue", "discard", short[1]])
        try await server.command(["parked", "release", short[2]])
        for refusal in [
            try await device.run(["queue", "show", "0000:1"], expecting: [1]),
            try await server.command(["parked", "show", "0000:1"], expecting: [1]),
            try await server.command(["parked", "release", "nonsense"], expecting: [1]),
        ] { #expect(refusal.failureCode == "invalid_request", "\(refusal.account)") }
        try await device.sync()
        #expect(try await queue(device).isEmpty)
        try await server.requireDrained([device])
        try await server.requireGracefulStop()
    }

    @Test func `an edit that rests on an older read does not claim what came since`() async throws {
        struct Read: Decodable {
            let token: String
            enum CodingKeys: String, CodingKey { case token = "read_at" }
        }
        let server = try await ServerProcess.start(in: Site())
        let (ann, bo) = (try await server.enrol("ann"), try await server.enrol("bo"))
        let id = try await ann.new("account", ["name=Aster", "city=Lund"])
        try await server.quiet([ann, bo])
        let token = try await ann.run(["show", "account", id, "--json"]).decoded(Read.self).token
        try await bo.set("account", id, ["city=Malmö"])
        try await server.quiet([bo, ann])
        try await ann.run(["set", "account", id, "city=Ystad", "--read-at", token])
        try await server.quiet([ann, bo])
        let conflicts = try await ann.conflicts()
        #expect(conflicts.map(\.id) == [id])
        #expect(Set(conflicts[0].conflicts[0].siblings.map(\.value)) == [.text("Malmö"), .text("Ystad")])
        let wrong = try await ann.run(["set", "account", id, "city=X", "--read-at", "nonsense"], expecting: [1])
        #expect(wrong.failureCode == "invalid_token")
        try await server.requireDrained([ann, bo])
        try await server.requireGracefulStop()
    }

    @Test func `check-ins, photos and files of edits are change-sets like every other`() async throws {
        let server = try await ServerProcess.start(in: Site())
        let (ann, bo) = (try await server.enrol("ann"), try await server.enrol("bo"))
        let account = try await ann.new("account", ["name=Aster"])
        let visit = try await ann.run(["visit", "start", account, "--json"]).decoded(EditForm.self).records[0]
        let check = try await ann.run(["checkin", visit, "--at", "31.2304,121.4737,12", "--json"]).decoded(
            EditForm.self)
        let picture = server.site.path("shelf.jpg")
        try Data("not really a picture".utf8).write(to: URL(filePath: picture))
        let photo = try await ann.run(["photo", "add", picture, "--any", "--of", visit, "--json"]).decoded(
            EditForm.self)
        let file = server.site.path("day.jsonl")
        let lines = """
            {"actor":"dev-007","n":1,"at":"2026-03-02T08:01:13.120Z","label":"edit","changes":[{"op":"update","type":"account","id":"\(account)","set":{"note":"x"},"add":{"tags":["vip"]},"increment":{"stock":3}}]}
            {"label":"edit","changes":[{"op":"update","type":"account","id":"\(account)","set":{"nonsense":"x"}}]}
            """
        try Data(lines.utf8).write(to: URL(filePath: file))
        try await ann.run(["apply", file], expecting: [1])
        try await server.requireDrained([ann, bo])
        #expect(
            try await bo.show("check_in", check.records[0]).fields["position"] == .text("31.2304000,121.4737000,12"))
        #expect(try await bo.show("check_in", check.records[0]).fields["account"] == .text(account))
        let row = try await bo.show("photo", photo.records[0]).fields
        #expect(row["bytes"] == .number(20))
        // By its bytes, which are no picture's, and not by its name.
        #expect(row["mime"] == .null)
        let shown = try await bo.show("account", account).fields
        #expect(shown["stock"] == .number(3))
        #expect(shown["tags"] == .elements(["vip"]))
        // A picture is its author's alone, and nobody writes a check-in anew.
        let refused = try await bo.run(["set", "photo", photo.records[0], "caption=late"], expecting: [1])
        #expect(refused.failureCode == "not_owner")
        let rewritten = try await bo.run(["set", "check_in", check.records[0], "reason=late"], expecting: [1])
        #expect(rewritten.failureCode == "invalid_request")
        try await server.requireGracefulStop()
    }
}
