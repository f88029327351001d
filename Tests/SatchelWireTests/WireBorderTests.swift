import SatchelSync
import SatchelTestSupport
import SatchelWire
import Testing

/// Bodies at each limit less one, at the limit, and one beyond; what columns take at most stands with their own tests.
@Suite struct WireBorderTests {
    private static func code(_ body: () throws -> Void) -> SatchelError.Code? {
        do { try body() } catch let error as SatchelError { return error.code } catch {
            Issue.record("\(error)")
        }
        return nil
    }

    @Test(arguments: -1...1) func `JSON nests as deep as its limit`(step: Int) {
        // The body itself is the first level; nobody knows the name, so it is refused for one of two reasons.
        let depth = WireLimits.jsonDepthMax + step - 1
        let lists = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        let error = #expect(throws: SatchelError.self) {
            try WireCodec.decodeRequest(Array(#"{"a":\#(lists)}"#.utf8), format: .json)
        }
        #expect(error?.code == (step > 0 ? .tooLarge : .malformedBody))
        #expect(error?.message.contains("levels of JSON") == (step > 0), "\(error?.message ?? "")")
    }

    @Test(arguments: -1...1, [WireFormat.protobuf, .json])
    func `names and codes are as long as their limit`(step: Int, format: WireFormat) throws {
        let name = String(repeating: "n", count: Limits.nameBytesMax + step)
        for request in [
            EnrolRequest(code: "ABCD", deviceName: name), EnrolRequest(code: name, deviceName: "phone"),
        ] {
            let body = try WireCodec.encode(request, format: format)
            let code = Self.code { _ = try WireCodec.decodeEnrolRequest(body, format: format) }
            #expect(code == (step > 0 ? .malformedBody : nil))
        }
    }

    @Test(arguments: -1...1, [WireFormat.protobuf, .json])
    func `a fork token is as long as its limit`(step: Int, format: WireFormat) throws {
        let token = [UInt8](repeating: 7, count: WireLimits.forkTokenBytesMax + step)
        let body = try WireCodec.encode(Self.request(forkToken: token), format: format)
        let code = Self.code { _ = try WireCodec.decodeRequest(body, format: format) }
        #expect(code == (step > 0 ? .malformedBody : nil))
    }

    @Test(arguments: -1...0) func `a push holds as many change-sets as its limit`(step: Int) throws {
        let count = Limits.changeSetsPerPushMax + step
        let body = try WireCodec.encode(Self.request(changeSets: count))
        #expect(try WireCodec.decodeRequest(body).changeSets.count == count)
        #expect(
            Self.code { _ = try WireCodec.encode(Self.request(changeSets: count + 1 - step)) }
                == .tooLarge)
    }

    @Test(arguments: -1...1) func `a proof is as long as its limit`(step: Int) throws {
        let request = Self.request(proof: [UInt8](repeating: 7, count: WireLimits.proofBytesMax + step))
        for format in [WireFormat.protobuf, .json] {
            let body = try WireCodec.encode(request, format: format)
            let code = Self.code { _ = try WireCodec.decodeRequest(body, format: format) }
            #expect(code == (step > 0 ? .malformedBody : nil))
        }
    }

    @Test(arguments: -1...1) func `a body of JSON has as many values as its limit`(step: Int) {
        // The body, the list and what is in it; nobody knows the name, so it is refused for one of two reasons.
        let count = WireLimits.elementsMax + step - 2
        let body = #"{"a":["# + Array(repeating: "0", count: count).joined(separator: ",") + "]}"
        let code = Self.code { _ = try WireCodec.decodeRequest(Array(body.utf8), format: .json) }
        #expect(code == (step > 0 ? .tooLarge : .malformedBody))
    }

    @Test(arguments: -1...1) func `a list that somebody else wrote is as long as its limit`(step: Int) throws {
        // What stands too much in it is nothing that could be read, so it is refused for one of two reasons.
        let changeSets = try WireCodec.encode(
            Self.request(changeSets: Limits.changeSetsPerPushMax + step - 1), format: .json)
        let parked = try WireCodec.encode(
            Self.request(parked: Array(1..<UInt64(Limits.parkedPerRequestMax + step))), format: .json)
        for (body, start, further) in [(changeSets, #""change_sets":["#, "{},"), (parked, #""parked":["#, #""0","#)] {
            let text = String(decoding: body, as: UTF8.self)
            #expect(text.contains(start))
            let longer = Array(text.replacing(start, with: start + further).utf8)
            let code = Self.code { _ = try WireCodec.decodeRequest(longer, format: .json) }
            #expect(code == (step > 0 ? .tooLarge : .malformedBody), "\(start), the limit and \(step)")
        }
    }

    private static func request(
        forkToken: [UInt8] = [], changeSets count: Int = 0, proof: [UInt8]? = nil, parked: [UInt64] = []
    ) -> SyncRequest {
        let epoch = StoreEpoch(high: 1, low: 1)
        return SyncRequest(
            schemaVersion: 1, epoch: epoch, actor: .sample(1), highestCounter: 0,
            confirmed: nil,
            forkToken: forkToken,
            checkpoint: proof.map { Checkpoint(epoch: epoch, sequence: ServerSequence(1), proof: $0) },
            deviceTime: Timestamp(milliseconds: 0),
            changeSets: (0..<count).map { number in
                let changeSet = ChangeSet(
                    dot: Dot(.sample(1), UInt64(number + 1)), label: "edit", author: "lena",
                    time: Timestamp(milliseconds: 0), schemaVersion: 1, changes: [])
                return OfferedChangeSet(changeSet: changeSet, digest: [UInt8](repeating: 0, count: 32))
            }, parked: parked)
    }
}
