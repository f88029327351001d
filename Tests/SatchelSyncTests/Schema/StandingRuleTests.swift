import SatchelSync
import SatchelTestSupport
import Testing

/// What a change may do to a record as it stands: `immutable`, `server`, `own`, and what a status requires.
@Suite struct StandingRuleTests {
    private static let stage = FieldID(1), amount = FieldID(2), fact = FieldID(3), mark = FieldID(4)
    private let type: EntityType
    private var state = RecordState()

    init() throws {
        let fields = [
            Field(id: Self.stage, name: "stage", kind: .enumeration(["open", "won", "paid"]), policy: .latest),
            Field(
                id: Self.amount, name: "amount", kind: .integer(0...9), policy: .latest, requirement: .from("won")),
            Field(id: Self.fact, name: "fact", kind: .integer(0...9), policy: .immutable),
            Field(id: Self.mark, name: "mark", kind: .integer(0...9), policy: .server),
        ]
        let deal = EntityType(
            id: EntityTypeID(1), name: "deal", fields: fields, ownership: .own, status: Self.stage)
        type = try Schema(version: 1, types: [deal]).types[0]
    }

    private func write(_ field: FieldID, _ value: FieldValue) -> FieldChange { FieldChange(field, .register(value)) }

    private mutating func check(
        _ dot: Dot, seen: [Dot] = [], life: LifeWrite? = nil, user: String = "kim", isServer: Bool = false,
        owner: String? = "kim", _ writes: FieldChange...
    ) -> String? {
        let line = Lineage().line(of: dot)
        let change = RecordChange(
            type: type.id, record: .sample(1), context: VersionVector(seen).removing(line: line), life: life,
            writes: writes)
        var after = state
        after.apply(change, dot: dot, time: Timestamp(milliseconds: 0), line: line)
        do {
            try type.check(
                change, seen: change.context.union(line), on: state,
                by: EntityType.Writer(user: user, isServer: isServer, owner: owner), result: { after })
            state = after
            return nil
        } catch { return error.code.word }
    }

    @Test mutating func `an immutable field keeps the value that its next writer had seen`() {
        #expect(check(a(1), life: .create, write(Self.fact, .integer(1))) == nil)
        #expect(check(a(2), write(Self.fact, .integer(2))) == "immutable_field")
        #expect(check(a(2), write(Self.fact, .null)) == "immutable_field")
        #expect(check(a(2), write(Self.fact, .integer(1))) == nil)
    }

    @Test mutating func `two first values of an immutable field are a conflict, which one edit settles`() {
        #expect(check(a(1), life: .create) == nil)
        #expect(check(a(2), write(Self.fact, .integer(1))) == nil)
        #expect(check(b(1), seen: [a(1)], write(Self.fact, .integer(2))) == nil)
        #expect(state.conflicts(in: type).map(\.severity) == [.review])
        #expect(check(b(2), seen: [a(2)], write(Self.fact, .integer(1))) == nil)
        #expect(state.conflicts(in: type).isEmpty)
        #expect(check(b(3), write(Self.fact, .integer(2))) == "immutable_field")
    }

    @Test mutating func `a server field is written by the server alone`() {
        #expect(check(a(1), life: .create, write(Self.mark, .integer(1))) == "server_field")
        #expect(check(a(1), life: .create, isServer: true, write(Self.mark, .integer(1))) == nil)
    }

    @Test mutating func `a record of its own belongs to the user who made it`() {
        #expect(check(a(1), life: .create, owner: nil) == nil)
        #expect(check(b(1), user: "lee", write(Self.stage, .text("open"))) == "not_owner")
        #expect(check(b(1), life: .delete, user: "lee") == "not_owner")
        #expect(check(b(1), user: "lee", isServer: true, write(Self.stage, .text("open"))) == nil)
    }

    @Test mutating func `owners are compared by their bytes`() {
        #expect(check(a(1), life: .create, user: "e\u{301}", owner: nil) == nil)
        #expect(check(a(2), user: "\u{E9}", owner: "e\u{301}", write(Self.fact, .integer(1))) == "not_owner")
    }

    @Test mutating func `a draft lacks what only a later status requires`() {
        #expect(check(a(1), life: .create, write(Self.stage, .text("open"))) == nil)
        #expect(check(a(2), write(Self.stage, .text("won"))) == "required_field")
        #expect(check(a(2), write(Self.stage, .text("paid"))) == "required_field")
        #expect(check(a(2), write(Self.stage, .text("won")), write(Self.amount, .integer(5))) == nil)
        #expect(check(a(3), write(Self.amount, .null)) == "required_field")
        #expect(check(a(3), write(Self.fact, .integer(1))) == nil)
    }
}
