package import GRDB
package import SatchelSync

/// The packed form of a record's state: a default dot plus exceptions.
///
/// Most records were last written as a whole, so most fields carry one dot, and their values stand in the plain row already.
/// Such a field takes no byte here: a non-empty column that is not listed holds one pair, with the default dot. Everything
/// else is an exception: a field with several siblings, another dot, an explicit null, or a value that its column cannot give
/// back. A record without a row has all its fields listed.
///
/// | part | form |
/// |---|---|
/// | version | one byte, 1 |
/// | context | varint count; each: varint actor key, varint counter; in the order of actors |
/// | default pair | index into the context + 1 (0: none), counter below the context's, zigzag milliseconds since 2020 |
/// | life | varint count × 2 + 1 where it is one alive pair with the default dot, else count × 2 and the pairs |
/// | exceptions | varint count; each: varint field, tag, pairs |
/// | room | zeros, as many as its keeper wants |
///
/// A pair's dot is 0 for the default, else its index into the context + 2, the counter below the context's, and the time's
/// distance from the default's; 1 spells out an actor that the context does not name.
package struct RecordStateCodec {
    private let actors: ActorTable
    private let db: Database
    private let type: EntityType

    private static let formatVersion: UInt8 = 1
    /// Stands for a value that the row holds; no kind of value begins with it.
    private static let valueInRow: UInt8 = 0xFF
    private static let timeOrigin: Int64 = 1_577_836_800_000

    package init(type: EntityType, actors: ActorTable, db: Database) {
        self.type = type
        self.actors = actors
        self.db = db
    }

    /// Packs `state` beside a plain row.
    ///
    /// `row` is what the columns of the type's fields hold, in order; `nil` packs the state so that it can stand alone.
    package func encode(_ state: RecordState, row: [ColumnValue]?) throws -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(128)
        bytes.append(Self.formatVersion)
        try write(state.context.entries, into: &bytes)
        let common = Self.commonPair(of: state)
        if let common, let index = state.context.entries.firstIndex(where: { $0.actor == common.dot.actor }) {
            bytes.write(varint: index + 1)
            bytes.write(varint: state.context.entries[index].counter - common.dot.counter)
            bytes.write(zigzag: common.time.milliseconds - Self.timeOrigin)
        } else {
            bytes.write(varint: 0)
        }
        let pairs = PairWriter(context: state.context, common: common, timeOrigin: Self.timeOrigin)
        try encodeLife(state.life, pairs: pairs, into: &bytes)
        try encodeExceptions(of: state, row: row, pairs: pairs, into: &bytes)
        return bytes
    }

    private func write(_ dots: some Collection<Dot>, into bytes: inout [UInt8]) throws {
        bytes.write(varint: dots.count)
        for dot in dots {
            bytes.write(varint: UInt64(try actors.key(of: dot.actor, db)))
            bytes.write(varint: dot.counter)
        }
    }

    private func encodeLife(_ life: [LifePair], pairs: PairWriter, into bytes: inout [UInt8]) throws {
        if life.count == 1, !life[0].isDelete, pairs.isCommon(life[0].dot, life[0].time) {
            bytes.write(varint: 3)
            return
        }
        bytes.write(varint: life.count * 2)
        for pair in life {
            try pairs.write(pair.dot, pair.time, into: &bytes) { try actors.key(of: $0, db) }
            switch pair.mark {
            case .alive: bytes.write(0)
            case .deleted(let context):
                bytes.write(context.lateDots.isEmpty ? 1 : 2)
                try write(context.vector.entries, into: &bytes)
                if !context.lateDots.isEmpty { try write(context.lateDots, into: &bytes) }
            }
        }
    }

    private func encodeExceptions(
        of state: RecordState, row: [ColumnValue]?, pairs: PairWriter, into bytes: inout [UInt8]
    ) throws {
        // The exceptions by their places in the state; a stray, whose column holds something where the state holds nothing and
        // would be read back as a default pair, by its field.
        var exceptions: [Int] = []
        var strays: [FieldID] = []
        var column = 0
        for index in state.fields.indices {
            let id = state.fields[index].field
            while column < type.fields.count, type.fields[column].id < id {
                if let row, !row[column].isEmpty { strays.append(type.fields[column].id) }
                column += 1
            }
            let isThere = column < type.fields.count && type.fields[column].id == id
            let isImplied = isThere && self.isImplied(state.fields[index].state, column, row: row, pairs: pairs)
            if !isImplied { exceptions.append(index) }
            if isThere { column += 1 }
        }
        while let row, column < type.fields.count {
            if !row[column].isEmpty { strays.append(type.fields[column].id) }
            column += 1
        }
        bytes.write(varint: exceptions.count + strays.count)
        for index in exceptions { try encode(state.fields[index], row: row, pairs: pairs, into: &bytes) }
        for field in strays {
            bytes.write(varint: UInt64(field.number))
            bytes.write(2)
        }
    }

    private func encode(_ entry: FieldEntry, row: [ColumnValue]?, pairs: PairWriter, into bytes: inout [UInt8]) throws {
        bytes.write(varint: UInt64(entry.field.number))
        switch entry.state {
        case .register(let siblings):
            bytes.write(0)
            let place = siblings.count == 1 ? type.fieldIndex(entry.field) : nil
            let isInRow = place.map { self.isInRow(siblings[0].value, $0, row: row) } ?? false
            try write(siblings, pairs: pairs, isInRow: isInRow, into: &bytes)
        case .set(let elements):
            bytes.write(1)
            bytes.write(varint: elements.count)
            for element in elements {
                bytes.write(text: element.value.string)
                bytes.write(varint: element.dots.count)
                for pair in element.dots {
                    try pairs.write(pair.dot, pair.time, into: &bytes) { try actors.key(of: $0, db) }
                }
            }
        case .counter(let parts):
            bytes.write(3)
            bytes.write(varint: parts.count)
            for part in parts {
                try pairs.write(part.dot, part.time, into: &bytes) { try actors.key(of: $0, db) }
                bytes.write(zigzag: part.sum)
            }
        case .map(let entries):
            bytes.write(4)
            bytes.write(varint: entries.count)
            for entry in entries {
                bytes.write(text: entry.key.string)
                try write(entry.siblings, pairs: pairs, isInRow: false, into: &bytes)
            }
        }
    }

    private func write(
        _ siblings: [Sibling], pairs: PairWriter, isInRow: Bool, into bytes: inout [UInt8]
    ) throws {
        bytes.write(varint: siblings.count)
        for sibling in siblings {
            try pairs.write(sibling.dot, sibling.time, into: &bytes) { try actors.key(of: $0, db) }
            if isInRow { bytes.write(Self.valueInRow) } else { bytes.write(sibling.value) }
        }
    }

    /// Whether the row and the default pair say all there is to say of the field at this place of the type.
    private func isImplied(_ state: FieldState, _ place: Int, row: [ColumnValue]?, pairs: PairWriter) -> Bool {
        switch state {
        case .register(let siblings):
            siblings.count == 1 && pairs.isCommon(siblings[0].dot, siblings[0].time)
                && isInRow(siblings[0].value, place, row: row)
        case .set(let elements):
            !elements.isEmpty && row?[place] == .set(elements.map(\.value))
                && elements.allSatisfy { $0.dots.count == 1 && pairs.isCommon($0.dots[0].dot, $0.dots[0].time) }
        case .counter, .map: false
        }
    }

    private func isInRow(_ value: FieldValue, _ place: Int, row: [ColumnValue]?) -> Bool {
        guard let row, !value.isNull, case .register(let stored) = row[place], stored == value else { return false }
        return ColumnCodec.keepsExactly(value, kind: type.fields[place].kind)
    }

    private func column(_ field: FieldID, row: [ColumnValue]?) -> ColumnValue? {
        guard let row, let index = type.fieldIndex(field) else { return nil }
        return row[index]
    }

    /// The pair that most of the record carries: that of the field dots most often met.
    private static func commonPair(of state: RecordState) -> ElementDot? {
        // Every dot that stands is covered by the context; one that is not is spelled out and never the default. A record has few
        // different ones, so they are counted without hashing.
        var counts: [(pair: ElementDot, count: Int)] = []
        func count(_ pair: ElementDot) {
            for index in counts.indices where counts[index].pair.dot == pair.dot && counts[index].pair.time == pair.time
            {
                counts[index].count += 1
                return
            }
            // What comes after the first so many different ones is not the commonest.
            if counts.count < 64 { counts.append((pair, 1)) }
        }
        for pair in state.life { count(ElementDot(dot: pair.dot, time: pair.time)) }
        for entry in state.fields {
            if case .register(let siblings) = entry.state {
                for sibling in siblings { count(ElementDot(dot: sibling.dot, time: sibling.time)) }
            } else {
                for stamp in entry.state.stamps { count(stamp) }
            }
        }
        return counts.filter { state.context.covers($0.pair.dot) }.max {
            ($0.count, $0.pair.dot) < ($1.count, $1.pair.dot)
        }?.pair
    }
}

