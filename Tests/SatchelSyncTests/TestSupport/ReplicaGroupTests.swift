import SatchelSync
import SatchelTestSupport
import Testing

@Suite struct ReplicaGroupTests {
    @Test func `no dot names two changes and counters run without gaps`() {
        forAll(cases: 100) { random, replay in
            let group = ReplicaGroup(replicas: 3, steps: 25, using: &random)
            for replica in group.replicas {
                let counters = group.events.map(\.dot).filter { $0.actor == replica.actor }.map(\.counter)
                #expect(counters == (0..<counters.count).map { UInt64($0 + 1) }, "\(replay)")
            }
        }
    }

    @Test func `an edit has seen what its replica had, and a replica that hears of it has seen as much`() {
        var group = ReplicaGroup(replicas: 2)
        group.edit(at: 0, life: .create)
        group.edit(at: 1, life: .create)
        group.deliver(from: 0, to: 1)
        group.edit(at: 1, life: .delete)
        #expect(group.events.map(\.seen) == [[], [], [0, 1]])
        #expect(group.events[2].change.context == VersionVector([Dot(.sample(0), 1)]))
        #expect(group.replicas.map { $0.state.lifeStatus } == [.alive, .deleted])
        group.deliver(from: 1, to: 0)
        #expect(group.replicas[0].state == group.replicas[1].state)
        #expect(group.everything == group.replicas[0].state)
    }

    @Test func `a causal order holds every event once, after all that it had seen`() {
        forAll(cases: 100) { random, replay in
            let group = ReplicaGroup(replicas: 4, steps: 20, using: &random)
            var covered = VersionVector()
            let order = group.causalOrder(using: &random)
            for event in order {
                #expect(covered.covers(event.change.context.union(event.line)), "\(replay)")
                covered.insert(event.dot)
            }
            #expect(Set(order.map(\.dot)).count == group.events.count, "\(replay)")
        }
    }
}
