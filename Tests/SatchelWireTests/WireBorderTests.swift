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

    private static func request(forkToken: [UInt8] = [], changeSets count: Int = 0) -> SyncRequest {
        SyncRequest(
            schemaVersion: 1, epoch: StoreEpoch(high: 1, low: 1), actor: .sample(1), highestCounter: 0,
            confirmed: nil,
            forkToken: forkToken, checkpoint: nil, deviceTime: Timestamp(milliseconds: 0),
            changeSets: (0..<count).map { number in
                let changeSet = ChangeSet(
                    dot: Dot(.sample(1), UInt64(number + 1)), label: "edit", author: "lena",
                    time: Timestamp(milliseconds: 0), schemaVersion: 1, changes: [])
                return OfferedChangeSet(changeSet: changeSet, digest: [UInt8](repeating: 0, count: 32))
            })
    }
}