/// Writes dots by their distance from the context and the default pair.
private struct PairWriter {
    let context: VersionVector
    let common: ElementDot?
    let timeOrigin: Int64

    func isCommon(_ dot: Dot, _ time: Timestamp) -> Bool { common?.dot == dot && common?.time == time }

    func write(_ dot: Dot, _ time: Timestamp, into bytes: inout [UInt8], key: (ActorID) throws -> Int64) rethrows {
        if isCommon(dot, time) {
            bytes.write(varint: 0)
            return
        }
        if let index = context.entries.firstIndex(where: { $0.actor == dot.actor }), context.covers(dot) {
            bytes.write(varint: index + 2)
            bytes.write(varint: context.entries[index].counter - dot.counter)
        } else {
            bytes.write(varint: 1)
            bytes.write(varint: UInt64(try key(dot.actor)))
            bytes.write(varint: dot.counter)
        }
        bytes.write(zigzag: time.milliseconds - (common?.time.milliseconds ?? timeOrigin))
    }
}

extension RecordStateCodec {
    /// Reads a packed state back, with the row it was packed beside.
    ///
    /// - Throws: ``SatchelError`` `damaged_data`.
    package func decode(_ bytes: [UInt8], row: [ColumnValue]?) throws -> RecordState {
        var reader = ByteReader(bytes)
        do {
            guard try reader.byte() == Self.formatVersion else { throw ByteError.unexpected(at: 0) }
            let context = VersionVector(sortedDots: try decodeVector(&reader))
            let common = try decodeCommon(&reader, context: context)
            let life = try decodeLife(&reader, context: context, common: common)
            let fields = try decodeFields(&reader, row: row, context: context, common: common)
            while !reader.isAtEnd {
                guard try reader.byte() == 0 else { throw ByteError.unexpected(at: reader.offset) }
            }
            return RecordState(context: context, life: life, fields: fields)
        } catch let error as ByteError {
            throw damaged("the state of a record of type \(type.name) (\(error))")
        }
    }

