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

    @Test func `a row under the id of another type's record stays where it is and harms nothing`() throws {
        let home = try HomeFixture()
        let id = try home.account("name=A", "status=lead")
        let note = try home.replica.note(about: id.description, body: "keep").records[0]
        try home.shell("INSERT INTO note (id, body) VALUES ('\(id)', 'x')")
        try home.shell("INSERT INTO account (id, name, status) VALUES ('\(note)', 'Acc', 'active')")
        #expect(Set(try home.replica.safetyReport().unsealed) == [id, note])
        _ = try home.set(id, "phone=5")
        #expect(try home.field(id, "status") == "lead")
        #expect(try home.replica.record(typeName: "note", note.description).fields.first?.value.text == "keep")
        #expect(try home.replica.records(typeName: "note", limit: 10).map(\.record) == [note])
    }

    @Test func `a record deleted in one type and inserted in another gives one edit a record`() throws {
        let home = try HomeFixture()
        let id = try home.account("name=A")
        let note = try home.replica.note(about: id.description, body: "x").records[0]
        try home.shell("DELETE FROM note; INSERT INTO account (id, name) VALUES ('\(note)', 'moved')")
        let report = try home.replica.safetyReport()
        #expect(report.pending.last?.records == [note])
        #expect(report.unsealed == [note])
    }

    @Test func `a set that is not spelled as we would is spelled anew`() throws {
        let home = try HomeFixture()
        let id = try home.account("name=A", "tags+=a", "tags+=b")
        try home.shell(#"UPDATE account SET tags = ' ["b", "a", "b"] '"#)
        #expect(try home.field(id, "tags") == "a, b")
        #expect(try home.shellText("SELECT tags FROM account") == #"["a","b"]"#)
        try home.shell("UPDATE account SET tags = '[]'")
        _ = try home.replica.safetyReport()
        #expect(try home.shellText("SELECT tags IS NULL FROM account") == "1")
        try home.shell("UPDATE account SET tags = 'no set'")
        #expect(try home.replica.safetyReport().parked.map(\.code) == ["invalid_value"])
        #expect(try home.shellText("SELECT tags FROM account") == "no set")
    }

    @Test func `what refers to a broken new record is parked with it, and what is sound goes on`() throws {
        let home = try HomeFixture()
        let sound = try home.account("name=A")
        let parent = "01900000-0000-7000-8000-0000000000aa"
        try home.shell(
            """
            INSERT INTO account (id, name) VALUES ('\(parent)', '\(String(repeating: "x", count: 41))');
            INSERT INTO note (body, account) VALUES ('n', '\(parent)');
            UPDATE account SET phone = '7' WHERE name = 'A';
            """)
        let report = try home.replica.safetyReport()
        #expect(Set(report.parked.compactMap(\.code)) == ["too_large", "unknown_record"])
        #expect(report.pending.last?.records == [sound])
    }

    @Test func `new records come behind those that they refer to`() throws {
        let home = try HomeFixture()
        try home.shell(
            """
            PRAGMA foreign_keys = OFF;
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200)
            INSERT INTO account (id, name, parent) SELECT
              printf('01900000-0000-7000-8000-%012d', i), 'N' || i,
              CASE i WHEN 1200 THEN NULL ELSE '01900000-0000-7000-8000-000000001200' END FROM n;
            """)
        let report = try home.replica.safetyReport()
        #expect(report.parked.isEmpty)
        #expect(report.pending.map(\.records.count) == [1_000, 200])
        #expect(report.pending[0].records[0].description == "01900000-0000-7000-8000-000000001200")
    }

    @Test func `a delete by SQL takes along what refers to the record by cascade`() throws {
        let home = try HomeFixture()
        let id = try home.account("name=A")
        let note = try home.replica.note(about: id.description, body: "x").records[0]
        try home.shell("PRAGMA foreign_keys = OFF; DELETE FROM account")
        #expect(try home.replica.safetyReport().pending.last?.records == [id, note])
        #expect(try home.shellText("SELECT count(*) FROM note") == "0")
    }

    @Test func `an insert over a deleted record says what every column holds`() throws {
        let home = try HomeFixture()
        let id = try home.account("name=Old", "phone=1", "tags+=x")
        _ = try home.replica.setLife(.delete, typeName: "account", id.description, settles: false)
        try home.shell("INSERT INTO account (id, name) VALUES ('\(id)', 'New')")
        #expect(try home.field(id, "name") == "New")
        #expect(try home.field(id, "phone") == "")
        #expect(try home.field(id, "tags") == "")
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

    @Test(arguments: [
        ("'a' || char(0) || 'b'", "a\0b"), ("CAST(x'e4bdff' AS TEXT)", "X'e4bdff'\0"), ("x'4142'", "X'4142'\0"),
    ])
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
        #expect(try home.replica.records(typeName: "account", limit: 10).count == 2)
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
    func shell(_ sql: String) throws { _ = try shellText(sql) }

    /// The same, with what the shell prints.
    func shellText(_ sql: String) throws -> String {
        let output = folder["shell-output"]
        try Data().write(to: output)
        let process = Process()
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["sqlite3", replica.folder.databasePath, sql]
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return try String(contentsOf: output, encoding: .utf8).trimmingCharacters(in: .newlines)
    }
}
