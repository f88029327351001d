import SatchelSync

/// Sorts what a body says into columns.
struct ColumnWriter {
    private struct Buffer {
        /// The groups of a column of numbers, the places of a column of ids, or the bytes of another one.
        var planes: [[UInt8]] = []
        var count = 0
    }

    private struct Slot: Hashable {
        let type: UInt32
        let field: UInt32
    }

    private var buffers = [Buffer](repeating: Buffer(), count: Column.firstSlot)
    private var slots: [Slot: Int] = [:]
    private var texts: [Int: [UTF8Text: UInt64]] = [:]
    private var textCounts: [Int: UInt64] = [:]
    private var actors: [ActorID: UInt64] = [:]
    private var records: [RecordID: Int] = [:]
    private var vectors: [VersionVector: UInt64] = [:]
    private var stamps: [Stamp: UInt64] = [:]
    private var lastStamp = Stamp(dot: Dot(ActorID(high: 0, low: 0), 1), time: Timestamp(milliseconds: 0))
    private var usedStamp: Stamp?
    private var shapes: [Shape: UInt64] = [:]
    private var lastNumbers: [Int: Int64] = [:]
    /// The handle that was written last.
    var lastHandle: Int64 = 0
    private let handles: RecordHandles?

    /// Begins a body in which `actor` needs no name: the message says it already.
    init(actor: ActorID?, handles: RecordHandles?) {
        self.handles = handles
        if let actor { actors[actor] = 1 }
    }

    // MARK: Entries

    mutating func write(_ number: UInt64, _ column: Column) { write(number, at: column.rawValue) }

    mutating func write(count: Int, _ column: Column) { write(UInt64(count), at: column.rawValue) }

    mutating func write(_ number: UInt64, at column: Int) {
        var rest = number
        var plane = 0
        buffers[column].count += 1
        repeat {
            if plane == buffers[column].planes.count { buffers[column].planes.append([]) }
            let group = UInt8(truncatingIfNeeded: rest & 0x7F)
            rest >>= 7
            buffers[column].planes[plane].append(rest == 0 ? group : group | 0x80)
            plane += 1
        } while rest != 0
    }

    mutating func write(signed number: Int64, at column: Int) {
        write(Self.zigzag(number), at: column)
    }

    static func zigzag(_ number: Int64) -> UInt64 { UInt64(bitPattern: (number << 1) ^ (number >> 63)) }

    /// Writes the difference to the entry before, modulo 2^64; the first counts from 0.
    mutating func write(difference number: Int64, at column: Int) {
        write(signed: number &- (lastNumbers[column] ?? 0), at: column)
        lastNumbers[column] = number
    }

    mutating func write(difference number: Int64, _ column: Column) { write(difference: number, at: column.rawValue) }

    /// Writes an entry, or its difference to the one before where that is shorter, and says which.
    ///
    /// Positions and amounts mostly lie near the one before; numbers of no order would only get longer.
    mutating func write(remembered number: Int64, at column: Int) -> Bool {
        let difference = number &- (lastNumbers[column] ?? 0)
        let isDifference = Self.zigzag(difference).leadingZeroBitCount >= Self.zigzag(number).leadingZeroBitCount + 7
        write(signed: isDifference ? difference : number, at: column)
        lastNumbers[column] = number
        return isDifference
    }

    /// Writes the difference to the entry before and one more, modulo 2^64: counters mostly go up by one.
    mutating func write(successor number: UInt64, _ column: Column) {
        let last = lastNumbers[column.rawValue] ?? 0
        write(signed: Int64(bitPattern: number) &- last &- 1, at: column.rawValue)
        lastNumbers[column.rawValue] = Int64(bitPattern: number)
    }

    private mutating func write(high: UInt64, low: UInt64, _ column: Column) {
        let index = column.rawValue
        if buffers[index].planes.isEmpty { buffers[index].planes = [[UInt8]](repeating: [], count: 16) }
        for place in 0..<8 {
            let shift = UInt64(56 - 8 * place)
            buffers[index].planes[place].append(UInt8(truncatingIfNeeded: high >> shift))
            buffers[index].planes[place + 8].append(UInt8(truncatingIfNeeded: low >> shift))
        }
        buffers[index].count += 1
    }

    mutating func write(bytes: some Collection<UInt8>, at column: Int) {
        if buffers[column].planes.isEmpty { buffers[column].planes = [[]] }
        buffers[column].planes[0].append(contentsOf: bytes)
        buffers[column].count += bytes.count
    }

