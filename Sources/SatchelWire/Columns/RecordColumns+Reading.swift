import SatchelSync

extension ColumnReader {
    mutating func records() throws(FormError) -> [RecordDelta] {
        let count = try count(.itemCount)
        guard count <= Limits.recordsPerPageMax else {
            var error = fault(.itemCount, takes: "at most \(Limits.recordsPerPageMax) records")
            error.isTooLarge = true
            throw error
        }
        var deltas: [RecordDelta] = []
        deltas.reserveCapacity(count)
        var last: UInt64 = 0
        for _ in 0..<count {
            let (sequence, overflow) = last.addingReportingOverflow(try number(.sequence))
            guard !overflow else { throw fault(.sequence, takes: "sequences up to \(Limits.counterMax)") }
            last = try counter(sequence, .sequence)
            deltas.append(try delta(ServerSequence(sequence)))
        }
        return deltas
    }

    private mutating func delta(_ sequence: ServerSequence) throws(FormError) -> RecordDelta {
        let shape = try shape()
        guard shape.life <= 1 else { throw fault(.shapeLife, takes: "0 or 1") }
        let record = try record(at: Column.record.rawValue)
        let handle = try handle()
        let life = try life(isAlive: shape.life == 1)
        var fields: [FieldEntry] = []
        fields.reserveCapacity(shape.members.count)
        for member in shape.members {
            let slot = try slot(type: shape.type, field: member.field)
            fields.append(FieldEntry(FieldID(member.field), try state(member.kind, slot: slot)))
        }
        let choice = try number(.context)
        let standing = RecordState(context: VersionVector(), life: life, fields: fields)
        let context =
            try choice == 1 ? standing.standingContext : vector(choice: choice, .context, first: 2)
        return RecordDelta(
            type: EntityTypeID(shape.type), record: record, sequence: sequence,
            state: RecordState(context: context, life: life, fields: fields), provenance: try provenance(),
            bases: try bases(type: shape.type), handle: handle)
    }

    private mutating func handle() throws(FormError) -> UInt64? {
        let code = try number(.handle)
        guard code > 0 else { return nil }
        let zigzag = code - 1
        lastHandle = lastHandle &+ (Int64(bitPattern: zigzag >> 1) ^ -Int64(bitPattern: zigzag & 1))
        return try counter(UInt64(bitPattern: lastHandle), .handle)
    }

    private mutating func life(isAlive: Bool) throws(FormError) -> [LifePair] {
        guard !isAlive else {
            let stamp = try stamp()
            return [LifePair(dot: stamp.dot, time: stamp.time, mark: .alive)]
        }
        var life: [LifePair] = []
        for _ in 0..<(try count(.lifeCount)) {
            let stamp = try stamp()
            switch try number(.lifeMark) {
            case 0: life.append(LifePair(dot: stamp.dot, time: stamp.time, mark: .alive))
            case 1:
                let vector = try vector(.lifeContext)
                let mark = LifeMark.deleted(context: DeletingContext(vector: vector, lateDots: try lateDots()))
                life.append(LifePair(dot: stamp.dot, time: stamp.time, mark: mark))
            default: throw fault(.lifeMark, takes: "0 or 1")
            }
        }
        try requireAscending(life.map(\.dot), .stamp)
        return life
    }

    private mutating func lateDots() throws(FormError) -> [Dot] {
        var dots: [Dot] = []
        for _ in 0..<(try count(.lateCount)) {
            let actor = try actor(.lateActor)
            dots.append(Dot(actor, try counter(try number(.lateCounter), .lateCounter)))
        }
        try requireAscending(dots, .lateActor)
        return dots
    }

