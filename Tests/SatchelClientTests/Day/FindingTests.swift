import Foundation
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

    @Test func `letters are alike in either case, whatever their alphabet`() throws {
        try home.account("name=Zürcher Café")
        #expect(try names(["name~ZÜR"]) == ["Zürcher Café"])
        #expect(try names(["name~CAFÉ"]) == ["Zürcher Café"])
        #expect(try names(["name~zur"]) == [])
    }

    @Test func `a day and a minute are spans of time, and stand in the place of an instant`() throws {
        let zone = TimeZone.current
        func instant(_ text: String) throws -> String {
            try #require(LocalTime.parse(text, now: Timestamp(milliseconds: 0), in: zone)).description
        }
        for (name, time) in [("noon", "2026-03-02 12:00"), ("night", "2026-03-02 23:59"), ("next", "2026-03-03 00:00")]
        {
            try home.account("name=\(name)", "seen_at=\(try instant(time))")
        }
        try home.account("name=typed", "seen_at=2026-03-04 08:30")
        #expect(try names(["seen_at=\(try instant("2026-03-04 08:30"))"]) == ["typed"])
        let all = [
            ("seen_at=2026-03-02", ["noon", "night"]), ("seen_at>2026-03-02", ["next", "typed"]),
            ("seen_at>=2026-03-02 23:59", ["night", "next", "typed"]), ("seen_at<2026-03-02 12:00", []),
            ("seen_at<=2026-03-02 12:00", ["noon"]), ("seen_at<2026-03-03", ["noon", "night"]),
        ]
        for (condition, found) in all { #expect(try names([condition], sort: ["seen_at"]) == found, "\(condition)") }
        let typos = ["seen_at=someday", "seen_at!=2026-03-02"]
        for typo in typos {
            let refusal = #expect(throws: SatchelError.self) { try names([typo]) }
            #expect(refusal?.isWrongUsage == true && refusal?.remedy != nil, "\(typo)")
        }
    }

    @Test func `a list is sorted by one field, or another where the first has no value`() throws {
        let home = try HomeFixture()
        let account = try home.account("name=A")
        func visit(_ times: String...) throws -> RecordID {
            try home.replica.new(
                typeName: "visit",
                assignments: (["account=\(account)"] + times).map { try Assignment(argument: $0) }
            ).records[0]
        }
        let second = try visit("ended_at=2026-03-02 12:00", "started_at=2026-03-02 10:00")
        let first = try visit("ended_at=2026-03-02 09:00")
        let third = try visit("started_at=2026-03-02 11:00")
        let none = try visit()
        func order(_ text: String) throws -> [RecordID] {
            try home.replica.records(typeName: "visit", ListQuestion(order: [text]), limit: 9).map(\.record)
        }
        #expect(try order("started_at/ended_at") == [first, second, third, none])
        #expect(try order("-started_at/ended_at") == [third, second, first, none])
        #expect(throws: SatchelError.self) { try order("started_at/colour") }
    }

    @Test(arguments: ["name", "=x", "", "status<lead", "tags>x", "colour=red", "size>many", "status=foo"])
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

    @Test func `what a sync brought is taken into the index where somebody has searched`() throws {
        let replica = home.replica
        replica.catchUpSearchAfterSync()
        #expect(try replica.reading { try $0.isSearchDue() && !$0.hasSearchWork() })
        #expect(try replica.search("beta", limit: 5).count == 1)
        let changes = (0..<501).map { number in
            DraftChange(
                type: EntityTypeID(1), record: .random(at: replica.now), life: .create,
                writes: [FieldChange(FieldID(1), .register(.text(UTF8Text("many \(number)"))))])
        }
        _ = try replica.edit(Draft(label: "many", changes: changes))
        #expect(try replica.reading { try $0.isSearchDue() })
        replica.catchUpSearchAfterSync()
        #expect(try replica.reading { try !$0.isSearchDue() && !$0.hasSearchWork() })
        #expect(try replica.search("many 500", limit: 5).count == 1)
    }

    @Test func `a record is meant by its id, its name, or words that find no other`() throws {
        let replica = home.replica
        for number in 0..<12 { try home.account("name=beta \(number)") }
        let beta = try #require(try replica.search("beta", limit: 20).first { $0.title == "beta" })
        #expect(try replica.id(meantBy: "beta", typeName: "account") == beta.record.description)
        #expect(try replica.id(meantBy: beta.ending, typeName: "account") == beta.ending)
        let gamma = try #require(try replica.search("gamma", limit: 1).first)
        for words in ["gam", "GAMMA"] {
            #expect(try replica.id(meantBy: words, typeName: "account") == gamma.record.description)
        }
        let several = #expect(throws: SatchelError.self) { try replica.id(meantBy: "bet", typeName: "account") }
        #expect(several?.code == .ambiguousID && several?.message.hasSuffix(", ….") == true)
        let none = #expect(throws: SatchelError.self) { try replica.id(meantBy: "zeta", typeName: "account") }
        #expect(none?.code == .unknownRecord)
    }

    @Test func `a record is shown by its id alone, by an ending, and by a name, of a type or of any`() throws {
        let replica = home.replica
        let gamma = try #require(try replica.search("gamma", limit: 1).first)
        for text in [gamma.record.description, gamma.ending, "gamma", "GAM"] {
            #expect(try replica.record(typeName: nil, meantBy: text).record == gamma.record)
            #expect(try replica.record(typeName: "account", meantBy: text).record == gamma.record)
        }
        try home.account("name=gamma two")
        let several = #expect(throws: SatchelError.self) { try replica.record(typeName: nil, meantBy: "gam") }
        #expect(several?.code == .ambiguousID && several?.message.contains("account \(gamma.ending) gamma") == true)
        #expect(try replica.record(typeName: nil, meantBy: "gamma").record == gamma.record)
        for (text, code) in [("zeta", SatchelError.Code.unknownRecord), ("account", .invalidRequest)] {
            let error = #expect(throws: SatchelError.self) { try replica.record(typeName: nil, meantBy: text) }
            #expect(error?.code == code)
        }
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
