import SatchelClient
import SatchelInspection
import SatchelStorage
import SatchelSync
import SatchelTestSupport
import Testing

@Suite("Editing on a device")
struct EditingTests {
    private func code(_ body: () throws -> Void) -> String? {
        #expect(throws: SatchelError.self) { try body() }?.code.word
    }

    @Test func `an edit is on the disk and in the queue when the call returns`() throws {
        let home = try HomeFixture()
        let id = try home.account("name=阿斯特", "phone=1", "tags+=vip", "size=7", "seen_at=2026-03-02T08:01:13Z")
        #expect(try home.field(id, "name") == "阿斯特")
        #expect(try home.field(id, "seen_at") == "2026-03-02T08:01:13.000Z")
        let report = try home.replica.safetyReport()
        #expect(report.pending.map(\.dot) == [Dot(home.actor, 1)])
        #expect(!report.isAllConfirmed)
    }

    @Test(arguments: [
        (["name=A", "size=much"], "invalid_value"), (["name=A", "size=101"], "invalid_value"),
        (["name=A", "status=Won "], "invalid_value"), (["name=A", "colour=red"], "unknown_field"),
        (["phone=1"], "required_field"), (["name="], "required_field"),
        (["name=" + String(repeating: "长", count: 41)], "too_large"), (["name=A", "name=B"], "invalid_request"),
        (["name=A", "tags=a"], "invalid_value"), (["name=A", "tags+=a", "tags-=a"], "invalid_value"),
        (["name=A", "phone+=1"], "invalid_value"), (["name=A", "seen_at=yesterday"], "invalid_value"),
        (["name=A", "parent=01900000-0000-7000-8000-000000000001"], "unknown_record"), (["name"], "invalid_request"),
        (["name=A", "tags+="], "invalid_value"),
    ])
    func `what breaks a rule is refused and nothing is written`(assignments: [String], word: String) throws {
        let home = try HomeFixture()
        let refused = code {
            _ = try home.replica.new(
                typeName: "account", assignments: assignments.map { try Assignment(argument: $0) })
        }
        #expect(refused == word)
        #expect(try home.replica.safetyReport().pending.isEmpty)
        #expect(try home.replica.records(typeName: "account", limit: 10).isEmpty)
    }

