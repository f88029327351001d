import SatchelServer
import Testing

/// Heads at their limits and beyond, byte by byte, at a real server.
@Suite(.serialized, .timeLimit(.minutes(2))) struct HeadLimitTests {
    /// A head, what it is, and how it is answered.
    private struct Case {
        let what: String
        let head: String
        let status: Int
        let code: String?

        init(_ what: String, _ lines: [String], _ status: Int, _ code: String? = nil) {
            self.what = what
            head = lines.joined(separator: "\r\n") + "\r\n\r\n"
            (self.status, self.code) = (status, code)
        }
    }

    private static let limits = PeerLimits()
    /// What each head has beside what it is about: two fields of 4 + 4 and 10 + 5 bytes.
    private static let common = ["Host: here", "Connection: close"]
    private static let commonBytes = 4 + 4 + 10 + 5

    private static func get(_ target: String = "/healthz", _ fields: [String] = []) -> [String] {
        ["GET \(target) HTTP/1.1"] + common + fields
    }

    private static var sizes: [Case] {
        (-1...1).flatMap { step -> [Case] in
            let isOver = step > 0
            let target = "/healthz?" + String(repeating: "q", count: limits.targetBytesMax - 9 + step)
            let field = "X-Pad: " + String(repeating: "x", count: limits.headerFieldBytesMax - 5 + step)
            let count = (0..<limits.headerFieldsMax - 2 + step).map { "X-\($0): 1" }
            // Four fields of 8 KiB less what the common ones take; the last one is as long as it may be, or one byte longer.
            let rest = limits.headerBytesMax - commonBytes - 3 * 8_192 + step
            let total =
                (0..<3).map { "X-\($0): " + String(repeating: "x", count: 8_192 - 3) }
                + ["X-3: " + String(repeating: "x", count: rest - 3)]
            let code = isOver ? "too_large" : nil
            return [
                Case("a target of the limit and \(step)", get(target), isOver ? 414 : 200, code),
                Case("a field of the limit and \(step)", get("/healthz", [field]), isOver ? 431 : 200, code),
                Case("as many fields as the limit and \(step)", get("/healthz", count), isOver ? 431 : 200, code),
                Case("fields of together the limit and \(step)", get("/healthz", total), isOver ? 431 : 200, code),
            ]
        } + [
            Case("300 fields", get("/healthz", (0..<300).map { "X-\($0): 1" }), 431, "too_large"),
            Case(
                "a thousand times a field", get("/", ["X: " + String(repeating: "x", count: 8_192_000)]), 431,
                "too_large"),
            Case("a thousand times a target", get("/" + String(repeating: "x", count: 8_192_000)), 431, "too_large"),
            Case(
                "blanks without end", get("/", ["X: " + String(repeating: " ", count: 1_000_000) + "1"]), 431,
                "too_large"),
            Case("a long name", get("/", [String(repeating: "n", count: 9_000) + ": 1"]), 431, "too_large"),
        ]
    }

    private static func post(_ fields: [String], version: String = "1.1") -> [String] {
        ["POST /v1/enrol HTTP/\(version)"] + common + fields
    }

    private static var ambiguities: [Case] {
        [
            ("two lengths", post(["Content-Length: 5", "Content-Length: 6"])),
            ("one length twice", post(["Content-Length: 5", "Content-Length: 5"])),
            ("a list of lengths", post(["Content-Length: 5, 5"])),
            ("length and chunked", post(["Content-Length: 5", "Transfer-Encoding: chunked"])),
            ("chunked and length", post(["Transfer-Encoding: chunked", "Content-Length: 5"])),
            ("a coding and chunked", post(["Transfer-Encoding: gzip, chunked"])),
            ("chunked twice", post(["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"])),
            ("a coding of nobody", post(["Transfer-Encoding: identity"])),
            ("chunked by HTTP/1.0", post(["Transfer-Encoding: chunked"], version: "1.0")),
            ("a signed length", post(["Content-Length: +5"])),
            ("a negative length", post(["Content-Length: -5"])),
            ("a length in words", post(["Content-Length: five"])),
            ("two hosts", get("/healthz", ["Host: there"])),
            ("no host", ["GET /healthz HTTP/1.1", "Connection: close"]),
            ("a blank before the colon", get("/healthz", ["X-Pad : 1"])),
            ("a field over two lines", get("/healthz", ["X-Pad: 1", " 2"])),
            ("noise", ["\u{1}\u{2}\u{3} and more"]),
            ("another protocol", ["GET /healthz HTTP/3.0"] + common),
            ("a reply", ["HTTP/1.1 200 OK"] + common),
        ].map { Case($0.0, $0.1, 400, "invalid_request") }
    }

    private func requireAnswers(_ cases: [Case]) async throws {
        try await RunningServer.with { server in
            for one in cases {
                let reply = try await RawPeer.exchange(one.head, port: server.port)
                #expect(
                    reply.status == one.status && reply.code == one.code && reply.isEnded && reply.count == 1,
                    "\(one.what): \(reply.text.prefix(400))")
                if one.code != nil {
                    #expect(reply.header("content-type") == "application/problem+json", "\(one.what)")
                    #expect(reply.header("connection") == "close", "\(one.what)")
                }
            }
            #expect(try await server.send("GET", "/healthz").status == 200)
        }
    }

    @Test func `a head is taken up to each of its limits and refused one beyond`() async throws {
        try await requireAnswers(Self.sizes)
    }

    @Test func `what can be read in two ways is refused`() async throws { try await requireAnswers(Self.ambiguities) }

    @Test func `a length beyond all numbers is too large`() async throws {
        try await RunningServer.with { server in
            for length in ["99999999999999999999999999", "18446744073709551616", "9223372036854775807", "4194305"] {
                let head = Self.post(["Content-Length: \(length)"]).joined(separator: "\r\n") + "\r\n\r\n"
                let reply = try await RawPeer.exchange(head, port: server.port)
                #expect([400, 413].contains(reply.status), "\(length): \(reply.text.prefix(300))")
                #expect(["too_large", "invalid_request"].contains(reply.code), "\(length)")
            }
        }
    }

    @Test func `a refusal waits for the replies before it`() async throws {
        try await RunningServer.with { server in
            let good = "GET /healthz HTTP/1.1\r\nHost: here\r\n\r\n"
            let bad = "GET /healthz HTTP/1.1\r\nHost: here\r\nHost: there\r\n\r\n"
            let reply = try await RawPeer.exchange(good + good + bad + good, port: server.port)
            #expect(reply.count == 3, "\(reply.text)")
            #expect(reply.status == 200)
            #expect(reply.code == "invalid_request")
        }
    }

    @Test func `what follows a request to change the protocol is nobody's`() async throws {
        try await RunningServer.with { server in
            let head = "GET /healthz HTTP/1.1\r\nHost: here\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n"
            let flood = [UInt8](repeating: 0x41, count: 8 * 1024 * 1024)
            let reply = try await RawPeer.exchange(Array(head.utf8) + flood, port: server.port)
            #expect(reply.status == 200)
            #expect(reply.count == 1)
            let tunnel = "CONNECT there:443 HTTP/1.1\r\nHost: there:443\r\n\r\n"
            #expect(try await RawPeer.exchange(Array(tunnel.utf8) + flood, port: server.port).status >= 400)
        }
    }

    @Test func `a client of HTTP 1.0 gets its answer and the end`() async throws {
        try await RunningServer.with { server in
            let reply = try await RawPeer.exchange("GET /healthz HTTP/1.0\r\n\r\n", port: server.port)
            #expect(reply.status == 200)
            #expect(reply.isEnded)
        }
    }
}