    private func decodeVector(_ reader: inout ByteReader) throws -> ContiguousArray<Dot> {
        let dots = ContiguousArray(try decodeDots(&reader))
        guard zip(dots, dots.dropFirst()).allSatisfy({ $0.actor < $1.actor }) else {
            throw ByteError.unexpected(at: reader.offset)
        }
        return dots
    }

    private func decodeDots(_ reader: inout ByteReader) throws -> [Dot] {
        try (0..<reader.count()).map { _ in
            let key = Int64(bitPattern: try reader.varint())
            return Dot(try actors.actor(key, db), try reader.counter())
        }
    }

    private func decodeCommon(_ reader: inout ByteReader, context: VersionVector) throws -> ElementDot? {
        let index = try reader.varint()
        guard index > 0 else { return nil }
        guard let position = Int(exactly: index - 1), position < context.count else {
            throw ByteError.outOfRange(at: reader.offset)
        }
        let dot = try Self.dot(below: context.entries[position], by: try reader.varint(), at: reader.offset)
        return ElementDot(dot: dot, time: Timestamp(milliseconds: try reader.zigzag() &+ Self.timeOrigin))
    }

    private func decodeLife(_ reader: inout ByteReader, context: VersionVector, common: ElementDot?) throws
        -> [LifePair]
    {
        let mark = try reader.varint()
        if mark == 3 {
            guard let common else { throw ByteError.unexpected(at: reader.offset) }
            return [LifePair(dot: common.dot, time: common.time, mark: .alive)]
        }
        guard mark.isMultiple(of: 2), mark / 2 <= 100_000 else { throw ByteError.unexpected(at: reader.offset) }
        var life: [LifePair] = []
        for _ in 0..<(mark / 2) {
            let pair = try decodePair(&reader, context: context, common: common)
            switch try reader.byte() {
            case 0: life.append(LifePair(dot: pair.dot, time: pair.time, mark: .alive))
            case let tag where tag == 1 || tag == 2:
                let seen = VersionVector(sortedDots: try decodeVector(&reader))
                let context = DeletingContext(vector: seen, lateDots: try tag == 2 ? decodeDots(&reader) : [])
                life.append(LifePair(dot: pair.dot, time: pair.time, mark: .deleted(context: context)))
            default: throw ByteError.unexpected(at: reader.offset)
            }
        }
        return life
    }

    private func decodeFields(
        _ reader: inout ByteReader, row: [ColumnValue]?, context: VersionVector, common: ElementDot?
    ) throws -> [FieldEntry] {
        let count = try reader.count()
        var listed: [FieldEntry] = []
        var strays: Set<FieldID> = []
        for _ in 0..<count {
            let field = try reader.fieldID()
            let tag = try reader.byte()
            if tag != 2, let last = listed.last, last.field >= field { throw ByteError.unexpected(at: reader.offset) }
            switch tag {
            case 0: listed.append(FieldEntry(field, try decodeRegister(&reader, field, row, context, common)))
            case 1: listed.append(FieldEntry(field, try decodeSet(&reader, context, common)))
            case 2: strays.insert(field)
            case 3: listed.append(FieldEntry(field, try decodeCounter(&reader, context, common)))
            case 4: listed.append(FieldEntry(field, try decodeMap(&reader, context, common)))
            default: throw ByteError.unexpected(at: reader.offset)
            }
        }
        guard let row, let common else { return listed }
        return try merged(listed, row: row, strays: strays, common: common, at: reader.offset)
    }

