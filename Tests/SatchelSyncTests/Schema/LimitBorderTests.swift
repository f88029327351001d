import SatchelSync
import SatchelTestSupport
import Testing

/// What a change-set may hold, at each limit less one, at the limit, and one beyond.
@Suite struct LimitBorderTests {
    private static let type = EntityTypeID(1)
    private static let kinds: [(FieldKind, MergePolicy)] = [
        (.text(maxLength: Limits.textBytesMax), .latest), (.text(maxLength: 5), .latest),
        (.set(maxLength: Limits.elementBytesMax), .set),
        (.map(maxLength: Limits.elementBytesMax), .map),
        (.json, .latest), (.counter, .counter), (.integer(0...9), .latest),
    ]
    private static let text = FieldID(1), short = FieldID(2), tags = FieldID(3), facts = FieldID(4),
        raw = FieldID(5)
    private static let visits = FieldID(6), number = FieldID(7)

    /// A limit, what it is about, and a change-set that holds so much of it.
    struct Border: Sendable, CustomTestStringConvertible {
        let what: String
        let limit: Int
        let changeSet: @Sendable (Int) -> ChangeSet

        var testDescription: String { what }

        init(_ what: String, _ limit: Int, changeSet: @escaping @Sendable (Int) -> ChangeSet) {
            (self.what, self.limit, self.changeSet) = (what, limit, changeSet)
        }

        init(
            _ what: String, _ limit: Int, _ field: FieldID,
            _ write: @escaping @Sendable (Int) -> FieldWrite
        ) {
            self.init(what, limit) { .holding([.holding([FieldChange(field, write($0))])]) }
        }
    }

    private static func long(_ count: Int) -> UTF8Text {
        UTF8Text(String(repeating: "x", count: count))
    }
    private static func names(_ count: Int) -> [UTF8Text] {
        (0..<count).map { UTF8Text(String($0)) }.sorted()
    }

    static let borders: [Border] = [
        Border("bytes of a text", Limits.textBytesMax, text) { .register(.text(long($0))) },
        Border("characters of a field's own length", 5, short) { .register(.text(long($0))) },
        Border("bytes of an element that is added", Limits.elementBytesMax, tags) {
            .set(add: [long($0)], remove: [])
        },
        Border("bytes of an element that is removed", Limits.elementBytesMax, tags) {
            .set(add: [], remove: [long($0)])
        },
        Border("elements of a write", Limits.setElementsMax, tags) { count in
            .set(add: Array(names(count).prefix(10)), remove: Array(names(count).dropFirst(10)))
        },
        Border("bytes of a key", Limits.elementBytesMax, facts) { .map([MapWrite(long($0), .null)]) },
        Border("keys of a write", Limits.setElementsMax, facts) {
            .map(names($0).map { MapWrite($0, .null) })
        },
        Border("bytes of JSON", Limits.textBytesMax, raw) { count in
            .register(.json(UTF8Text("\"" + String(repeating: "x", count: count - 2) + "\"")))
        },
        Border("an increment", Int(Limits.counterMax), visits) { .counter(Int64($0)) },
        Border("a decrement", Int(Limits.counterMax), visits) { .counter(-Int64($0)) },
        Border("records", Limits.changesPerChangeSetMax) {
            .holding((1...$0).map { .holding(record: $0) })
        },
        Border("bytes of a label", Limits.labelBytesMax) {
            .holding([.holding()], label: String(repeating: "x", count: $0))
        },
        Border("bytes of an author's name", Limits.nameBytesMax) {
            .holding([.holding()], author: String(repeating: "x", count: $0))
        },
        Border("actors of a context", Limits.contextEntriesMax) { count in
            .holding([.holding(context: VersionVector((1...count).map { Dot(.sample($0), 1) }))])
        },
    ]

    @Test(arguments: borders) func `a change-set is taken up to each limit, and not one beyond`(
        border: Border
    ) throws {
        let fields = Self.kinds.enumerated().map { number, kind in
            Field(id: FieldID(UInt32(number + 1)), name: "f\(number)", kind: kind.0, policy: kind.1)
        }
        let schema = try Schema(
            version: 1, types: [EntityType(id: Self.type, name: "thing", fields: fields)])
        for step in -1...1 {
            var code: SatchelError.Code?
            do { try border.changeSet(border.limit + step).validate(against: schema) } catch {
                code = error.code
            }
            #expect(code == (step > 0 ? .tooLarge : nil), "the limit and \(step)")
        }
    }

    @Test func `the canonical bytes of a change-set have a limit of their own`() {
        for step in -1...1 {
            var code: SatchelError.Code?
            do { try ChangeSet.validate(byteCount: Limits.changeSetBytesMax + step) } catch {
                code = error.code
            }
            #expect(code == (step > 0 ? .tooLarge : nil), "the limit and \(step)")
        }
    }

    @Test func `a schema has types and fields up to its limits`() {
        func field(_ number: Int, _ name: String) -> Field {
            Field(id: FieldID(UInt32(number)), name: name, kind: .boolean, policy: .latest)
        }
        for step in -1...1 {
            let fields = (1...Limits.fieldsPerTypeMax + step).map { field($0, "f\($0)") }
            let wide = try? Schema(
                version: 1, types: [EntityType(id: Self.type, name: "thing", fields: fields)])
            #expect((wide != nil) == (step <= 0), "fields, the limit and \(step)")
            let types = (1...Limits.typesMax + step).map {
                EntityType(id: EntityTypeID(UInt32($0)), name: "t\($0)", fields: [field(1, "f")])
            }
            #expect(
                ((try? Schema(version: 1, types: types)) != nil) == (step <= 0),
                "types, the limit and \(step)")
            let name = String(repeating: "n", count: 63 + step)
            let named = try? Schema(
                version: 1, types: [EntityType(id: Self.type, name: name, fields: [field(1, name)])])
            #expect((named != nil) == (step <= 0), "a name of 63 characters and \(step)")
        }
    }

    @Test func `a counter of a dot counts to 2⁵³ − 1`() {
        for step in -1...1 {
            let text = "\(ActorID.sample(1)):\(Int(Limits.counterMax) + step)"
            #expect((Dot(text) != nil) == (step <= 0), "\(text)")
        }
    }
}

extension ChangeSet {
    fileprivate static func holding(
        _ changes: [RecordChange], label: String = "edit", author: String = "kim"
    ) -> ChangeSet {
        ChangeSet(
            dot: Dot(.sample(0), 1), label: label, author: author, time: Timestamp(milliseconds: 0),
            schemaVersion: 1,
            changes: changes)
    }
}

extension RecordChange {
    fileprivate static func holding(
        _ writes: [FieldChange] = [FieldChange(FieldID(7), .register(.integer(1)))], record: Int = 1,
        context: VersionVector = VersionVector()
    ) -> RecordChange {
        RecordChange(
            type: EntityTypeID(1), record: .sample(record), context: context, life: nil, writes: writes)
    }
}
