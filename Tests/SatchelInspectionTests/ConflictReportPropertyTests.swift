import SatchelInspection
import SatchelSync
import SatchelTestSupport
import Testing

@Suite struct ConflictReportPropertyTests {
    private static func context(of group: ReplicaGroup, schema: Schema) -> InspectionContext {
        var facts: [Dot: WriterFacts] = [:]
        for event in group.events {
            facts[event.dot] = WriterFacts(
                dot: event.dot, user: event.dot.actor.shortDescription, device: "d", deviceTime: nil,
                correctedTime: event.time, label: nil, seen: event.change.context.union(event.line))
        }
        return InspectionContext(schema: schema, ending: "0001", writer: { [facts] in facts[$0] })
    }

    private static func report(
        _ state: RecordState, type: EntityType, context: InspectionContext
    ) throws -> ConflictReport {
        try ConflictReport(record: .sample(1), type: type, state: state, life: state.lifeStatus, context: context)
    }

    @Test func `every order of arrival gives the same report`() throws {
        let schema = try ItemSchema.make()
        var conflicts = 0
        try forAll(cases: 300) { random, replay in
            let group = ReplicaGroup(replicas: 3, steps: 14, using: &random)
            let context = Self.context(of: group, schema: schema)
            let expected = try Self.report(group.everything, type: schema.types[0], context: context)
            var state = RecordState()
            for event in group.causalOrder(using: &random) { event.apply(to: &state) }
            #expect(try Self.report(state, type: schema.types[0], context: context) == expected, "\(replay)")
            conflicts += expected.items.count
        }
        #expect(conflicts > 50 || Seeds.replayed != nil)
    }

    @Test func `no author of a sibling had seen another sibling of the field`() throws {
        let schema = try ItemSchema.make()
        try forAll(cases: 300, seed: 1_000) { random, replay in
            let group = ReplicaGroup(replicas: 3, steps: 14, using: &random)
            let report = try Self.report(
                group.everything, type: schema.types[0], context: Self.context(of: group, schema: schema))
            for item in report.items where item.subject != "life" {
                for sibling in item.siblings {
                    let others = item.siblings.filter { $0.number != sibling.number }.flatMap(\.writers).map(\.dot)
                    for writer in sibling.writers {
                        #expect(Set(writer.unseen.map(\.dot)) == Set(others), "\(replay)")
                        #expect(Set(writer.hadSeen.map(\.dot)).isDisjoint(with: others), "\(replay)")
                    }
                }
            }
        }
    }

    @Test func `taking any sibling settles the conflict and leaves the others open`() throws {
        let schema = try ItemSchema.make()
        let type = schema.types[0]
        try forAll(cases: 300, seed: 2_000) { random, replay in
            let group = ReplicaGroup(replicas: 3, steps: 14, using: &random)
            let state = group.everything
            let open = state.conflicts(in: type)
            for item in open {
                let count: Int
                switch item.subject {
                case .life: count = 2
                case .field, .key:
                    count = Winner.distinctValues(of: state.siblings(of: item.subject), policy: .latest).count
                }
                for number in 1...count {
                    let draft = try Resolution.draft(
                        settling: item.subject, by: .take(number), record: .sample(1), type: type, state: state,
                        life: state.lifeStatus)
                    let settled = Self.applying(draft, to: state)
                    if item.subject == .life {
                        #expect(settled.lifeStatus == (number == 1 ? .alive : .deleted), "\(replay)")
                    } else {
                        let left = settled.conflicts(in: type)
                        #expect(!left.contains { $0.subject == item.subject }, "\(replay)")
                        let others = open.filter { $0.subject != item.subject }
                        #expect(Set(left).isSuperset(of: others), "\(replay)")
                    }
                }
            }
        }
    }

    /// The state after an actor who comes new to the record sealed and sent the draft.
    private static func applying(_ draft: DraftChange, to state: RecordState) -> RecordState {
        let dot = Dot(.sample(9), 1)
        let sealed = Draft(label: "resolve", changes: [draft]).sealed(
            dot: dot, author: "Di", time: ConflictScene.time(12, 0), schemaVersion: 1, line: VersionVector(),
            contextOf: { _ in VersionVector() })
        var settled = state
        for change in sealed.changes {
            settled.apply(change, dot: dot, time: sealed.time, line: VersionVector())
        }
        return settled
    }
}