    @Test func `a type that nobody knows is named with those there are`() throws {
        let home = try HomeFixture()
        let error = #expect(throws: SatchelError.self) {
            try home.replica.new(typeName: "acount", assignments: [])
        }
        #expect(error?.code == .unknownType)
        #expect(error?.remedy?.contains("account, note") == true)
    }

    @Test func `a record is made once, edited while it lives, and revived after a delete`() throws {
        let home = try HomeFixture()
        let id = try home.account("name=A")
        #expect(
            code {
                _ = try home.replica.new(typeName: "account", assignments: [Assignment(argument: "name=B")], id: id)
            } == "record_exists")
        _ = try home.replica.setLife(.delete, typeName: "account", id.description, settles: false)
        #expect(code { _ = try home.set(id, "phone=2") } == "record_deleted")
        #expect(
            code { _ = try home.replica.setLife(.delete, typeName: "account", id.description, settles: false) }
                == "record_deleted")
        _ = try home.replica.setLife(.revive, typeName: "account", id.description, settles: false)
        #expect(try home.field(id, "name") == "A")
    }

    @Test func `a living record is not revived, and nothing is queued`() throws {
        let home = try HomeFixture()
        let id = try home.account("name=A")
        let refusals = [
            #expect(throws: SatchelError.self) {
                try home.replica.revive(
                    typeName: "account", id.description, assignments: [Assignment(argument: "phone=2")],
                    settles: false)
            },
            #expect(throws: SatchelError.self) { try home.replica.revive(id, ofType: "account") },
        ]
        #expect(refusals.map { $0?.code } == [.recordExists, .recordExists])
        #expect(refusals.map { $0?.message } == Array(repeating: "account \(id) is not deleted.", count: 2))
        #expect(refusals[0]?.remedy == "Edit it with `set`.")
        #expect(try home.replica.queuedWork().count == 1)
    }

    @Test func `a visit ends once, and the refusal says when that was`() throws {
        let home = try HomeFixture()
        let account = try home.account("name=A")
        let visit = try home.replica.startVisit(at: account.description, assignments: []).records[0]
        _ = try home.replica.endVisit(visit.description, assignments: [])
        let refusal = #expect(throws: SatchelError.self) {
            try home.replica.endVisit(visit.description, assignments: [])
        }
        #expect(refusal?.code == .alreadyDone)
        #expect(
            refusal?.message
                == "Visit \(visit.description.suffix(4)) ended at \(LocalTime.minute(Timestamp(milliseconds: 1_000_000)))."
        )
        #expect(refusal?.remedy?.contains("set visit") == true)
        #expect(try home.replica.queuedWork().count == 3)
        _ = try home.replica.set(
            typeName: "visit", visit.description, assignments: [Assignment(argument: "status=on_site")], settles: false)
        _ = try home.replica.endVisit(visit.description, assignments: [])
    }

    @Test func `a record that is named as another type's is refused with its own type`() throws {
        let home = try HomeFixture()
        let account = try home.account("name=A")
        let note = try home.replica.note(about: account.description, body: "Blue ones").records[0]
        let assignment = try Assignment(argument: "status=done")
        for name in [account.description, String(account.description.suffix(12))] {
            let refusals = [
                #expect(throws: SatchelError.self) { try home.replica.record(typeName: "visit", name) },
                #expect(throws: SatchelError.self) { try home.replica.history(typeName: "visit", name) },
                #expect(throws: SatchelError.self) { try home.replica.explain(typeName: "visit", name) },
                #expect(throws: SatchelError.self) { try home.replica.conflict(typeName: "visit", of: name) },
                #expect(throws: SatchelError.self) { try home.replica.endVisit(name, assignments: []) },
                #expect(throws: SatchelError.self) {
                    try home.replica.set(typeName: "visit", name, assignments: [assignment], settles: false)
                },
                #expect(throws: SatchelError.self) {
                    try home.replica.setLife(.delete, typeName: "visit", name, settles: false)
                },
                #expect(throws: SatchelError.self) {
                    try home.replica.records(
                        typeName: "note", ListQuestion(conditions: [.init(field: "account", value: note.description)]),
                        limit: 1)
                },
                #expect(throws: SatchelError.self) { try home.account("name=B", "parent=\(note)") },
            ]
            #expect(refusals.map { $0?.code } == Array(repeating: .unknownRecord, count: refusals.count))
            #expect(
                refusals.prefix(7).allSatisfy {
                    $0?.message == "Record \(account) is of type account, not visit."
                })
            #expect(
                refusals.suffix(2).allSatisfy { $0?.message == "Record \(note) is of type note, not account." })
            #expect(refusals[0]?.remedy == "Name its own type, or take the id from `list visit`.")
        }
        let typed = [
            #expect(throws: SatchelError.self) { try home.replica.record(account, ofType: "visit") },
            #expect(throws: SatchelError.self) { try home.replica.delete(account, ofType: "visit") },
        ]
        #expect(
            typed.map { $0?.message } == Array(repeating: "Record \(account) is of type account, not visit.", count: 2))
        let made = #expect(throws: SatchelError.self) {
            try home.replica.new(typeName: "note", assignments: [], id: account)
        }
        #expect(made?.code == .recordExists)
        #expect(made?.message == "Record \(account) exists already, of type account.")
    }

    @Test func `a record is revived with another value by one change-set`() throws {
        let home = try HomeFixture()
        let id = try home.account("name=A", "phone=1")
        _ = try home.replica.setLife(.delete, typeName: "account", id.description, settles: false)
        let before = try home.replica.queuedWork().count
        _ = try home.replica.revive(
            typeName: "account", id.description, assignments: [Assignment(argument: "phone=2")], settles: false)
        #expect(try home.replica.queuedWork().count == before + 1)
        #expect(try home.field(id, "name") == "A")
        #expect(try home.field(id, "phone") == "2")
    }

    @Test func `a parent with living children is not deleted, and a cascade takes the children with it`() throws {
        let home = try HomeFixture()
        let parent = try home.account("name=P")
        let child = try home.account("name=C", "parent=\(parent)")
        #expect(
            code { _ = try home.replica.setLife(.delete, typeName: "account", parent.description, settles: false) }
                == "has_children")
        let note = try home.replica.note(about: child.description, body: "Blue ones").records[0]
        let outcome = try home.replica.setLife(.delete, typeName: "account", child.description, settles: false)
        #expect(outcome.records == [child, note])
        _ = try home.replica.setLife(.delete, typeName: "account", parent.description, settles: false)
        #expect(try home.replica.records(typeName: "account", limit: 10).isEmpty)
    }

    @Test func `a field whose conflict a person must decide is refused unless the edit says that it settles it`() throws
    {
        let home = try HomeFixture()
        let id = try home.account("name=A", "phone=111")
        try home.conflict(on: id, value: "222")
        #expect(try home.replica.conflicts(atLeast: .decide, limit: 10).map(\.record) == [id])
        let error = #expect(throws: SatchelError.self) { try home.set(id, "phone=333") }
        #expect(error?.code == .fieldInConflict)
        #expect(error?.message.contains("\"222\", \"111\"") == true)
        _ = try home.set(id, "status=active")
        let outcome = try home.set(id, "phone=333", settles: true)
        #expect(outcome.settled.map(\.values) == [["222", "111"]])
        #expect(try home.replica.conflicts(atLeast: .review, limit: 10).isEmpty)
        #expect(try home.field(id, "phone") == "333")
    }

    @Test func `a choice settles a conflict, and only the conflict that was shown`() throws {
        let home = try HomeFixture()
        let id = try home.account("name=A", "phone=111")
        try home.conflict(on: id, value: "222")
        let report = try home.replica.conflict(typeName: "account", of: id.description)
        let stale = #expect(throws: SatchelError.self) {
            try home.replica.resolve(
                typeName: "account", id.description, subject: nil, choice: .take(2), reason: "called", token: "0000")
        }
        #expect(stale?.code == .conflictChanged)
        _ = try home.replica.resolve(
            typeName: "account", id.description, subject: "phone", choice: .take(2), reason: "called",
            token: report.items[0].token)
        #expect(try home.field(id, "phone") == "111")
        #expect(try home.replica.conflict(typeName: "account", of: id.description).items.isEmpty)
    }

    @Test func `what the server would reject for its size or its label is refused here`() throws {
        let home = try HomeFixture()
        let id = try home.account("name=A", "phone=111")
        try home.shell(
            """
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1001)
            INSERT INTO note (body, account) SELECT 'n' || i, '\(id)' FROM n;
            """)
        #expect(
            code { _ = try home.replica.setLife(.delete, typeName: "account", id.description, settles: false) }
                == "too_large")
        try home.conflict(on: id, value: "222")
        let reason = String(repeating: "r", count: 300)
        let refused = code {
            _ = try home.replica.resolve(
                typeName: "account", id.description, subject: nil, choice: .take(1), reason: reason, token: nil)
        }
        #expect(refused == "too_large")
    }

    @Test func `lists ask for values, elements and records without a value`() throws {
        let home = try HomeFixture()
        let first = try home.account("name=A", "tags+=vip", "tags+=x")
        let second = try home.account("name=B", "parent=\(first)", "size=3")
        func ids(_ field: String, _ value: String) throws -> [RecordID] {
            try home.replica.records(
                typeName: "account", ListQuestion(conditions: [.init(field: field, value: value)]), limit: 10
            ).map(\.record)
        }
        #expect(try ids("tags", "vip") == [first])
        #expect(try ids("size", "3") == [second])
        #expect(try ids("size", "") == [first])
        #expect(try ids("parent", first.description) == [second])
        #expect(code { _ = try ids("size", "x") } == "invalid_value")
    }
}
