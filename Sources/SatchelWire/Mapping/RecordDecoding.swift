import SatchelSync

extension FormReader {
    mutating func records(_ message: ProtoRecords) throws(FormError) -> [RecordDelta] {
        try readDictionary(message.actors)
        let stamps = try stamps(of: message)
        var last: UInt64 = 0
        return try each("records", message.records) { (reader, record) throws(FormError) in
            let (sequence, overflow) = last.addingReportingOverflow(record.sequenceDelta)
            guard !overflow else {
                throw reader.fault("sequence_delta", takes: "a sequence up to \(Limits.counterMax)")
            }
            last = try reader.counter(sequence, "sequence_delta")
            return try reader.delta(record, sequence: ServerSequence(sequence), stamps)
        }
    }

    private mutating func delta(
        _ message: ProtoRecord, sequence: ServerSequence, _ stamps: [Stamp]
    ) throws(FormError) -> RecordDelta {
        let life = try each("life", message.life) { (reader, pair) throws(FormError) in
            try reader.lifePair(pair, stamps)
        }
        guard isAscending(life.map(\.dot)) else { throw fault("life", takes: "pairs in dot order") }
        let fields = try each("fields", message.fields) { (reader, entry) throws(FormError) in
            try reader.fieldEntry(entry, stamps)
        }
        guard isAscending(fields.map(\.field)) else {
            throw fault("fields", takes: "fields in strictly ascending order")
        }
        let provenance = try each("provenance", message.provenance) { (reader, source) throws(FormError) in
            try reader.provenance(source)
        }
        guard isAscending(provenance.map(\.dot)) else { throw fault("provenance", takes: "entries in dot order") }
        let bases = try each("bases", message.bases) { (reader, base) throws(FormError) in
            BaseValue(field: try reader.field(base.field), value: try reader.value(base.value))
        }
        guard isAscending(bases.map(\.field)) else { throw fault("bases", takes: "fields in strictly ascending order") }
        return RecordDelta(
            type: try type(message.type), record: try record(message.record), sequence: sequence,
            state: RecordState(context: try vector(message.context, "context"), life: life, fields: fields),
            provenance: provenance, bases: bases)
    }

    private func lifePair(_ message: ProtoLifePair, _ stamps: [Stamp]) throws(FormError) -> LifePair {
        let stamp = try stamp(message.stamp, of: stamps)
        switch message.mark {
        case .alive:
            guard message.deletingContext.isEmpty else {
                throw fault("deleting_context", takes: "nothing where the mark is alive")
            }
            return LifePair(dot: stamp.dot, time: stamp.time, mark: .alive)
        case .deleted:
            let context = try vector(message.deletingContext, "deleting_context")
            return LifePair(dot: stamp.dot, time: stamp.time, mark: .deleted(context: context))
        case .unspecified, .UNRECOGNIZED: throw fault("mark", takes: "alive or deleted")
        }
    }

    private mutating func fieldEntry(_ message: ProtoFieldEntry, _ stamps: [Stamp]) throws(FormError) -> FieldEntry {
        let field = try field(message.field)
        switch message.kind {
        case .register(let register):
            let siblings = try each("siblings", register.siblings) { (reader, sibling) throws(FormError) in
                let stamp = try reader.stamp(sibling.stamp, of: stamps)
                return Sibling(dot: stamp.dot, time: stamp.time, value: try reader.value(sibling.value))
            }
            guard isAscending(siblings.map(\.dot)) else { throw fault("siblings", takes: "siblings in dot order") }
            return FieldEntry(field, .register(siblings))
        case .set(let set):
            let elements = try each("elements", set.elements) { (reader, element) throws(FormError) in
                try reader.element(element, stamps)
            }
            guard isAscending(elements.map(\.value)) else {
                throw fault("elements", takes: "elements in strictly ascending byte order")
            }
            return FieldEntry(field, .set(elements))
        case nil: throw fault(takes: "a register or a set")
        }
    }

    private func element(_ message: ProtoSetElement, _ stamps: [Stamp]) throws(FormError) -> SetElement {
        var dots: [ElementDot] = []
        dots.reserveCapacity(message.stamps.count)
        for index in message.stamps {
            let stamp = try stamp(index, of: stamps)
            dots.append(ElementDot(dot: stamp.dot, time: stamp.time))
        }
        guard !dots.isEmpty, isAscending(dots.map(\.dot)) else {
            throw fault("stamps", takes: "one stamp or more, in dot order")
        }
        return SetElement(value: UTF8Text(message.value), dots: dots)
    }

    private func provenance(_ message: ProtoProvenance) throws(FormError) -> Provenance {
        Provenance(
            dot: try dot(actor: message.actor, counter: message.counter), label: message.label, author: message.author,
            deviceTime: try time(message.deviceTime, "device_time"), context: try vector(message.context, "context"))
    }
}