    // MARK: Tables

    mutating func write(_ text: UTF8Text, _ column: TextColumn) {
        let isKept = text.string.utf8.count <= TextColumn.tableBytesMax
        if isKept, let place = texts[column.choice]?[text] {
            write(place, at: column.choice)
            return
        }
        let place = (textCounts[column.choice] ?? 0) + 1
        textCounts[column.choice] = place
        if isKept { texts[column.choice, default: [:]][text] = place }
        write(0, at: column.choice)
        write(UInt64(text.string.utf8.count), at: column.length)
        write(bytes: text.string.utf8, at: column.bytes)
    }

    mutating func write(_ actor: ActorID, _ column: Column) {
        if let place = actors[actor] { return write(place, column) }
        actors[actor] = UInt64(actors.count + 1)
        write(0, column)
        write(high: actor.high, low: actor.low, .actorName)
        write(actor.releasedCounter, .actorRelease)
    }

    /// Names a record: how far back it was met first, or its handle, or its id.
    mutating func write(_ record: RecordID, at column: Int) throws(SatchelError) {
        if let place = records[record] {
            write(UInt64(records.count - place + 1), at: column)
            return
        }
        records[record] = records.count
        if let handle = try handles?.handle(record) {
            write(1, at: column)
            write(handle, .recordHandle)
        } else {
            write(0, at: column)
            write(high: record.high, low: record.low, .recordID)
        }
    }

    /// Writes the place of a vector, from `first` on; 0 for a new one.
    mutating func write(_ vector: VersionVector, _ column: Column, first: UInt64 = 1) {
        if let place = vectors[vector] { return write(place + first, column) }
        vectors[vector] = UInt64(vectors.count)
        write(0, column)
        write(count: vector.count, .vectorCount)
        for dot in vector.entries {
            write(dot.actor, .vectorActor)
            write(difference: Int64(bitPattern: dot.counter), .vectorCounter)
        }
    }

    /// Writes a dot with its time: 0 for the one used last, 1 for a new one, else 2 and its place.
    mutating func write(_ dot: Dot, _ time: Timestamp) {
        let stamp = Stamp(dot: dot, time: time)
        if stamp == usedStamp { return write(0, .stamp) }
        usedStamp = stamp
        if let place = stamps[stamp] { return write(place + 2, .stamp) }
        stamps[stamp] = UInt64(stamps.count)
        write(1, .stamp)
        write(dot.actor, .stampActor)
        write(difference: Int64(bitPattern: dot.counter), .stampCounter)
        write(difference: time.milliseconds, .stampTime)
    }

    /// Writes a shape, and gives its fields columns where they have none.
    mutating func write(_ shape: Shape) {
        if let place = shapes[shape] { return write(place, .shape) }
        shapes[shape] = UInt64(shapes.count + 1)
        write(0, .shape)
        write(UInt64(shape.type), .shapeType)
        write(shape.life, .shapeLife)
        write(count: shape.members.count, .shapeCount)
        var last: UInt32 = 0
        for member in shape.members {
            write(UInt64(member.field - last), .shapeField)
            write(member.kind.rawValue, .shapeKind)
            last = member.field
            _ = slot(type: shape.type, field: member.field)
        }
    }

    /// The place of a field's columns.
    mutating func slot(type: UInt32, field: UInt32) -> Int {
        let key = Slot(type: type, field: field)
        if let slot = slots[key] { return slot }
        let slot = slots.count
        slots[key] = slot
        buffers.append(contentsOf: [Buffer](repeating: Buffer(), count: SlotPart.width))
        return slot
    }

    // MARK: The body

    /// The directory and the columns, in two parts: what does not shrink, and the rest.
    var parts: (dense: [UInt8], rest: [UInt8]) {
        var (directory, dense, rest): ([UInt8], [UInt8], [UInt8]) = ([], [], [])
        var last = -1
        directory.write(varint: buffers.count { $0.count > 0 })
        for (number, buffer) in buffers.enumerated() where buffer.count > 0 {
            directory.write(varint: number - last - 1)
            directory.write(varint: buffer.count)
            last = number
            let isDense = number <= Column.hexBytes.rawValue
            for plane in buffer.planes {
                if isDense { dense.append(contentsOf: plane) } else { rest.append(contentsOf: plane) }
            }
        }
        return (directory + dense, rest)
    }
}
