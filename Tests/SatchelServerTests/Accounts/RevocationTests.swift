import SatchelServer
import SatchelStorage
import SatchelSync
import SatchelTestSupport
import SatchelWire
import Testing

/// A device that an operator has locked out, and lets in again.
@Suite struct RevocationTests {
    private func device(_ reply: OperatorReply) throws -> DeviceReply {
        guard case .devices(let devices) = reply, devices.count == 1 else { throw SatchelError.unexpectedReply }
        return devices[0]
    }

    private func revoke(_ server: TestServer, _ name: String, _ reason: String? = nil) async throws -> DeviceReply {
        try device(try await server.service.perform(.revoke(device: name, reason: reason)))
    }

    private func reinstate(_ server: TestServer, _ name: String) async throws -> DeviceReply {
        try device(try await server.service.perform(.reinstate(device: name)))
    }

    @Test func `what a device brings that is locked out is not taken, and is once it is let in again`() async throws {
        let server = try TestServer()
        var (ann, bo) = (try await server.device("ann"), try await server.device("bo"))
        ann.edit(.sample(1), life: .create, .name("one"))
        _ = try await ann.sync()
        let id = ann.account.id.description
        let revoked = try await revoke(server, String(id.suffix(4)), "Lost on the train")
        #expect(revoked.id == id && revoked.revocationReason == "Lost on the train")
        ann.edit(.sample(1), .phone("2"))
        // Also with an account that was looked up before.
        for request in [ann.request(), ann.request(changeSets: [])] {
            do {
                _ = try await server.engine().frames(for: request, from: ann.account)
                Issue.record("a device that is locked out was answered")
            } catch let error as SatchelError {
                #expect(error.code == .deviceRevoked && !error.isTransient)
                #expect(
                    error.message.hasSuffix(", and said: \"Lost on the train\".")
                        && error.remedy?.contains("kept") == true)
            }
        }
        #expect(try await server.frontier(of: ann) == 1)
        bo.edit(.sample(2), life: .create, .name("two"))
        #expect(try await bo.sync().map(\.verdict) == [.applied])

        // It is kept, the reason can be another one, and a second time is once.
        try server.store.close()
        let again = try TestServer(reopening: server.folder)
        let since = try #require(revoked.revokedAt)
        again.clock.advance(milliseconds: 60_000)
        let second = try await revoke(again, id, "Stolen")
        #expect(second.revokedAt == since && second.revocationReason == "Stolen")
        #expect(try await revoke(again, id).revocationReason == "Stolen")
        #expect(try await reinstate(again, id).revokedAt == nil)
        #expect(try await reinstate(again, id).revocationReason == nil)
        let frames = try await again.engine().frames(for: ann.request(), from: ann.account)
        #expect(ann.take(frames).map(\.verdict) == [.applied])
        #expect(ann.states.count == 2)
    }

    @Test func `a long answer ends where its device is locked out`() async throws {
        let server = try TestServer()
        var (ann, bo) = (try await server.device("ann"), try await server.device("bo"))
        for number in 1...6 { ann.edit(.sample(number), life: .create, .name("record \(number)")) }
        _ = try await ann.sync()
        let engine = server.engine(recordsMax: 2)
        var cursor = try await engine.begin(bo.request(), from: bo.account)
        #expect(try await engine.nextFrames(&cursor).deltas.count == 2)
        _ = try await revoke(server, bo.account.id.description)
        let refused = await code { _ = try await engine.nextFrames(&cursor) }
        #expect(refused == .deviceRevoked)
        _ = bo.take([])
    }

    @Test func `a restore lets nobody in who was locked out since the backup`() async throws {
        let server = try ExchangeServer()
        let (ann, bo) = (
            try await server.enrol("ann", actor: .sample(1)), try await server.enrol("bo", actor: .sample(2))
        )
        try await ann.sync()
        try await server.backUp(as: "early")
        let id = try #require(
            await server.store.read { try $0.devices() }.first { $0.user == "ann" }?.id.description)
        _ = try await server.service.perform(.revoke(device: id, reason: "Lost"))
        try server.restore("early")
        let devices = try await server.store.read { try $0.devices() }
        #expect(devices.map { $0.revocation?.reason } == ["Lost", nil])
        await #expect(throws: SatchelError.self) { try await ann.sync() }
        try await bo.sync()
        _ = try await server.service.perform(.reinstate(device: id))
        try await ann.sync()
    }

    @Test func `a device is named by its id, and a reason is a line of text`() async throws {
        let server = try TestServer()
        _ = try await server.device("ann")
        let id = try #require(try await server.store.read { try $0.devices() }.first?.id.description)
        for (name, reason, wanted) in [
            ("ffff", nil, SatchelError.Code.invalidRequest), (String(id.suffix(3)), nil, .invalidRequest),
            ("", nil, .invalidRequest), (id, "", .invalidRequest), (id, "two\nlines", .invalidRequest),
            (id, String(repeating: "x", count: 501), .invalidRequest),
        ] as [(String, String?, SatchelError.Code)] {
            #expect(await code { _ = try await revoke(server, name, reason) } == wanted, "\(name)")
        }
        #expect(try await revoke(server, id.uppercased()).revokedAt != nil)
    }

    @Test func `over HTTP all that the device asks for is refused, and others go on`() async throws {
        try await RunningServer.with { server in
            let (ann, bo) = (try await server.enrol("ann"), try await server.enrol("bo"))
            _ = try await server.ask(.revoke(device: ann.deviceID, reason: nil))
            let push = try WireCodec.encode(ann.request([ann.account("Acme")]))
            for (method, path, body) in [
                ("POST", "/v1/sync", push), ("GET", "/v1/schema", nil), ("GET", "/v1/events", nil),
                ("GET", "/v1/conflicts", nil), ("POST", "/v1/conflicts/\(RecordID.sample(1))/resolve", push),
            ] as [(String, String, [UInt8]?)] {
                let answer = try await server.send(method, path, token: ann.token, body: body)
                #expect(answer.status == 403 && answer.code == "device_revoked", "\(path)")
            }
            #expect(try await server.send("GET", "/v1/schema", token: bo.token).status == 200)
            _ = try await server.ask(.reinstate(device: ann.deviceID))
            #expect(try await server.send("POST", "/v1/sync", token: ann.token, body: push).status == 200)
        }
    }
}
