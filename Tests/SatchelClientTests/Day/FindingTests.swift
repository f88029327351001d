import SatchelClient
import SatchelInspection
import SatchelSchemaFile
import SatchelStorage
import SatchelSync
import Testing

/// Lists that ask and sort, words in texts, and SQL that reads.
@Suite struct FindingTests {
    private let home: HomeFixture

    init() throws {
        home = try HomeFixture()
        for (name, size, status) in [("beta", "7", "lead"), ("Alpha", "40", "active"), ("gamma", "", "lead")] {
            try home.account("name=\(name)", "size=\(size)", "status=\(status)", "tags+=t\(name.prefix(1))")
        }
    }

    private func names(_ conditions: [String] = [], sort: [String] = []) throws -> [String] {
        let question = ListQuestion(conditions: try conditions.map { try .init($0) }, order: sort)
        return try home.replica.records(typeName: "account", question, limit: 10).map(\.title)
    }

    @Test func `a list is sorted by any field, without regard to case, and what has no value comes last`() throws {
        #expect(try names(sort: ["name"]) == ["Alpha", "beta", "gamma"])
        #expect(try names(sort: ["-name"]) == ["gamma", "beta", "Alpha"])
        #expect(try names(sort: ["size"]) == ["beta", "Alpha", "gamma"])
        #expect(try names(sort: ["-size"]) == ["Alpha", "beta", "gamma"])
        #expect(try names(sort: ["-status", "name"]) == ["Alpha", "beta", "gamma"])
        #expect(try names(sort: ["-id"]).count == 3)
        #expect(throws: SatchelError.self) { try names(sort: ["colour"]) }
    }

    @Test(
        arguments: [
            ("size>7", ["Alpha"]), ("size>=7", ["Alpha", "beta"]), ("size<40", ["beta"]),
            ("size<=40", ["Alpha", "beta"]),
            ("size=", ["gamma"]), ("size!=", ["Alpha", "beta"]), ("status!=lead", ["Alpha"]), ("name~ET", ["beta"]),
            ("name~mm", ["gamma"]), ("tags=tA", ["Alpha"]), ("tags!=tA", ["beta", "gamma"]),
            ("name>b", ["beta", "gamma"]),
        ])
    func `a condition asks with its operator`(condition: String, found: [String]) throws {
        #expect(try names([condition], sort: ["name"]) == found)
    }

    @Test(arguments: ["name", "=x", "", "status<lead", "tags>x", "colour=red", "size>many"])
    func `what is no condition is refused in words`(condition: String) {
        let refusal = #expect(throws: SatchelError.self) { try names([condition]) }
        #expect(refusal?.remedy?.isEmpty == false)
    }

    @Test func `words are found by their beginning, Chinese ones anywhere, in what was written a moment ago too`()
        throws
    {
        let replica = home.replica
        let chinese = try home.account("name=上海阿斯特贸易")
        func found(_ text: String, _ types: [String] = []) throws -> [String] {
            try replica.search(text, types: types, limit: 10).map(\.title)
        }
        #expect(try found("阿斯") == ["上海阿斯特贸易"])
        #expect(try found("上海 贸易") == ["上海阿斯特贸易"])
        #expect(try found("特贸") == ["上海阿斯特贸易"])
        #expect(try found("海斯") == [])
        #expect(try found("alp") == ["Alpha"])
        #expect(try found("lpha") == [])
        #expect(try found("\"*") == [])
        let note = try replica.note(about: chinese.description, body: "Sehr schöne Türen").records[0]
        #expect(try found("turen schone") == ["Sehr schöne Türen"])
        #expect(try found("阿斯", ["note"]) == [])
        _ = try home.set(chinese, "name=Beijing")
        #expect(try found("阿斯") == [])
        #expect(try found("beij") == ["Beijing"])
        // The same once the index has taken it in.
        while try replica.withTurn(purpose: "test", { try $0.write { try $0.indexForSearch(limit: 1) } }) {}
        #expect(try found("阿斯") == [])
        #expect(try found("beij") == ["Beijing"])
        _ = try replica.setLife(.delete, typeName: "note", note.description, settles: false)
        #expect(try found("turen") == [])
        _ = try replica.execute(sql: "UPDATE account SET name = 'Gold' WHERE name = 'beta'")
        #expect(try found("beta") == [])
        #expect(try found("gold") == ["Gold"])
    }

    @Test func `a query reads, and nothing else`() throws {
        let answer = try home.replica.query("SELECT name, size FROM account ORDER BY size DESC", limit: 2)
        #expect(answer.columns == ["name", "size"])
        #expect(answer.rows == [[.string("Alpha"), .integer(40)], [.string("beta"), .integer(7)]])
        #expect(answer.isCut)
        let bad = [
            "DELETE FROM account", "SELECT 1; SELECT 2", "", "nonsense", "ATTACH 'x.db' AS x",
            "PRAGMA journal_mode = DELETE",
            "SELECT * FROM nowhere", "WITH x AS (SELECT 1) UPDATE account SET name = 'x'",
            "SELECT 1; DROP TABLE account",
        ]
        for sql in bad {
            let refusal = #expect(throws: SatchelError.self, "\(sql)") { try home.replica.query(sql, limit: 5) }
            #expect(refusal?.code == .invalidRequest, "\(sql)")
        }
        #expect(try names().count == 3)
    }
}
