import Foundation
import SatchelServer
import SatchelSync
import SatchelTestSupport
import Testing

@Suite(
    .serialized, .enabled(if: OpenSSL.path != nil, "needs openssl, which is not installed"), .timeLimit(.minutes(1)))
struct EncryptionTests {
    private static let health = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"

    private func keys(_ certificate: String, _ key: String, in folder: TemporaryFolder) throws -> TransportKeys {
        try TransportKeys(certificatePath: folder[certificate].path, keyPath: folder[key].path)
    }

    @Test func `a server with a certificate answers over TLS, and nobody who speaks plain HTTP`() async throws {
        let folder = try TemporaryFolder()
        try await OpenSSL.makeKeys(in: folder)
        try await RunningServer.with(keys: keys("server.pem", "server.key", in: folder)) { server in
            let secret = try await OpenSSL.run(
                [
                    "s_client", "-quiet", "-connect", "127.0.0.1:\(server.port)", "-CAfile", folder["server.pem"].path,
                    "-verify_ip", "127.0.0.1", "-verify_return_error",
                ], input: Self.health)
            #expect(secret.output.contains("HTTP/1.1 200 OK"), "\(secret.output)")
            #expect(secret.output.contains(#"{"status":"alive"}"#), "\(secret.output)")
            let plain = try await RawPeer.exchange(Self.health, port: server.port).text
            #expect(!plain.contains("HTTP/1.1"), "\(plain)")
            #expect(!plain.contains("alive"))
        }
    }

    @Test func `whoever begins no handshake is sent away in time, and a refusal comes through encrypted`() async throws
    {
        let folder = try TemporaryFolder()
        try await OpenSSL.makeKeys(in: folder)
        var peers = PeerLimits()
        peers.headPatience = .seconds(2)
        try await RunningServer.with(peers: peers, keys: keys("server.pem", "server.key", in: folder)) { server in
            let silent = try await RawPeer.exchange("", port: server.port)
            #expect(silent.isEnded && silent.bytes.isEmpty)
            let half = try await RawPeer.exchange([0x16, 0x03, 0x01, 0x02, 0x00, 0x01], port: server.port)
            #expect(half.isEnded)
            let refused = try await OpenSSL.run(
                ["s_client", "-quiet", "-connect", "127.0.0.1:\(server.port)", "-CAfile", folder["server.pem"].path],
                input: "GET /healthz HTTP/1.1\r\nHost: here\r\nHost: there\r\n\r\n")
            #expect(refused.output.contains("HTTP/1.1 400"), "\(refused.output)")
            #expect(refused.output.contains("invalid_request"), "\(refused.output)")
        }
    }

    @Test func `a client that trusts other certificates only does not get through`() async throws {
        let folder = try TemporaryFolder()
        try await OpenSSL.makeKeys(in: folder)
        try await OpenSSL.makeKeys(in: folder, name: "other")
        try await RunningServer.with(keys: keys("server.pem", "server.key", in: folder)) { server in
            let answer = try await OpenSSL.run(
                [
                    "s_client", "-quiet", "-connect", "127.0.0.1:\(server.port)", "-CAfile", folder["other.pem"].path,
                    "-verify_return_error",
                ], input: Self.health)
            #expect(answer.code != 0)
            #expect(!answer.output.contains("alive"))
        }
    }

    @Test func `a certificate and a key that do not belong together are refused before the server starts`() async throws
    {
        let folder = try TemporaryFolder()
        try await OpenSSL.makeKeys(in: folder)
        try await OpenSSL.makeKeys(in: folder, name: "other")
        try Data("nothing".utf8).write(to: folder["nothing"])
        let pairs = [
            ("server.pem", "other.key"), ("server.pem", "nothing"), ("nothing", "server.key"), ("server.pem", "absent"),
        ]
        for (certificate, key) in pairs {
            let error = #expect(throws: SatchelError.self) { try keys(certificate, key, in: folder) }
            #expect(error?.code == .invalidRequest, "\(certificate) and \(key)")
        }
    }
}
