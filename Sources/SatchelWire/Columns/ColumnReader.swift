import SatchelSync

/// Takes the entries of columns, each from its front.
///
/// Nothing is believed: every count is held against the bytes that are there, every place against its table, and what the
/// entries come to, told as bytes, against a budget, since a text of a table may be named again and again.
struct ColumnReader {
    private let bytes: [UInt8]
    /// Where each column's next entry stands, in the order of `numbers`: ten groups, or one place, a column.
    private var places: [UInt32]
    private var ends: [UInt32]
    /// The columns that are there, by number, ascending.
    private let numbers: [Int]
    /// For each column number met so far, its place in `numbers`, or −1.
    private var indexes: [Int32] = []
    private var nextNumber = 0

    struct Slot: Hashable {
        let type: UInt32
        let field: UInt32
    }

    var slots: [Slot: Int] = [:]
    var texts: [Int: [UTF8Text]] = [:]
    var actors: [ActorID] = []
    var metRecords: [RecordID] = []
    var vectors: [VersionVector] = []
    var stamps: [Stamp] = []
    var usedStamp: Stamp?
    var shapes: [Shape] = []
    private var lastNumbers: [Int: Int64] = [:]
    /// The handle that was read last.
    var lastHandle: Int64 = 0
    var handledRecords: [RecordID] = []
    private var elementsLeft = WireLimits.elementsMax
    private var bytesLeft = Limits.inflatedBytesMax

    private static let planes = 10
    private static let columnsMax = Column.firstSlot + Limits.typesMax * Limits.fieldsPerTypeMax * SlotPart.width

    /// Opens the columns of an inflated body in which `actor` needs no name.
    init(_ bytes: [UInt8], actor: ActorID?) throws(FormError) {
        self.bytes = bytes
        if let actor { actors.append(actor) }
        let fault = FormError(path: "columns", wanted: "a directory of columns, by number, and the columns whole")
        var reader = ByteReader(bytes)
        guard let entries = try? Self.directory(&reader) else { throw fault }
        numbers = entries.map(\.number)
        places = []
        ends = []
        var offset = reader.offset
        for entry in entries {
            switch Column.form(of: entry.number) {
            case .numbers: offset = try openPlanes(from: offset, count: entry.count, fault)
            case .ids:
                guard entry.count <= (bytes.count - offset) / 16 else { throw fault }
                open(offset, offset + entry.count)
                offset += entry.count * 16
            case .bytes:
                guard entry.count <= bytes.count - offset else { throw fault }
                open(offset, offset + entry.count)
                offset += entry.count
            case nil: throw fault
            }
        }
        guard offset == bytes.count else { throw fault }
        extendIndexes(to: Column.firstSlot)
    }

    /// The numbers of the columns and how many entries each has.
    private static func directory(_ reader: inout ByteReader) throws(ByteError) -> [(number: Int, count: Int)] {
        var entries: [(number: Int, count: Int)] = []
        var last = -1
        for _ in 0..<(try reader.count()) {
            let start = reader.offset
            let skipped = try reader.varint()
            guard skipped < UInt64(Self.columnsMax - last - 1) else { throw .outOfRange(at: start) }
            last += Int(skipped) + 1
            let count = try reader.count()
            guard count > 0 else { throw .outOfRange(at: start) }
            entries.append((last, count))
        }
        return entries
    }

    private mutating func open(_ place: Int, _ end: Int) {
        places.append(contentsOf: repeatElement(UInt32(place), count: Self.planes))
        ends.append(contentsOf: repeatElement(UInt32(end), count: Self.planes))
    }

    /// Finds the groups of a column of numbers: as many bytes follow as the group before has that go on.
    private mutating func openPlanes(
        from start: Int, count: Int, _ fault: FormError
    ) throws(FormError) -> Int {
        var (offset, count) = (start, count)
        for _ in 0..<Self.planes {
            guard count <= bytes.count - offset else { throw fault }
            places.append(UInt32(offset))
            var next = 0
            for index in offset..<(offset + count) where bytes[index] >= 0x80 { next += 1 }
            offset += count
            ends.append(UInt32(offset))
            count = next
        }
        guard count == 0 else { throw fault }
        return offset
    }

    mutating func extendIndexes(to count: Int) {
        while indexes.count < count {
            if nextNumber < numbers.count, numbers[nextNumber] == indexes.count {
                indexes.append(Int32(nextNumber))
                nextNumber += 1
            } else {
                indexes.append(-1)
            }
        }
    }

    /// Checks that every entry was taken.
    func requireDrained() throws(FormError) {
        guard nextNumber == numbers.count else {
            throw fault(numbers[nextNumber], takes: "nothing where nothing names it")
        }
        for (index, number) in numbers.enumerated() where places[index * Self.planes] != ends[index * Self.planes] {
            throw fault(number, takes: "no more entries than are used")
        }
    }

    /// What to throw when an entry of the column with this number is not what it must be.
    func fault(_ number: Int, takes wanted: String) -> FormError {
        FormError(path: "columns[\(number)]", wanted: wanted)
    }

