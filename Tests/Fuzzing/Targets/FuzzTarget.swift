import GRDB
import SatchelInterchange
import SatchelSchemaFile
import SatchelStorage
import SatchelSync
import SatchelWire

/// A reader of bytes from outside, as a fuzzer sees it.
///
/// Bytes may be refused with an error of ours. They may not trap, and what is read has to be the same when it is written and read again.
package enum FuzzTarget: String, CaseIterable, Sendable {
    /// A push, protobuf, as it is before its columns.
    case request
    /// A frame of a reply, protobuf, behind its checksum.
    case frame
    /// What stands inside the columns of a push or a page, behind their checksum; the first byte says which.
    case columns
    /// The JSON forms: the first byte says which message.
    case json
    /// A body of gzip, in pieces of the length that the first byte says.
    case gzip
    /// A schema file.
    case schema
    /// A line of `apply`.
    case lines
    /// The packed state of a record.
    case state
    /// A context token.
    case token
    /// A picture's file, and a block of EXIF in one.
    case exif

    /// Gives bytes to the reader; says what it broke, `nil` where it held.
    package func run(_ bytes: [UInt8]) -> String? {
        switch self {
        case .request: Self.again(bytes, read: { try WireCodec.decodeRequest($0) }, write: { try WireCodec.encode($0) })
        case .frame: Self.frame(Self.sealed(bytes))
        case .columns: Self.columns(bytes)
        case .json: Self.json(bytes)
        case .gzip: Self.gzip(bytes)
        case .schema: Self.schema(bytes)
        case .lines: Self.line(bytes)
        case .state: PackedStates.run(bytes)
        case .token: Self.token(bytes)
        case .exif: PhotoReading.run(bytes)
        }
    }

    /// Reads, writes and reads again.
    static func again<Value: Equatable>(
        _ bytes: [UInt8], read: ([UInt8]) throws -> Value, write: (Value) throws -> [UInt8]
    ) -> String? {
        guard let value = try? read(bytes), let written = try? write(value) else { return nil }
        guard let second = try? read(written) else { return "What was written cannot be read: \(value)" }
        return second == value ? nil : "What was written is read as another: \(value) \(second)"
    }

    /// A message as a frame stands in a reply.
    private static func sealed(_ message: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.write(varint: message.count)
        return bytes + message + FrameCheck.bytes(of: message)
    }

    private static func frame(_ bytes: [UInt8], format: WireFormat = .protobuf) -> String? {
        again(bytes) { bytes in
            var reader = FrameReader(format: format)
            reader.append(bytes)
            return try reader.next()
        } write: {
            try $0.map { try WireCodec.encodeFrame($0, format: format) } ?? []
        }
    }

    private static func field(_ number: Int, _ bytes: [UInt8]) -> [UInt8] {
        var field: [UInt8] = []
        field.write(varint: number << 3 | 2)
        field.write(varint: bytes.count)
        return field + bytes
    }

    private static func columns(_ bytes: [UInt8]) -> String? {
        guard let isPage = bytes.first.map({ $0 & 1 == 1 }),
            let stream = try? Zlib.compress([Array(bytes.dropFirst())], dictionary: nil)
        else { return nil }
        if isPage { return frame(sealed(field(4, field(6, [1] + stream)))) }
        let push = head + field(16, [1] + stream)
        return again(push, read: { try WireCodec.decodeRequest($0) }, write: { try WireCodec.encode($0) })
    }

    /// A request that pushes nothing.
    private static let head: [UInt8] = {
        let request = SyncRequest(
            schemaVersion: 3, epoch: StoreEpoch(high: 1, low: 2), actor: ActorID(high: 0, low: 0xA1), highestCounter: 9,
            confirmed: nil, forkToken: [1, 2, 3], checkpoint: nil, deviceTime: Timestamp(milliseconds: 0),
            changeSets: [])
        return (try? WireCodec.encode(request)) ?? []
    }()

    private static func json(_ bytes: [UInt8]) -> String? {
        guard let choice = bytes.first else { return nil }
        let bytes = Array(bytes.dropFirst())
        switch choice % 5 {
        case 0:
            return again(bytes) {
                try WireCodec.decodeRequest($0, format: .json)
            } write: {
                try WireCodec.encode($0, format: .json)
            }
        case 1: return frame(bytes + [0x0A], format: .json)
        case 2:
            return again(bytes) {
                try WireCodec.decodeEnrolRequest($0, format: .json)
            } write: {
                try WireCodec.encode($0, format: .json)
            }
        case 3:
            _ = try? WireCodec.decodeProblem(bytes)
            return nil
        default:
            return again(bytes, read: { try JSONReader.parse($0) }, write: { Array(JSONWriter.text($0).utf8) })
        }
    }

    private static func gzip(_ bytes: [UInt8]) -> String? {
        guard let size = bytes.first else { return nil }
        let body = Array(bytes.dropFirst())
        let limit = InflationLimit(bytesMax: 1 << 20, ratioMax: 50, ratioFreeBytes: 4_096)
        let whole = try? Gzip.inflate(body, limit: limit)
        if let whole, whole.count > 1 << 20 { return "More came out than the limit." }
        guard var inflater = try? GzipInflater(limit: limit) else { return nil }
        var pieces: [UInt8] = []
        do {
            var rest = body[...]
            while !rest.isEmpty {
                let piece = rest.prefix(Int(size) + 1)
                rest = rest.dropFirst(piece.count)
                inflater.append(Array(piece))
                while case let output = try inflater.next(), !output.isEmpty { pieces += output }
            }
            try inflater.requireFinished()
        } catch {
            // In pieces the ratio is looked at earlier, so what is taken whole may be refused here.
            return error.code == .malformedBody && whole != nil ? "Taken whole and not in pieces: \(error)" : nil
        }
        return whole == nil || whole == pieces ? nil : "Other bytes in pieces than whole."
    }

    private static func schema(_ bytes: [UInt8]) -> String? {
        guard let text = String(validating: bytes, as: UTF8.self), let file = try? SchemaFile.parse(text) else {
            return nil
        }
        return (try? SchemaFile.parse(text)) == file ? nil : "A schema is read in two ways."
    }

    private static func line(_ bytes: [UInt8]) -> String? {
        _ = try? EditLineParser.parse(line: bytes, number: 1)
        return nil
    }

    private static func token(_ bytes: [UInt8]) -> String? {
        again(bytes) {
            try ReadToken(String(decoding: $0, as: UTF8.self))
        } write: {
            Array($0.description.utf8)
        }
    }
}
