import Foundation

extension Devices {
    /// D09: a page of the customers' table is broken while edits wait.
    static func corruptPage(_ stage: Stage) async throws -> String {
        let count = 300
        let lines = (0..<count).map { number in
            "{\"type\":\"account\",\"id\":\"\(Semantics.id(number))\",\"set\":{\"name\":\"Customer \(number)\",\"note\":\"\(String(repeating: "road ", count: 20))\"}}"
        }
        let scene = try await Scene.start(stage, users: ["ann", "bo"], office: lines)
        let (server, ann) = (scene.server, scene.devices[0])
        let account = try await ann.new("account", ["name=Aster"])
        try await ann.sync()
        for number in 1...5 { try await ann.set("account", Semantics.id(number), ["stock+=1", "phone=\(number)"]) }
        let pending = try await ann.status().pending.map(\.dot)
        stage.expect(pending.count, is: 5, "pending before the damage")

        let page = try await scene.site.query(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'account'", in: ann.databasePath)
        try flip(16, atPage: Int(page) ?? 0, of: ann.databasePath)
        // Whoever comes to it is told, and from then on nothing is written.
        let list = try await ann.run(["list", "account", "--json"], expecting: [1])
        stage.expect(list.failureCode, is: "damaged_data", "what a list says")
        let edit = try await ann.run(["set", "account", account, "city=Lund", "--json"], expecting: [1])
        stage.expect(edit.failureCode, is: "damaged_data", "what an edit says")
        let sync = try await ann.run(["sync", "--json"], expecting: [1, 4])
        stage.expect(sync.failureCode, is: "damaged_data", "what a sync says")
        let export = try await ann.run(["queue", "export"])
        stage.expect(export.output.split(separator: "\n").count, is: 5, "change-sets in the export")
        stage.expect(try await server.ledger().count, is: count + 1, "change-sets at the server meanwhile")

        let repair = try await ann.run(["repair", "--json"]).output
        stage.expect(repair.contains("\"repaired\":true"), "the repair says \(repair)")
        stage.expect(try await ann.status().pending.map(\.dot), is: pending, "pending after the repair")
        let report = try await ann.sync()
        stage.expect(report.pushed, is: 5, "change-sets that went to the server")
        stage.expect(report.forks, is: 0, "forks")
        stage.expect(report.pulled >= count, "\(report.pulled) records were fetched again")
        try await server.requireDrained(scene.devices)
        stage.expect(try await server.ledger().count, is: count + 1 + 5, "change-sets at the server")
        stage.expect(
            try await ann.show("account", Semantics.id(3)).fields["phone"], is: .text("3"), "an edit that waited")
        let again = try await ann.run(["repair", "--json"]).output
        stage.expect(again.contains("\"repaired\":false"), "a second repair says \(again)")
        stage.expect(
            try await scene.site.query("PRAGMA integrity_check", in: ann.databasePath), is: "ok", "the new file")
        try await server.requireGracefulStop()
        return
            "told by the next look, nothing written or sent from then on; repaired from its queue, 5 pending edits pushed under their names, \(report.pulled) records fetched again"
    }

    /// Turns all bits of so many bytes at the beginning of a page.
    private static func flip(_ count: Int, atPage page: Int, of path: String) throws {
        guard page > 0 else { throw AcceptanceFailure("There is no such page.") }
        let file = try FileHandle(forUpdating: URL(filePath: path))
        defer { try? file.close() }
        let place = UInt64(page - 1) * 4_096
        try file.seek(toOffset: place)
        let bytes = try file.read(upToCount: count) ?? Data()
        try file.seek(toOffset: place)
        try file.write(contentsOf: Data(bytes.map { ~$0 }))
    }
}
