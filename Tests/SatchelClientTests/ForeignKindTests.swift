import SatchelClient
import SatchelStorage
import SatchelSync
import SatchelTestSupport
import Testing

/// A plain SQL write of one column, and what it must become.
struct ForeignKindCase: Sendable, CustomTestStringConvertible {
    let column: String
    let sql: String
    let write: FieldWrite
    /// What the column shows once the write is sealed.
    let shown: String

    init(_ column: String, _ sql: String, _ write: FieldWrite, shows shown: String) {
        (self.column, self.sql, self.write, self.shown) = (column, sql, write, shown)
    }

    var testDescription: String { "\(column) = \(sql)" }
}

@Suite("Plain SQL by kind of field")
struct ForeignKindTests {
    private static let type = EntityTypeID(3)
    private static let id = RecordID(high: 0x0199_0000_0000_7000, low: 0x8000_0000_0000_0001)

    private static let cases: [ForeignKindCase] = [
        ForeignKindCase("text", "'abc'", .register(.text("abc")), shows: "'abc'"),
        ForeignKindCase("int", "-7", .register(.integer(-7)), shows: "-7"),
        ForeignKindCase("decimal", "1250", .register(decimal(1_250)), shows: "1250"),
        ForeignKindCase("bool", "1", .register(.boolean(true)), shows: "1"),
        ForeignKindCase("date", "'2026-03-02'", .register(day("2026-03-02")), shows: "'2026-03-02'"),
        ForeignKindCase(
            "timestamp", "'2026-03-02T08:01:13.120Z'", .register(instant("2026-03-02T08:01:13.120Z")),
            shows: "'2026-03-02T08:01:13.120Z'"),
        ForeignKindCase("stage", "'open'", .register(.text("open")), shows: "'open'"),
        ForeignKindCase("parent", "'\(id)'", .register(.reference(id)), shows: "'\(id)'"),
        ForeignKindCase(
            "tags", #"'["b", "a"]'"#, .set(add: ["a", "b"], remove: []), shows: #"'["a","b"]'"#),
        ForeignKindCase("counter", "counter + 5", .counter(5), shows: "5"),
        ForeignKindCase(
            "facts", #"'{"b": [1, 2], "a": true}'"#,
            .map([MapWrite("a", .boolean(true)), MapWrite("b", .json("[1,2]"))]), shows: #"'{"a":true,"b":[1,2]}'"#),
        ForeignKindCase(
            "document", #"'{"b": 1.50, "a": []}'"#, .register(.json(#"{"a":[],"b":1.50}"#)),
            shows: #"'{"a":[],"b":1.50}'"#),
    ]

    private static func decimal(_ units: Int64) -> FieldValue {
        DecimalNumber(units: units, scale: 2).map { .decimal($0) } ?? .null
    }

    private static func day(_ text: String) -> FieldValue { CalendarDate(text).map { .date($0) } ?? .null }

    private static func instant(_ text: String) -> FieldValue { Timestamp(text).map { .timestamp($0) } ?? .null }

    private func sample(_ home: HomeFixture) throws -> RecordID {
        try home.replica.new(typeName: "sample", assignments: [], id: Self.id).records[0]
    }

    private func newest(_ home: HomeFixture) throws -> OwnChangeSet {
        try #require(try home.replica.reading { try $0.ownChangeSets(.all) }.last)
    }

    /// Whether the plain column holds what the SQL says, once all is sealed.
    private func shows(_ sql: String, _ column: String, _ home: HomeFixture) throws -> Bool {
        _ = try home.replica.safetyReport()
        let quoted = try home.shellText("SELECT quote(\(column)) FROM sample")
        return quoted == sql
    }

    @Test(arguments: cases) func `a column written by the shell is sealed as its kind says`(_ scene: ForeignKindCase)
        throws
    {
        let home = try HomeFixture()
        _ = try sample(home)
        try home.shell("UPDATE sample SET \(scene.column) = \(scene.sql)")
        let own = try newest(home)
        #expect(own.changeSet.label == "sql")
        #expect(own.rejection == nil)
        #expect(own.changeSet.changes.first?.writes.map(\.write) == [scene.write])
        #expect(try shows(scene.shown, scene.column, home))
        // Nothing is left to seal, and the same value again is no edit.
        try home.shell("UPDATE sample SET \(scene.column) = \(scene.shown)")
        #expect(try newest(home).changeSet.dot == own.changeSet.dot)
    }

    @Test func `a location is one write of three columns`() throws {
        let home = try HomeFixture()
        _ = try sample(home)
        try home.shell("UPDATE sample SET place_lat = 312304000, place_lon = 1214737000, place_accuracy = 12")
        let place = try #require(Location(latitude: 312_304_000, longitude: 1_214_737_000, accuracy: 12))
        #expect(try newest(home).changeSet.changes.first?.writes.map(\.write) == [.register(.location(place))])
        try home.shell("UPDATE sample SET place_accuracy = NULL")
        let vague = try #require(Location(latitude: 312_304_000, longitude: 1_214_737_000, accuracy: nil))
        #expect(try newest(home).changeSet.changes.first?.writes.map(\.write) == [.register(.location(vague))])
        try home.shell("UPDATE sample SET place_lat = NULL")
        #expect(try newest(home).rejection?.code == "invalid_value")
    }

    @Test func `a map written by the shell is edited key by key`() throws {
        let home = try HomeFixture()
        _ = try sample(home)
        try home.shell(#"UPDATE sample SET facts = '{"a":1,"b":"x","c":true}'"#)
        _ = try newest(home)
        try home.shell(#"UPDATE sample SET facts = '{"a":2,"c":true,"d":null}'"#)
        let expected: FieldWrite = .map([MapWrite("a", .integer(2)), MapWrite("b", .null)])
        #expect(try newest(home).changeSet.changes.first?.writes.map(\.write) == [expected])
        #expect(try shows(#"'{"a":2,"c":true}'"#, "facts", home))
    }

    @Test func `INSERT OR REPLACE on a known id edits the columns it changed`() throws {
        let home = try HomeFixture()
        _ = try sample(home)
        try home.shell(#"UPDATE sample SET counter = 3, tags = '["a"]', text = 'abc'"#)
        _ = try newest(home)
        try home.shell(
            #"INSERT OR REPLACE INTO sample (id, text, counter, tags) VALUES ('\#(Self.id)', 'abc', 1, '["a","b"]')"#)
        let own = try newest(home)
        #expect(own.changeSet.changes.map(\.life) == [nil])
        #expect(own.changeSet.changes.first?.writes.map(\.write) == [.set(add: ["b"], remove: []), .counter(-2)])
    }

    @Test(arguments: cases) func `INSERT OR REPLACE writes a column of each kind as an update does`(
        _ scene: ForeignKindCase
    ) throws {
        let home = try HomeFixture()
        _ = try sample(home)
        // A new row has no old value to count from: what it holds is the increment.
        let value = scene.sql.replacing("\(scene.column) + ", with: "")
        try home.shell("INSERT OR REPLACE INTO sample (id, \(scene.column)) VALUES ('\(Self.id)', \(value))")
        let own = try newest(home)
        #expect(own.rejection == nil)
        #expect(own.changeSet.changes.map(\.life) == [nil])
        #expect(own.changeSet.changes.first?.writes.map(\.write) == [scene.write])
        #expect(try shows(scene.shown, scene.column, home))
    }

    @Test func `INSERT OR REPLACE writes a location as one register`() throws {
        let home = try HomeFixture()
        _ = try sample(home)
        try home.shell(
            """
            INSERT OR REPLACE INTO sample (id, place_lat, place_lon) VALUES ('\(Self.id)', 312304000, 1214737000)
            """)
        let place = try #require(Location(latitude: 312_304_000, longitude: 1_214_737_000, accuracy: nil))
        #expect(try newest(home).changeSet.changes.first?.writes.map(\.write) == [.register(.location(place))])
    }

    @Test func `a column that nobody declared is not synced, and stays as it is`() throws {
        let home = try HomeFixture()
        _ = try sample(home)
        let before = try newest(home).changeSet.dot
        try home.shell("ALTER TABLE sample ADD COLUMN remark TEXT; UPDATE sample SET remark = 'mine'")
        #expect(try newest(home).changeSet.dot == before)
        try home.shell("UPDATE sample SET text = 'abc'")
        #expect(try newest(home).changeSet.changes.first?.writes.map(\.field) == [FieldID(1)])
        #expect(try shows("'mine'", "remark", home))
    }

    @Test(arguments: [
        ("text", "'ABC'", "invalid_value"), ("int", "'many'", "invalid_value"), ("decimal", "1.5", "invalid_value"),
        ("bool", "2", "invalid_value"), ("date", "'2026-02-30'", "invalid_value"),
        ("timestamp", "'now'", "invalid_value"),
        ("stage", "'lost'", "invalid_value"), ("stage", "'won'", "required_field"), ("tags", "'a'", "invalid_value"),
        ("counter", "'many'", "invalid_value"), ("facts", "'[]'", "invalid_value"),
        ("document", "'{'", "invalid_value"),
        ("score", "4", "server_field"),
    ]) func `a value that the schema forbids is parked and stays on screen`(
        column: String, sql: String, code: String
    ) throws {
        let home = try HomeFixture()
        _ = try sample(home)
        try home.shell("UPDATE sample SET \(column) = \(sql)")
        let own = try newest(home)
        #expect(own.rejection?.code == code)
        #expect(own.rejection?.field != nil)
        #expect(try home.replica.safetyReport().parked.map(\.dot) == [own.changeSet.dot])
        // Another write of the row goes its own way.
        try home.shell("UPDATE sample SET first = 'x'")
        #expect(try newest(home).rejection == nil)
    }

    @Test func `the first value of an immutable field stays`() throws {
        let home = try HomeFixture()
        _ = try sample(home)
        try home.shell("UPDATE sample SET first = 'x'")
        #expect(try newest(home).rejection == nil)
        try home.shell("UPDATE sample SET first = 'y'")
        #expect(try newest(home).rejection?.code == "immutable_field")
        #expect(throws: SatchelError.self) {
            try home.replica.set(
                typeName: "sample", Self.id.description, assignments: [Assignment(argument: "score=4")], settles: false)
        }
    }

    @Test(arguments: ["UPDATE satchel_change_set SET counter = -1", "UPDATE satchel_change_set SET counter = 0"])
    func `a counter that no dot has is damage with a name, and no crash`(sql: String) throws {
        let home = try HomeFixture()
        _ = try sample(home)
        try home.shell(sql)
        let error = #expect(throws: SatchelError.self) { try home.replica.ledger() }
        #expect(error?.code == .damagedData)
    }

    @Test func `a counter is incremented once in an edit, however large the amounts`() throws {
        let home = try HomeFixture()
        _ = try sample(home)
        let amounts = Array(repeating: "counter+=\(Limits.counterMax)", count: 1_100)
        let error = #expect(throws: SatchelError.self) {
            try home.replica.set(
                typeName: "sample", Self.id.description, assignments: amounts.map { try Assignment(argument: $0) },
                settles: false)
        }
        #expect(error?.code == .invalidRequest)
    }
}
