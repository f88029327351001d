import Foundation
import SatchelClient
import SatchelInspection
import SatchelStorage
import SatchelSync
import SatchelTestSupport
import Testing

@Suite("Plain SQL on a replica")
struct ForeignWriteTests {
    /// Runs SQL as an application does, through the library.
    private func execute(_ sql: String, _ home: HomeFixture) throws { try home.replica.execute(sql: sql) }

    @Test func `SQL through the library is one change-set in the same transaction`() throws {
        let home = try HomeFixture()
        let id = try home.account("name=A")
        try execute("UPDATE account SET name = 'B', tags = '[\"x\"]'", home)
        let pending = try home.replica.safetyReport().pending
        #expect(pending.map(\.label) == ["new account", "sql"])
        #expect(pending.map(\.records) == [[id], [id]])
        #expect(try home.field(id, "tags") == "x")
    }

    @Test func `a change that breaks the schema is parked and the others go on`() throws {
        let home = try HomeFixture()
        let (first, second) = (try home.account("name=A"), try home.account("name=B"))
        try execute("UPDATE account SET size = CASE name WHEN 'A' THEN 'huge' ELSE 5 END", home)
        let report = try home.replica.safetyReport()
        #expect(report.parked.map(\.records) == [[first]])
        #expect(report.parked.map(\.code) == ["invalid_value"])
        #expect(report.parked.map(\.state) == ["invalid"])
        #expect(report.pending.last?.records == [second])
        #expect(try home.field(second, "size") == "5")
        #expect(try home.field(first, "size") == "huge")
        let marks = try home.replica.record(typeName: "account", first.description).marks
        #expect(marks.parkedCount == 1)
    }

    @Test func `a reference to nothing is parked, and its row shows no reference`() throws {
        let home = try HomeFixture()
        let id = try home.account("name=A")
        try home.shell("PRAGMA foreign_keys = OFF; UPDATE account SET parent = '01900000-0000-7000-8000-0000000000ff'")
        let report = try home.replica.safetyReport()
        #expect(report.parked.map(\.code) == ["unknown_record"])
        #expect(report.parked.map(\.records) == [[id]])
    }

    @Test func `a reference to a record of another type, or to no id at all, is parked and holds nothing up`() throws {
        let home = try HomeFixture()
        let (first, second) = (try home.account("name=A"), try home.account("name=B"))
        let note = try home.replica.note(about: first.description, body: "x").records[0]
        try home.shell("PRAGMA foreign_keys = OFF; UPDATE account SET parent = '\(note)' WHERE name = 'A'")
        try home.shell("PRAGMA foreign_keys = OFF; UPDATE account SET parent = 'garbage' WHERE name = 'B'")
        #expect(Set(try home.replica.safetyReport().parked.map(\.records)) == [[first], [second]])
        // Rows that come back are written anew, under SQLite's own check of foreign keys.
        _ = try home.replica.setLife(.delete, typeName: "account", second.description, settles: false)
        _ = try home.replica.setLife(.revive, typeName: "account", second.description, settles: false)
        #expect(try home.field(second, "name") == "B")
    }

    @Test func `an own later edit had seen own parked work, and there is no conflict with oneself`() throws {
        let home = try HomeFixture()
        let id = try home.account("name=A")
        try home.shell("UPDATE account SET size = 'huge', status = 'lead'")
        _ = try home.set(id, "size=5")
        #expect(try home.field(id, "size") == "5")
        #expect(try home.replica.conflicts(atLeast: .review, limit: 10).isEmpty)
        let state = try home.replica.reading { try $0.record(id)?.state }
        #expect(state?.field(FieldID(4))?.siblings.map(\.value) == [.integer(5)])
    }

    @Test func `SQL through the library leaves base as the server confirmed it`() throws {
        let home = try HomeFixture()
        let id = try home.account("name=A", "phone=1")
        try home.conflict(on: id, value: "2")
        let (digest, confirmed) = (try home.replica.digest(), try home.replica.reading { try $0.record(id)?.confirmed })
        try execute("UPDATE account SET name = 'B', size = 3", home)
        #expect(try home.replica.digest() == digest)
        #expect(try home.replica.reading { try $0.record(id)?.confirmed } == confirmed)
        #expect(try home.field(id, "name") == "B")
    }

