import Foundation
import GRDB
import SatchelServer
import SatchelSync
import SatchelTestSupport
import SatchelWire
import Testing

@Suite(.serialized) struct ShutdownTests {
    private func devices(in folder: TemporaryFolder) async throws -> [DeviceReply] {
        let reply = try await OperatorDoor.with(path: folder.path, purpose: "test") { try await $0.perform(.devices) }
        guard case .devices(let devices) = reply else { throw SatchelError.unexpectedReply }
        return devices
    }

    private func visit(_ server: RunningServer) async throws {
        let ann = try await server.enrol("ann")
        let body = try WireCodec.encode(ann.request())
        #expect(try await server.send("POST", "/v1/sync", token: ann.token, body: body).status == 200)
    }

    @Test func `a server that stops writes when devices last came, and gives the folder back`() async throws {
        let folder = try TemporaryFolder()
        try await RunningServer.with(in: folder) { try await visit($0) }
        #expect(try await devices(in: folder).first?.lastSeenAt != nil)
    }

    @Test func `a server that is cancelled while devices connect ends as it should`() async throws {
        let folder = try TemporaryFolder()
        for _ in 0..<8 {
            try await RunningServer.with(in: folder) { server in
                // They wait to be accepted when the server is told to end, and are let go before anybody looks at them.
                for _ in 0..<20 { _ = try RawPeer(port: server.port) }
            }
        }
        #expect(!FileManager.default.fileExists(atPath: folder["satchel.sock"].path))
    }

    @Test func `a server that cannot write when devices last came gives the folder back all the same`() async throws {
        let folder = try TemporaryFolder()
        try await RunningServer.with(in: folder) { server in
            try await visit(server)
            try await TestServer.connection(to: folder["satchel.sqlite"]).write { db in
                try db.execute(
                    sql: """
                        CREATE TRIGGER trip BEFORE UPDATE OF last_seen_at ON satchel_device
                        BEGIN SELECT RAISE(ABORT, 'broken'); END
                        """)
            }
        }
        #expect(!FileManager.default.fileExists(atPath: folder["satchel.sock"].path))
        let found = try await devices(in: folder)
        #expect(found.count == 1)
        #expect(found.first?.lastSeenAt == nil)
    }
}
