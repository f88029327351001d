import SatchelStorage
import SatchelSync
import SatchelWire

/// Makes of stored records what a device is told of them.
struct DeltaReader<Snapshot: ServerSnapshot> {
    let snapshot: Snapshot

    /// The present state of a record; where it is in conflict, with what the inspector tells of each value.
    func delta(of record: StoredRecord) throws -> RecordDelta {
        let inquiry = ConflictInquiry(snapshot: snapshot, record: record)
        let items = inquiry.items
        guard !items.isEmpty else {
            return RecordDelta(
                type: record.type, record: record.id, sequence: record.sequence, state: record.state,
                handle: UInt64(exactly: record.key))
        }
        return RecordDelta(
            type: record.type, record: record.id, sequence: record.sequence, state: record.state,
            provenance: try inquiry.provenance(of: items),
            bases: try inquiry.bases(of: items).compactMap { BaseValue(subject: $0.key, value: $0.value) },
            handle: UInt64(exactly: record.key))
    }

    /// The actors that deltas name, less those in `known`, which they join.
    func actors(in deltas: [RecordDelta], known: inout Set<ActorID>) throws -> [ActorEntry] {
        var entries: [ActorEntry] = []
        for delta in deltas {
            for actor in delta.actors where known.insert(actor).inserted {
                guard let name = try snapshot.name(of: actor) else { continue }
                entries.append(ActorEntry(actor: actor, user: name.user, device: name.device))
            }
        }
        return entries
    }
}

extension RecordDelta {
    /// Every actor that the delta names, in an order of its own.
    fileprivate var actors: [ActorID] {
        var actors = Set(state.context.entries.map(\.actor))
        for pair in state.life {
            actors.insert(pair.dot.actor)
            guard case .deleted(let context) = pair.mark else { continue }
            actors.formUnion(context.vector.entries.map(\.actor))
            actors.formUnion(context.lateDots.map(\.actor))
        }
        for entry in state.fields { actors.formUnion(entry.state.dots.map(\.actor)) }
        for source in provenance {
            actors.insert(source.dot.actor)
            actors.formUnion(source.context.entries.map(\.actor))
        }
        return actors.sorted()
    }
}
