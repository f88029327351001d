import Foundation
import SatchelInspection
import SatchelStorage
import SatchelSync
import SatchelWire

/// Makes cases of stored records.
struct CaseReader<Snapshot: ServerSnapshot> {
    let snapshot: Snapshot

    /// Describes a record; where it is in conflict, with all that the inspector tells.
    func describe(_ record: StoredRecord) throws -> RecordCase {
        guard let type = snapshot.schema.type(record.type) else {
            throw SatchelError(.damagedData, "Record \(record.id) is of a type that the schema does not have.")
        }
        let delta = try DeltaReader(snapshot: snapshot).delta(of: record)
        let items = record.state.conflicts(in: type, life: record.status)
        return RecordCase(
            record: record.id.description, ending: try snapshot.shortestEnding(of: record.id), type: type.name,
            title: type.title(of: record.state), life: record.status.word,
            conflicts: items.map { item in describe(item, type: type, state: record.state) },
            token: record.state.standingToken, writers: try writers(of: delta, record: record),
            titles: try titles(of: delta), frame: Data(try WireCodec.encodeFrame(.records([delta]))))
    }

    private func describe(_ item: ConflictItem, type: EntityType, state: RecordState) -> RecordCase.Item {
        let policy = item.subject.field.flatMap { type.field($0)?.policy } ?? .latest
        let values = Winner.distinctValues(of: state.siblings(of: item.subject), policy: policy)
        return RecordCase.Item(
            subject: item.subject.name(in: type), severity: item.severity.word, values: values.map(\.value.text),
            token: state.token(of: item.subject))
    }

    /// The change-sets in conflict with what each had seen, and whoever made what they had seen.
    private func writers(of delta: RecordDelta, record: StoredRecord) throws -> [RecordCase.Writer] {
        let contexts = Dictionary(uniqueKeysWithValues: delta.provenance.map { ($0.dot, $0.context) })
        let named = Set(contexts.keys).union(contexts.values.flatMap(\.entries))
        return try named.sorted().compactMap { dot in
            guard let entry = try snapshot.logEntry(dot) else { return nil }
            return RecordCase.Writer(
                dot: dot.description, user: entry.author, device: entry.device, deviceTime: entry.madeAt.description,
                correctedTime: entry.correctedAt.description, label: entry.label, seen: contexts[dot]?.description)
        }
    }

    private func titles(of delta: RecordDelta) throws -> [String: String] {
        var titles: [String: String] = [:]
        let values = delta.state.fields.flatMap { $0.state.siblings.map(\.value) } + delta.bases.map(\.value)
        for case .reference(let target) in values where titles[target.description] == nil {
            guard let record = try snapshot.record(target), let type = snapshot.schema.type(record.type) else {
                continue
            }
            titles[target.description] = type.title(of: record.state)
        }
        return titles
    }
}
