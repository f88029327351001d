import SatchelSync
import SatchelTestSupport
import SatchelWire
import Testing

@Suite("Damaged bodies")
struct DamagedBodyTests {
    /// What a damaged body may end in: a value, or one of the errors that stand for damage.
    private static let codes: Set<SatchelError.Code> = [.malformedBody, .tooLarge, .protocolMismatch]

    @Test(arguments: WireFormat.allCases)
    func `a damaged request is read or refused with a code, and never traps`(format: WireFormat) throws {
        try forAll(cases: 3_000) { random, replay in
            let bytes = random.damaged(try WireCodec.encode(random.anyRequest(), format: format))
            do {
                let request = try WireCodec.decodeRequest(bytes, format: format)
                // What is read is a value like any other: it can be written, and comes back.
                let again = try WireCodec.decodeRequest(try WireCodec.encode(request, format: format), format: format)
                #expect(again == request, "\(replay)")
            } catch let error as SatchelError {
                #expect(Self.codes.contains(error.code), "\(error) \(replay)")
            }
        }
    }

    @Test(arguments: WireFormat.allCases)
    func `a damaged stream of frames is read or refused with a code, and never traps`(format: WireFormat) throws {
        try forAll(cases: 3_000) { random, replay in
            let frames = [random.anyFrame(), random.anyFrame()]
            let bytes = random.damaged(try frames.flatMap { try WireCodec.encodeFrame($0, format: format) })
            var reader = FrameReader(format: format)
            reader.append(bytes)
            do {
                for frame in try reader.rest() { _ = try WireCodec.encodeFrame(frame, format: format) }
            } catch let error as SatchelError {
                #expect(Self.codes.contains(error.code), "\(error) \(replay)")
            }
        }
    }

    @Test func `a request that is cut is refused, or says nothing that was not said`() throws {
        var random = SeededRandom(seed: 7)
        var request = random.anyRequest()
        while request.changeSets.count < 3 || request.parked.isEmpty { request = random.anyRequest() }
        let bytes = try WireCodec.encode(request)
        var refused = 0
        for length in 0..<bytes.count {
            do {
                let read = try WireCodec.decodeRequest(Array(bytes.prefix(length)))
                // The change-sets stand together in the last field, so a shorter request has none of them.
                #expect(read.changeSets.isEmpty)
                #expect(read.actor == request.actor && read.epoch == request.epoch)
            } catch {
                #expect([.malformedBody, .protocolMismatch].contains(error.code), "\(length)")
                refused += 1
            }
        }
        // A cut between two fields is a shorter request; the length of the HTTP body, or gzip, tells.
        #expect(bytes.count - refused < 12)
        let error = #expect(throws: SatchelError.self) { try WireCodec.decodeRequest(Array(bytes.prefix(60))) }
        #expect(error?.message.contains("at byte") == true)
    }

    @Test func `random bytes are refused in both formats`() {
        forAll(cases: 2_000) { random, replay in
            let bytes = random.bytes(random.pick(in: 1...200))
            for format in WireFormat.allCases {
                let error = #expect(throws: SatchelError.self, "\(replay)") {
                    try WireCodec.decodeRequest(bytes, format: format)
                }
                #expect(error.map { Self.codes.contains($0.code) } == true, "\(replay)")
            }
        }
    }

    @Test func `a newer protocol is told from damage, also when it has fields that are not known here`() throws {
        // protocol_version = 2, and a field 99.
        let binary: [UInt8] = [0x08, 0x02, 0x9A, 0x06, 0x01, 0x41]
        let json = Array(#"{"protocol_version":2,"brand_new":{"x":[1]}}"#.utf8)
        for (bytes, format) in [(binary, WireFormat.protobuf), (json, .json)] {
            let request = #expect(throws: SatchelError.self) { try WireCodec.decodeRequest(bytes, format: format) }
            #expect(request?.code == .protocolMismatch)
            let enrol = #expect(throws: SatchelError.self) { try WireCodec.decodeEnrolRequest(bytes, format: format) }
            #expect(enrol?.code == .protocolMismatch)
        }
    }

    @Test func `a field that version 1 does not have is refused with its position`() throws {
        var random = SeededRandom(seed: 1)
        let bytes = try WireCodec.encode(random.anyRequest())
        let error = #expect(throws: SatchelError.self) {
            try WireCodec.decodeRequest(bytes + [0x9A, 0x06, 0x01, 0x41])
        }
        #expect(error?.code == .malformedBody)
        #expect(error?.message == "The body is malformed at byte \(bytes.count): SyncRequest has no field 99.")
    }

    @Test func `two bytes from outside never cost hundreds: the elements of one body are counted before they are made`()
    {
        // A frame of a million and one empty actors, two bytes each.
        func wrapped(_ tag: UInt8, _ body: [UInt8]) -> [UInt8] {
            var bytes: [UInt8] = [tag]
            bytes.write(varint: body.count)
            return bytes + body
        }
        let actors = (0...WireLimits.elementsMax).flatMap { _ in [0x0A, 0x00] as [UInt8] }
        let frame = wrapped(0x1A, actors)
        var reader = FrameReader()
        reader.append(ColumnSurgery.frame(of: frame))
        let error = #expect(throws: SatchelError.self) { try reader.next() }
        #expect(error?.code == .tooLarge)
        #expect(error?.message.contains("messages and texts in one body, at most 1000000") == true)
    }

    @Test func `a frame longer than its limit is refused by its length, before its bytes are there`() {
        for format in WireFormat.allCases {
            var reader = FrameReader(format: format, frameBytesMax: 1_000)
            reader.append(format == .protobuf ? [0xE9, 0x07] : [UInt8](repeating: 0x20, count: 1_001))
            let error = #expect(throws: SatchelError.self) { try reader.next() }
            #expect(error?.code == .tooLarge)
        }
    }
}

extension SeededRandom {
    /// The bytes with one to three damages: a bit turned, a byte changed, a piece cut out, doubled or put in, the end cut off.
    fileprivate mutating func damaged(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<pick(in: 1...3) where !bytes.isEmpty {
            let place = pick(below: bytes.count)
            let end = min(bytes.count, place + pick(in: 1...8))
            switch pick(below: 6) {
            case 0: bytes[place] ^= 1 << UInt8(pick(below: 8))
            case 1: bytes[place] = byte()
            case 2: bytes.removeSubrange(place..<end)
            case 3: bytes.insert(contentsOf: bytes[place..<end], at: place)
            case 4: bytes.insert(contentsOf: self.bytes(pick(in: 1...4)), at: place)
            default: bytes.removeSubrange(place...)
            }
        }
        return bytes
    }
}
