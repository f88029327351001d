import SatchelServer
import SatchelStorage
import SatchelSync
import SatchelTestSupport
import SatchelWire
import Testing

@Suite struct EnrolmentTests {
    private func desk(_ server: TestServer) -> EnrolmentDesk<SQLiteServerStore> {
        EnrolmentDesk(store: server.store, queue: server.queue, clock: server.clock)
    }

    private func code(for user: String, _ server: TestServer) async throws -> String {
        _ = try await server.service.perform(.addUser(name: user))
        return try await desk(server).makeCode(forUser: user).code
    }

    @Test func `a code makes one device, however it is typed`() async throws {
        let server = try TestServer()
        let code = try await code(for: "ann", server)
        let typed = code.lowercased().replacing("-", with: " ").replacing("0", with: "o").replacing("1", with: "l")
        let reply = try await desk(server).enrol(EnrolRequest(code: typed, deviceName: "phone"))
        #expect(reply.user == "ann")
        #expect(reply.schemaSource == "items")
        #expect(reply.epoch == server.store.identity.epoch)
        #expect(code.split(separator: "-").map(\.count) == [4, 4, 4, 4])
    }

    @Test func `a used code is refused`() async throws {
        let server = try TestServer()
        let code = try await code(for: "ann", server)
        _ = try await desk(server).enrol(EnrolRequest(code: code, deviceName: "phone"))
        let failure = await SatchelServerTests.code {
            _ = try await desk(server).enrol(EnrolRequest(code: code, deviceName: "phone"))
        }
        #expect(failure == .invalidCode)
        #expect(try await server.store.read { try $0.devices().count } == 1)
    }

    @Test func `a code is over after ten minutes`() async throws {
        let server = try TestServer()
        let code = try await code(for: "ann", server)
        server.clock.advance(milliseconds: 600_000)
        let failure = await SatchelServerTests.code {
            _ = try await desk(server).enrol(EnrolRequest(code: code, deviceName: "phone"))
        }
        #expect(failure == .invalidCode)
    }

    @Test(arguments: ["", " phone", "a\u{0}b", "a\nb", String(repeating: "x", count: 129)])
    func `a device's name that would harm a list is refused`(name: String) async throws {
        let server = try TestServer()
        let code = try await code(for: "ann", server)
        let failure = await SatchelServerTests.code {
            _ = try await desk(server).enrol(EnrolRequest(code: code, deviceName: name))
        }
        #expect(failure == .invalidRequest)
    }

    @Test func `nothing in the file gives a token or a code away`() async throws {
        let server = try TestServer()
        let code = try await code(for: "ann", server)
        let reply = try await desk(server).enrol(EnrolRequest(code: code, deviceName: "phone"))
        try server.store.close()
        let bytes = try [UInt8](contentsOf: server.folder["satchel.sqlite"])
        #expect(!bytes.contains(subsequence: Array(reply.token.utf8)))
        #expect(!bytes.contains(subsequence: [UInt8](hexString: reply.token) ?? []))
        #expect(!bytes.contains(subsequence: Array(code.filter { $0 != "-" }.utf8)))
        #expect(bytes.contains(subsequence: Array("phone".utf8)))
    }

    @Test func `a user is made once`() async throws {
        let server = try TestServer()
        _ = try await server.service.perform(.addUser(name: "ann"))
        #expect(
            await SatchelServerTests.code { _ = try await server.service.perform(.addUser(name: "ann")) } == .userExists
        )
        #expect(
            await SatchelServerTests.code { _ = try await server.service.perform(.makeCode(user: "bo")) }
                == .unknownUser)
    }
}
