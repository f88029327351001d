import SatchelSync
import SatchelWire

/// Opens the columns of a message and puts others in their place: what is wrong inside cannot be shown from outside, since a
/// checksum stands before it.
enum ColumnSurgery {
    /// The columns of an encoded request, inflated.
    static func columns(ofRequest bytes: [UInt8], dictionary: PresetDictionary? = nil) throws -> [UInt8] {
        let range = try range(of: 16, in: bytes)
        return try Zlib.inflate(
            Array(bytes[range]), from: 1, dictionary: dictionary, limit: InflationLimit(bytesMax: .max, ratioMax: .max))
    }

    /// The columns of an encoded frame of records, inflated.
    static func columns(ofFrame bytes: [UInt8]) throws -> [UInt8] {
        let body = Array(bytes[try bodyOfFrame(bytes)...])
        let records = Array(body[try range(of: 4, in: body)])
        let range = try range(of: 6, in: records)
        return try Zlib.inflate(
            Array(records[range]), from: 1, dictionary: nil, limit: InflationLimit(bytesMax: .max, ratioMax: .max))
    }

    /// The request with other columns, which are compressed as they are.
    static func request(_ bytes: [UInt8], with columns: [UInt8]) throws -> [UInt8] {
        try replacing(16, in: bytes, by: sealed(columns))
    }

    /// The request with a column body that was made elsewhere.
    static func request(_ bytes: [UInt8], withBody body: [UInt8]) throws -> [UInt8] {
        try replacing(16, in: bytes, by: body)
    }

    /// A frame of records with other columns.
    static func frame(with columns: [UInt8]) throws -> [UInt8] {
        let records = field(6, try sealed(columns))
        return frame(of: field(4, records))
    }

    /// A frame of any message.
    static func frame(of message: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.write(varint: message.count)
        return bytes + message + FrameCheck.bytes(of: message)
    }

    static func sealed(_ columns: [UInt8]) throws -> [UInt8] {
        [1] + (try Zlib.compress([columns], dictionary: nil))
    }

    private static func field(_ number: Int, _ bytes: [UInt8]) -> [UInt8] {
        var field: [UInt8] = []
        field.write(varint: number << 3 | 2)
        field.write(varint: bytes.count)
        return field + bytes
    }

    private static func replacing(_ number: Int, in bytes: [UInt8], by body: [UInt8]) throws -> [UInt8] {
        let range = try range(of: number, in: bytes)
        // Fields stand in the order of their numbers, and this one is the last.
        var tag: [UInt8] = []
        tag.write(varint: number << 3 | 2)
        var length: [UInt8] = []
        length.write(varint: range.count)
        return Array(bytes[..<(range.lowerBound - length.count - tag.count)]) + field(number, body)
    }

    private static func bodyOfFrame(_ bytes: [UInt8]) throws -> Int {
        var reader = ByteReader(bytes)
        _ = try reader.varint()
        return reader.offset
    }

    private static func range(of wanted: Int, in bytes: [UInt8]) throws -> Range<Int> {
        var reader = ByteReader(bytes)
        while !reader.isAtEnd {
            let tag = try reader.varint()
            guard tag & 7 == 2 else {
                _ = try reader.varint()
                continue
            }
            let length = Int(try reader.varint())
            let range = reader.offset..<(reader.offset + length)
            if tag >> 3 == UInt64(wanted) { return range }
            for _ in range { _ = try reader.byte() }
        }
        throw ByteError.truncated(at: bytes.count)
    }
}
