import SatchelSync
import SatchelTestSupport
import Testing

@Suite struct DeliveryOrderTests {
    @Test func `every order of concurrent change-sets gives the same state`() {
        var base = ReplicaGroup(replicas: 4)
        base.edit(at: 0, life: .create, writes: [name("n"), phone("0"), tag(add: ["x"])])
        for replica in 1..<4 { base.deliver(from: 0, to: replica) }
        base.edit(at: 0, writes: [phone("1"), tag(remove: ["x"])])
        base.edit(at: 1, writes: [phone("2"), tag(add: ["x"])])
        base.edit(at: 2, life: .delete)
        base.edit(at: 3, writes: [name("m"), phone("1")])
        let expected = base.everything
        forEveryOrder(of: Array(base.events.dropFirst())) { order in
            var state = RecordState()
            base.events[0].apply(to: &state)
            for event in order { event.apply(to: &state) }
            #expect(state == expected)
        }
    }

    @Test func `every order that keeps to causality gives the same state`() {
        forAll(cases: 300) { random, replay in
            let group = ReplicaGroup(replicas: 4, steps: random.pick(in: 1...25), using: &random)
            let expected = group.everything
            for _ in 0..<4 {
                var state = RecordState()
                for event in group.causalOrder(using: &random) { event.apply(to: &state) }
                #expect(state == expected, "\(replay)")
            }
        }
    }

    @Test func `what is delivered twice changes nothing`() {
        forAll(cases: 300, seed: 1_000) { random, replay in
            let group = ReplicaGroup(replicas: 3, steps: 15, using: &random)
            var state = RecordState()
            var delivered: [RecordEvent] = []
            for event in group.causalOrder(using: &random) {
                event.apply(to: &state)
                delivered.append(event)
                let before = state
                random.pick(from: delivered).apply(to: &state)
                #expect(state == before, "\(replay)")
            }
        }
    }
}
