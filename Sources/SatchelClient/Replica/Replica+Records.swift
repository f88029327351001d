import SatchelStorage
public import SatchelSync

/// A record as it was read.
public struct ReplicaRecord: Hashable, Sendable {
    /// Its name.
    public let id: RecordID
    /// Its type.
    public let type: EntityType
    /// All that stands: winners, the values beside them, its life.
    public let state: RecordState
    /// Whether it lives, living children included.
    public let life: LifeStatus
    /// What an edit that rests on this read hands back.
    ///
    /// Its text may be kept with a form that is open for hours.
    public let readAt: ReadToken
    /// Own change-sets that touch it and that the server has not confirmed.
    public let pendingCount: Int
    /// Own change-sets that touch it and are parked.
    public let parkedCount: Int

    /// The value that the table shows for a register; `.null` where there is none, and for a field of any other kind or name.
    public subscript(field: String) -> FieldValue { type.field(named: field).map(state.winningValue) ?? .null }

    /// The elements that the table shows for a set, in byte order; none for a field of any other kind or name.
    public func elements(_ field: String) -> [UTF8Text] { type.field(named: field).map(state.winningElements) ?? [] }

    /// The number that the table shows for a counter; 0 for a field of any other kind or name.
    public func total(_ field: String) -> Int64 { type.field(named: field).map(state.total) ?? 0 }

    /// The open conflicts, life first, then fields by number.
    public var conflicts: [ConflictItem] { state.conflicts(in: type, life: life) }
}

extension Replica {
    /// Reads one record, deleted ones too.
    ///
    /// - Throws: `SatchelError` `unknown_type`, `unknown_record`; `missing_data`, `foreign_data`, `newer_data` or
    ///   `storage_failed`.
    public func record(_ id: RecordID, ofType typeName: String) throws -> ReplicaRecord {
        try reading { transaction in
            let type = try transaction.schema.requireType(named: typeName)
            try transaction.check(id, isOf: type)
            guard let record = try transaction.record(id), record.type == type.id else {
                throw Self.unknownRecord(id.description)
            }
            return try replicaRecord(record, type: type, transaction)
        }
    }

    /// Reads the records of a type that the table shows, at most `limit`, in the order of ids, from one snapshot.
    ///
    /// - Throws: `SatchelError` `unknown_type`; `missing_data`, `foreign_data`, `newer_data` or `storage_failed`.
    /// - Complexity: O(records read).
    public func records(ofType typeName: String, limit: Int = 1_000) throws -> [ReplicaRecord] {
        try reading { transaction in
            let type = try transaction.schema.requireType(named: typeName)
            return try transaction.records.visible(type, where: [], limit: limit).compactMap { id in
                guard let record = try transaction.record(id), record.type == type.id else { return nil }
                return try replicaRecord(record, type: type, transaction)
            }
        }
    }

    private func replicaRecord(
        _ record: StoredRecord, type: EntityType, _ transaction: ReplicaTransaction
    ) throws -> ReplicaRecord {
        let overlay = record.base == nil ? [] : try transaction.overlay(of: record)
        let parked = overlay.count(where: \.isParked)
        return ReplicaRecord(
            id: record.id, type: type, state: record.state, life: record.status,
            readAt: try token(of: record, transaction), pendingCount: overlay.count - parked, parkedCount: parked)
    }

    /// Makes a record with these fields, by name, under a new id.
    ///
    /// It is on the disk, queued for the next exchange, when this returns.
    ///
    /// - Throws: `SatchelError` as ``edit(_:options:)`` does; `unknown_type`, `unknown_field`.
    public func create(_ typeName: String, _ fields: [String: FieldWrite], label: String? = nil) throws -> EditOutcome {
        try edit(purpose: "new") { transaction in
            let type = try transaction.schema.requireType(named: typeName)
            let change = DraftChange(
                type: type.id, record: .random(at: clock.now()), life: .create, writes: try type.writes(fields))
            return Draft(label: label ?? "new \(typeName)", changes: [change])
        }
    }

    /// Writes fields of a record, by name, claiming to have seen what its reader saw and no more.
    ///
    /// What came since the read stays beside what is written, and a person is asked where the schema says so.
    ///
    /// - Throws: `SatchelError` as ``edit(_:options:)`` does; `unknown_field`, `invalid_token`.
    public func edit(
        _ record: ReplicaRecord, _ fields: [String: FieldWrite], label: String = "edit"
    ) throws -> EditOutcome {
        try edit(record.id, ofType: record.type.name, readAt: record.readAt, fields, label: label)
    }

    /// Writes fields of a record, by name, with the token of the read that the edit rests on; without one, as it stands now.
    ///
    /// - Throws: `SatchelError` as ``edit(_:options:)`` does; `unknown_type`, `unknown_field`, `invalid_token`.
    public func edit(
        _ id: RecordID, ofType typeName: String, readAt token: ReadToken?, _ fields: [String: FieldWrite],
        label: String = "edit", options: EditOptions = EditOptions()
    ) throws -> EditOutcome {
        try edit(purpose: "edit", options: options) { transaction in
            let type = try transaction.schema.requireType(named: typeName)
            let change = DraftChange(
                type: type.id, record: id, writes: try type.writes(fields),
                readAt: try transaction.context(of: token, forEditOf: id))
            return Draft(label: label, changes: [change])
        }
    }

    /// Deletes a record, with the token of the read that this rests on; without one, as it stands now.
    ///
    /// - Throws: `SatchelError` as ``edit(_:options:)`` does; `has_children` where living records refer to it.
    public func delete(
        _ id: RecordID, ofType typeName: String, readAt token: ReadToken? = nil, label: String = "delete"
    ) throws -> EditOutcome {
        try setLife(.delete, of: id, ofType: typeName, readAt: token, label: label)
    }

    /// Brings a deleted record back, with the values that it had, and what went by the same delete.
    ///
    /// - Throws: `SatchelError` as ``edit(_:options:)`` does.
    public func revive(
        _ id: RecordID, ofType typeName: String, readAt token: ReadToken? = nil, label: String = "revive"
    ) throws -> EditOutcome {
        try setLife(.revive, of: id, ofType: typeName, readAt: token, label: label)
    }

    private func setLife(
        _ life: LifeWrite, of id: RecordID, ofType typeName: String, readAt token: ReadToken?, label: String
    ) throws -> EditOutcome {
        try edit(purpose: label) { transaction in
            let type = try transaction.schema.requireType(named: typeName)
            let readAt = try transaction.context(of: token, forEditOf: id)
            let change = DraftChange(type: type.id, record: id, life: life, readAt: readAt)
            return Draft(label: label, changes: try transaction.withReturning(change))
        }
    }
}

extension EntityType {
    /// Writes by the names of fields.
    ///
    /// - Throws: `SatchelError` `unknown_field`.
    fileprivate func writes(_ fields: [String: FieldWrite]) throws(SatchelError) -> [FieldChange] {
        var writes: [FieldChange] = []
        for (name, write) in fields { writes.append(FieldChange(try requireField(named: name).id, write)) }
        return writes
    }
}
