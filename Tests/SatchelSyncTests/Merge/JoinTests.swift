import SatchelSync
import SatchelTestSupport
import Testing

/// The laws of causality.md §1, on states that are reachable in one history: there a dot names one change-set.
@Suite struct JoinTests {
    /// The laws that three states break under a join, in a sentence; `nil` where they hold.
    private func brokenLaw(
        of group: ReplicaGroup, joined: (RecordState, RecordState) -> RecordState = { $0.joined($1) }
    ) -> String? {
        let (one, two, three) = (group.replicas[0].state, group.replicas[1].state, group.replicas[2].state)
        if joined(one, two) != joined(two, one) { return "Join is not commutative." }
        if joined(joined(one, two), three) != joined(one, joined(two, three)) { return "Join is not associative." }
        if joined(one, one) != one { return "A state joined with itself is another." }
        if joined(joined(one, two), two) != joined(one, two) { return "A second join with the same changes something." }
        return nil
    }

    @Test func `join is commutative, associative and idempotent`() throws {
        var distinct: Set<RecordState> = []
        try forAllHistories(cases: 400, replicas: 3, steps: 1...20) { group in
            distinct.insert(group.replicas[0].state)
            return brokenLaw(of: group)
        }
        #expect(Seeds.replayed != nil || distinct.count > 100)
    }

    @Test func `a join that forgets is found, and shown in its fewest steps`() throws {
        let failure = try #require(throws: Counterexample.self) {
            try forAllHistories(cases: 400, replicas: 3, steps: 10...20) { group in
                brokenLaw(of: group) { one, two in two.context.covers(one.context) ? two : one }
            }
        }
        #expect(failure.smallest.split(separator: "\n").count == 4, "\(failure)")
        #expect(failure.replay.description.hasPrefix("SATCHEL_SEED="))
    }

    @Test func `join is commutative, associative and idempotent for every history of four edits`() {
        var choices = EveryChoice()
        var histories = 0
        repeat {
            var group = ReplicaGroup(replicas: 3)
            group.edit(at: 0, life: .create, writes: [phone("0")])
            group.deliver(from: 0, to: 1)
            group.deliver(from: 0, to: 2)
            for replica in 0..<3 {
                switch choices.pick(below: 7) {
                case 0: group.edit(at: replica, writes: [phone(UTF8Text(String(replica)))])
                case 1: group.edit(at: replica, writes: [tag(add: ["x"])])
                case 2: group.edit(at: replica, writes: [tag(remove: ["x"])])
                case 3: group.edit(at: replica, life: .delete)
                case 4: group.edit(at: replica, writes: [count(Int64(replica) + 1)])
                case 5: group.edit(at: replica, writes: [put("k", .integer(Int64(replica)))])
                default: group.edit(at: replica, life: .revive)
                }
                if replica == 0, choices.pick(below: 2) == 1 { group.deliver(from: 0, to: 1) }
            }
            let (one, two, three) = (group.replicas[0].state, group.replicas[1].state, group.replicas[2].state)
            #expect(one.joined(two) == two.joined(one))
            #expect(one.joined(two).joined(three) == one.joined(two.joined(three)))
            #expect(one.joined(two).joined(three) == group.everything)
            histories += 1
        } while choices.advance()
        #expect(histories == 2 * 7 * 7 * 7)
    }

    @Test(arguments: 1...5)
    func `joining the replicas of a history gives the state with every change applied`(replicas: Int) throws {
        try forAllHistories(cases: 80, seed: 1_000, replicas: replicas, steps: 1...25) { group in
            let joined = group.replicas.reduce(RecordState()) { $0.joined($1.state) }
            return joined == group.everything ? nil : "The joined state is not the one with every change applied."
        }
    }

    @Test func `applying a change equals joining what its author had after it`() throws {
        var compared = 0
        try forAllHistories(cases: 400, seed: 2_000, replicas: 3, steps: 1...25) { group in
            for event in group.events {
                for replica in group.replicas {
                    let context = event.change.context.union(event.line)
                    guard replica.state.context.covers(context), !replica.state.context.covers(event.dot) else {
                        continue
                    }
                    var applied = replica.state
                    event.apply(to: &applied)
                    compared += 1
                    if applied != replica.state.joined(event.stateAfter) {
                        return "\(event.dot) applied is not joined."
                    }
                }
            }
            return nil
        }
        #expect(Seeds.replayed != nil || compared > 1_000)
    }

    @Test func `what one replica dropped does not come back from another`() {
        var group = ReplicaGroup(replicas: 2)
        group.edit(at: 0, life: .create, writes: [phone("1"), tag(add: ["x"])])
        group.deliver(from: 0, to: 1)
        group.edit(at: 1, writes: [phone("2"), tag(remove: ["x"])])
        let joined = group.replicas[0].state.joined(group.replicas[1].state)
        #expect(joined == group.replicas[1].state)
    }

    @Test func `the contexts of one delete unite`() {
        let pair = { (context: [Dot]) in
            LifePair(
                dot: a(1), time: Timestamp(milliseconds: 0),
                mark: .deleted(context: DeletingContext(vector: VersionVector(context))))
        }
        let state = { (context: [Dot]) in
            RecordState(context: VersionVector([a(1)]), life: [pair(context)], fields: [])
        }
        let joined = state([a(1), b(2)]).joined(state([a(1), c(3)]))
        #expect(joined.life == [pair([a(1), b(2), c(3)])])
    }

    @Test func `a context only grows`() throws {
        try forAllHistories(cases: 100, seed: 3_000, replicas: 3, steps: 1...20) { group in
            var random = SeededRandom(seed: 1)
            var state = RecordState()
            for event in group.causalOrder(using: &random) {
                let before = state.context
                event.apply(to: &state)
                guard state.context.covers(before), state.context.covers(event.dot) else {
                    return "The context after \(event.dot) lacks something."
                }
            }
            return nil
        }
    }
}