    func fault(_ column: Column, takes wanted: String) -> FormError { fault(column.rawValue, takes: wanted) }

    /// Counts something that is made of what was read, before it is made.
    mutating func spend(elements: Int = 0, bytes count: Int = 0) throws(FormError) {
        elementsLeft -= elements
        bytesLeft -= count
        guard elementsLeft >= 0, bytesLeft >= 0 else {
            var error = FormError(
                path: "columns",
                wanted: "at most \(WireLimits.elementsMax) elements and \(Limits.inflatedBytesMax) bytes, spelt out")
            error.isTooLarge = true
            throw error
        }
    }
}

extension ColumnReader {
    mutating func number(_ column: Column) throws(FormError) -> UInt64 { try number(at: column.rawValue) }

    mutating func number(at column: Int) throws(FormError) -> UInt64 {
        let index = Int(indexes[column])
        guard index >= 0 else { throw fault(column, takes: "an entry more") }
        var value: UInt64 = 0
        for plane in 0..<Self.planes {
            let place = places[index * Self.planes + plane]
            guard place < ends[index * Self.planes + plane] else { throw fault(column, takes: "an entry more") }
            places[index * Self.planes + plane] = place + 1
            let byte = bytes[Int(place)]
            guard plane == 0 || byte != 0, plane < 9 || byte <= 1 else {
                throw fault(column, takes: "numbers of 64 bits in no more groups than they need")
            }
            value |= UInt64(byte & 0x7F) << UInt64(7 * plane)
            if byte < 0x80 { return value }
        }
        throw fault(column, takes: "numbers of 64 bits")
    }

    /// A count of things that are yet to be read, which the budget must allow.
    mutating func count(_ column: Column) throws(FormError) -> Int { try count(at: column.rawValue) }

    mutating func count(at column: Int) throws(FormError) -> Int {
        guard let count = Int(exactly: try number(at: column)) else { throw fault(column, takes: "a count") }
        try spend(elements: min(count, WireLimits.elementsMax + 1))
        return count
    }

    mutating func signed(at column: Int) throws(FormError) -> Int64 {
        let value = try number(at: column)
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    mutating func difference(at column: Int) throws(FormError) -> Int64 {
        let number = (lastNumbers[column] ?? 0) &+ (try signed(at: column))
        lastNumbers[column] = number
        return number
    }

    mutating func successor(_ column: Column) throws(FormError) -> UInt64 {
        let number = (lastNumbers[column.rawValue] ?? 0) &+ (try signed(at: column.rawValue)) &+ 1
        lastNumbers[column.rawValue] = number
        return UInt64(bitPattern: number)
    }

    mutating func time(at column: Int) throws(FormError) -> Timestamp {
        let milliseconds = try difference(at: column)
        let time = Timestamp(milliseconds: milliseconds)
        guard time.milliseconds == milliseconds else {
            throw fault(column, takes: "an instant of the years 0 to 9999")
        }
        return time
    }

    /// An entry, or what it is more than the entry before; either may be followed by the other.
    mutating func remembered(at column: Int, isDifference: Bool) throws(FormError) -> Int64 {
        guard !isDifference else { return try difference(at: column) }
        let number = try signed(at: column)
        lastNumbers[column] = number
        return number
    }

    /// A counter that was read as its difference.
    func counter(_ value: UInt64, _ column: Column) throws(FormError) -> UInt64 {
        guard value >= 1, value <= Limits.counterMax else {
            throw fault(column, takes: "counters of 1 to \(Limits.counterMax)")
        }
        return value
    }

    mutating func halves(_ column: Column) throws(FormError) -> (high: UInt64, low: UInt64) {
        let index = Int(indexes[column.rawValue])
        guard index >= 0, places[index * Self.planes] < ends[index * Self.planes] else {
            throw fault(column, takes: "an entry more")
        }
        let place = Int(places[index * Self.planes])
        places[index * Self.planes] += 1
        // `open` set the second group's place to where the column begins, and nothing moves it.
        let first = Int(places[index * Self.planes + 1])
        let count = Int(ends[index * Self.planes]) - first
        var (high, low): (UInt64, UInt64) = (0, 0)
        for byte in 0..<8 {
            high = high << 8 | UInt64(bytes[place + byte * count])
            low = low << 8 | UInt64(bytes[place + (byte + 8) * count])
        }
        return (high, low)
    }

    mutating func bytes(_ count: Int, at column: Int) throws(FormError) -> ArraySlice<UInt8> {
        guard count > 0 else { return [] }
        let index = Int(indexes[column])
        guard index >= 0, count <= Int(ends[index * Self.planes] - places[index * Self.planes]) else {
            throw fault(column, takes: "as many bytes as are told of")
        }
        let place = Int(places[index * Self.planes])
        places[index * Self.planes] += UInt32(count)
        return bytes[place..<(place + count)]
    }

    /// How many entries of a column have not been taken.
    func remaining(_ column: Column) -> Int {
        let index = Int(indexes[column.rawValue])
        return index < 0 ? 0 : Int(ends[index * Self.planes] - places[index * Self.planes])
    }
}
