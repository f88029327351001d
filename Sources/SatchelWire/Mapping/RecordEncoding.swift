import SatchelSync

extension ProtoRecords {
    /// One frame of records.
    /// - Throws: ``SatchelError`` `internal_error` when they are not in the order of their sequences.
    init(_ deltas: [RecordDelta]) throws(SatchelError) {
        self.init()
        var mentioned: Set<ActorID> = []
        var stamps: Set<Stamp> = []
        for delta in deltas {
            stamps.insertStamps(of: delta.state)
            delta.insertActors(into: &mentioned)
        }
        for stamp in stamps { mentioned.insert(stamp.dot.actor) }
        let actors = ActorDictionary(mentioned)
        let table = StampTable(stamps)
        self.actors = actors.names
        table.write(to: &self, actors)
        var last: UInt64 = 0
        records.reserveCapacity(deltas.count)
        for delta in deltas {
            guard delta.sequence.number >= last else {
                throw SatchelError(
                    .internalError, "A page holds sequence \(delta.sequence) after \(last); it takes ascending ones.")
            }
            records.append(delta.message(actors, table, sequenceDelta: delta.sequence.number - last))
            last = delta.sequence.number
        }
    }
}

extension RecordDelta {
    /// Collects the actors that stand outside the stamps.
    fileprivate func insertActors(into actors: inout Set<ActorID>) {
        actors.insertActors(of: state.context)
        for pair in state.life {
            guard case .deleted(let context) = pair.mark else { continue }
            actors.insertActors(of: context.vector)
            actors.formUnion(context.lateDots.map(\.actor))
        }
        for source in provenance {
            actors.insert(source.dot.actor)
            actors.insertActors(of: source.context)
        }
    }

    fileprivate func message(_ actors: ActorDictionary, _ table: StampTable, sequenceDelta: UInt64) -> ProtoRecord {
        var message = ProtoRecord()
        message.type = type.number
        message.record = WireBytes.id(record.high, record.low)
        message.sequenceDelta = sequenceDelta
        message.context = actors.pairs(state.context)
        message.life = state.life.map { pair in
            var life = ProtoLifePair()
            life.stamp = table.index(of: pair.dot, pair.time)
            switch pair.mark {
            case .alive: life.mark = .alive
            case .deleted(let context):
                life.mark = .deleted
                life.deletingContext = actors.pairs(context.vector)
                life.lateDots = context.lateDots.flatMap { [UInt64(actors.index(of: $0.actor)), $0.counter] }
            }
            return life
        }
        message.fields = state.fields.map { $0.message(table) }
        message.provenance = provenance.map { $0.message(actors) }
        message.bases = bases.map { base in
            var message = ProtoBaseValue()
            message.field = base.field.number
            message.key = base.key?.string ?? ""
            message.value = ProtoValue(base.value)
            return message
        }
        return message
    }
}

extension FieldEntry {
    fileprivate func message(_ table: StampTable) -> ProtoFieldEntry {
        var message = ProtoFieldEntry()
        message.field = field.number
        switch state {
        case .register(let siblings):
            message.register.siblings = siblings.map { $0.message(table) }
        case .set(let elements):
            message.set.elements = elements.map { element in
                var message = ProtoSetElement()
                message.value = element.value.string
                message.stamps = element.dots.map { table.index(of: $0.dot, $0.time) }
                return message
            }
        case .counter(let parts):
            message.counter.parts = parts.map { part in
                var message = ProtoCounterPart()
                message.stamp = table.index(of: part.dot, part.time)
                message.sum = part.sum
                return message
            }
        case .map(let entries):
            message.map.entries = entries.map { entry in
                var message = ProtoMapEntry()
                message.key = entry.key.string
                message.siblings = entry.siblings.map { $0.message(table) }
                return message
            }
        }
        return message
    }
}

extension Sibling {
    fileprivate func message(_ table: StampTable) -> ProtoSibling {
        var message = ProtoSibling()
        message.stamp = table.index(of: dot, time)
        message.value = ProtoValue(value)
        return message
    }
}

extension Provenance {
    fileprivate func message(_ actors: ActorDictionary) -> ProtoProvenance {
        var message = ProtoProvenance()
        message.actor = actors.index(of: dot.actor)
        message.counter = dot.counter
        message.label = label
        message.author = author
        message.deviceTime = deviceTime.milliseconds
        message.context = actors.pairs(context)
        return message
    }
}
