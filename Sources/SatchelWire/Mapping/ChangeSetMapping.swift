import SatchelSync

extension OfferedChangeSet {
    func insertActors(into actors: inout Set<ActorID>) {
        actors.insert(changeSet.dot.actor)
        for change in changeSet.changes { actors.insertActors(of: change.context) }
    }

    /// The change-set on the wire; `last` is the time of the one before it, and then its own.
    func message(_ actors: ActorDictionary, after last: inout Int64) -> ProtoChangeSet {
        var message = ProtoChangeSet()
        message.actor = actors.index(of: changeSet.dot.actor)
        message.counter = changeSet.dot.counter
        message.label = changeSet.label
        message.author = changeSet.author
        // Both lie within the years 0 to 9999.
        message.timeDelta = changeSet.time.milliseconds - last
        last = changeSet.time.milliseconds
        message.schemaVersion = changeSet.schemaVersion
        message.changes = changeSet.changes.map { $0.message(actors) }
        message.digest = WireBytes.data(digest ?? [])
        message.fixes = WireBytes.data(changeSet.fixes ?? [])
        return message
    }
}

extension RecordChange {
    fileprivate func message(_ actors: ActorDictionary) -> ProtoChange {
        var message = ProtoChange()
        message.type = type.number
        message.record = WireBytes.id(record.high, record.low)
        message.context = actors.pairs(context)
        message.life =
            switch life {
            case nil: .none
            case .create: .create
            case .delete: .delete
            case .revive: .revive
            }
        message.writes = writes.map { entry in
            var write = ProtoWrite()
            write.field = entry.field.number
            switch entry.write {
            case .register(let value): write.value = ProtoValue(value)
            case .set(let add, let remove):
                write.set.add = add.map(\.string)
                write.set.remove = remove.map(\.string)
            case .counter(let delta): write.increment = delta
            case .map(let keys):
                write.map.keys = keys.map { entry in
                    var key = ProtoKeyWrite()
                    key.key = entry.key.string
                    key.value = ProtoValue(entry.value)
                    return key
                }
            }
            return write
        }
        return message
    }
}

/// What is checked here is form. Whether a change-set is right, also whether it is too large, is for its verdict to say: a
/// body that is refused whole would come back for ever.
extension FormReader {
    mutating func offered(_ message: ProtoChangeSet, after last: inout Int64) throws(FormError) -> OfferedChangeSet {
        let dot = try dot(actor: message.actor, counter: message.counter)
        let time = try time(message.timeDelta, after: &last, "time_delta")
        let digest = message.digest.isEmpty ? nil : try self.digest(message.digest)
        let fixes = message.fixes.isEmpty ? nil : try self.digest(message.fixes, "fixes")
        let changes = try each("changes", message.changes) { (reader, change) throws(FormError) in
            try reader.change(change)
        }
        let changeSet = ChangeSet(
            dot: dot, label: message.label, author: message.author, time: time, schemaVersion: message.schemaVersion,
            fixes: fixes, changes: changes)
        return OfferedChangeSet(changeSet: changeSet, digest: digest)
    }

    private mutating func change(_ message: ProtoChange) throws(FormError) -> RecordChange {
        let (type, record) = (try type(message.type), try record(message.record))
        let context = try vector(message.context, "context")
        let life: LifeWrite? =
            switch message.life {
            case .none: nil
            case .create: .create
            case .delete: .delete
            case .revive: .revive
            case .UNRECOGNIZED: throw fault("life", takes: "none, create, delete or revive")
            }
        let writes = try each("writes", message.writes) { (reader, write) throws(FormError) in
            try reader.write(write)
        }
        guard isAscending(writes.map(\.field)) else {
            throw fault("writes", takes: "fields in strictly ascending order")
        }
        return RecordChange(type: type, record: record, context: context, life: life, writes: writes)
    }

    private mutating func write(_ message: ProtoWrite) throws(FormError) -> FieldChange {
        let field = try field(message.field)
        switch message.kind {
        case .value(let value):
            return FieldChange(
                field, .register(try inside("value") { (reader) throws(FormError) in try reader.value(value) }))
        case .set(let set):
            return FieldChange(field, .set(add: set.add.map { UTF8Text($0) }, remove: set.remove.map { UTF8Text($0) }))
        case .increment(let delta): return FieldChange(field, .counter(delta))
        case .map(let map):
            let keys = try each("keys", map.keys) { (reader, entry) throws(FormError) in
                MapWrite(UTF8Text(entry.key), try reader.value(entry.value))
            }
            return FieldChange(field, .map(keys))
        case nil: throw fault(takes: "a value, a set, an increment or a map")
        }
    }
}
