import SatchelSync
import SatchelTestSupport
import SatchelWire
import Testing

@Suite("Replies as they arrive")
struct ReplyReaderTests {
    /// A whole reply: opening, verdicts, actors, records twice, closing.
    private static func reply(_ random: inout SeededRandom) -> [SyncFrame] {
        let epoch = StoreEpoch(high: random.next(), low: random.next())
        let checkpoint = Checkpoint(epoch: epoch, sequence: ServerSequence(9_000), proof: random.bytes(32))
        return [
            .opening(
                Opening(
                    epoch: epoch, schemaVersion: 1, serverTime: random.anyTimestamp(), forkToken: random.bytes(16),
                    frontier: 3)),
            .verdicts([VerdictEntry(counter: 3, verdict: .applied, correctedTime: random.anyTimestamp())]),
            .actors([ActorEntry(actor: random.anyActor(), user: "lena", device: "phone")]),
            .records(random.anyDeltas()), .records(random.anyDeltas()), .closing(Closing(checkpoint: checkpoint)),
        ]
    }

    /// Sends the frames, compressed with a flush after each when `isCompressed`, in pieces of random size.
    private static func read(
        _ frames: [SyncFrame], _ format: WireFormat, isCompressed: Bool, cutting cut: Int = 0,
        _ random: inout SeededRandom
    ) throws -> [SyncFrame] {
        var deflater = try GzipDeflater()
        var body: [UInt8] = []
        for frame in frames {
            let bytes = try WireCodec.encodeFrame(frame, format: format)
            body += isCompressed ? deflater.deflateAndFlush(bytes) : bytes
        }
        if isCompressed { body += deflater.finish() }
        body.removeLast(cut)
        var reader = try ReplyReader(format: format, isCompressed: isCompressed)
        var read: [SyncFrame] = []
        var rest = body[...]
        while !rest.isEmpty {
            let piece = rest.prefix(random.pick(in: 1...300))
            rest = rest.dropFirst(piece.count)
            reader.append(Array(piece))
            while let frame = try reader.next() { read.append(frame) }
        }
        try reader.requireDrained()
        return read
    }

    @Test(arguments: WireFormat.allCases, [true, false])
    func `a whole reply comes through in pieces, compressed or not`(format: WireFormat, isCompressed: Bool) throws {
        try forAll(cases: 60) { random, replay in
            let frames = Self.reply(&random)
            let read = try Self.read(frames, format, isCompressed: isCompressed, &random)
            #expect(read == frames, "\(replay)")
        }
    }

    @Test(arguments: WireFormat.allCases, [true, false])
    func `a body that is cut within its last frame is never taken for a whole one`(
        format: WireFormat, isCompressed: Bool
    ) throws {
        forAll(cases: 60) { random, replay in
            let frames = Self.reply(&random)
            let cut = random.pick(in: 1...40)
            let error = #expect(throws: SatchelError.self, "\(replay)") {
                try Self.read(frames, format, isCompressed: isCompressed, cutting: cut, &random)
            }
            #expect(error?.code == .malformedBody, "\(replay)")
        }
    }

    @Test func `bytes after the compressed body are refused`() throws {
        var random = SeededRandom(seed: 11)
        var deflater = try GzipDeflater()
        let body = deflater.finish(try WireCodec.encodeFrame(Self.reply(&random)[5]))
        var reader = try ReplyReader(isCompressed: true)
        reader.append(body)
        let closing = try reader.next()
        #expect(closing != nil)
        reader.append([0])
        let error = #expect(throws: SatchelError.self) { try reader.next() }
        #expect(error?.code == .malformedBody)
    }

    @Test func `a bomb in a reply is refused by the length it announces, and holds nothing`() throws {
        var deflater = try GzipDeflater(level: 9)
        var random = SeededRandom(seed: 12)
        var body = deflater.deflateAndFlush(try WireCodec.encodeFrame(Self.reply(&random)[0]))
        var announced: [UInt8] = []
        announced.write(varint: WireLimits.frameBytesMax + 1)
        body += deflater.finish(announced + [UInt8](repeating: 0, count: 64 << 20))
        var reader = try ReplyReader(format: .protobuf, isCompressed: true)
        reader.append(body)
        let opening = try reader.next()
        #expect(opening != nil)
        let error = #expect(throws: SatchelError.self) { try reader.next() }
        #expect(error?.code == .tooLarge)
    }

    @Test func `a page that shrinks like a bomb is taken, for a frame bounds what a device holds`() throws {
        let dashes = UTF8Text(String(repeating: "-", count: 60_000))
        let deltas = (1...16).map { number in
            var state = RecordState()
            state.apply(
                RecordChange(
                    type: ItemSchema.type, record: .sample(number), context: VersionVector(), life: .create,
                    writes: [FieldChange(ItemSchema.name, .register(.text(dashes)))]),
                dot: Dot(.sample(1), UInt64(number)), time: Timestamp(milliseconds: 0), line: VersionVector())
            return RecordDelta(
                type: ItemSchema.type, record: .sample(number), sequence: ServerSequence(UInt64(number)), state: state)
        }
        let page = try WireCodec.encodeFrame(.records(deltas))
        // More than one frame may hold, all together: the limit is each frame's own.
        let pages = WireLimits.frameBytesMax / (16 * 60_000) + 2
        var deflater = try GzipDeflater()
        var reader = try ReplyReader(isCompressed: true)
        for number in 1...pages {
            reader.append(deflater.deflateAndFlush(page))
            let frame = try reader.next()
            #expect(frame == .records(deltas), "page \(number)")
        }
        reader.append(deflater.finish())
        let end = try reader.next()
        #expect(end == nil)
        try reader.requireDrained()
    }
}
