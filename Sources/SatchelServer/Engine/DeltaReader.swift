import SatchelStorage
import SatchelSync
import SatchelWire

/// A device that is told what others did.
struct NewsAsker {
    let actor: ActorID
    /// Up to where it has everything.
    let checkpoint: ServerSequence
}

/// Makes of stored records what a device is told of them.
struct DeltaReader<Snapshot: ServerSnapshot> {
    let snapshot: Snapshot
    /// Who is told the news of each record; nobody where it is `nil`.
    var asker: NewsAsker?

    /// The present state of a record, with who made what is new in it; where it is in conflict, with what the inspector tells of each
    /// value.
    func delta(of record: StoredRecord) throws -> RecordDelta {
        let inquiry = ConflictInquiry(snapshot: snapshot, record: record)
        let items = inquiry.items
        guard !items.isEmpty else {
            return RecordDelta(
                type: record.type, record: record.id, sequence: record.sequence, state: record.state,
                provenance: try news(of: record), handle: UInt64(exactly: record.key))
        }
        let inConflict = try inquiry.provenance(of: items)
        return RecordDelta(
            type: record.type, record: record.id, sequence: record.sequence, state: record.state,
            provenance: inConflict + (try news(of: record, besides: Set(inConflict.map(\.dot)))),
            bases: try inquiry.bases(of: items).compactMap { BaseValue(subject: $0.key, value: $0.value) },
            handle: UInt64(exactly: record.key))
    }

    /// Who made what stands of a record and is new to the asker, and what he called it; nothing of what the asker made himself.
    ///
    /// Of a record with sets also who touched it last, whatever stands of that.
    ///
    /// Of a record that was edited very often meanwhile, what was made last.
    /// - Complexity: O(change-sets of the record since the asker's checkpoint), and no more than are looked at.
    private func news(of record: StoredRecord, besides told: Set<Dot> = []) throws -> [Provenance] {
        guard let asker else { return [] }
        var toTell = record.state.life.map(\.dot) + record.state.fields.flatMap(\.state.dots)
        // Who takes an element leaves nothing that stands.
        let hasSets = record.state.fields.contains { if case .set = $0.state { true } else { false } }
        if hasSets { toTell += record.state.context.entries }
        var open = Set(toTell.filter { ($0.actor.releasedDot ?? $0).actor != asker.actor }).subtracting(told)
        var (news, looked, bytes) = ([Provenance](), 0, 0)
        guard !open.isEmpty else { return news }
        try snapshot.forEachPart(of: record, after: 0) { entry in
            looked += 1
            guard entry.sequence > asker.checkpoint, looked <= ServerLimits.newsPartsMax else { return false }
            guard open.remove(entry.dot) != nil else { return true }
            bytes += entry.label.utf8.count + entry.author.utf8.count
            guard bytes <= ServerLimits.newsBytesMax || news.isEmpty else { return false }
            news.append(
                Provenance(
                    dot: entry.dot, label: entry.label, author: entry.author, deviceTime: entry.madeAt,
                    context: VersionVector()))
            return !open.isEmpty
        }
        return news
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
