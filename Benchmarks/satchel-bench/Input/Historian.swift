import SatchelInterchange
import SatchelStorage
import SatchelSync
import SatchelWire

/// Makes change-sets of lines: gives actors their names, and each change the context that its author had.
///
/// A context is K(r) as its author saw it: for the record, the highest counter of each actor who touched it, among those that
/// the author had pulled. Lines come in the order in which they were made.
struct Historian {
    /// The actor that made all records of the seed.
    static let seedActor = "seed"
    /// The user of all devices.
    static let author = "bench"

    let schema: Schema
    private var seeds: [RecordID: Dot] = [:]
    private var touches: [RecordID: [String: [UInt64]]] = [:]
    private var saw: [String: [String: UInt64]] = [:]
    private var digests: [String: [UInt8]] = [:]

    /// Begins a history that is empty.
    init(schema: Schema) { self.schema = schema }

    /// The actor that a short name stands for; the same one in every run.
    static func actor(named name: String) -> ActorID {
        let hash = Hashing.sha256(Array(name.utf8))
        let halves = [hash[0..<8], hash[8..<16]].map { $0.reduce(UInt64(0)) { $0 << 8 | UInt64($1) } }
        return ActorID(high: halves[0], low: halves[1])
    }

    /// The records of a seed, as change-sets of as many as one takes; everybody has seen them.
    mutating func seed(_ lines: [WorkloadLine]) throws -> [OfferedChangeSet] {
        var offered: [OfferedChangeSet] = []
        for start in stride(from: 0, to: lines.count, by: Self.recordsPerChangeSet) {
            let slice = lines[start..<min(start + Self.recordsPerChangeSet, lines.count)]
            let counter = UInt64(start / Self.recordsPerChangeSet + 1)
            let drafts = try slice.flatMap { try self.drafts(of: $0) }
            let changes = drafts.map { draft in
                RecordChange(
                    type: draft.type, record: draft.record, context: VersionVector(), life: draft.life,
                    writes: draft.writes)
            }
            let dot = Dot(Self.actor(named: Self.seedActor), counter)
            for draft in drafts { seeds[draft.record] = dot }
            offered.append(sealed(changes, dot: dot, name: Self.seedActor, label: "seed", at: Self.seedTime))
        }
        return offered
    }

    /// The change-set of a line.
    mutating func changeSet(_ line: WorkloadLine) throws -> OfferedChangeSet {
        if let seen = line.saw { saw[line.actor] = seen }
        let seen = saw[line.actor] ?? [:]
        let changes = try drafts(of: line).map { draft in
            RecordChange(
                type: draft.type, record: draft.record, context: context(of: draft.record, seen: seen),
                life: draft.life, writes: draft.writes)
        }
        for change in changes { touches[change.record, default: [:]][line.actor, default: []].append(line.counter) }
        let dot = Dot(Self.actor(named: line.actor), line.counter)
        return sealed(
            changes, dot: dot, name: line.actor, label: line.edit.label ?? "edit", at: line.edit.at ?? Self.seedTime)
    }

    /// The edits of a line without author and context, as a form would make them.
    func drafts(of line: WorkloadLine) throws -> [DraftChange] {
        try line.edit.changes.map { change in
            let exists = change.operation == .update || change.operation == .delete
            return try change.draftChange(schema: schema, life: exists ? .alive : .absent)
        }
    }

    /// What an author who has seen so much knows of a record, own work aside: that is the line.
    private func context(of record: RecordID, seen: [String: UInt64]) -> VersionVector {
        var dots: [Dot] = []
        if let seed = seeds[record] { dots.append(seed) }
        for (name, counters) in touches[record] ?? [:] {
            guard let limit = seen[name], let highest = counters.last(where: { $0 <= limit }) else { continue }
            dots.append(Dot(Self.actor(named: name), highest))
        }
        return VersionVector(dots)
    }

    private mutating func sealed(
        _ changes: [RecordChange], dot: Dot, name: String, label: String, at time: Timestamp
    ) -> OfferedChangeSet {
        let changeSet = ChangeSet(
            dot: dot, label: label, author: Self.author, time: time, schemaVersion: schema.version, changes: changes)
        let digest = Hashing.changeSetDigest(
            canonicalBytes: changeSet.canonicalBytes, previous: digests[name] ?? [])
        digests[name] = digest
        return OfferedChangeSet(changeSet: changeSet, digest: digest)
    }

    private static let recordsPerChangeSet = 500
    /// Midnight before the first edit of the workloads.
    private static let seedTime = Timestamp(milliseconds: 1_772_409_600_000)
}
