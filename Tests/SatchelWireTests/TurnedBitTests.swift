import SatchelSync
import SatchelTestSupport
import SatchelWire
import Testing

/// One bit is turned on the way, anywhere: it is noticed before anybody acts on it, or changes nothing.
@Suite struct TurnedBitTests {
    private static let frames: [SyncFrame] = {
        var random = SeededRandom(seed: 11)
        let epoch = StoreEpoch(high: random.next(), low: random.next())
        let checkpoint = Checkpoint(epoch: epoch, sequence: ServerSequence(9_000), proof: random.bytes(32))
        return [
            .opening(
                Opening(
                    epoch: epoch, schemaVersion: 1, serverTime: random.anyTimestamp(), forkToken: random.bytes(16),
                    frontier: 3)),
            .verdicts([
                VerdictEntry(counter: 2, verdict: .applied, correctedTime: random.anyTimestamp()),
                VerdictEntry(counter: 3, verdict: .appliedWithConflicts, correctedTime: random.anyTimestamp()),
            ]),
            .actors([ActorEntry(actor: random.anyActor(), user: "lena", device: "phone")]),
            .records(random.anyDeltas()), .closing(Closing(checkpoint: checkpoint)),
        ]
    }()

    /// The bytes with one bit turned.
    private static func turned(_ bit: Int, of bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        bytes[bit / 8] ^= 1 << UInt8(bit % 8)
        return bytes
    }

    @Test func `of a compressed push every bit is noticed or changes nothing`() throws {
        var random = SeededRandom(seed: 12)
        let bytes = try WireCodec.encode(random.anyRequest())
        let body = try Gzip.compress(bytes)
        var harmless = 0
        for bit in 0..<8 * body.count {
            guard let inflated = try? Gzip.inflate(Self.turned(bit, of: body)) else { continue }
            #expect(inflated == bytes, "bit \(bit)")
            harmless += 1
        }
        // In the head of gzip the time, the flags, the system and a hint that it is text; at the end what fills the last byte.
        #expect(harmless <= 8 * 6 + 1 + 7)
    }

    @Test(arguments: [true, false]) func `of a reply every bit is noticed before its frame is acted on`(
        isCompressed: Bool
    ) throws {
        var deflater = try GzipDeflater()
        var body: [UInt8] = []
        for frame in Self.frames {
            let bytes = try WireCodec.encodeFrame(frame)
            body += isCompressed ? deflater.deflateAndFlush(bytes) : bytes
        }
        if isCompressed { body += deflater.finish() }
        // Each bit of what comes before the pages, which have nothing else; of these and the closing one in three.
        let bits = (0..<8 * body.count).filter { $0 < 8 * 400 || $0 % 3 == 0 }
        for bit in bits {
            var reader = try ReplyReader(isCompressed: isCompressed)
            reader.append(Self.turned(bit, of: body))
            var read: [SyncFrame] = []
            do {
                while let frame = try reader.next() { read.append(frame) }
            } catch {
                #expect(error.code == .malformedBody || error.code == .tooLarge, "bit \(bit): \(error)")
            }
            #expect(read == Array(Self.frames.prefix(read.count)), "bit \(bit)")
        }
    }
}
