import Logging
import SatchelServer
import SatchelSync
import SatchelTestSupport
import SatchelWire
import Testing

/// Bodies at their limits and beyond, byte by byte, at a real server.
@Suite(.serialized, .timeLimit(.minutes(2))) struct BodyLimitTests {
    private static func head(_ path: String, _ token: String?, _ fields: [String]) -> String {
        let all =
            ["POST \(path) HTTP/1.1", "Host: here", "Connection: close", "Content-Type: application/x-protobuf"]
            + (token.map { ["Authorization: Bearer \($0)"] } ?? []) + fields
        return all.joined(separator: "\r\n") + "\r\n\r\n"
    }

    private static func whole(_ body: [UInt8], to path: String, _ token: String?, _ fields: [String] = []) -> [UInt8] {
        Array(head(path, token, ["Content-Length: \(body.count)"] + fields).utf8) + body
    }

    private static func chunked(_ body: [UInt8], by size: Int, to path: String, _ token: String?) -> [UInt8] {
        var bytes = Array(head(path, token, ["Transfer-Encoding: chunked"]).utf8)
        var rest = body[...]
        while !rest.isEmpty {
            let chunk = rest.prefix(size)
            bytes += Array("\(String(chunk.count, radix: 16))\r\n".utf8) + chunk + Array("\r\n".utf8)
            rest = rest.dropFirst(size)
        }
        return bytes + Array("0\r\n\r\n".utf8)
    }

    @Test func `a body is taken up to its limit and refused one byte beyond`() async throws {
        try await RunningServer.with { server in
            let token = try await server.enrol("ann").token
            for (path, limit, token) in [
                ("/v1/sync", Limits.bodyBytesMax, token), ("/v1/enrol", 4 * 1024, nil),
            ] {
                for step in -1...1 {
                    let body = [UInt8](repeating: 0, count: limit + step)
                    // Zeros are no message: where they are not too many, that is what is wrong.
                    let expected = step > 0 ? "413 too_large" : "400 malformed_body"
                    for bytes in [
                        Self.whole(body, to: path, token), Self.chunked(body, by: 100_000, to: path, token),
                    ] {
                        let reply = try await RawPeer.exchange(bytes, port: server.port)
                        #expect("\(reply.status) \(reply.code ?? "")" == expected, "\(path), the limit and \(step)")
                        #expect(reply.isEnded)
                    }
                }
            }
        }
    }

    @Test func `a body inflates up to its limit and no byte beyond`() async throws {
        try await RunningServer.with { server in
            let token = try await server.enrol("ann").token
            var random = SeededRandom(seed: 32)
            var body = [UInt8](repeating: 0, count: Limits.inflatedBytesMax + 1)
            for index in stride(from: 0, to: body.count, by: 48) {
                body[index] = UInt8.random(in: 0...255, using: &random)
            }
            // A field of a number that no message has, so that what is not too large is malformed, and at once.
            body[0] = 0xFF
            for step in -1...1 {
                let packed = try Gzip.compress(Array(body.prefix(Limits.inflatedBytesMax + step)))
                #expect(packed.count < Limits.bodyBytesMax && packed.count * 50 > body.count)
                let reply = try await RawPeer.exchange(
                    Self.whole(packed, to: "/v1/sync", token, ["Content-Encoding: gzip"]), port: server.port)
                #expect(reply.code == (step > 0 ? "too_large" : "malformed_body"), "the limit and \(step)")
            }
        }
    }

    @Test func `a body fifty times its size is taken, and one byte more is not`() async throws {
        try await RunningServer.with { server in
            let token = try await server.enrol("ann").token
            let (fitting, beyond) = try Self.fiftyfold()
            for (packed, code) in [(fitting, "malformed_body"), (beyond, "too_large")] {
                let reply = try await RawPeer.exchange(
                    Self.whole(packed, to: "/v1/sync", token, ["Content-Encoding: gzip"]), port: server.port)
                #expect(reply.code == code)
            }
        }
    }

    @Test func `ten megabytes of JSON that are too much alike are refused, and cost nothing`() async throws {
        try await RunningServer.with { server in
            let token = try await server.enrol("ann").token
            var random = SeededRandom(seed: 60)
            let filler = String(repeating: #""label":"edit","author":"ann","time":"1772438400000","#, count: 12)
            var text = #"{"change_sets":["#
            while text.utf8.count < 10 * 1024 * 1024 { text += "{\(filler)\"x\":\(random.pick(below: 1_000_000))}," }
            let packed = try Self.deflated(Array(text.utf8))
            let ratio = text.utf8.count / packed.count
            #expect((51...120).contains(ratio), "\(ratio)")
            let reply = try await RawPeer.exchange(
                Self.whole(packed, to: "/v1/sync", token, ["Content-Encoding: gzip"]), port: server.port)
            #expect(reply.status == 413)
            #expect(reply.code == "too_large")
        }
    }

    /// Two gzip bodies around the ratio: one that holds it exactly, and the same with one byte more in it.
    private static func fiftyfold() throws -> (fitting: [UInt8], beyond: [UInt8]) {
        var random = SeededRandom(seed: 50)
        // Random bytes first, so that the ratio grows to the end; zeros are added until it is fifty to one.
        for count in 20_000..<20_050 {
            let noise = [0xFF] + (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            var zeros = 50 * noise.count
            for _ in 0..<10 {
                let bytes = noise + [UInt8](repeating: 0, count: zeros)
                let packed = try deflated(bytes)
                let next = try deflated(bytes + [0])
                if bytes.count == 50 * packed.count, bytes.count + 1 > 50 * next.count { return (packed, next) }
                zeros += 50 * packed.count - bytes.count
            }
        }
        throw SatchelError(.internalError, "No body holds the ratio exactly.")
    }

    private static func deflated(_ bytes: [UInt8]) throws -> [UInt8] {
        var deflater = try GzipDeflater()
        return deflater.finish(bytes)
    }

    @Test func `a chunk that is none, and a body that ends early, are malformed and no failure of the server`()
        async throws
    {
        let log = CollectedLog()
        try await RunningServer.with(logger: log.logger) { server in
            let token = try await server.enrol("ann").token
            let head = Self.head("/v1/sync", token, ["Transfer-Encoding: chunked"])
            for rest in ["5\r\nabcdeXX", "zz\r\n", "-1\r\n", "ffffffffffffffffff\r\n", "5;\u{1}\r\nabcde\r\n0\r\n\r\n"]
            {
                let reply = try await RawPeer.exchange(head + rest, port: server.port)
                #expect(reply.status == 400, "\(rest): \(reply.text.prefix(300))")
                #expect(reply.code == "malformed_body", "\(rest)")
            }
            let peer = try RawPeer(port: server.port)
            await peer.send(Self.head("/v1/sync", token, ["Content-Length: 500"]) + "not as many")
            peer.finishSending()
            _ = await peer.readToEnd()
        }
        #expect(!log.lines.contains { $0.message == "request" && $0.level >= .error }, "\(log.lines)")
    }

    @Test func `framing that costs more than the body ends it`() async throws {
        try await RunningServer.with { server in
            let token = try await server.enrol("ann").token
            let crumbs = Self.chunked([UInt8](repeating: 0, count: 60_000), by: 1, to: "/v1/sync", token)
            let reply = try await RawPeer.exchange(crumbs, port: server.port)
            #expect(reply.code == "malformed_body")
            let head = Self.head("/v1/sync", token, ["Transfer-Encoding: chunked"])
            let extensions = head + "1;" + String(repeating: "x", count: 1_000_000) + "\r\n0\r\n0\r\n\r\n"
            #expect(try await RawPeer.exchange(extensions, port: server.port).code == "malformed_body")
            // An honest stream of small pieces is no waste.
            let small = Self.chunked([UInt8](repeating: 0, count: 60_000), by: 16, to: "/v1/sync", token)
            #expect(try await RawPeer.exchange(small, port: server.port).code == "malformed_body")
        }
    }
}
