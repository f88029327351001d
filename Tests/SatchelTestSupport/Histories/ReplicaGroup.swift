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
        for _ in 0..<steps { step(using: &source) }
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

    /// Edits or delivers, as `source` chooses.
    package mutating func step(using source: inout some ChoiceSource) {
        let index = source.pick(below: replicas.count)
        if replicas.count > 1, source.isOnce(in: 3) {
            let other = (index + 1 + source.pick(below: replicas.count - 1)) % replicas.count
            return deliver(from: other, to: index)
        }
        let value = UTF8Text(source.pick(from: ["a", "b", "c"]))
        switch source.pick(below: 11) {
        case 0: edit(at: index, life: .create, writes: [FieldChange(ItemSchema.name, .register(.text(value)))])
        case 1: edit(at: index, life: .delete)
        case 2: edit(at: index, life: .revive)
        case 3: edit(at: index, writes: [FieldChange(ItemSchema.tags, .set(add: [value], remove: []))])
        case 4: edit(at: index, writes: [FieldChange(ItemSchema.tags, .set(add: [], remove: [value]))])
        case 5: edit(at: index, writes: [FieldChange(ItemSchema.phone, .register(.text(value)))])
        case 6: edit(at: index, writes: [FieldChange(ItemSchema.name, .register(.text(value)))])
        case 7: edit(at: index, writes: [FieldChange(ItemSchema.visits, .counter(source.pick(from: [1, -2, 5])))])
        case 8: edit(at: index, writes: [FieldChange(ItemSchema.facts, .map([MapWrite(value, .integer(1))]))])
        case 9:
            let writes = [MapWrite("a", .null), MapWrite("b", .text(value))]
            edit(at: index, writes: [FieldChange(ItemSchema.facts, .map(writes))])
        default:
            edit(
                at: index,
                writes: [
                    FieldChange(ItemSchema.phone, .register(.null)),
                    FieldChange(ItemSchema.tags, .set(add: [value], remove: ["z"])),
                ])
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
