import SatchelSync
import SatchelTestSupport
import Testing

@Suite struct ConflictTests {
    private let type: EntityType
    private var record = RecordScript()

    init() throws {
        type = try #require(try ItemSchema.make().type(ItemSchema.type))
        record.apply(a(1), life: .create, name("n"), phone("0"))
    }

    private var conflicts: [ConflictItem] { record.state.conflicts(in: type) }

    @Test mutating func `two unseen values are a conflict of the field's severity`() {
        record.apply(b(1), phone("1"))
        record.apply(c(1), name("m"))
        #expect(
            conflicts == [
                ConflictItem(subject: .field(ItemSchema.name), severity: .review),
                ConflictItem(subject: .field(ItemSchema.phone), severity: .decide),
            ])
    }

    @Test mutating func `a value that had seen the other is none`() {
        record.apply(b(1), seen: [a(1)], phone("1"))
        #expect(conflicts.isEmpty)
    }

    @Test mutating func `edits of different fields are none`() {
        record.apply(b(1), seen: [a(1)], phone("1"))
        record.apply(c(1), seen: [a(1)], name("m"))
        #expect(conflicts.isEmpty)
    }

    @Test mutating func `a contested life is decided before any field`() {
        record.apply(b(1), phone("1"))
        record.apply(c(1), seen: [a(1)], life: .delete)
        #expect(conflicts.map(\.subject) == [.life, .field(ItemSchema.phone)])
        #expect(conflicts.map(\.severity) == [.decide, .decide])
    }

    @Test mutating func `a deleted record has none, unless the store says that a child contests it`() {
        record.apply(b(1), phone("1"))
        record.apply(c(1), seen: [a(1), b(1)], life: .delete)
        #expect(conflicts.isEmpty)
        #expect(record.state.conflicts(in: type, life: .contested).map(\.subject) == [.life, .field(ItemSchema.phone)])
    }

    @Test func `a field is in conflict exactly when distinct concurrent values stand`() {
        forAll(cases: 300) { random, replay in
            let state = ReplicaGroup(replicas: 3, steps: 20, using: &random).everything
            let reported = Set(state.conflicts(in: type, life: .alive).map(\.subject))
            for field in [ItemSchema.name, ItemSchema.phone] {
                let values = Set((state.field(field)?.siblings ?? []).map(\.value))
                #expect(reported.contains(.field(field)) == (values.count > 1), "\(replay)")
            }
        }
    }
}
