import SatchelSync
import SatchelTestSupport
import Testing

@Suite struct DigestTests {
    private let schema: Schema

    init() throws { schema = try ItemSchema.make() }

    private func digest(_ state: RecordState, record: RecordID = .sample(1), type: EntityTypeID = ItemSchema.type)
        -> [UInt8]
    {
        var bytes: [UInt8] = []
        state.encodeDigest(type: type, record: record, schema: schema, into: &bytes)
        return bytes
    }

    private func digest(_ edit: (inout RecordScript) -> Void) -> [UInt8] {
        var record = RecordScript()
        record.apply(a(1), life: .create, phone("0"), tag(add: ["x"]), at: 1)
        edit(&record)
        return digest(record.state)
    }

    @Test func `equal states have equal digests whatever way they came about`() {
        forAll(cases: 300) { random, replay in
            let group = ReplicaGroup(replicas: 3, steps: 20, using: &random)
            let joined = group.replicas.reduce(RecordState()) { $1.state.joined($0) }
            var applied = RecordState()
            for event in group.causalOrder(using: &random) { event.apply(to: &applied) }
            #expect(digest(joined) == digest(applied), "\(replay)")
        }
    }

    @Test func `states that differ in what stands have different digests`() {
        var seen: [[UInt8]: RecordState] = [:]
        forAll(cases: 500) { random, replay in
            let state = ReplicaGroup(replicas: 2, steps: random.pick(in: 1...12), using: &random).everything
            let standing = state.fields.filter { !$0.state.dots.isEmpty }
            if let other = seen.updateValue(state, forKey: digest(state)) {
                #expect(
                    other.life.map(\.dot) == state.life.map(\.dot)
                        && other.fields.filter { !$0.state.dots.isEmpty }.map(values) == standing.map(values),
                    "\(replay)")
            }
        }
        #expect(Seeds.replayed != nil || seen.count > 200)
    }

    private func values(_ entry: FieldEntry) -> String {
        let siblings = entry.state.siblings.map { "\($0.dot) \($0.value)" }
        let elements = entry.state.elements.map { "\($0.value) \($0.dots.map(\.dot))" }
        return "\(entry.field.number) \(siblings) \(elements)"
    }

    @Test func `each thing that stands is in the digest`() {
        let all = [
            digest { _ in },
            digest { $0.apply(b(1), seen: [a(1)], phone("1")) },
            digest { $0.apply(b(1), seen: [a(1)], phone("0")) },
            digest { $0.apply(b(1), seen: [], phone("1")) },
            digest { $0.apply(b(1), seen: [a(1)], FieldChange(ItemSchema.phone, .register(.null))) },
            digest { $0.apply(b(1), seen: [a(1)], FieldChange(ItemSchema.phone, .register(.integer(0)))) },
            digest { $0.apply(b(1), seen: [a(1)], name("0")) },
            digest { $0.apply(b(1), seen: [a(1)], tag(remove: ["x"])) },
            digest { $0.apply(b(1), seen: [], tag(add: ["x"])) },
            digest { $0.apply(b(1), seen: [a(1)], tag(add: ["y"])) },
            digest { $0.apply(b(1), seen: [a(1)], life: .delete) },
            digest { $0.apply(b(1), seen: [], life: .delete) },
            digest { $0.apply(b(1), seen: [a(1)], life: .revive) },
        ]
        #expect(Set(all).count == all.count)
    }

    @Test func `the winner of a register is in the digest`() {
        #expect(
            digest { $0.apply(b(1), phone("1"), at: 0) } != digest { $0.apply(b(1), phone("1"), at: 2) })
    }

    @Test func `a time that changes no winner is not in the digest, nor is the context`() {
        let base = digest { $0.apply(b(1), seen: [a(1)], phone("1"), at: 2) }
        #expect(digest { $0.apply(b(1), seen: [a(1)], phone("1"), at: 3) } == base)
        #expect(
            digest {
                $0.apply(b(1), seen: [a(1)], phone("1"), at: 2)
                $0.apply(c(1), seen: [a(1)], tag(remove: ["y"]))
            } == base)
    }

    @Test func `type and record are in the digest, and a record that nothing is known of has none`() {
        var record = RecordScript()
        record.apply(a(1), life: .create)
        let digests = [
            digest(record.state), digest(record.state, record: .sample(2)), digest(record.state, type: EntityTypeID(2)),
        ]
        #expect(Set(digests).count == 3)
        #expect(digest(RecordState()).isEmpty)
    }
}
