/// Where canonical bytes go: a buffer, or a hash.
public protocol ByteSink {
    /// Takes one byte.
    mutating func write(_ byte: UInt8)
    /// Takes bytes in order.
    mutating func write(contentsOf bytes: some Sequence<UInt8>)
}

extension Array: ByteSink where Element == UInt8 {
    /// Appends one byte.
    @inlinable
    public mutating func write(_ byte: UInt8) { append(byte) }

    /// Appends bytes in order.
    @inlinable
    public mutating func write(contentsOf bytes: some Sequence<UInt8>) { append(contentsOf: bytes) }
}

extension ByteSink {
    /// Writes a base-128 varint, least significant group first.
    @inlinable
    package mutating func write(varint value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            write(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        write(UInt8(truncatingIfNeeded: rest))
    }

    /// Writes a count, which is not negative, as a varint.
    @inlinable
    package mutating func write(varint value: Int) { write(varint: UInt64(value)) }

    /// Writes a signed number as a varint, zigzag: small either way is short.
    @inlinable
    package mutating func write(zigzag value: Int64) {
        write(varint: UInt64(bitPattern: (value << 1) ^ (value >> 63)))
    }

    /// Writes eight bytes, most significant first.
    @inlinable
    package mutating func write(bigEndian value: UInt64) {
        unsafe withUnsafeBytes(of: value.bigEndian) { bytes in unsafe write(contentsOf: bytes) }
    }

    /// Writes the number of UTF-8 bytes and the bytes.
    @inlinable
    package mutating func write(text: String) {
        write(varint: text.utf8.count)
        write(contentsOf: text.utf8)
    }

    /// Writes the 16 bytes of the id.
    @inlinable
    package mutating func write(_ record: RecordID) {
        write(bigEndian: record.high)
        write(bigEndian: record.low)
    }

    /// Writes the 16 bytes of the name and the released counter.
    @inlinable
    package mutating func write(_ actor: ActorID) {
        write(bigEndian: actor.high)
        write(bigEndian: actor.low)
        write(varint: actor.releasedCounter)
    }

    /// Writes the actor and the counter.
    @inlinable
    package mutating func write(_ dot: Dot) {
        write(dot.actor)
        write(varint: dot.counter)
    }

    /// Writes the number of entries and the entries, in the order of actors.
    @inlinable
    package mutating func write(_ vector: VersionVector) {
        write(varint: vector.count)
        for dot in vector.entries { write(dot) }
    }

    /// Writes a byte for the kind of value, and the value.
    package mutating func write(_ value: FieldValue) {
        switch value {
        case .null: write(0)
        case .text(let text):
            write(1)
            write(text: text.string)
        case .integer(let number):
            write(2)
            write(zigzag: number)
        case .timestamp(let instant):
            write(3)
            write(zigzag: instant.milliseconds)
        case .reference(let record):
            write(4)
            write(record)
        case .boolean(let flag): write(flag ? 6 : 5)
        case .decimal(let number):
            write(7)
            write(number.scale)
            write(zigzag: number.units)
        case .date(let day):
            write(8)
            write(zigzag: Int64(day.dayNumber))
        case .location(let place):
            write(9)
            write(zigzag: Int64(place.latitude))
            write(zigzag: Int64(place.longitude))
            write(varint: place.accuracy.map { UInt64($0) + 1 } ?? 0)
        case .json(let text):
            write(10)
            write(text: text.string)
        }
    }
}

/// Bytes that are not what they claim to be, and where.
public enum ByteError: Error, Hashable, Sendable {
    /// The bytes end too early.
    case truncated(at: Int)
    /// A number does not fit, or is larger than its limit.
    case outOfRange(at: Int)
    /// A text is not UTF-8.
    case invalidText(at: Int)
    /// A tag, an order or a version that is not known.
    case unexpected(at: Int)
}

/// Reads what a ``ByteSink`` was given.
///
/// Nothing is allocated before its size is known to be there.
package struct ByteReader {
    private let bytes: [UInt8]
    /// How many bytes were read.
    package private(set) var offset: Int

    /// Begins with the first of `bytes`.
    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
        offset = 0
    }

    /// Whether every byte was read.
    package var isAtEnd: Bool { offset == bytes.count }

    /// The next byte.
    package mutating func byte() throws(ByteError) -> UInt8 {
        guard offset < bytes.count else { throw .truncated(at: offset) }
        defer { offset += 1 }
        return bytes[offset]
    }

    /// The next byte, left where it is; `nil` at the end.
    package func peek() -> UInt8? { offset < bytes.count ? bytes[offset] : nil }