    private mutating func state(_ kind: ShapeKind, slot: Int) throws(FormError) -> FieldState {
        let first = Column.firstSlot + slot * SlotPart.width
        let count = first + SlotPart.count.rawValue
        switch kind {
        case .oneValue: return .register([try sibling(slot: slot)])
        case .register:
            let siblings = try siblings(try self.count(at: count), slot: slot)
            guard siblings.count != 1 else { throw fault(count, takes: "another number than 1") }
            return .register(siblings)
        case .set:
            var elements: [SetElement] = []
            for _ in 0..<(try self.count(at: count)) {
                let value = try text(TextColumn(slot: slot))
                var dots: [ElementDot] = []
                for _ in 0..<(try self.count(at: count)) {
                    let stamp = try stamp()
                    dots.append(ElementDot(dot: stamp.dot, time: stamp.time))
                }
                guard !dots.isEmpty else { throw fault(count, takes: "one dot or more an element") }
                try requireAscending(dots.map(\.dot), .stamp)
                elements.append(SetElement(value: value, dots: dots))
            }
            try requireAscending(elements.map(\.value), at: first + SlotPart.text.rawValue)
            return .set(elements)
        case .counter:
            var parts: [CounterEntry] = []
            for _ in 0..<(try self.count(at: count)) {
                let stamp = try stamp()
                let sum = try signed(at: first + SlotPart.number.rawValue)
                parts.append(CounterEntry(dot: stamp.dot, time: stamp.time, sum: sum))
            }
            try requireAscending(parts.map(\.dot.actor), .stamp)
            return .counter(parts)
        case .map:
            var entries: [MapEntry] = []
            for _ in 0..<(try self.count(at: count)) {
                let key = try text(TextColumn(slot: slot))
                let siblings = try siblings(try self.count(at: count), slot: slot)
                guard !siblings.isEmpty else { throw fault(count, takes: "one value or more a key") }
                entries.append(MapEntry(key: key, siblings: siblings))
            }
            try requireAscending(entries.map(\.key), at: first + SlotPart.text.rawValue)
            return .map(entries)
        }
    }

    private mutating func siblings(_ count: Int, slot: Int) throws(FormError) -> [Sibling] {
        var siblings: [Sibling] = []
        for _ in 0..<count { siblings.append(try sibling(slot: slot)) }
        try requireAscending(siblings.map(\.dot), .stamp)
        return siblings
    }

    private mutating func sibling(slot: Int) throws(FormError) -> Sibling {
        let stamp = try stamp()
        return Sibling(dot: stamp.dot, time: stamp.time, value: try value(slot: slot))
    }

    private mutating func provenance() throws(FormError) -> [Provenance] {
        var sources: [Provenance] = []
        for _ in 0..<(try count(.provenanceCount)) {
            let actor = try actor(.provenanceActor)
            let dot = Dot(actor, try counter(try number(.provenanceCounter), .provenanceCounter))
            let (label, author) = (try text(.label), try text(.author))
            let time = try time(at: Column.provenanceTime.rawValue)
            sources.append(
                Provenance(
                    dot: dot, label: label.string, author: author.string, deviceTime: time,
                    context: try vector(.provenanceContext)))
        }
        try requireAscending(sources.map(\.dot), .provenanceActor)
        return sources
    }

    private mutating func bases(type: UInt32) throws(FormError) -> [BaseValue] {
        var bases: [BaseValue] = []
        for _ in 0..<(try count(.baseCount)) {
            guard let field = UInt32(exactly: try number(.baseField)), field >= 1 else {
                throw fault(.baseField, takes: "a number from 1")
            }
            let slot = try slot(type: type, field: field)
            let form = try number(.baseForm)
            guard form <= 1 else { throw fault(.baseForm, takes: "0 or 1") }
            let key = try form == 0 ? nil : text(TextColumn(slot: slot))
            bases.append(BaseValue(field: FieldID(field), key: key, value: try value(slot: slot)))
        }
        guard zip(bases, bases.dropFirst()).allSatisfy({ ($0.field, $0.key ?? "") < ($1.field, $1.key ?? "") }) else {
            throw fault(.baseField, takes: "fields and keys in strictly ascending order")
        }
        return bases
    }

    private func requireAscending(_ elements: [some Comparable], _ column: Column) throws(FormError) {
        try requireAscending(elements, at: column.rawValue)
    }

    private func requireAscending(_ elements: [some Comparable], at column: Int) throws(FormError) {
        guard zip(elements, elements.dropFirst()).allSatisfy({ $0 < $1 }) else {
            throw fault(column, takes: "strictly ascending order")
        }
    }
}
