import SatchelSync
import SatchelTestSupport
import SatchelWire
import Testing

/// Damage inside the columns, behind their checksum: whatever stands there, it is read or refused with a code.
@Suite("Damaged columns")
struct DamagedColumnTests {
    private static let codes: Set<SatchelError.Code> = [.malformedBody, .tooLarge]

    /// Every cut, and each byte with each of its bits turned, at its ends, and one up and down.
    private static func damages(of bytes: [UInt8]) -> [[UInt8]] {
        var damages: [[UInt8]] = []
        for place in bytes.indices {
            damages.append(Array(bytes[..<place]))
            let values = Set((0..<8).map { bytes[place] ^ (1 << $0) } + [0, 0x7F, 0x80, 0xFF, bytes[place] &+ 1])
            for value in values.subtracting([bytes[place]]).sorted() {
                var changed = bytes
                changed[place] = value
                damages.append(changed)
            }
        }
        return damages
    }

    @Test(arguments: ["request-one-change-set", "request-every-kind"])
    func `every cut and every single damage of a golden push is read or refused`(name: String) throws {
        guard case .request(let request)? = WireVectors.all.first(where: { $0.name == name })?.value else {
            Issue.record("no vector \(name)")
            return
        }
        let bytes = try WireCodec.encode(request)
        let columns = try ColumnSurgery.columns(ofRequest: bytes)
        var refused = 0
        let damages = Self.damages(of: columns)
        for damaged in damages {
            do {
                let read = try WireCodec.decodeRequest(try ColumnSurgery.request(bytes, with: damaged))
                // What is read is a value like any other.
                #expect(try WireCodec.decodeRequest(try WireCodec.encode(read)) == read)
            } catch let error as SatchelError {
                refused += 1
                #expect(Self.codes.contains(error.code), "\(error)")
            }
        }
        #expect(refused > damages.count / 3)
    }

    @Test(arguments: ["frame-records", "frame-record-of-every-kind"])
    func `every cut and every single damage of a golden page is read or refused`(name: String) throws {
        guard case .frame(let frame)? = WireVectors.all.first(where: { $0.name == name })?.value else {
            Issue.record("no vector \(name)")
            return
        }
        let columns = try ColumnSurgery.columns(ofFrame: try WireCodec.encodeFrame(frame))
        var refused = 0
        let damages = Self.damages(of: columns)
        for damaged in damages {
            do {
                var reader = FrameReader()
                reader.append(try ColumnSurgery.frame(with: damaged))
                for read in try reader.rest() { _ = try WireCodec.encodeFrame(read) }
            } catch let error as SatchelError {
                refused += 1
                #expect(Self.codes.contains(error.code), "\(error)")
            }
        }
        #expect(refused > damages.count / 3)
    }

    @Test func `columns of random bytes are refused, and those with several damages read or refused`() throws {
        var random = SeededRandom(seed: 17)
        let bytes = try WireCodec.encode(Self.pushed(&random))
        for _ in 0..<2_000 {
            let noise = random.bytes(random.pick(in: 0...60))
            let error = #expect(throws: SatchelError.self) {
                try WireCodec.decodeRequest(try ColumnSurgery.request(bytes, with: noise))
            }
            #expect(error.map { Self.codes.contains($0.code) } == true)
        }
        try forAll(cases: 2_000) { random, replay in
            let bytes = try WireCodec.encode(Self.pushed(&random))
            var columns = try ColumnSurgery.columns(ofRequest: bytes)
            for _ in 0..<random.pick(in: 1...4) where !columns.isEmpty {
                let place = random.pick(below: columns.count)
                let end = min(columns.count, place + random.pick(in: 1...8))
                switch random.pick(below: 3) {
                case 0: columns[place] = random.byte()
                case 1: columns.removeSubrange(place..<end)
                default: columns.insert(contentsOf: columns[place..<end], at: place)
                }
            }
            do {
                _ = try WireCodec.decodeRequest(try ColumnSurgery.request(bytes, with: columns))
            } catch let error as SatchelError {
                #expect(Self.codes.contains(error.code), "\(error) \(replay)")
            }
        }
    }

    private static func pushed(_ random: inout SeededRandom) -> SyncRequest {
        var request = random.anyRequest()
        while request.changeSets.isEmpty { request = random.anyRequest() }
        return request
    }
}
