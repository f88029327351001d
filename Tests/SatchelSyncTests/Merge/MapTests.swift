import SatchelSync
import SatchelTestSupport
import Testing

@Suite struct MapTests {
    private var record = RecordScript()
    private let type: EntityType

    init() throws {
        record.apply(a(1), life: .create, put("size", .integer(1)))
        type = try #require(try ItemSchema.make().type(ItemSchema.type))
    }

    private var keys: [String] {
        (record.state.field(ItemSchema.facts)?.entries ?? []).map { entry in
            "\(entry.key): \(entry.siblings.map { "\($0.dot.actor == .sample(0) ? "a" : "b") \($0.value.text)" })"
        }
    }

    private func shown() throws -> [String] {
        let field = try #require(type.field(ItemSchema.facts))
        return record.state.winningEntries(of: field).map { "\($0.key)=\($0.value.text)" }
    }

    @Test mutating func `different keys are merged and never a conflict`() throws {
        record.apply(b(1), seen: [], put("colour", .text("red")))
        #expect(try shown() == ["colour=red", "size=1"])
        #expect(record.state.conflicts(in: type).isEmpty)
    }

    @Test mutating func `two values of one key are a conflict of that key, to be reviewed`() throws {
        record.apply(b(1), seen: [], put("size", .integer(2)), at: 1)
        #expect(keys == [#"size: ["a 1", "b 2"]"#])
        #expect(try shown() == ["size=2"])
        let subject = ConflictSubject.key(ItemSchema.facts, "size")
        #expect(record.state.conflicts(in: type) == [ConflictItem(subject: subject, severity: .review)])
        #expect(record.state.siblings(of: subject).map(\.dot) == [a(1), b(1)])
    }

    @Test mutating func `a key that was taken away is not shown, and a value beside that is a conflict`() throws {
        record.apply(b(1), seen: [a(1)], put("size", .null), at: 1)
        #expect(try shown() == [])
        record.apply(a(2), seen: [], put("size", .integer(3)), at: 2)
        #expect(try shown() == ["size=3"])
        #expect(record.state.conflicts(in: type).count == 1)
    }

    @Test mutating func `a write covers what its author had seen of the key and nothing of others`() {
        record.apply(a(2), put("colour", .text("red")))
        record.apply(b(1), seen: [a(2)], put("size", .integer(2)))
        #expect(keys == [#"colour: ["a red"]"#, #"size: ["b 2"]"#])
    }
}
