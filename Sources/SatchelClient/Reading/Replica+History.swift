import SatchelInspection
import SatchelStorage
package import SatchelSync

/// One change-set in the history of a record, as far as this device knows.
package struct HistoryEntry: Hashable, Sendable {
    /// The change-set's name.
    package let dot: Dot
    /// When it was made, by the server's reckoning.
    package let time: Timestamp
    /// How far off that is at most, in milliseconds; `nil` where it is not known here.
    package var timeErrorMilliseconds: Int64?
    /// Such as `about 3 days ahead`: how wrong the device's clock was; `nil` where it was right within a minute, or is not known here.
    package var clock: String?
    /// The user who made it; empty where it is not known.
    package let user: String
    /// The device it was made on; empty where it is not known.
    package let device: String
    /// What its author called it; `nil` where it is not known.
    package let label: String?
    /// What became of it, in the ledger's words; of others' change-sets, of what they wrote of this record.
    package let state: LedgerState
    /// What it wrote of the record: of others' change-sets, what of it still stands.
    package internal(set) var writes: [Write]

    /// One field that it wrote.
    package struct Write: Hashable, Sendable {
        /// The field's name; `life` for making, deleting and reviving.
        package let field: String
        /// What it wrote, as people read it; `nil` where this device does not keep that any more.
        package let text: String?
        /// The same, where it is an instant.
        package var time: Timestamp?
        /// What a change-set has added to a counter in all, where it is one.
        package var sum: Int64?
        /// The record that it refers to, where it is a reference.
        var reference: RecordID?
        /// What people know that by, and its ending, such as `Aster (3f2a)`.
        package var subject: String?
    }
}

extension Replica {
    /// What made a record what it is, the latest first: own change-sets, and those of others of which something stands.
    ///
    /// - Throws: `SatchelError` `unknown_type`, `unknown_record`, `ambiguous_id`, `invalid_request`.
    package func history(typeName: String, _ text: String) throws -> [HistoryEntry] {
        try reading { transaction in
            let type = try transaction.schema.requireType(named: typeName)
            let id = try transaction.resolve(text, type: type)
            guard let record = try transaction.record(id), record.type == type.id else {
                throw Self.unknownRecord(id.description)
            }
            return try history(of: record, type: type, transaction).map { entry in
                var entry = entry
                for index in entry.writes.indices {
                    entry.writes[index].subject = try entry.writes[index].reference.map(transaction.mention)
                }
                return entry
            }
        }
    }

    /// The same for a record that was read.
    func history(
        of record: StoredRecord, type: EntityType, _ transaction: ReplicaTransaction
    ) throws -> [HistoryEntry] {
        let identity = try transaction.identity()
        let states = record.confirmed.standingDots(life: record.confirmedStatus)
        let provenances = try Provenances(of: record, transaction)
        var entries: [Dot: HistoryEntry] = [:]
        for (dot, part) in StandingParts(of: record.state, type: type).parts {
            let writer = try provenances.writer(of: dot)
            entries[dot] = HistoryEntry(
                dot: dot, time: part.time, user: writer?.user ?? "", device: writer?.device ?? "", label: writer?.label,
                state: states[dot] ?? .visible, writes: part.writes)
        }
        for own in try transaction.ownChangeSets(touching: record) {
            entries[own.effectiveDot] = nil
            entries[own.changeSet.dot] = HistoryEntry(
                own, of: record, type: type, identity: identity, state: try state(of: own, transaction))
        }
        return entries.values.sorted { ($1.time, $1.dot) < ($0.time, $0.dot) }
    }
}

extension HistoryEntry.Write {
    fileprivate init(field: String, sum: Int64) {
        self.init(field: field, text: "\(sum) in all", sum: sum)
    }

    /// Keeps what people read in another form than the text.
    fileprivate mutating func note(_ value: FieldValue) {
        switch value {
        case .timestamp(let instant): time = instant
        case .reference(let record): reference = record
        default: break
        }
    }
}

extension HistoryEntry {
    fileprivate init(
        _ own: OwnChangeSet, of record: StoredRecord, type: EntityType, identity: ReplicaIdentity, state: LedgerState
    ) {
        let change = own.changeSet.changes.first { $0.record == record.id }
        let life = change?.life.map { [Write(field: "life", text: "\($0)")] } ?? []
        self.init(
            dot: own.changeSet.dot, time: own.correctedTime, user: own.changeSet.author, device: identity.device,
            label: own.changeSet.label, state: state,
            writes: life
                + (change?.writes ?? []).map { entry in
                    let isKept = own.changeSet.keeps(entry.write)
                    var write = Write(
                        field: type.field(entry.field)?.name ?? "field \(entry.field.number)",
                        text: isKept ? entry.write.text : nil)
                    if isKept, case .register(let value) = entry.write { write.note(value) }
                    return write
                })
        timeErrorMilliseconds = own.timeErrorMilliseconds
        let offset = own.correctedTime.milliseconds - own.changeSet.time.milliseconds
        clock = ClockOffset(milliseconds: offset, errorMilliseconds: own.timeErrorMilliseconds ?? 0).wrongness
    }
}

/// What stands of a record, by the change-sets that wrote it.
private struct StandingParts {
    private(set) var parts: [Dot: (time: Timestamp, writes: [HistoryEntry.Write])] = [:]

    init(of state: RecordState, type: EntityType) {
        for pair in state.life { add(pair.dot, pair.time, "life", pair.isDelete ? "delete" : "alive") }
        for entry in state.fields {
            let name = type.field(entry.field)?.name ?? "field \(entry.field.number)"
            switch entry.state {
            case .register(let siblings):
                for one in siblings {
                    var write = HistoryEntry.Write(field: name, text: one.value.text)
                    write.note(one.value)
                    add(one.dot, one.time, write)
                }
            case .set(let elements):
                for element in elements {
                    for one in element.dots { add(one.dot, one.time, name, "+\(element.value)") }
                }
            case .counter(let sums):
                for one in sums { add(one.dot, one.time, HistoryEntry.Write(field: name, sum: one.sum)) }
            case .map(let keys):
                for key in keys {
                    for one in key.siblings { add(one.dot, one.time, "\(name).\(key.key)", one.value.text) }
                }
            }
        }
    }

    private mutating func add(_ dot: Dot, _ time: Timestamp, _ field: String, _ text: String) {
        add(dot, time, HistoryEntry.Write(field: field, text: text))
    }

    private mutating func add(_ dot: Dot, _ time: Timestamp, _ write: HistoryEntry.Write) {
        parts[dot, default: (time, [])].writes.append(write)
    }
}
