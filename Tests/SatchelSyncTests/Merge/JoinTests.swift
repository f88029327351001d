import SatchelSync
import SatchelTestSupport
import Testing

/// The laws of causality.md §1, on states that are reachable in one history: there a dot names one change-set.
@Suite struct JoinTests {
    @Test func `join is commutative, associative and idempotent`() {
        var distinct: Set<RecordState> = []
        forAll(cases: 400) { random, replay in
            let group = ReplicaGroup(replicas: 3, steps: random.pick(in: 1...20), using: &random)
            let (one, two, three) = (group.replicas[0].state, group.replicas[1].state, group.replicas[2].state)
            #expect(one.joined(two) == two.joined(one), "\(replay)")
            #expect(one.joined(two).joined(three) == one.joined(two.joined(three)), "\(replay)")
            #expect(one.joined(one) == one, "\(replay)")
            #expect(one.joined(two).joined(two) == one.joined(two), "\(replay)")
            distinct.insert(one)
        }
        #expect(Seeds.replayed != nil || distinct.count > 100)
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

    @Test func `joining the replicas of a history gives the state with every change applied`() {
        forAll(cases: 400, seed: 1_000) { random, replay in
            let group = ReplicaGroup(replicas: random.pick(in: 1...5), steps: random.pick(in: 1...25), using: &random)
            let joined = group.replicas.reduce(RecordState()) { $0.joined($1.state) }
            #expect(joined == group.everything, "\(replay)")
        }
    }

    @Test func `applying a change equals joining what its author had after it`() {
        forAll(cases: 400, seed: 2_000) { random, replay in
            let group = ReplicaGroup(replicas: 3, steps: 20, using: &random)
            for event in group.events {
                for replica in group.replicas {
                    let context = event.change.context.union(event.line)
                    guard replica.state.context.covers(context), !replica.state.context.covers(event.dot) else {
                        continue
                    }
                    var applied = replica.state
                    event.apply(to: &applied)
                    #expect(applied == replica.state.joined(event.stateAfter), "\(event.dot) \(replay)")
                }
            }
        }
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

    @Test func `a context only grows`() {
        forAll(cases: 100, seed: 3_000) { random, replay in
            let group = ReplicaGroup(replicas: 3, steps: 15, using: &random)
            var state = RecordState()
            for event in group.causalOrder(using: &random) {
                let before = state.context
                event.apply(to: &state)
                #expect(state.context.covers(before) && state.context.covers(event.dot), "\(replay)")
            }
        }
    }
}
