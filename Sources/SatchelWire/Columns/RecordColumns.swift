import SatchelSync

extension ColumnWriter {
    /// Writes the records of a page.
    mutating func write(_ deltas: [RecordDelta]) throws(SatchelError) {
        write(count: deltas.count, .itemCount)
        var last: UInt64 = 0
        for delta in deltas {
            guard delta.sequence.number >= last else {
                throw SatchelError(
                    .internalError, "A page holds sequence \(delta.sequence) after \(last); it takes ascending ones.")
            }
            write(delta.sequence.number - last, .sequence)
            last = delta.sequence.number
            try write(delta)
        }
    }

    private mutating func write(_ delta: RecordDelta) throws(SatchelError) {
        let state = delta.state
        let members = state.fields.map { Shape.Member(field: $0.field.number, kind: $0.state.shapeKind) }
        let isAlive = state.life.count == 1 && state.life.allSatisfy { $0.mark == .alive }
        write(Shape(type: delta.type.number, life: isAlive ? 1 : 0, members: members))
        try write(delta.record, at: Column.record.rawValue)
        if let handle = delta.handle {
            write(1 &+ Self.zigzag(Int64(bitPattern: handle) &- lastHandle), .handle)
            lastHandle = Int64(bitPattern: handle)
        } else {
            write(0, .handle)
        }
        write(state.life, isAlive: isAlive)
        for entry in state.fields {
            try write(entry.state, slot: slot(type: delta.type.number, field: entry.field.number))
        }
        // What stands was written by those whom the record covers: mostly that is all its context.
        let standing = state.standingContext
        if state.context == standing { write(1, .context) } else { write(state.context, .context, first: 2) }
        write(count: delta.provenance.count, .provenanceCount)
        for source in delta.provenance { write(source) }
        write(count: delta.bases.count, .baseCount)
        for base in delta.bases {
            write(UInt64(base.field.number), .baseField)
            let slot = slot(type: delta.type.number, field: base.field.number)
            write(base.key == nil ? 0 : 1, .baseForm)
            if let key = base.key { write(key, TextColumn(slot: slot)) }
            try write(base.value, slot: slot)
        }
    }

    private mutating func write(_ life: [LifePair], isAlive: Bool) {
        if !isAlive { write(count: life.count, .lifeCount) }
        for pair in life {
            write(pair.dot, pair.time)
            guard !isAlive else { continue }
            switch pair.mark {
            case .alive: write(0, .lifeMark)
            case .deleted(let context):
                write(1, .lifeMark)
                write(context.vector, .lifeContext)
                write(count: context.lateDots.count, .lateCount)
                for dot in context.lateDots {
                    write(dot.actor, .lateActor)
                    write(dot.counter, .lateCounter)
                }
            }
        }
    }

    private mutating func write(_ state: FieldState, slot: Int) throws(SatchelError) {
        let first = Column.firstSlot + slot * SlotPart.width
        let count = first + SlotPart.count.rawValue
        switch state {
        case .register(let siblings):
            if siblings.count != 1 { write(UInt64(siblings.count), at: count) }
            for sibling in siblings { try write(sibling, slot: slot) }
        case .set(let elements):
            write(UInt64(elements.count), at: count)
            for element in elements {
                write(element.value, TextColumn(slot: slot))
                write(UInt64(element.dots.count), at: count)
                for stamp in element.dots { write(stamp.dot, stamp.time) }
            }
        case .counter(let parts):
            write(UInt64(parts.count), at: count)
            for part in parts {
                write(part.dot, part.time)
                write(signed: part.sum, at: first + SlotPart.number.rawValue)
            }
        case .map(let entries):
            write(UInt64(entries.count), at: count)
            for entry in entries {
                write(entry.key, TextColumn(slot: slot))
                write(UInt64(entry.siblings.count), at: count)
                for sibling in entry.siblings { try write(sibling, slot: slot) }
            }
        }
    }

    private mutating func write(_ sibling: Sibling, slot: Int) throws(SatchelError) {
        write(sibling.dot, sibling.time)
        try write(sibling.value, slot: slot)
    }

    private mutating func write(_ source: Provenance) {
        write(source.dot.actor, .provenanceActor)
        write(source.dot.counter, .provenanceCounter)
        write(UTF8Text(source.label), .label)
        write(UTF8Text(source.author), .author)
        write(difference: source.deviceTime.milliseconds, .provenanceTime)
        write(source.context, .provenanceContext)
    }
}

extension FieldState {
    fileprivate var shapeKind: ShapeKind {
        switch self {
        case .register(let siblings): siblings.count == 1 ? .oneValue : .register
        case .set: .set
        case .counter: .counter
        case .map: .map
        }
    }
}

extension RecordState {
    /// The vector of every dot that stands in life and fields.
    var standingContext: VersionVector {
        var vector = VersionVector()
        for pair in life { vector.insert(pair.dot) }
        for entry in fields {
            for stamp in entry.state.stamps { vector.insert(stamp.dot) }
        }
        return vector
    }
}
