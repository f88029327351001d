import SatchelSync
import SatchelTestSupport
import Testing

/// Values of every kind against a schema that has each.
@Suite struct KindValidationTests {
    private static let type = EntityTypeID(1)
    private let schema: Schema

    init() throws {
        let fields: [(String, FieldKind, MergePolicy)] = [
            ("text", .text(maxLength: 5), .latest), ("number", .integer(0...9), .max),
            ("amount", .decimal(scale: 2, -100...100), .latest), ("flag", .boolean, .latest), ("day", .date, .min),
            ("at", .timestamp, .immutable), ("stage", .enumeration(["a", "b"]), .precedence(["a", "b"])),
            ("owner", .reference(to: Self.type, onDelete: .restrict), .manual), ("tags", .set(maxLength: 5), .set),
            ("visits", .counter, .counter), ("place", .location, .latest), ("facts", .map(maxLength: 5), .map),
            ("raw", .json, .server),
        ]
        schema = try Schema(
            version: 1,
            types: [
                EntityType(
                    id: Self.type, name: "thing",
                    fields: fields.enumerated().map { number, field in
                        Field(id: FieldID(UInt32(number + 1)), name: field.0, kind: field.1, policy: field.2)
                    })
            ])
    }

    private func problem(_ name: String, _ write: FieldWrite) throws -> String? {
        let field = try schema.requireType(named: "thing").requireField(named: name)
        let change = RecordChange(
            type: Self.type, record: .sample(1), context: VersionVector(), life: nil,
            writes: [FieldChange(field.id, write)])
        do {
            try schema.validate(change)
            return nil
        } catch {
            #expect(error.field == field.id && error.record == .sample(1))
            return "\(error.code.word) " + error.sentence.split(separator: " ").dropFirst(5).joined(separator: " ")
        }
    }

    /// One value of each kind of register, with the fields that take it.
    private func samples() throws -> [(value: FieldValue, takers: Set<String>)] {
        [
            (.text("a"), ["text", "stage"]), (.integer(1), ["number"]),
            (.decimal(try #require(DecimalNumber("0.50", scale: 2))), ["amount"]), (.boolean(false), ["flag"]),
            (.date(try #require(CalendarDate("2026-03-02"))), ["day"]),
            (.timestamp(Timestamp(milliseconds: 0)), ["at"]), (.reference(.sample(2)), ["owner"]),
            (.location(try #require(Location("1,2"))), ["place"]), (.json("[1]"), ["raw"]),
        ]
    }

    @Test func `each register takes values of its kind and no others, and no value at all`() throws {
        let type = try schema.requireType(named: "thing")
        for field in type.fields {
            for sample in try samples() {
                let problem = try problem(field.name, .register(sample.value))
                #expect((problem == nil) == sample.takers.contains(field.name), "\(field.name) \(sample.value)")
                #expect(problem?.hasPrefix("invalid_value takes ") != false)
            }
            #expect((try problem(field.name, .register(.null)) == nil) == field.kind.isRegister)
        }
    }

    @Test func `elements, increments and keys go to their kinds alone`() throws {
        let writes: [(FieldWrite, String)] = [
            (.set(add: ["a"], remove: []), "tags"), (.counter(1), "visits"),
            (.map([MapWrite("a", .integer(1))]), "facts"),
        ]
        for field in try schema.requireType(named: "thing").fields {
            for (write, taker) in writes { #expect((try problem(field.name, write) == nil) == (field.name == taker)) }
        }
    }

    @Test func `a decimal keeps its field's scale and bounds`() throws {
        func decimal(_ units: Int64, _ scale: UInt8) throws -> FieldWrite {
            .register(.decimal(try #require(DecimalNumber(units: units, scale: scale))))
        }
        #expect(try problem("amount", decimal(100, 2)) == nil)
        #expect(
            try problem("amount", decimal(101, 2)) == "invalid_value takes -1.00 to 1.00, got 1.01.")
        #expect(
            try problem("amount", decimal(1, 1)) == "invalid_value takes 2 digits behind the point, got 1.")
    }

    @Test func `increments have an end`() throws {
        #expect(try problem("visits", .counter(Int64(Limits.counterMax))) == nil)
        #expect(try problem("visits", .counter(-Int64(Limits.counterMax))) == nil)
        #expect(try problem("visits", .counter(.min))?.hasPrefix("too_large takes increments of at most") == true)
    }

    @Test func `json is taken in its canonical form alone`() throws {
        #expect(try problem("raw", .register(.json(#"{"a":1}"#))) == nil)
        for text in [#"{"a": 1}"#, #"{"b":1,"a":2}"#, "", "nul", "[1", #"{"a":1,"a":2}"#] {
            let problem = try problem("raw", .register(.json(UTF8Text(text))))
            #expect(problem?.hasPrefix("invalid_value takes JSON in its canonical form") == true, "\(text)")
        }
    }

    @Test func `keys are plain texts in byte order, their values what JSON has`() throws {
        func keys(_ writes: (UTF8Text, FieldValue)...) throws -> String? {
            try problem("facts", .map(writes.map { MapWrite($0.0, $0.1) }))
        }
        #expect(try keys(("a", .text("x")), ("b", .null), ("c", .boolean(true)), ("d", .json("[]"))) == nil)
        #expect(try keys(("", .null)) == "invalid_value takes no empty key.")
        #expect(try keys(("abcdef", .null)) == "too_large takes at most 5 characters, got 6.")
        #expect(try keys(("a", .text("abcdef"))) == "too_large takes at most 5 characters, got 6.")
        #expect(try keys(("a\0", .null)) == "invalid_value takes no NUL character.")
        let order = "invalid_request takes keys in byte order, each once."
        #expect(try keys(("b", .null), ("a", .null)) == order && keys(("a", .null), ("a", .null)) == order)
        #expect(try keys(("a", .json("[ ]")))?.hasPrefix("invalid_value takes JSON in its canonical form") == true)
        #expect(try keys(("a", .reference(.sample(1))))?.hasPrefix("invalid_value takes texts, whole numbers") == true)
        let many = (0...Limits.setElementsMax).map { UTF8Text(String($0)) }.sorted().map { MapWrite($0, .null) }
        #expect(try problem("facts", .map(many)) == "too_large takes at most 1000 keys in one change.")
    }

    @Test func `what people type is read by the kind and written again the same`() throws {
        let type = try schema.requireType(named: "thing")
        for (name, text, shown) in [
            ("amount", "0.5", "0.50"), ("flag", "true", "true"), ("day", "2026-03-02", "2026-03-02"),
            ("place", "1,2", "1.0000000,2.0000000"), ("raw", #"{"b": 1, "a": 2}"#, #"{"a":2,"b":1}"#),
        ] {
            let value = try type.requireField(named: name).parse(text)
            #expect(value.text == shown)
            #expect(try type.requireField(named: name).parse(shown) == value)
        }
        for (name, text) in [
            ("amount", "0.505"), ("amount", "1,5"), ("flag", "yes"), ("day", "2026-02-29"), ("place", "91,0"),
            ("raw", "{"), ("visits", "1"), ("facts", "{}"),
        ] {
            let field = try type.requireField(named: name)
            #expect(throws: SatchelError.self, "\(name) \(text)") { try field.parse(text) }
        }
    }
}
