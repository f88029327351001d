import SatchelSync
import SatchelTestSupport
import SatchelWire
import Testing

@Suite("Messages to bytes and back")
struct RoundTripTests {
    @Test(arguments: WireFormat.allCases)
    func `a request comes back as it was, and the same request gives the same bytes`(format: WireFormat) throws {
        try forAll(cases: 300) { random, replay in
            let request = random.anyRequest()
            let bytes = try WireCodec.encode(request, format: format)
            #expect(try WireCodec.decodeRequest(bytes, format: format) == request, "\(replay)")
            #expect(try WireCodec.encode(request, format: format) == bytes, "\(replay)")
        }
    }

    @Test(arguments: WireFormat.allCases)
    func `frames come back as they were from pieces of any size`(format: WireFormat) throws {
        try forAll(cases: 200) { random, replay in
            let frames = (0..<random.pick(in: 1...5)).map { _ in random.anyFrame() }
            var rest = try frames.flatMap { try WireCodec.encodeFrame($0, format: format) }[...]
            var reader = FrameReader(format: format)
            var read: [SyncFrame] = []
            while !rest.isEmpty {
                let piece = rest.prefix(random.pick(in: 1...400))
                rest = rest.dropFirst(piece.count)
                reader.append(Array(piece))
                read += try reader.rest()
            }
            #expect(read == frames, "\(replay)")
            #expect(reader.isDrained, "\(replay)")
        }
    }

    @Test(arguments: WireFormat.allCases)
    func `an enrolment and its answer come back as they were`(format: WireFormat) throws {
        try forAll(cases: 50) { random, replay in
            let request = EnrolRequest(code: "ABCD-\(random.pick(below: 10_000))", deviceName: "Lena's phone")
            let requestBytes = try WireCodec.encode(request, format: format)
            #expect(try WireCodec.decodeEnrolRequest(requestBytes, format: format) == request, "\(replay)")
            let reply = random.anyEnrolReply()
            let replyBytes = try WireCodec.encode(reply, format: format)
            #expect(try WireCodec.decodeEnrolReply(replyBytes, format: format) == reply, "\(replay)")
        }
    }

    @Test func `a problem document says the same as the error it was made of, and bears the names of RFC 9457`() throws
    {
        let error = SatchelError(.dotGap, "The push left out counters.", remedy: "Send from 5 on.", isTransient: true)
        let bytes = try WireCodec.encodeProblem(ProblemFrame(error, nextCounter: 5), status: 409, title: "Gap")
        let problem = try WireCodec.decodeProblem(bytes)
        #expect(problem.error.description == error.description)
        #expect(problem.error.isTransient)
        #expect(problem.nextCounter == 5)
        let text = String(decoding: bytes, as: UTF8.self)
        for member in ["\"type\":\"about:blank\"", "\"title\":\"Gap\"", "\"status\":409", "\"detail\":\"The push"] {
            #expect(text.contains(member), "\(text)")
        }
    }

    @Test func `members of a problem that are not ours are left aside, and a proxy's page is malformed`() throws {
        let problem = try WireCodec.decodeProblem(Array(#"{"code":"unavailable","instance":"/x"}"#.utf8))
        #expect(problem.code == "unavailable")
        #expect(problem.remedy == nil)
        for page in ["<html>502</html>", "{}", "", "[]", #"{"title":"Bad Gateway"}"#] {
            let error = #expect(throws: SatchelError.self) { try WireCodec.decodeProblem(Array(page.utf8)) }
            #expect(error?.code == .malformedBody)
        }
    }

    @Test func `a content type names its format in any case and with parameters`() {
        #expect(WireFormat(contentType: "application/x-protobuf") == .protobuf)
        #expect(WireFormat(contentType: "Application/JSON; charset=utf-8") == .json)
        #expect(WireFormat(contentType: "text/html") == nil)
        #expect(WireFormat(contentType: "") == nil)
    }
}
