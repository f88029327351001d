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
        }
    }

    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../Fixtures/wire/v1").standardizedFileURL

    private static func bytes(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: folder.appendingPathComponent(name)))
    }

    /// Compares with the stored bytes, or stores them when `SATCHEL_RECORD` is set.
    private static func compare(_ bytes: [UInt8], with name: String) throws {
        if ProcessInfo.processInfo.environment["SATCHEL_RECORD"] == "1" {
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
        let entries = WireVectors.all.map { Manifest.Entry(name: $0.name, message: $0.message, why: $0.why) }
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
        switch vector.value {
        case .request(let request):
            try Self.compare(try WireCodec.encode(request), with: "\(vector.name).bin")
            try Self.compare(try WireCodec.encode(request, format: .json) + [0x0A], with: "\(vector.name).json")
            #expect(try WireCodec.decodeRequest(try Self.bytes("\(vector.name).bin")) == request)
            #expect(try WireCodec.decodeRequest(try Self.bytes("\(vector.name).json"), format: .json) == request)
        case .frame(let frame):
            for (format, ending) in [(WireFormat.protobuf, "bin"), (.json, "json")] {
                try Self.compare(
                    try WireCodec.encodeFrame(frame, format: format), with: "\(vector.name).\(ending)")
                var reader = FrameReader(format: format)
                reader.append(try Self.bytes("\(vector.name).\(ending)"))
                #expect(try reader.rest() == [frame])
                #expect(reader.isDrained)
            }
        case .enrolRequest(let request):
            try Self.compare(try WireCodec.encode(request), with: "\(vector.name).bin")
            try Self.compare(try WireCodec.encode(request, format: .json) + [0x0A], with: "\(vector.name).json")
            #expect(try WireCodec.decodeEnrolRequest(try Self.bytes("\(vector.name).bin")) == request)
            #expect(try WireCodec.decodeEnrolRequest(try Self.bytes("\(vector.name).json"), format: .json) == request)
        case .enrolReply(let reply):
            try Self.compare(try WireCodec.encode(reply), with: "\(vector.name).bin")
            try Self.compare(try WireCodec.encode(reply, format: .json) + [0x0A], with: "\(vector.name).json")
            #expect(try WireCodec.decodeEnrolReply(try Self.bytes("\(vector.name).bin")) == reply)
            #expect(try WireCodec.decodeEnrolReply(try Self.bytes("\(vector.name).json"), format: .json) == reply)
        }
    }
}
