import SatchelSync

extension FormReader {
    mutating func records(_ message: ProtoRecords) throws(FormError) -> [RecordDelta] {
        guard message.columns.isEmpty else { throw fault("columns", takes: "nothing in JSON") }
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
            BaseValue(
                field: try reader.field(base.field), key: base.key.isEmpty ? nil : UTF8Text(base.key),
                value: try reader.value(base.value))
        }
        guard zip(bases, bases.dropFirst()).allSatisfy({ ($0.field, $0.key ?? "") < ($1.field, $1.key ?? "") }) else {
            throw fault("bases", takes: "fields and keys in strictly ascending order")
        }
        return RecordDelta(
            type: try type(message.type), record: try record(message.record), sequence: sequence,
            state: RecordState(context: try vector(message.context, "context"), life: life, fields: fields),
            provenance: provenance, bases: bases)
    }

    private func lifePair(_ message: ProtoLifePair, _ stamps: [Stamp]) throws(FormError) -> LifePair {
        let stamp = try stamp(message.stamp, of: stamps)
        switch message.mark {
        case .alive:
            guard message.deletingContext.isEmpty, message.lateDots.isEmpty else {
                throw fault("deleting_context", takes: "nothing where the mark is alive")
            }
            return LifePair(dot: stamp.dot, time: stamp.time, mark: .alive)
        case .deleted:
            let context = DeletingContext(
                vector: try vector(message.deletingContext, "deleting_context"),
                lateDots: try dots(message.lateDots, "late_dots"))
            return LifePair(dot: stamp.dot, time: stamp.time, mark: .deleted(context: context))
        case .unspecified, .UNRECOGNIZED: throw fault("mark", takes: "alive or deleted")
        }
    }

    private mutating func fieldEntry(_ message: ProtoFieldEntry, _ stamps: [Stamp]) throws(FormError) -> FieldEntry {
        let field = try field(message.field)
        switch message.kind {
        case .register(let register):
            return FieldEntry(field, .register(try siblings(register.siblings, stamps)))
        case .set(let set):
            let elements = try each("elements", set.elements) { (reader, element) throws(FormError) in
                try reader.element(element, stamps)
            }
            guard isAscending(elements.map(\.value)) else {
                throw fault("elements", takes: "elements in strictly ascending byte order")
            }
            return FieldEntry(field, .set(elements))
        case .counter(let counter):
            let parts = try each("parts", counter.parts) { (reader, part) throws(FormError) in
                let stamp = try reader.stamp(part.stamp, of: stamps)
                return CounterEntry(dot: stamp.dot, time: stamp.time, sum: part.sum)
            }
            guard isAscending(parts.map(\.dot.actor)) else {
                throw fault("parts", takes: "one part an actor, in order")
            }
            return FieldEntry(field, .counter(parts))
        case .map(let map):
            let entries = try each("entries", map.entries) { (reader, entry) throws(FormError) in
                let siblings = try reader.siblings(entry.siblings, stamps)
                guard !siblings.isEmpty else { throw reader.fault("siblings", takes: "one value or more") }
                return MapEntry(key: UTF8Text(entry.key), siblings: siblings)
            }
            guard isAscending(entries.map(\.key)) else {
                throw fault("entries", takes: "keys in strictly ascending byte order")
            }
            return FieldEntry(field, .map(entries))
        case nil: throw fault(takes: "a register, a set, a counter or a map")
        }
    }

    private mutating func siblings(_ messages: [ProtoSibling], _ stamps: [Stamp]) throws(FormError) -> [Sibling] {
        let siblings = try each("siblings", messages) { (reader, sibling) throws(FormError) in
            let stamp = try reader.stamp(sibling.stamp, of: stamps)
            return Sibling(dot: stamp.dot, time: stamp.time, value: try reader.value(sibling.value))
        }
        guard isAscending(siblings.map(\.dot)) else { throw fault("siblings", takes: "siblings in dot order") }
        return siblings
    }

    private func dots(_ pairs: [UInt64], _ name: StaticString) throws(FormError) -> [Dot] {
        guard pairs.count.isMultiple(of: 2) else { throw fault(name, takes: "pairs of an actor and a counter") }
        var dots: [Dot] = []
        for place in stride(from: 0, to: pairs.count, by: 2) {
            guard let actor = UInt32(exactly: pairs[place]) else { throw fault(name, takes: "indexes of actors") }
            dots.append(try dot(actor: actor, counter: pairs[place + 1]))
        }
        guard isAscending(dots) else { throw fault(name, takes: "dots in strictly ascending order") }
        return dots
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