    @Test func `what no change-set can hold stays in its row, and everything else goes on`() throws {
        let home = try HomeFixture()
        let (first, second) = (try home.account("name=A"), try home.account("name=B"))
        try home.shell(
            """
            UPDATE account SET phone = replace(hex(zeroblob(800000)), '00', 'ab') WHERE name = 'A';
            UPDATE account SET phone = '7' WHERE name = 'B';
            """)
        var report = try home.replica.safetyReport()
        #expect(report.unsealed == [first])
        #expect(report.needsPerson)
        #expect(report.pending.last?.records == [second])
        try home.shell("UPDATE account SET phone = '8' WHERE name = 'A'")
        report = try home.replica.safetyReport()
        #expect(report.unsealed.isEmpty)
        #expect(report.pending.last?.records == [first])
    }

    @Test func `many long rows become several change-sets, each fit to be sent`() throws {
        let home = try HomeFixture()
        try home.shell(
            """
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60)
            INSERT INTO account (name, phone) SELECT 'N' || i, replace(hex(zeroblob(2000)), '00', 'ab') FROM n;
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30)
            INSERT INTO note (body) SELECT replace(hex(zeroblob(30000)), '00', 'ab') FROM n;
            """)
        let sizes = try home.replica.withTurn(purpose: "test") { store in
            try store.read { try $0.ownChangeSets(.all).map(\.changeSet.canonicalBytes.count) }
        }
        #expect(sizes.count > 1)
        #expect(sizes.allSatisfy { $0 <= Limits.changeSetBytesMax })
    }

    @Test func `a row inserted and deleted before anybody looked is no record`() throws {
        let home = try HomeFixture()
        try home.shell("INSERT INTO account (name) VALUES ('X'); DELETE FROM account")
        #expect(try home.replica.safetyReport().pending.isEmpty)
        try home.replica.reading { transaction in
            var count = 0
            try transaction.records.forEach { _ in count += 1 }
            #expect(count == 0)
        }
    }

    @Test(arguments: [("'a' || char(0) || 'b'", "a\0b"), ("CAST(x'e4bdff' AS TEXT)", "X'e4bdff'\0")])
    func `bytes that are no text are parked whole`(sql: String, kept: String) throws {
        let home = try HomeFixture()
        let id = try home.account("name=A")
        try home.shell("UPDATE account SET phone = \(sql)")
        let report = try home.replica.safetyReport()
        #expect(report.parked.map(\.records) == [[id]])
        #expect(report.parked.map(\.code) == ["invalid_value"])
        #expect(try home.field(id, "phone") == kept)
    }

    @Test func `a delete of a parent with living children is parked, and both stay in sight`() throws {
        let home = try HomeFixture()
        let parent = try home.account("name=P")
        _ = try home.account("name=C", "parent=\(parent)")
        try home.shell("PRAGMA foreign_keys = OFF; DELETE FROM account WHERE name = 'P'")
        let report = try home.replica.safetyReport()
        #expect(report.parked.map(\.code) == ["has_children"])
        #expect(try home.replica.records(typeName: "account", where: [], limit: 10).count == 2)
    }

    @Test func `an edit in a shell waits for the next turn and loses nothing to it`() throws {
        let home = try HomeFixture()
        let id = try home.account("name=A")
        try home.shell("UPDATE account SET phone = '555'")
        _ = try home.set(id, "status=lead")
        #expect(try home.field(id, "phone") == "555")
        #expect(try home.replica.safetyReport().pending.map(\.label) == ["new account", "sql", "edit"])
    }
}

extension HomeFixture {
    /// What someone types into the `sqlite3` shell.
    func shell(_ sql: String) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["sqlite3", replica.folder.databasePath, sql]
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
    }
}
