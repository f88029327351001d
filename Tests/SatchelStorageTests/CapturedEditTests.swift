import GRDB
import SatchelStorage
import SatchelSync
import SatchelTestSupport
import Testing

@Suite("Plain SQL by another program")
struct CapturedEditTests {
    /// Runs SQL as a `sqlite3` shell would, then takes what was captured.
    private func captured(
        after sql: String, _ fixture: ReplicaFixture, arguments: StatementArguments = []
    ) throws -> [DraftChange] {
        try fixture.shell { try $0.execute(sql: sql, arguments: arguments) }
        return try fixture.turn { store in try store.write { try $0.takeCaptured(bytesMax: 1_000_000).map(\.change) } }
    }

    private func fixtureWithShop() throws -> ReplicaFixture {
        let fixture = try ReplicaFixture()
        try fixture.edit(.sample(1), life: .create, [.name("Shop"), .tags(add: ["a", "b"])])
        return fixture
    }

    private let id = RecordID.sample(1)

    @Test func `an insert is a create with the columns it names`() throws {
        let fixture = try ReplicaFixture()
        let changes = try captured(after: "INSERT INTO item (id, name) VALUES ('\(id)', 'New')", fixture)
        #expect(changes == [DraftChange(type: ItemSchema.type, record: id, life: .create, writes: [.name("New")])])
    }

    @Test func `a row inserted without an id gets one`() throws {
        let fixture = try ReplicaFixture()
        let changes = try captured(after: "INSERT INTO item (name) VALUES ('New')", fixture)
        #expect(changes.map(\.life) == [.create])
    }

    @Test func `an update is the difference, also of a set`() throws {
        let changes = try captured(
            after: #"UPDATE item SET name = 'Shop 2', tags = '["b","c"]'"#, try fixtureWithShop())
        #expect(
            changes == [
                DraftChange(
                    type: ItemSchema.type, record: id, writes: [.name("Shop 2"), .tags(add: ["c"], remove: ["a"])])
            ])
    }

    @Test func `an update that is taken back is no edit`() throws {
        let changes = try captured(
            after: "UPDATE item SET name = 'X'; UPDATE item SET name = 'Shop'", try fixtureWithShop())
        #expect(changes.isEmpty)
    }

    @Test func `INSERT OR REPLACE on a known id updates the columns it changed`() throws {
        let changes = try captured(
            after: #"INSERT OR REPLACE INTO item (id, name, tags) VALUES ('\#(id)', 'Shop', '["a"]')"#,
            try fixtureWithShop())
        #expect(changes == [DraftChange(type: ItemSchema.type, record: id, writes: [.tags(remove: ["b"])])])
    }

    @Test func `an upsert on a known id is an update`() throws {
        let changes = try captured(
            after: """
                INSERT INTO item (id, name) VALUES ('\(id)', 'Up') ON CONFLICT (id) DO UPDATE SET name = excluded.name
                """, try fixtureWithShop())
        #expect(changes == [DraftChange(type: ItemSchema.type, record: id, writes: [.name("Up")])])
    }

    @Test func `a delete is a delete, and an insert after it an update`() throws {
        let fixture = try fixtureWithShop()
        #expect(
            try captured(after: "DELETE FROM item", fixture)
                == [DraftChange(type: ItemSchema.type, record: id, life: .delete)])
        let again = try fixtureWithShop()
        let changes = try captured(
            after: "DELETE FROM item; INSERT INTO item (id, name) VALUES ('\(id)', 'Back')", again)
        #expect(
            changes == [
                DraftChange(type: ItemSchema.type, record: id, writes: [.name("Back"), .tags(remove: ["a", "b"])])
            ])
    }

    @Test func `a row inserted and deleted before anybody looked is no edit`() throws {
        let fixture = try ReplicaFixture()
        #expect(
            try captured(after: "INSERT INTO item (name) VALUES ('X'); DELETE FROM item", fixture).isEmpty)
    }

    @Test func `an update under OR REPLACE keeps the first row that was seen`() throws {
        let changes = try captured(
            after: "UPDATE OR REPLACE item SET name = 'One'; UPDATE OR REPLACE item SET name = 'Two'",
            try fixtureWithShop())
        #expect(changes == [DraftChange(type: ItemSchema.type, record: id, writes: [.name("Two")])])
    }

    @Test func `an id changed by SQL is a delete and a create`() throws {
        let changes = try captured(after: "UPDATE item SET id = '\(RecordID.sample(2))'", try fixtureWithShop())
        #expect(Set(changes.map(\.life)) == [.delete, .create])
        #expect(Set(changes.map(\.record)) == [id, .sample(2)])
    }

    @Test func `a value that the column's kind does not know is kept as text`() throws {
        let changes = try captured(after: "UPDATE item SET name = x'00ff', tags = 'no json'", try fixtureWithShop())
        #expect(
            changes.first?.writes == [
                .name("X'00ff'\0"), FieldChange(ItemSchema.tags, .register(.text("no json"))),
            ])
    }

    @Test func `an id that is no UUID is refused by the table`() throws {
        let fixture = try ReplicaFixture()
        #expect(throws: DatabaseError.self) {
            try fixture.shell { try $0.execute(sql: "INSERT INTO item (id) VALUES ('not-an-id')") }
        }
    }

    @Test func `records are read as they were until the change is sealed`() throws {
        let fixture = try fixtureWithShop()
        try fixture.shell { try $0.execute(sql: "UPDATE item SET name = 'Changed'") }
        let state = try fixture.turn { try $0.read { try $0.record(.sample(1))?.state } }
        #expect(state?.field(ItemSchema.name)?.siblings.map(\.value) == [.text("Shop")])
    }

    @Test func `what Satchel writes itself is not captured`() throws {
        let fixture = try fixtureWithShop()
        try fixture.edit(id, [.name("Own edit")])
        #expect(try fixture.turn { try $0.hasForeignWrites() } == false)
    }
}
