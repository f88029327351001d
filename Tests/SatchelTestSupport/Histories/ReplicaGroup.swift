package import SatchelSync

/// One change of a record, with all that applying it takes.
package struct RecordEvent: Sendable {
    /// The change-set's name.
    package let dot: Dot
    /// Its corrected time.
    package let time: Timestamp
    /// The line of the dot.
    package let line: VersionVector
    /// The record's part.
    package let change: RecordChange
    /// The places in ``ReplicaGroup/events`` of all that its author had applied before.
    package let seen: Set<Int>
    /// The author's state of the record right after the edit.
    package let stateAfter: RecordState

    /// Applies the change.
    package func apply(to state: inout RecordState) { state.apply(change, dot: dot, time: time, line: line) }
}

/// A few replicas of one record that edit and hear from each other, by causal delivery: what every state reachable in one
/// history looks like.
///
/// Times run with the edits, but two neighbours share one in a while, so that ties of the winner's order occur.
package struct ReplicaGroup: Sendable {
    /// One replica: what it applied, in order, and what it has.
    package struct Replica: Sendable {
        /// Who edits here.
        package let actor: ActorID
        /// The counter of its last edit.
        package fileprivate(set) var counter: UInt64 = 0
        /// The record as it stands here.
        package fileprivate(set) var state = RecordState()
        /// The places in ``ReplicaGroup/events`` of what was applied here, in the order in which it was.
        package fileprivate(set) var applied: [Int] = []
    }

    /// The replicas, one an actor, in the order of actors.
    package private(set) var replicas: [Replica]
    /// Every edit made, in the order in which they were made.
    package private(set) var events: [RecordEvent] = []

    /// Starts with `count` replicas that know nothing.
    package init(replicas count: Int) { replicas = (0..<count).map { Replica(actor: .sample($0)) } }

    /// Runs `steps` steps from nothing.
    package init(replicas count: Int, steps: Int, using source: inout some ChoiceSource) {
        self.init(replicas: count)
        for _ in 0..<steps { take(.random(replicas: count, using: &source)) }
    }

    /// Runs these steps from nothing.
    package init(replicas count: Int, _ steps: [ReplicaStep]) {
        self.init(replicas: count)
        for step in steps { take(step) }
    }

    /// Edits the record at one replica, whose context is what the replica has.
    package mutating func edit(at index: Int, life: LifeWrite? = nil, writes: [FieldChange] = []) {
        var replica = replicas[index]
        replica.counter += 1
        let dot = Dot(replica.actor, replica.counter)
        let line = Lineage().line(of: dot)
        let change = RecordChange(
            type: ItemSchema.type, record: .sample(1), context: replica.state.context.removing(line: line), life: life,
            writes: writes)
        let time = Timestamp(milliseconds: Int64(events.count / 2) * 1_000)
        replica.state.apply(change, dot: dot, time: time, line: line)
        events.append(
            RecordEvent(
                dot: dot, time: time, line: line, change: change, seen: Set(replica.applied),
                stateAfter: replica.state))
        replica.applied.append(events.count - 1)
        replicas[index] = replica
    }

    /// Applies at one replica what another has applied and it has not, in the other's order.
    package mutating func deliver(from source: Int, to target: Int) {
        let known = Set(replicas[target].applied)
        for place in replicas[source].applied where !known.contains(place) {
            events[place].apply(to: &replicas[target].state)
            replicas[target].applied.append(place)
        }
    }

    /// Edits or delivers.
    package mutating func take(_ step: ReplicaStep) {
        switch step {
        case .edit(let index, let edit): self.edit(at: index, life: edit.life, writes: edit.writes)
        case .deliver(let source, let target): deliver(from: source, to: target)
        }
    }

    /// An order in which all events could reach a replica that knows nothing: each after all that its author had seen.
    package func causalOrder(using source: inout some ChoiceSource) -> [RecordEvent] {
        var waiting = Array(events.indices)
        var delivered: Set<Int> = []
        var order: [RecordEvent] = []
        while !waiting.isEmpty {
            let ready = waiting.indices.filter { events[waiting[$0]].seen.isSubset(of: delivered) }
            let place = waiting.remove(at: source.pick(from: ready))
            delivered.insert(place)
            order.append(events[place])
        }
        return order
    }

    /// The record with every event applied.
    package var everything: RecordState {
        var state = RecordState()
        for event in events { event.apply(to: &state) }
        return state
    }
}
