import Foundation
import SatchelClient
import SatchelServer
import SatchelStorage
import SatchelSync
import SatchelTestSupport
import SatchelWire
import Testing

@Suite(.serialized) struct HTTPTests {
    private func frames(_ bytes: [UInt8], _ format: WireFormat = .protobuf) throws -> [SyncFrame] {
        var reader = FrameReader(format: format)
        reader.append(bytes)
        var frames: [SyncFrame] = []
        while let frame = try reader.next() { frames.append(frame) }
        return frames
    }

    @Test func `an edit goes in by one device and comes out at another`() async throws {
        try await RunningServer.with { server in
            let (ann, bo) = (try await server.enrol("ann"), try await server.enrol("bo"))
            let push = try WireCodec.encode(ann.request([ann.account("Acme")]))
            let pushed = try await server.send("POST", "/v1/sync", token: ann.token, body: push)
            #expect(pushed.status == 200)
            #expect(try frames(pushed.body).verdicts.map(\.verdict) == [.applied])
            let pulled = try await server.send(
                "POST", "/v1/sync", token: bo.token, body: try WireCodec.encode(bo.request()))
            #expect(try frames(pulled.body).deltas.map(\.record) == [.sample(1)])
        }
    }

    @Test func `JSON and gzip are spoken where they are asked for`() async throws {
        try await RunningServer.with { server in
            let ann = try await server.enrol("ann")
            let json = try WireCodec.encode(ann.request([ann.account("Acme")]), format: .json)
            let answer = try await server.send(
                "POST", "/v1/sync", token: ann.token,
                headers: ["Content-Type": "application/json", "Content-Encoding": "gzip"], body: try Gzip.compress(json)
            )
            #expect(answer.status == 200)
            #expect(answer.headers["content-type"] == "application/json")
            #expect(try frames(answer.body, .json).deltas.count == 1)
        }
    }

    @Test func `a wrong credential is refused before the body is read`() async throws {
        try await RunningServer.with { server in
            let answer = try await server.send("POST", "/v1/sync", token: "0123", body: [1, 2, 3])
            #expect(answer.status == 401)
            #expect(answer.code == "unauthorized")
            #expect(answer.headers["content-type"] == "application/problem+json")
            #expect(answer.headers["x-request-id"] != nil)
            #expect(try await server.send("GET", "/v1/conflicts").status == 401)
        }
    }

    @Test func `a damaged or truncated body is refused`() async throws {
        try await RunningServer.with { server in
            let ann = try await server.enrol("ann")
            let good = try WireCodec.encode(ann.request([ann.account("Acme")]))
            for body in [Array(good.dropLast(3)), [0xFF, 0xFF], Array(good.reversed())] {
                let answer = try await server.send("POST", "/v1/sync", token: ann.token, body: body)
                #expect(answer.status == 400)
                #expect(answer.code == "malformed_body")
            }
            let torn = try await server.send(
                "POST", "/v1/sync", token: ann.token, headers: ["Content-Encoding": "gzip"],
                body: Array(try Gzip.compress(good).dropLast(5)))
            #expect(torn.code == "malformed_body")
            #expect(try await server.send("POST", "/v1/sync", token: ann.token, body: good).status == 200)
        }
    }

    @Test func `a body that is too large, also only when inflated, is refused`() async throws {
        try await RunningServer.with { server in
            let ann = try await server.enrol("ann")
            let large = [UInt8](repeating: 0, count: Limits.bodyBytesMax + 1)
            #expect(try await server.send("POST", "/v1/sync", token: ann.token, body: large).status == 413)
            let bomb = try Gzip.compress([UInt8](repeating: 0, count: Limits.inflatedBytesMax / 2))
            let answer = try await server.send(
                "POST", "/v1/sync", token: ann.token, headers: ["Content-Encoding": "gzip"], body: bomb)
            #expect(answer.status == 413)
            #expect(answer.code == "too_large")
        }
    }

    @Test func `a used code is refused, and too many wrong ones are held off`() async throws {
        try await RunningServer.with { server in
            let code = try await server.code(for: "ann")
            let request = try WireCodec.encode(EnrolRequest(code: code, deviceName: "phone"))
            #expect(try await server.send("POST", "/v1/enrol", body: request).status == 200)
            for _ in 0..<5 {
                #expect(try await server.send("POST", "/v1/enrol", body: request).code == "invalid_code")
            }
            let answer = try await server.send("POST", "/v1/enrol", body: request)
            #expect(answer.status == 429)
            #expect(answer.headers["retry-after"] != nil)
        }
    }