    /// The listed fields and those that the row holds with the default pair, in the order of fields.
    private func merged(
        _ listed: [FieldEntry], row: [ColumnValue], strays: Set<FieldID>, common: ElementDot, at offset: Int
    ) throws -> [FieldEntry] {
        var entries: [FieldEntry] = []
        entries.reserveCapacity(type.fields.count)
        var next = 0
        for place in type.fields.indices {
            let id = type.fields[place].id
            while next < listed.count, listed[next].field < id {
                entries.append(listed[next])
                next += 1
            }
            if next < listed.count, listed[next].field == id {
                entries.append(listed[next])
                next += 1
                continue
            }
            if row[place].isEmpty || (!strays.isEmpty && strays.contains(id)) { continue }
            switch row[place] {
            case .register(let value):
                let sibling = Sibling(dot: common.dot, time: common.time, value: value)
                entries.append(FieldEntry(id, .register([sibling])))
            case .set(let values):
                entries.append(FieldEntry(id, .set(values.map { SetElement(value: $0, dots: [common]) })))
            // Their parts and keys are always listed.
            case .counter, .map: throw ByteError.unexpected(at: offset)
            }
        }
        entries += listed[next...]
        return entries
    }

    private func decodeRegister(
        _ reader: inout ByteReader, _ field: FieldID, _ row: [ColumnValue]?, _ context: VersionVector,
        _ common: ElementDot?
    ) throws -> FieldState {
        .register(try decodeSiblings(&reader, context, common, inRow: column(field, row: row)))
    }

    private func decodeSiblings(
        _ reader: inout ByteReader, _ context: VersionVector, _ common: ElementDot?, inRow column: ColumnValue? = nil
    ) throws -> [Sibling] {
        try (0..<reader.count()).map { _ in
            let pair = try decodePair(&reader, context: context, common: common)
            guard reader.peek() == Self.valueInRow else {
                return Sibling(dot: pair.dot, time: pair.time, value: try reader.value())
            }
            _ = try reader.byte()
            guard case .register(let stored) = column else { throw ByteError.unexpected(at: reader.offset) }
            return Sibling(dot: pair.dot, time: pair.time, value: stored)
        }
    }

    private func decodeCounter(
        _ reader: inout ByteReader, _ context: VersionVector, _ common: ElementDot?
    ) throws -> FieldState {
        let parts = try (0..<reader.count()).map { _ in
            let pair = try decodePair(&reader, context: context, common: common)
            return CounterEntry(dot: pair.dot, time: pair.time, sum: try reader.zigzag())
        }
        return .counter(parts)
    }

    private func decodeMap(
        _ reader: inout ByteReader, _ context: VersionVector, _ common: ElementDot?
    ) throws -> FieldState {
        let entries = try (0..<reader.count()).map { _ in
            MapEntry(key: UTF8Text(try reader.text()), siblings: try decodeSiblings(&reader, context, common))
        }
        return .map(entries)
    }

    private func decodeSet(_ reader: inout ByteReader, _ context: VersionVector, _ common: ElementDot?) throws
        -> FieldState
    {
        let count = try reader.count()
        var elements: [SetElement] = []
        for _ in 0..<count {
            let value = UTF8Text(try reader.text())
            let dotCount = try reader.count()
            var dots: [ElementDot] = []
            for _ in 0..<dotCount { dots.append(try decodePair(&reader, context: context, common: common)) }
            elements.append(SetElement(value: value, dots: dots))
        }
        return .set(elements)
    }

    private func decodePair(_ reader: inout ByteReader, context: VersionVector, common: ElementDot?) throws
        -> ElementDot
    {
        let index = try reader.varint()
        let origin = common?.time.milliseconds ?? Self.timeOrigin
        if index == 0 {
            guard let common else { throw ByteError.unexpected(at: reader.offset) }
            return common
        }
        let dot: Dot
        if index == 1 {
            let key = Int64(bitPattern: try reader.varint())
            dot = Dot(try actors.actor(key, db), try reader.counter())
        } else {
            guard let position = Int(exactly: index - 2), position < context.count else {
                throw ByteError.outOfRange(at: reader.offset)
            }
            dot = try Self.dot(below: context.entries[position], by: try reader.varint(), at: reader.offset)
        }
        return ElementDot(dot: dot, time: Timestamp(milliseconds: origin &+ (try reader.zigzag())))
    }

    private static func dot(below highest: Dot, by distance: UInt64, at offset: Int) throws(ByteError) -> Dot {
        guard distance < highest.counter else { throw .outOfRange(at: offset) }
        return Dot(highest.actor, highest.counter - distance)
    }
}
