import Foundation
import SatchelServer
import SatchelSync
import SatchelTestSupport
import SatchelWire
import Testing

/// Peers that take their time, or too much room, at a real server with short deadlines.
@Suite(.serialized, .timeLimit(.minutes(2))) struct HostilePeerTests {
    private static let health = "GET /healthz HTTP/1.1\r\nHost: here\r\n\r\n"

    /// Limits whose deadlines a test can wait for.
    private static func hasty(_ change: (inout PeerLimits) -> Void = { _ in }) -> PeerLimits {
        var limits = PeerLimits()
        limits.closingPatience = .milliseconds(300)
        limits.logPeriod = .milliseconds(100)
        change(&limits)
        return limits
    }

    private static func push(_ token: String, length: Int = 1_000) -> String {
        """
        POST /v1/sync HTTP/1.1\r\nHost: here\r\nContent-Type: application/x-protobuf\r\n\
        Authorization: Bearer \(token)\r\nContent-Length: \(length)\r\n\r\n
        """
    }

    @Test func `half a head is told that it is late, and silence is told nothing`() async throws {
        let log = CollectedLog()
        let limits = Self.hasty { $0.headPatience = .seconds(5) }
        try await RunningServer.with(peers: limits, logger: log.logger) { server in
            let half = try await RawPeer.exchange("GET /healthz HTTP/1.1\r\nHost: ", port: server.port)
            #expect(half.status == 408)
            #expect(half.code == "request_timeout")
            #expect(half.isEnded)
            let silent = try await RawPeer.exchange("", port: server.port)
            #expect(silent.bytes.isEmpty && silent.isEnded)
            let blank = try await RawPeer.exchange("\r\n\r\n", port: server.port)
            #expect(blank.isEnded && [0, 408].contains(blank.status))
            // The next request of a connection has as long, from its first byte on.
            let peer = try RawPeer(port: server.port)
            await peer.send(Self.health)
            #expect(await peer.readReply().status == 200)
            await peer.send("GET /hea")
            #expect(await peer.readToEnd().code == "request_timeout")
        }
        #expect(log.brokenRules.reduce(0) { $0 + $1.connections } == 4)
        #expect(Set(log.brokenRules.map(\.rule)) == ["slow_head"])
    }

    @Test func `a body that stops is told that it is late, and nothing of it is taken`() async throws {
        let log = CollectedLog()
        let limits = Self.hasty { $0.bodyPatience = .seconds(1) }
        try await RunningServer.with(peers: limits, logger: log.logger) { server in
            let ann = try await server.enrol("ann")
            let body = try WireCodec.encode(ann.request([ann.account("Acme")]))
            let late = try await RawPeer.exchange(
                Array(Self.push(ann.token, length: body.count + 1).utf8) + body, port: server.port)
            #expect(late.status == 408)
            #expect(late.code == "request_timeout")
            #expect(late.isEnded && late.header("connection") == "close")
            let whole = try await server.send("POST", "/v1/sync", token: ann.token, body: body)
            #expect(whole.status == 200)
        }
        #expect(log.brokenRules.map(\.rule) == ["slow_body"])
        // The line of the request is one of many that are told together.
        #expect(!log.lines.contains { $0.metadata["status"] == "408" })
    }

    @Test func `a reply that nobody reads ends the connection`() async throws {
        let log = CollectedLog()
        let limits = Self.hasty { $0.replyPatience = .milliseconds(400) }
        try await RunningServer.with(peers: limits, logger: log.logger) { server in
            let token = try await server.enrol("ann").token
            let peer = try RawPeer(port: server.port, window: 4_096)
            let ask = "GET /v1/schema HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer \(token)\r\n\r\n"
            let asked = 1_500
            async let isSent = peer.send(String(repeating: ask, count: asked))
            while log.brokenRules.isEmpty { await Task.yield() }
            let reply = await peer.readToEnd()
            #expect(reply.isEnded)
            #expect(reply.count < asked)
            _ = await isSent
        }
        #expect(log.brokenRules.map(\.rule) == ["slow_reader"])
    }

    @Test func `a connection that asks nothing more is closed, and that breaks no rule`() async throws {
        let log = CollectedLog()
        let limits = Self.hasty { $0.idlePatience = .milliseconds(300) }
        try await RunningServer.with(peers: limits, logger: log.logger) { server in
            let reply = try await RawPeer.exchange(Self.health, port: server.port)
            #expect(reply.status == 200 && reply.count == 1 && reply.isEnded)
        }
        #expect(log.brokenRules.isEmpty)
    }

    @Test func `a body without end that is refused at once is not listened to for long`() async throws {
        try await RunningServer.with(peers: Self.hasty()) { server in
            let peer = try RawPeer(port: server.port)
            await peer.send(Self.push("0123", length: Limits.bodyBytesMax))
            #expect(await peer.readReply().status == 401)
            var sent = 0
            while await peer.send([UInt8](repeating: 0, count: 1_000)) { sent += 1_000 }
            #expect(sent <= Limits.bodyBytesMax + 16 * 1024 * 1024)
        }
    }

    @Test func `a refused body that does end leaves the connection as it was`() async throws {
        try await RunningServer.with(peers: Self.hasty()) { server in
            let peer = try RawPeer(port: server.port)
            await peer.send(Self.push("0123", length: 5) + "12345" + Self.health)
            peer.finishSending()
            let replies = await peer.readToEnd()
            #expect(replies.status == 401)
            #expect(replies.count == 2)
            #expect(replies.text.contains(#"{"status":"alive"}"#), "\(replies.text)")
        }
    }

    @Test func `two hundred idle connections, and as many half heads, are in nobody's way`() async throws {
        let log = CollectedLog()
        let limits = Self.hasty {
            $0.headPatience = .seconds(3)
            $0.logPeriod = .seconds(60)
        }
        try await RunningServer.with(peers: limits, logger: log.logger) { server in
            let ann = try await server.enrol("ann")
            var peers: [RawPeer] = []
            for number in 0..<400 {
                let peer = try RawPeer(port: server.port)
                if number % 2 == 0 { await peer.send("GET /healthz HTTP/1.1\r\nX-Slow: ") }
                peers.append(peer)
            }
            let start = ContinuousClock.now
            let body = try WireCodec.encode(ann.request([ann.account("Acme")]))
            let answer = try await server.send("POST", "/v1/sync", token: ann.token, body: body)
            #expect(answer.status == 200)
            #expect(ContinuousClock.now - start < .seconds(2))
            var told = 0
            for peer in peers {
                let reply = await peer.readToEnd()
                #expect(reply.isEnded)
                if reply.code == "request_timeout" { told += 1 }
            }
            #expect(told == 200)
        }
        // One line for all of them.
        #expect(log.brokenRules.map(\.rule) == ["slow_head"])
        #expect(log.brokenRules.allSatisfy { $0.connections >= 400 })
        #expect(log.lines.count < 30)
    }

    @Test func `an address has no more connections than its share until it shows a credential`() async throws {
        let limits = Self.hasty {
            $0.exemptsLoopback = false
            $0.connectionsPerAddressMax = 3
        }
        let log = CollectedLog()
        try await RunningServer.with(peers: limits, logger: log.logger) { server in
            var held: [RawPeer] = []
            for _ in 0..<3 {
                let peer = try RawPeer(port: server.port)
                await peer.send(Self.health)
                #expect(await peer.readReply().status == 200)
                held.append(peer)
            }
            let fourth = try await RawPeer.exchange(Self.health, port: server.port)
            #expect(fourth.bytes.isEmpty && fourth.isEnded)
            // A place is free again as soon as the server has seen that somebody left.
            held.removeLast().close()
            var status = 0
            while status != 200 {
                let next = try RawPeer(port: server.port)
                await next.send(Self.health)
                status = await next.readReply().status
                held.append(next)
            }
        }
        #expect(log.brokenRules.map(\.rule) == ["crowded_address"])
    }

    @Test func `a device has no more connections than its share`() async throws {
        let limits = Self.hasty { $0.connectionsPerDeviceMax = 2 }
        try await RunningServer.with(peers: limits) { server in
            let token = try await server.enrol("ann").token
            let ask = "GET /v1/schema HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer \(token)\r\n\r\n"
            var peers: [RawPeer] = []
            for _ in 0..<3 { peers.append(try RawPeer(port: server.port)) }
            var statuses: [Int] = []
            for peer in peers {
                await peer.send(ask)
                let reply = await peer.readReply()
                statuses.append(reply.status)
                if reply.status == 429 { #expect(reply.header("retry-after") != nil) }
            }
            #expect(statuses == [200, 200, 429])
            #expect(try await server.send("GET", "/healthz").status == 200)
        }
    }

    @Test func `a device begins no more exchanges than its share, and others theirs`() async throws {
        let limits = Self.hasty {
            $0.exchangesAtOnceMax = 3
            $0.exchangesPerMinuteMax = 1
        }
        try await RunningServer.with(peers: limits) { server in
            let (ann, bo) = (try await server.enrol("ann"), try await server.enrol("bo"))
            var answers: [RunningServer.Answer] = []
            for _ in 0..<4 {
                answers.append(
                    try await server.send(
                        "POST", "/v1/sync", token: ann.token, body: try WireCodec.encode(ann.request())))
            }
            #expect(answers.map(\.status) == [200, 200, 200, 429])
            #expect(answers.last?.code == "too_many_requests")
            #expect(answers.last?.headers.first { $0.key.lowercased() == "retry-after" }?.value == "60")
            let other = try await server.send(
                "POST", "/v1/sync", token: bo.token, body: try WireCodec.encode(bo.request()))
            #expect(other.status == 200)
        }
        #expect(PeerLimits().exchangesAtOnceMax == 3_000 && PeerLimits().exchangesPerMinuteMax == 6_000)
    }

    @Test func `more requests than are answered at once are put off, and taken when there is room`() async throws {
        // The holder's body is late for as long as the others ask.
        let limits = Self.hasty {
            $0.requestsMax = 1
            $0.bodyPatience = .seconds(60)
        }
        try await RunningServer.with(peers: limits) { server in
            let token = try await server.enrol("ann").token
            var holder = try RawPeer(port: server.port)
            await holder.send(Self.push(token, length: 5) + "12")
            var answer = try await RawPeer.exchange(Self.health, port: server.port)
            // Whichever of the two comes second is put off; the holder may have been.
            while answer.status == 200 {
                holder.close()
                holder = try RawPeer(port: server.port)
                await holder.send(Self.push(token, length: 5) + "12")
                answer = try await RawPeer.exchange(Self.health, port: server.port)
            }
            #expect(answer.status == 503)
            #expect(answer.code == "unavailable")
            #expect(answer.header("retry-after") != nil)
            await holder.send("345")
            #expect(await holder.readReply().status == 400)
            holder.close()
            while try await server.send("GET", "/healthz").status != 200 {}
        }
    }

    @Test func `beyond the connections that there may be, the next one waits`() async throws {
        let limits = Self.hasty {
            $0.connectionsMax = 3
            $0.headPatience = .milliseconds(500)
        }
        try await RunningServer.with(peers: limits) { server in
            var held: [RawPeer] = []
            for _ in 0..<8 { held.append(try RawPeer(port: server.port)) }
            let reply = try await RawPeer.exchange(
                "GET /healthz HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n", port: server.port)
            #expect(reply.status == 200)
        }
    }
}