    /// A varint in no more bytes than it needs: one number has one form, or canonical bytes would not be.
    package mutating func varint() throws(ByteError) -> UInt64 {
        let start = offset
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), through: 63, by: 7) {
            let byte = try byte()
            guard shift < 63 || byte <= 1, shift == 0 || byte != 0 else { throw .outOfRange(at: start) }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        throw .outOfRange(at: start)
    }

    /// A count of things that take at least one byte each.
    package mutating func count() throws(ByteError) -> Int {
        let start = offset
        guard let value = Int(exactly: try varint()), value <= bytes.count - offset else {
            throw .outOfRange(at: start)
        }
        return value
    }

    /// A signed number.
    package mutating func zigzag() throws(ByteError) -> Int64 {
        let value = try varint()
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    /// Eight bytes, most significant first.
    package mutating func bigEndian() throws(ByteError) -> UInt64 {
        guard bytes.count - offset >= 8 else { throw .truncated(at: bytes.count) }
        var value: UInt64 = 0
        for index in offset..<(offset + 8) { value = value << 8 | UInt64(bytes[index]) }
        offset += 8
        return value
    }

    /// So many bytes as they are.
    package mutating func bytes(_ count: Int) throws(ByteError) -> [UInt8] {
        guard bytes.count - offset >= count else { throw .truncated(at: bytes.count) }
        defer { offset += count }
        return Array(bytes[offset..<(offset + count)])
    }

    /// A text; bytes that are not UTF-8 are refused, never replaced.
    package mutating func text() throws(ByteError) -> String {
        let start = offset
        let length = try count()
        guard let text = String(validating: bytes[offset..<(offset + length)], as: UTF8.self) else {
            throw .invalidText(at: start)
        }
        offset += length
        return text
    }

    /// The counter of a dot, from 1 to ``Limits/counterMax``.
    package mutating func counter() throws(ByteError) -> UInt64 {
        let start = offset
        let value = try varint()
        guard value >= 1, value <= Limits.counterMax else { throw .outOfRange(at: start) }
        return value
    }

    /// An actor.
    package mutating func actor() throws(ByteError) -> ActorID {
        let (high, low) = (try bigEndian(), try bigEndian())
        let start = offset
        let released = try varint()
        guard released <= Limits.counterMax else { throw .outOfRange(at: start) }
        return ActorID(high: high, low: low, releasedCounter: released)
    }

    /// A dot.
    package mutating func dot() throws(ByteError) -> Dot { Dot(try actor(), try counter()) }

    /// The id of a record.
    package mutating func record() throws(ByteError) -> RecordID {
        RecordID(high: try bigEndian(), low: try bigEndian())
    }

    /// A vector; its actors must be in order, each once.
    package mutating func vector() throws(ByteError) -> VersionVector {
        let start = offset
        let count = try count()
        var dots = ContiguousArray<Dot>()
        dots.reserveCapacity(min(count, Limits.contextEntriesMax))
        for _ in 0..<count {
            let dot = try dot()
            if let last = dots.last, last.actor >= dot.actor { throw .unexpected(at: start) }
            dots.append(dot)
        }
        return VersionVector(sortedDots: dots)
    }

    /// An instant; one that has no text form is refused.
    package mutating func timestamp() throws(ByteError) -> Timestamp {
        let start = offset
        let milliseconds = try zigzag()
        let instant = Timestamp(milliseconds: milliseconds)
        guard instant.milliseconds == milliseconds else { throw .outOfRange(at: start) }
        return instant
    }

    private mutating func location() throws(ByteError) -> Location {
        let start = offset
        let (latitude, longitude) = (try zigzag(), try zigzag())
        let accuracy = try varint()
        let metres = accuracy == 0 ? nil : Int64(exactly: accuracy - 1)
        guard accuracy == 0 || metres != nil,
            let place = Location(latitude: latitude, longitude: longitude, accuracy: metres)
        else { throw .outOfRange(at: start) }
        return place
    }

    /// A value of any kind.
    package mutating func value() throws(ByteError) -> FieldValue {
        let start = offset
        switch try byte() {
        case 0: return .null
        case 1: return .text(UTF8Text(try text()))
        case 2: return .integer(try zigzag())
        case 3: return .timestamp(try timestamp())
        case 4: return .reference(try record())
        case 5: return .boolean(false)
        case 6: return .boolean(true)
        case 7:
            let scale = try byte()
            guard let number = DecimalNumber(units: try zigzag(), scale: scale) else { throw .outOfRange(at: start) }
            return .decimal(number)
        case 8:
            guard let day = CalendarDate(dayNumber: Int(try zigzag())) else { throw .outOfRange(at: start) }
            return .date(day)
        case 9: return .location(try location())
        case 10: return .json(UTF8Text(try text()))
        default: throw .unexpected(at: start)
        }
    }
}