    @Test func `another place than ours is not found`() async throws {
        try await RunningServer.with { server in
            for (path, status) in [("/v1/secret", 404), ("/healthz", 200), ("/readyz", 200)] {
                let answer = try await server.send("GET", path)
                #expect(answer.status == status)
            }
        }
    }

    @Test func `a connection that sends half a head is closed`() async throws {
        var peers = PeerLimits()
        peers.headPatience = .seconds(1)
        try await RunningServer.with(peers: peers) { server in
            let start = ContinuousClock.now
            let answer = try await RawPeer.exchange("GET /healthz HTTP/1.1\r\nHost: ", port: server.port)
            #expect(answer.status != 200 && answer.isEnded)
            #expect(ContinuousClock.now - start < .seconds(8))
            let whole = try await RawPeer.exchange(
                "GET /healthz HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n", port: server.port)
            #expect(whole.status == 200)
        }
    }

    @Test func `the operator's socket answers while the server runs, and is gone after`() async throws {
        let folder = try TemporaryFolder()
        try await RunningServer.with(in: folder) { server in
            _ = try await server.ask(.addUser(name: "ann"))
            let mode =
                try FileManager.default.attributesOfItem(atPath: folder["satchel.sock"].path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            let failure = await code { _ = try await server.ask(.addUser(name: "ann")) }
            #expect(failure == .userExists)
        }
        #expect(!FileManager.default.fileExists(atPath: folder["satchel.sock"].path))
        let users = try await OperatorDoor.with(path: folder.path, purpose: "test") { try await $0.perform(.users) }
        guard case .users(let list) = users else { throw SatchelError.unexpectedReply }
        #expect(list.map(\.name) == ["ann"])
    }

    @Test func `a request that is too large for the operator's socket is refused as that`() async throws {
        try await RunningServer.with { server in
            let name = String(repeating: "x", count: ServerLimits.operatorBodyBytesMax + 1)
            #expect(await code { _ = try await server.ask(.addUser(name: name)) } == .tooLarge)
            let nearly = String(repeating: "x", count: ServerLimits.operatorBodyBytesMax - 100)
            #expect(await code { _ = try await server.ask(.addUser(name: nearly)) } == .invalidRequest)
        }
    }

    @Test func `a socket that a killed server left is in nobody's way`() async throws {
        let folder = try TemporaryFolder()
        _ = try StoreMaker.make(path: folder.path, name: "office", schemaSource: nil)
        try Data().write(to: folder["satchel.sock"])
        _ = try await OperatorDoor.with(path: folder.path, purpose: "test") { try await $0.perform(.identity) }
        try await RunningServer.with(in: folder) { server in _ = try await server.ask(.identity) }
    }

    @Test func `a data folder that lies deep has a socket all the same`() async throws {
        let folder = try TemporaryFolder()
        let deep = (0..<4).reduce(folder.url) { url, _ in url.appending(path: String(repeating: "d", count: 40)) }
        _ = try StoreMaker.make(path: deep.path, name: "office", schemaSource: nil)
        let program = try ServerProgram(
            path: deep.path, settings: ServerProgram.Settings(host: "127.0.0.1", port: 0),
            logger: RunningServer.silentLogger)
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { continuation.finish() }
                try await program.run { continuation.yield($0) }
            }
            for await _ in ports {
                let reply = try await OperatorDoor.with(path: deep.path, purpose: "test") {
                    try await $0.perform(.identity)
                }
                #expect(try reply.identityReply().name == "office")
                break
            }
            group.cancelAll()
            try await group.waitForAll()
        }
    }
}

@Suite struct TransportRuleTests {
    @Test(arguments: ["127.0.0.1", "127.8.9.10", "localhost", "::1"])
    func `this machine needs no encryption`(host: String) throws {
        try TransportRule.check(host: host, isEncrypted: false, isBehindProxy: false)
    }

    @Test(arguments: ["http://127.0.0.1:99999", "https://[::1]:65536", "http://localhost:0", "ftp://localhost", "x"])
    func `what is no address is said to be none`(address: String) {
        #expect { _ = try HTTPTransport(serverURL: address, trust: .system) } throws: {
            ($0 as? SatchelError)?.code == .invalidRequest
        }
    }

    @Test(arguments: ["0.0.0.0", "::", "192.168.1.4", "127.0.0.1.example.com", "127.1", "10.127.0.1"])
    func `other addresses need it, or a proxy that gives it`(host: String) throws {
        #expect { try TransportRule.check(host: host, isEncrypted: false, isBehindProxy: false) } throws: {
            ($0 as? SatchelError)?.code == .insecureTransport
        }
        try TransportRule.check(host: host, isEncrypted: true, isBehindProxy: false)
        try TransportRule.check(host: host, isEncrypted: false, isBehindProxy: true)
    }
}
