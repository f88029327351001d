import SatchelClient
import SatchelServer
import SatchelSync
import SatchelWire
import Testing

struct EventTests {
    /// The heads that a device is told, in their order, while `body` does something; ends with it.
    private func listening(
        _ server: RunningServer, token: String,
        _ body: (AsyncThrowingStream<ServerHead, any Error>) async throws -> Void
    ) async throws {
        let transport = try HTTPTransport(serverURL: "http://127.0.0.1:\(server.port)", trust: .system)
        let (heads, continuation) = AsyncThrowingStream.makeStream(of: ServerHead.self)
        let task = Task {
            do {
                try await transport.heads(token: token) { continuation.yield($0) }
                continuation.finish()
            } catch {
                continuation.finish(throwing: error)
            }
        }
        try await body(heads)
        task.cancel()
        await task.value
    }

    private func edit(_ server: RunningServer) async throws {
        let line = ApplyRequest.Line(number: 1, text: #"{"type":"account","set":{"name":"Aster"}}"#)
        _ = try await server.ask(.apply(ApplyRequest(lines: [line], user: "ann", settles: false)))
    }

    @Test(.timeLimit(.minutes(3)))
    func `a device is told where the head is, and each time it moves`() async throws {
        try await RunningServer.with { server in
            let device = try await server.enrol("ann")
            try await listening(server, token: device.token) { heads in
                let first = try #require(try await heads.next())
                #expect(first.epoch == device.epoch)
                var last = first.sequence
                for _ in 0..<3 {
                    try await edit(server)
                    let next = try #require(try await heads.next())
                    #expect(next.sequence > last)
                    last = next.sequence
                }
            }
        }
    }

    @Test(.timeLimit(.minutes(3)))
    func `a third line of a device ends its first, and other devices keep theirs`() async throws {
        try await RunningServer.with { server in
            let (ann, bo) = (try await server.enrol("ann"), try await server.enrol("bo"))
            try await listening(server, token: bo.token) { others in
                _ = try await others.next()
                try await listening(server, token: ann.token) { first in
                    _ = try await first.next()
                    try await listening(server, token: ann.token) { second in
                        _ = try await second.next()
                        try await listening(server, token: ann.token) { third in
                            _ = try await third.next()
                            #expect(try await first.next() == nil)
                            try await edit(server)
                            #expect(try await third.next() != nil)
                            #expect(try await second.next() != nil)
                            #expect(try await others.next() != nil)
                        }
                    }
                }
            }
        }
    }

    @Test(.timeLimit(.minutes(3)))
    func `the server says that it is there, and its stop ends the line`() async throws {
        var peers = PeerLimits()
        peers.heartbeat = .milliseconds(20)
        peers.requestsMax = 1
        let limits = peers
        let (ended, continuation) = AsyncStream.makeStream(of: Void.self)
        try await RunningServer.with(peers: limits) { server in
            let device = try await server.enrol("ann")
            let raw = try RawPeer(port: server.port)
            await raw.send(
                "GET /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(device.token)\r\nSatchel-Request: 7\r\n\r\n"
            )
            let text = await raw.read(until: ":\n\n")
            #expect(text.contains("text/event-stream") && text.lowercased().contains("satchel-request: 7"))
            #expect(text.contains("event: head\ndata: {\"epoch\":\"\(device.epoch)\",\"sequence\":0}\n\n"), "\(text)")
            #expect(text.contains(":\n\n") && !text.contains(device.token))
            // A line that stays is no request that others wait for.
            #expect(try await server.send("GET", "/v1/schema", token: device.token).status == 200)
            Task {
                let transport = try HTTPTransport(serverURL: "http://127.0.0.1:\(server.port)", trust: .system)
                try? await transport.heads(token: device.token) { _ in continuation.yield() }
                continuation.finish()
            }
            for await _ in ended { break }
        }
        for await _ in ended {}
    }

    @Test(.timeLimit(.minutes(3)))
    func `a device that is locked out hears no more, on any of its lines`() async throws {
        try await RunningServer.with { server in
            let (ann, bo) = (try await server.enrol("ann"), try await server.enrol("bo"))
            try await listening(server, token: bo.token) { others in
                _ = try await others.next()
                try await listening(server, token: ann.token) { first in
                    _ = try await first.next()
                    try await listening(server, token: ann.token) { second in
                        _ = try await second.next()
                        _ = try await server.ask(.revoke(device: ann.deviceID, reason: "Lost"))
                        #expect(try await first.next() == nil)
                        #expect(try await second.next() == nil)
                    }
                }
                try await edit(server)
                #expect(try await others.next() != nil)
                #expect(try await server.send("GET", "/v1/events", token: ann.token).code == "device_revoked")
            }
        }
    }

    @Test func `a stranger is told nothing`() async throws {
        try await RunningServer.with { server in
            let answer = try await server.send("GET", "/v1/events", token: "wrong")
            #expect(answer.status == 401 && answer.code == "unauthorized")
            #expect(try await server.send("GET", "/v1/events").status == 401)
        }
    }
}

extension AsyncThrowingStream where Failure == any Error {
    /// The next element; `nil` at the end.
    fileprivate func next() async throws -> Element? {
        for try await element in self { return element }
        return nil
    }
}
