import Foundation
import SatchelSync
import SatchelTestSupport
import SatchelWire
import Testing

/// The vectors of `Fixtures/wire/v1`: a message as bytes, and the same as JSON for people and for other implementations.
@Suite("Golden vectors of the wire")
struct GoldenVectorTests {
    private struct Manifest: Codable, Equatable {
        var vectors: [Entry]

        struct Entry: Codable, Equatable {
            var name: String
            var message: String
            var why: String
            /// The size of the `.bin`, so that a copy that a transfer changed is found out before it is decoded.
            var bytes: Int
        }
    }

    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../Fixtures/wire/v1").standardizedFileURL

    private static func bytes(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: folder.appendingPathComponent(name)))
    }

    private static let isRecording = ProcessInfo.processInfo.environment["SATCHEL_RECORD"] == "1"

    /// Compares with the stored bytes, or stores them when `SATCHEL_RECORD` is set.
    private static func compare(_ bytes: [UInt8], with name: String) throws {
        if isRecording {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Data(bytes).write(to: folder.appendingPathComponent(name))
        }
        let stored = try Self.bytes(name)
        guard stored != bytes else { return }
        let offset = zip(stored, bytes).enumerated().first { $0.element.0 != $0.element.1 }?.offset
        let place = offset ?? min(stored.count, bytes.count)
        Issue.record(
            """
            \(name) differs at byte \(place).
            stored \(stored.dropFirst(place).prefix(32).hexString)
            made   \(bytes.dropFirst(place).prefix(32).hexString)
            A version 1 file never changes once released; before that, SATCHEL_RECORD=1 accepts the new bytes.
            """)
    }

    @Test func `every vector is in the manifest, and the manifest names no other`() throws {
        let entries = try WireVectors.all.map { vector in
            // Another zlib may compress to other bytes, which are as right.
            let bytes = try Self.isRecording ? Self.encoded(vector.value, .protobuf) : Self.bytes("\(vector.name).bin")
            return Manifest.Entry(
                name: vector.name, message: vector.message, why: vector.why, bytes: bytes.count)
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let made = [UInt8](try encoder.encode(Manifest(vectors: entries))) + [UInt8(ascii: "\n")]
        try Self.compare(made, with: "manifest.json")
        let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path).filter {
            $0.hasSuffix(".bin")
        }
        #expect(files.sorted() == entries.map { "\($0.name).bin" }.sorted())
    }

    @Test(arguments: WireVectors.all)
    func `a vector encodes to its bytes and to its words, and both decode to it`(vector: WireVectors.Vector) throws {
        for (format, ending) in [(WireFormat.protobuf, "bin"), (.json, "json")] {
            let made = try Self.encoded(vector.value, format)
            let bytes: [UInt8]
            if format == .protobuf, let columns = try Self.columns(of: made, vector.value) {
                // Another zlib may compress to other bytes; what is compressed is the vector.
                try Self.compare(columns, with: "\(vector.name).columns")
                if Self.isRecording { try Self.compare(made, with: "\(vector.name).\(ending)") }
                bytes = try Self.bytes("\(vector.name).\(ending)")
                #expect(try Self.columns(of: bytes, vector.value) == columns)
            } else {
                try Self.compare(made, with: "\(vector.name).\(ending)")
                bytes = made
            }
            switch vector.value {
            case .request(let request): #expect(try WireCodec.decodeRequest(bytes, format: format) == request)
            case .agreed(let request, let agreement):
                let known = format == .protobuf ? agreement : .nothing
                #expect(try WireCodec.decodeRequest(bytes, format: format, agreement: known) == request)
            case .frame(let frame):
                var reader = FrameReader(format: format)
                reader.append(bytes)
                #expect(try reader.rest() == [frame])
                #expect(reader.isDrained)
            case .enrolRequest(let request):
                #expect(try WireCodec.decodeEnrolRequest(bytes, format: format) == request)
            case .enrolReply(let reply): #expect(try WireCodec.decodeEnrolReply(bytes, format: format) == reply)
            }
        }
    }

    /// The bytes of a vector; JSON ends with a line feed.
    private static func encoded(_ value: WireVectors.Value, _ format: WireFormat) throws -> [UInt8] {
        let ending: [UInt8] = format == .json ? [0x0A] : []
        return switch value {
        case .request(let request): try WireCodec.encode(request, format: format) + ending
        case .agreed(let request, let agreement):
            try WireCodec.encode(request, format: format, agreement: agreement) + ending
        case .frame(let frame): try WireCodec.encodeFrame(frame, format: format)
        case .enrolRequest(let request): try WireCodec.encode(request, format: format) + ending
        case .enrolReply(let reply): try WireCodec.encode(reply, format: format) + ending
        }
    }

    /// The inflated columns of a vector in protobuf; `nil` where it has none.
    private static func columns(of bytes: [UInt8], _ value: WireVectors.Value) throws -> [UInt8]? {
        switch value {
        case .request(let request) where !request.changeSets.isEmpty: try ColumnSurgery.columns(ofRequest: bytes)
        case .agreed(_, let agreement):
            try ColumnSurgery.columns(ofRequest: bytes, dictionary: agreement.dictionary)
        case .frame(.records): try ColumnSurgery.columns(ofFrame: bytes)
        default: nil
        }
    }

    @Test func `the dictionary of the vectors' schema is the stored one`() throws {
        try Self.compare(WireVectors.dictionary.bytes, with: "dictionary.bytes")
    }
}
