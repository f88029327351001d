import SatchelInspection
import SatchelStorage
import SatchelSync
import SatchelWire

/// What a replica knows of the people and edits behind one record's values: its own from its queue, others' from what the server
/// told with the record.
struct Provenances {
    private let transaction: ReplicaTransaction
    private let record: StoredRecord
    private let told: RecordDelta?
    private let identity: ReplicaIdentity

    init(of record: StoredRecord, _ transaction: ReplicaTransaction) throws {
        self.transaction = transaction
        self.record = record
        identity = try transaction.identity()
        told = try transaction.provenance(of: record).flatMap(Self.delta)
    }

    private static func delta(_ frame: [UInt8]) throws -> RecordDelta? {
        var reader = FrameReader(format: .protobuf)
        reader.append(frame)
        guard case .records(let deltas) = try reader.next() else { return nil }
        return deltas.first
    }

    /// The context that inspection reads this record with.
    func inspectionContext() throws -> InspectionContext {
        InspectionContext(
            schema: transaction.schema, ending: try transaction.records.shortestEnding(of: record.id),
            writer: { try writer(of: $0) },
            baseValue: { subject in told?.bases.first { $0.subject == subject }?.value },
            title: { try transaction.shownName(of: $0) })
    }

    /// What is known of a change-set behind the record; `nil` where nothing is.
    func writer(of dot: Dot) throws -> WriterFacts? {
        let origin = dot.actor.releasedDot ?? dot
        let correctedTime = record.state.time(of: dot) ?? Timestamp(milliseconds: 0)
        if let own = try transaction.ownChangeSet(origin) {
            let part = own.changeSet.changes.first { $0.record == record.id }
            let line = identity.lineage.line(of: origin)
            return WriterFacts(
                dot: dot, user: own.changeSet.author, device: identity.device, deviceTime: own.changeSet.time,
                correctedTime: own.correctedTime, label: own.changeSet.label, seen: part?.context.union(line),
                timeErrorMilliseconds: own.timeErrorMilliseconds)
        }
        let name = try transaction.name(of: origin.actor)
        if let told = told?.provenance.first(where: { $0.dot == dot }) {
            return WriterFacts(
                dot: dot, user: told.author, device: name?.device ?? "", deviceTime: told.deviceTime,
                correctedTime: correctedTime, label: told.label, seen: told.context)
        }
        return name.map {
            WriterFacts(
                dot: dot, user: $0.user, device: $0.device, deviceTime: nil, correctedTime: correctedTime, label: nil,
                seen: nil)
        }
    }
}

extension RecordDelta {
    /// What the server told of the edits behind the record's conflicts, as it is kept; `nil` for a record that is in none.
    func conflictFacts(in schema: Schema) throws -> [UInt8]? {
        guard !isNewsOnly(in: schema) else { return nil }
        var told = provenance
        if let type = schema.type(type) {
            // Of news no context is told, which is not the same as an empty one.
            let items = state.conflicts(in: type, life: .contested)
            let dots = Set(items.flatMap { state.dots(of: $0.subject) })
            told.removeAll { $0.context.entries.isEmpty && !dots.contains($0.dot) }
        }
        let facts = RecordDelta(
            type: type, record: record, sequence: sequence, state: RecordState(), provenance: told, bases: bases)
        return try WireCodec.encodeFrame(.records([facts]), format: .protobuf)
    }

    private func isNewsOnly(in schema: Schema) -> Bool {
        bases.isEmpty && provenance.allSatisfy { $0.context.entries.isEmpty }
            && schema.type(type).map { state.conflicts(in: $0).isEmpty } ?? true
    }
}
