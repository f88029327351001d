import SatchelSync
import SatchelTestSupport
import Testing

@Suite struct SchemaRulesTests {
    private static let text = FieldKind.text(maxLength: 10)

    private func problem(_ fields: [Field], name: String = "thing", id: UInt32 = 1, version: UInt32 = 1) throws
        -> String
    {
        let type = EntityType(id: EntityTypeID(id), name: name, fields: fields)
        let error = try #require(throws: SatchelError.self) { try Schema(version: version, types: [type]) }
        #expect(error.code == .invalidSchema)
        return error.message
    }

    private func field(
        _ number: UInt32 = 1, _ name: String = "name", _ kind: FieldKind = text, _ policy: MergePolicy = .latest
    ) -> Field {
        Field(id: FieldID(number), name: name, kind: kind, policy: policy)
    }

    @Test func `a schema of every kind is accepted and its types and fields are in order`() throws {
        let schema = try ItemSchema.make()
        let type = try #require(schema.type(ItemSchema.type))
        #expect(type.fields.map(\.name) == ["name", "phone", "parent", "tags", "visits", "facts"])
        #expect(schema.type(named: "item") == type)
        #expect(type.titleField?.name == "name")
        #expect(schema.references(to: ItemSchema.type).map(\.field.name) == ["parent"])
    }

    @Test func `numbers count from 1 and stand once`() throws {
        #expect(try problem([field()], id: 0).contains("The number of type thing counts from 1."))
        #expect(try problem([field(0)]).contains("The number of thing.name counts from 1."))
        #expect(try problem([field()], version: 0).contains("The version counts from 1."))
        #expect(try problem([field(1, "a"), field(1, "b")]).contains("Two fields of thing have number 1."))
        #expect(try problem([field(1, "a"), field(2, "a")]).contains("Two fields of thing have the column a."))
        let twins = [1, 1].map { EntityType(id: EntityTypeID($0), name: "thing", fields: [field()]) }
        let error = try #require(throws: SatchelError.self) { try Schema(version: 1, types: twins) }
        #expect(error.message.contains("Two types have number 1.") && error.message.contains("the name thing."))
    }

    @Test func `a schema needs a type and a type needs a field`() throws {
        let error = try #require(throws: SatchelError.self) { try Schema(version: 1, types: []) }
        #expect(error.message.contains("There is no type."))
        #expect(try problem([]).contains("Type thing has no field."))
    }

    @Test func `more types or fields than the limit are refused`() throws {
        let many = (1...UInt32(Limits.fieldsPerTypeMax + 1)).map { field($0, "f\($0)") }
        #expect(try problem(many).contains("has more than 256 fields"))
        let types = (1...UInt32(Limits.typesMax + 1)).map {
            EntityType(id: EntityTypeID($0), name: "t\($0)", fields: [field()])
        }
        let error = try #require(throws: SatchelError.self) { try Schema(version: 1, types: types) }
        #expect(error.message.contains("more than 256 types"))
    }

    @Test(arguments: [
        "", "Name", "1a", "_a", "a-b", "a b", "a\"b", "a;drop", "é", "a\0", "a\u{301}",
        String(repeating: "a", count: 64),
    ])
    func `a name that is not plain is refused`(name: String) throws {
        #expect(try problem([field(1, name)]).contains("begin with a letter, at most 63 characters"))
        #expect(try problem([field()], name: name).contains("begin with a letter, at most 63 characters"))
    }

    @Test(arguments: ["id", "rowid", "select", "satchel", "satchel_queue", "sqlite_master", "table"])
    func `a name that SQL or Satchel needs is refused`(name: String) throws {
        #expect(try problem([field(1, name)]).contains("is reserved"))
        #expect(try problem([field()], name: name).contains("is reserved"))
    }

    private static let everyPolicy: [MergePolicy] = [
        .latest, .manual, .max, .min, .counter, .set, .map, .precedence(["x", "y"]), .immutable, .server,
    ]

    /// Each kind with the words of the policies that it takes.
    private static let kinds: [(FieldKind, String)] = [
        (text, "latest manual immutable server"), (.integer(0...9), "latest manual max min immutable server"),
        (.decimal(scale: 2, 0...9), "latest manual max min immutable server"),
        (.boolean, "latest manual immutable server"), (.date, "latest manual max min immutable server"),
        (.timestamp, "latest manual max min immutable server"),
        (.enumeration(["x", "y"]), "latest manual precedence immutable server"),
        (.reference(to: EntityTypeID(1), onDelete: .restrict), "latest manual immutable server"),
        (.set(maxLength: 5), "set"), (.counter, "counter"), (.location, "latest manual immutable server"),
        (.map(maxLength: 5), "map"), (.json, "latest manual immutable server"),
    ]

    @Test func `each kind takes its policies and no other`() throws {
        for (kind, words) in Self.kinds {
            let taken = words.split(separator: " ").map(String.init)
            for policy in Self.everyPolicy {
                let fields = [field(1, "a", kind, policy)]
                if taken.contains(policy.word) {
                    let type = EntityType(id: EntityTypeID(1), name: "thing", fields: fields)
                    #expect(try Schema(version: 1, types: [type]).types == [type])
                } else {
                    let message =
                        "thing.a: its kind takes the policies \(taken.joined(separator: ", ")), not \(policy.word)."
                    #expect(try problem(fields).contains(message))
                }
            }
        }
    }

    @Test func `the columns of a location belong to it alone`() throws {
        let fields = [field(1, "at", .location), field(2, "at_lat", .integer(0...9))]
        #expect(try problem(fields).contains("Two fields of thing have the column at_lat."))
    }

    @Test func `lengths, enum values and references are checked`() throws {
        #expect(try problem([field(1, "a", .text(maxLength: 0))]).contains("max_length takes 1 to 65536"))
        #expect(try problem([field(1, "a", .text(maxLength: 65_537))]).contains("max_length takes 1 to 65536"))
        #expect(try problem([field(1, "a", .set(maxLength: 4_097), .set)]).contains("max_length takes 1 to 4096"))
        #expect(try problem([field(1, "a", .enumeration([]))]).contains("needs at least one value"))
        #expect(try problem([field(1, "a", .enumeration(["x", "x"]))]).contains("lists twice the value x"))
        #expect(try problem([field(1, "a", .enumeration([""]))]).contains("takes 1 to 256 bytes"))
        let scale = try problem([field(1, "a", .decimal(scale: 10, 0...9))])
        #expect(scale.contains("scale takes 0 to 9"))
        let dangling = FieldKind.reference(to: EntityTypeID(9), onDelete: .cascade)
        #expect(try problem([field(1, "a", dangling)]).contains("refers to a type that does not exist"))
    }

    @Test func `every broken rule is named at once`() throws {
        let message = try problem([field(1, "Bad"), field(1, "select")], version: 0)
        #expect(message.hasPrefix("The schema breaks 4 rules:"))
    }

    @Test func `an unknown type or field is answered with the names there are`() throws {
        let schema = try ItemSchema.make()
        let noType = try #require(throws: SatchelError.self) { try schema.requireType(named: "itm") }
        #expect(noType.code == .unknownType && noType.remedy == "Did you mean item? The types are item.")
        let type = try schema.requireType(named: "item")
        let noField = try #require(throws: SatchelError.self) { try type.requireField(named: "fone") }
        #expect(
            noField.code == .unknownField
                && noField.remedy == "Its fields are name, phone, parent, tags, visits, facts.")
    }
}
