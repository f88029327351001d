import Foundation
import ScenarioRunner
import Testing

/// What comes in place of the server's answer: it changes nothing, and the same is tried again.
@Suite(.serialized) struct UnknownAnswerTests {
    private static func http(_ head: String, _ body: String = "<html>Sign in to the network</html>") -> [UInt8] {
        Array("HTTP/1.1 \(head)\r\nContent-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)".utf8)
    }

    private static let problem =
        #"{"type":"about:blank","title":"t","status":403,"code":"unauthorized","detail":"No.","transient":false}"#

    private static let answers: [(String, [UInt8])] = [
        ("a portal's page", http("200 OK\r\nContent-Type: text/html")),
        ("a portal's page that claims to be ours", http("200 OK\r\nContent-Type: application/x-protobuf")),
        ("nothing, claiming to be ours", http("200 OK\r\nContent-Type: application/x-protobuf", "")),
        ("an empty page", http("204 No Content", "")),
        ("a proxy's error", http("502 Bad Gateway\r\nContent-Type: text/html")),
        ("a portal that says so", http("511 Network Authentication Required\r\nContent-Type: text/html")),
        ("a redirection", http("302 Found\r\nLocation: http://127.0.0.1:9/v1/sync")),
        ("a lasting redirection", http("308 Permanent Redirect\r\nLocation: http://127.0.0.1:9/v1/sync")),
        ("a refusal that is not to this request", http("403 No\r\nContent-Type: application/problem+json", problem)),
        ("no HTTP", Array("SSH-2.0-OpenSSH_9.2\r\n".utf8)),
    ]

    @Test func `whatever is no answer to this request changes nothing, and the same is sent again`() async throws {
        let server = try await ServerProcess.start(in: Site())
        let proxy = try await FaultProxy(before: server)
        defer { proxy.stop() }
        let device = try await server.enrol("ann", url: proxy.url)
        let account = try await device.new("account", ["name=Aster"])
        proxy.set(.recorded)
        try await device.sync()
        let recorded = try #require(proxy.recordings.last?.down)
        try await server.apply("{\"type\":\"account\",\"set\":{\"name\":\"Other\"}}")
        try await device.set("account", account, ["city=Lund"])
        let (before, digest) = (try await device.status(), try await device.digest())
        for (what, answer) in Self.answers + [("the whole answer of before", recorded)] {
            proxy.set(ConnectionPlan.plain.with { $0.answer = answer })
            let result = try await device.run(["sync", "--json"], expecting: [4])
            let isNoHTTP = what == "no HTTP"
            #expect(result.failureCode == (isNoHTTP ? "network_unavailable" : "unknown_answer"), "\(what)")
            let status = try await device.status()
            #expect(status.pending.map(\.dot) == before.pending.map(\.dot), "\(what)")
            #expect(status.checkpoint == before.checkpoint, "\(what)")
            #expect(status.failureCount == 1 && status.nextAttempt != nil && status.notBefore == nil, "\(what)")
            #expect(try await device.digest() == digest, "\(what)")
        }
        proxy.set(.plain)
        #expect(try await device.sync().pushed == 1)
        #expect(try await device.status().failureCount == 0)
        try await server.requireDrained([device])
        try await server.requireGracefulStop()
    }

    @Test func `another server at the same address changes nothing, and the right one takes the work later`()
        async throws
    {
        let server = try await ServerProcess.start(in: Site())
        let device = try await server.enrol("ann")
        try await device.new("account", ["name=Aster"])
        let before = try await device.status()
        try await server.stop()
        let other = try await ServerProcess.start(in: Site())
        try await other.stop()
        try await other.serve(arguments: ["--port", "\(server.port)"])
        let result = try await device.run(["sync", "--json"], expecting: [1])
        #expect(result.failureCode == "unauthorized", "\(result.account)")
        let after = try await device.status()
        #expect(after.pending.map(\.dot) == before.pending.map(\.dot) && after.checkpoint == before.checkpoint)
        #expect(after.nextAttempt != nil)
        // What runs by itself goes on trying, and notices when the right one is back.
        let watch = try device.start(["sync", "--watch"])
        try await Patience.until("another try") { try await device.status().failureCount > 1 ? true : nil }
        try await other.requireGracefulStop()
        try await server.serve()
        try await Patience.until("the work at the server") { try await device.status().pending.isEmpty ? true : nil }
        watch.signal(15)
        try await server.site.end(watch, expecting: [0])
        try await server.requireDrained([device])
        try await server.requireGracefulStop()
    }

    @Test func `a pause that is asked for in seconds or by a date is kept, and said in the status`() async throws {
        let server = try await ServerProcess.start(in: Site())
        let proxy = try await FaultProxy(before: server)
        defer { proxy.stop() }
        let device = try await server.enrol("ann", url: proxy.url)
        try await device.new("account", ["name=Aster"])
        let forms = [
            "Retry-After: 3600",
            "Date: Mon, 02 Mar 2026 08:00:00 GMT\r\nRetry-After: Mon, 02 Mar 2026 09:00:00 GMT",
        ]
        for form in forms {
            proxy.set(ConnectionPlan.plain.with { $0.answer = Self.http("503 Later\r\n\(form)") })
            let start = Date()
            try await device.run(["sync", "--now"], expecting: [4])
            let status = try await device.status()
            let notBefore = try #require(status.notBefore), next = try #require(status.nextAttempt)
            #expect(notBefore.timeIntervalSince(start) >= 3_600 && notBefore.timeIntervalSince(start) < 3_630)
            #expect(next >= notBefore)
            let text = try await device.run(["status"]).output
            #expect(text.contains("The server asked to wait until"), "\(text)")
            // Nobody is asked meanwhile, unless the person insists.
            let count = proxy.connectionCount
            let refused = try await device.run(["sync"], expecting: [4])
            #expect(refused.error.contains("--now"), "\(refused.account)")
            #expect(proxy.connectionCount == count)
        }
        proxy.set(.plain)
        try await device.run(["sync", "--now"])
        #expect(try await device.status().notBefore == nil)
        try await server.requireDrained([device])
        try await server.requireGracefulStop()
    }
}
