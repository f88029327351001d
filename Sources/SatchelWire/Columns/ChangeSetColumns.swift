import SatchelSync

extension ColumnWriter {
    /// Writes the change-sets of a push.
    mutating func write(_ changeSets: [OfferedChangeSet]) throws(SatchelError) {
        write(count: changeSets.count, .itemCount)
        for offered in changeSets {
            let changeSet = offered.changeSet
            write((offered.digest == nil ? 0 : 1) | (changeSet.fixes == nil ? 0 : 2), .itemForm)
            write(changeSet.dot.actor, .actor)
            write(successor: changeSet.dot.counter, .counter)
            write(UTF8Text(changeSet.label), .label)
            write(UTF8Text(changeSet.author), .author)
            write(difference: changeSet.time.milliseconds, .time)
            write(difference: Int64(changeSet.schemaVersion), .schemaVersion)
            try write(digest: offered.digest, .digest)
            try write(digest: changeSet.fixes, .fixes)
            write(count: changeSet.changes.count, .changeCount)
            for change in changeSet.changes { try write(change) }
        }
    }

    private mutating func write(digest: [UInt8]?, _ column: Column) throws(SatchelError) {
        guard let digest else { return }
        guard digest.count == ChangeSet.digestByteCount else {
            throw SatchelError(
                .internalError, "A digest has \(digest.count) bytes; it takes \(ChangeSet.digestByteCount).")
        }
        write(bytes: digest, at: column.rawValue)
    }

    private mutating func write(_ change: RecordChange) throws(SatchelError) {
        let members = change.writes.map { Shape.Member(field: $0.field.number, kind: $0.write.shapeKind) }
        write(Shape(type: change.type.number, life: UInt64(change.life?.rawValue ?? 0), members: members))
        try write(change.record, at: Column.record.rawValue)
        write(change.context, .context)
        for entry in change.writes {
            let slot = slot(type: change.type.number, field: entry.field.number)
            let first = Column.firstSlot + slot * SlotPart.width
            switch entry.write {
            case .register(let value): try write(value, slot: slot)
            case .set(let add, let remove):
                for texts in [add, remove] {
                    write(UInt64(texts.count), at: first + SlotPart.count.rawValue)
                    for text in texts { write(text, TextColumn(slot: slot)) }
                }
            case .counter(let delta): write(signed: delta, at: first + SlotPart.number.rawValue)
            case .map(let keys):
                write(UInt64(keys.count), at: first + SlotPart.count.rawValue)
                for key in keys {
                    write(key.key, TextColumn(slot: slot))
                    try write(key.value, slot: slot)
                }
            }
        }
    }
}

extension FieldWrite {
    fileprivate var shapeKind: ShapeKind {
        switch self {
        case .register: .register
        case .set: .set
        case .counter: .counter
        case .map: .map
        }
    }
}

/// What is checked here is form, as with the rows of JSON: whether a change-set is right is for its verdict to say.
extension ColumnReader {
    mutating func changeSets() throws(FormError) -> [OfferedChangeSet] {
        let count = try count(.itemCount)
        guard count <= Limits.changeSetsPerPushMax else {
            var error = fault(.itemCount, takes: "at most \(Limits.changeSetsPerPushMax) change-sets")
            error.isTooLarge = true
            throw error
        }
        var changeSets: [OfferedChangeSet] = []
        changeSets.reserveCapacity(count)
        for _ in 0..<count { changeSets.append(try changeSet()) }
        return changeSets
    }

    private mutating func changeSet() throws(FormError) -> OfferedChangeSet {
        let form = try number(.itemForm)
        guard form <= 3 else { throw fault(.itemForm, takes: "0 to 3") }
        let actor = try actor(.actor)
        let dot = Dot(actor, try counter(try successor(.counter), .counter))
        let (label, author) = (try text(.label), try text(.author))
        let time = try time(at: Column.time.rawValue)
        guard let version = UInt32(exactly: try difference(at: Column.schemaVersion.rawValue)) else {
            throw fault(.schemaVersion, takes: "a version")
        }
        let digest = try form & 1 == 0 ? nil : bytes(ChangeSet.digestByteCount, at: Column.digest.rawValue)
        let fixes = try form & 2 == 0 ? nil : bytes(ChangeSet.digestByteCount, at: Column.fixes.rawValue)
        var changes: [RecordChange] = []
        for _ in 0..<(try count(.changeCount)) { changes.append(try change()) }
        return OfferedChangeSet(
            changeSet: ChangeSet(
                dot: dot, label: label.string, author: author.string, time: time, schemaVersion: version,
                fixes: fixes.map { Array($0) }, changes: changes),
            digest: digest.map { Array($0) })
    }

    private mutating func change() throws(FormError) -> RecordChange {
        let shape = try shape()
        let life = shape.life == 0 ? nil : UInt8(exactly: shape.life).flatMap { LifeWrite(rawValue: $0) }
        guard shape.life == 0 || life != nil else { throw fault(.shapeLife, takes: "0 to 3") }
        let record = try record(at: Column.record.rawValue)
        let context = try vector(.context)
        var writes: [FieldChange] = []
        writes.reserveCapacity(shape.members.count)
        for member in shape.members {
            let slot = try slot(type: shape.type, field: member.field)
            writes.append(FieldChange(FieldID(member.field), try write(member.kind, slot: slot)))
        }
        return RecordChange(
            type: EntityTypeID(shape.type), record: record, context: context, life: life, writes: writes)
    }

    private mutating func write(_ kind: ShapeKind, slot: Int) throws(FormError) -> FieldWrite {
        let first = Column.firstSlot + slot * SlotPart.width
        switch kind {
        case .register: return .register(try value(slot: slot))
        case .set: return .set(add: try texts(slot: slot), remove: try texts(slot: slot))
        case .counter: return .counter(try signed(at: first + SlotPart.number.rawValue))
        case .map:
            var keys: [MapWrite] = []
            for _ in 0..<(try count(at: first + SlotPart.count.rawValue)) {
                keys.append(MapWrite(try text(TextColumn(slot: slot)), try value(slot: slot)))
            }
            return .map(keys)
        case .oneValue: throw fault(.shapeKind, takes: "a register, a set, a counter or a map")
        }
    }

    private mutating func texts(slot: Int) throws(FormError) -> [UTF8Text] {
        var texts: [UTF8Text] = []
        let count = try count(at: Column.firstSlot + slot * SlotPart.width + SlotPart.count.rawValue)
        for _ in 0..<count { texts.append(try text(TextColumn(slot: slot))) }
        return texts
    }
}
