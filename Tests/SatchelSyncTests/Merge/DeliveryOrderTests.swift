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

    @Test func `every order that keeps to causality gives the same state`() throws {
        try forAllHistories(cases: 300, replicas: 4, steps: 1...25) { group in
            let expected = group.everything
            for seed in UInt64(0)..<4 {
                var random = SeededRandom(seed: seed)
                var state = RecordState()
                for event in group.causalOrder(using: &random) { event.apply(to: &state) }
                if state != expected { return "Order \(seed) gives another state." }
            }
            return nil
        }
    }

    @Test func `what is delivered twice changes nothing`() throws {
        try forAllHistories(cases: 300, seed: 1_000, replicas: 3, steps: 1...20) { group in
            var random = SeededRandom(seed: UInt64(group.events.count))
            var state = RecordState()
            var delivered: [RecordEvent] = []
            for event in group.causalOrder(using: &random) {
                event.apply(to: &state)
                delivered.append(event)
                let before = state
                let again = random.pick(from: delivered)
                again.apply(to: &state)
                if state != before { return "\(again.dot) delivered again changes something." }
            }
            return nil
        }
    }
}
