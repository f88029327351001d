import SatchelSync
import SatchelTestSupport
import SatchelWire
import Testing

@Suite("Gzip")
struct GzipTests {
    private static let wide = InflationLimit(bytesMax: 1 << 30, ratioMax: 2_000)

    @Test func `what is compressed inflates to the same bytes, at every level and size`() throws {
        try forAll(cases: 60) { random, replay in
            let unit = random.bytes(random.pick(in: 1...64))
            let bytes = (0..<random.pick(below: 8_000)).flatMap { _ in unit }
            let level = Int32(random.pick(in: 1...9))
            let compressed = try Gzip.compress(bytes, level: level)
            #expect(try Gzip.inflate(compressed, limit: Self.wide) == bytes, "\(replay)")
            #expect(try Gzip.compress(bytes, level: level) == compressed, "\(replay)")
        }
        #expect(try Gzip.inflate(try Gzip.compress([])) == [])
    }

    @Test func `a bomb stops at the limit instead of being inflated`() throws {
        var deflater = try GzipDeflater(level: 9)
        let bomb = deflater.finish([UInt8](repeating: 0, count: 64 << 20))
        #expect(bomb.count < 100_000)
        let error = #expect(throws: SatchelError.self) { try Gzip.inflate(bomb) }
        #expect(error?.code == .tooLarge)
        #expect(error?.message == "The compressed body inflates to more than 50 times its size.")
        var inflater = try GzipInflater(limit: .push)
        inflater.append(bomb)
        var inflated = 0
        do {
            while case let piece = try inflater.next(), !piece.isEmpty { inflated += piece.count }
        } catch {}
        #expect(inflated <= Limits.ratioFreeBytes)
    }

    @Test func `the limit of bytes holds exactly`() throws {
        var random = SeededRandom(seed: 3)
        let bytes = random.bytes(200_000)
        let compressed = try Gzip.compress(bytes)
        #expect(try Gzip.inflate(compressed, limit: InflationLimit(bytesMax: 200_000)) == bytes)
        let error = #expect(throws: SatchelError.self) {
            try Gzip.inflate(compressed, limit: InflationLimit(bytesMax: 199_999))
        }
        #expect(error?.code == .tooLarge)
    }

    @Test func `the ratio holds exactly: fifty times passes, one byte more does not`() throws {
        // Random bytes first, so that the ratio grows to the end; zeros are added until it is fifty to one exactly.
        var random = SeededRandom(seed: 4)
        let noise = random.bytes(20_000)
        var zeros = 50 * noise.count
        var atBorder: [UInt8]?
        while atBorder == nil {
            let bytes = noise + [UInt8](repeating: 0, count: zeros)
            let allowed = 50 * (try Self.deflated(bytes).count)
            if bytes.count == allowed { atBorder = bytes } else { zeros += allowed - bytes.count }
        }
        let bytes = try #require(atBorder)
        #expect(bytes.count > Limits.ratioFreeBytes)
        #expect(try Gzip.inflate(try Self.deflated(bytes)) == bytes)
        let compressed = try Self.deflated(bytes + [0])
        try #require(compressed.count * 50 < bytes.count + 1)
        let error = #expect(throws: SatchelError.self) { try Gzip.inflate(compressed) }
        #expect(error?.code == .tooLarge)
    }

    @Test func `below the free bytes the ratio is not looked at`() throws {
        let bytes = [UInt8](repeating: 0, count: Limits.ratioFreeBytes)
        let compressed = try Self.deflated(bytes)
        #expect(compressed.count * 50 < bytes.count)
        #expect(try Gzip.inflate(compressed) == bytes)
        let error = #expect(throws: SatchelError.self) { try Gzip.inflate(try Self.deflated(bytes + [0])) }
        #expect(error?.code == .tooLarge)
    }

    @Test func `an honest body that shrinks like a bomb is stored, and taken`() throws {
        var random = SeededRandom(seed: 6)
        let dashes = [UInt8](repeating: UInt8(ascii: "-"), count: 400_000)
        // All of it, and a beginning whose ratio the end would hide.
        for bytes in [dashes, dashes + random.bytes(200_000)] {
            #expect(throws: SatchelError.self) { try Gzip.inflate(try Self.deflated(bytes)) }
            #expect(try Gzip.inflate(try Gzip.compress(bytes)) == bytes)
        }
    }

    /// One member, whatever its ratio.
    private static func deflated(_ bytes: [UInt8]) throws -> [UInt8] {
        var deflater = try GzipDeflater()
        return deflater.finish(bytes)
    }

    @Test func `a body that is cut anywhere is refused`() throws {
        var random = SeededRandom(seed: 5)
        let compressed = try Gzip.compress(random.bytes(300))
        for length in 0..<compressed.count {
            let error = #expect(throws: SatchelError.self) { try Gzip.inflate(Array(compressed.prefix(length))) }
            #expect(error?.code == .malformedBody)
        }
    }

    @Test func `bytes after the member and a second member are refused`() throws {
        let member = try Gzip.compress(Array("one edit".utf8))
        for body in [member + [0], member + member, member + Array("x".utf8)] {
            let error = #expect(throws: SatchelError.self) { try Gzip.inflate(body) }
            #expect(error?.message.contains("at byte \(member.count): bytes follow the gzip member") == true)
        }
    }

    @Test func `zlib's own format, plain deflate, text and a wrong checksum are refused`() throws {
        var damaged = try Gzip.compress(Array("one edit".utf8))
        damaged[damaged.count - 8] ^= 1
        for body in [damaged, [0x78, 0x9C, 0x03, 0x00, 0, 0, 0, 1], [0x03, 0x00], Array("{}".utf8)] {
            let error = #expect(throws: SatchelError.self) { try Gzip.inflate(body) }
            #expect(error?.code == .malformedBody)
        }
    }

    @Test func `after a flush every byte so far can be inflated, piece by piece`() throws {
        try forAll(cases: 40) { random, replay in
            var deflater = try GzipDeflater()
            var inflater = try GzipInflater(limit: Self.wide)
            for _ in 0..<random.pick(in: 1...6) {
                let bytes = [UInt8](repeating: random.byte(), count: random.pick(below: 200_000)) + random.bytes(100)
                var out: [UInt8] = []
                var compressed = deflater.deflate(Array(bytes.prefix(50)))
                compressed += deflater.deflateAndFlush(Array(bytes.dropFirst(50)))
                for byte in compressed {
                    inflater.append([byte])
                    while case let piece = try inflater.next(), !piece.isEmpty { out += piece }
                }
                #expect(out == bytes, "\(replay)")
            }
            inflater.append(deflater.finish())
            let (last, isFinished) = (try inflater.next(), inflater.isFinished)
            #expect(last.isEmpty && isFinished, "\(replay)")
            try inflater.requireFinished()
        }
    }

    @Test func `damaged members are inflated or refused, and never trap`() throws {
        try forAll(cases: 2_000) { random, replay in
            var bytes = try Gzip.compress((0..<40).flatMap { _ in random.bytes(3) + [1, 2, 3, 4, 5, 6] })
            for _ in 0..<random.pick(in: 1...3) { bytes[random.pick(below: bytes.count)] = random.byte() }
            do {
                _ = try Gzip.inflate(bytes)
            } catch let error as SatchelError {
                #expect([.malformedBody, .tooLarge].contains(error.code), "\(replay)")
            }
        }
    }
}
