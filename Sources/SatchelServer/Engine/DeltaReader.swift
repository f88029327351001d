import SatchelStorage
import SatchelSync
import SatchelWire

/// Makes of stored records what a device is told of them.
struct DeltaReader<Snapshot: ServerSnapshot> {
    let snapshot: Snapshot
    /// Who is told of the last change-set of each record; nobody where it is `nil`.
    var reader: ActorID?

    /// The present state of a record; where it is in conflict, with what the inspector tells of each value.
    func delta(of record: StoredRecord) throws -> RecordDelta {
        let inquiry = ConflictInquiry(snapshot: snapshot, record: record)
        let items = inquiry.items
        guard !items.isEmpty else {
            return RecordDelta(
                type: record.type, record: record.id, sequence: record.sequence, state: record.state,
                provenance: try latest(of: record).map { [$0] } ?? [], handle: UInt64(exactly: record.key))
        }
        return RecordDelta(
            type: record.type, record: record.id, sequence: record.sequence, state: record.state,
            provenance: try inquiry.provenance(of: items),
            bases: try inquiry.bases(of: items).compactMap { BaseValue(subject: $0.key, value: $0.value) },
            handle: UInt64(exactly: record.key))
    }

    /// Who made the last change-set of a record and what he called it, where the reader did not make it himself.
    private func latest(of record: StoredRecord) throws -> Provenance? {
        guard let reader else { return nil }
        var latest: LogEntry?
        try snapshot.forEachPart(of: record, after: 0) { entry in
            latest = entry
            return false
        }
        guard let latest, latest.dot.actor != reader else { return nil }
        return Provenance(
            dot: latest.dot, label: latest.label, author: latest.author, deviceTime: latest.madeAt,
            context: VersionVector())
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
