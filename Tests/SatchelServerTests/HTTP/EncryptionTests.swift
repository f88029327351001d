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

    @Test func `the certificate that a store gets of its own is one that openssl reads and verifies`() async throws {
        let folder = try TemporaryFolder()
        _ = try StoreMaker.make(path: folder.path, name: "office", schemaSource: nil)
        let own = OwnCertificate(dataPath: folder.path)
        #expect(throws: SatchelError.self) { try own.keys() }
        let keys = try own.make(hosts: ["crm.example.org", "10.0.0.7", "2001:db8::7"])
        #expect(keys.isSelfSigned && keys.keyHash.count == 64)
        let text = try await OpenSSL.run(["x509", "-in", own.certificatePath, "-noout", "-text", "-pubkey"]).output
        for part in [
            "DNS:crm.example.org", "IP Address:10.0.0.7", "IP Address:2001:DB8:0:0:0:0:0:7", "Dec 31 23:59:59 9999",
        ] {
            #expect(text.contains(part), "\(part) in \(text)")
        }
        let verified = try await OpenSSL.run([
            "verify", "-x509_strict", "-purpose", "sslserver", "-verify_hostname", "crm.example.org", "-CAfile",
            own.certificatePath, own.certificatePath,
        ])
        #expect(verified.code == 0, "\(verified.output)")
        // The key is that of RFC 7469: SHA-256 over the DER of the public key.
        let publicKey = folder["public.der"].path
        _ = try await OpenSSL.run(
            ["pkey", "-in", own.keyPath, "-pubout", "-outform", "DER", "-out", publicKey])
        let hash = try await OpenSSL.run(["dgst", "-sha256", publicKey]).output
        #expect(hash.contains(keys.keyHash), "\(hash)")
        try await OpenSSL.makeKeys(in: folder, name: "satchel.other")
        let other = try self.keys("satchel.other.pem", "satchel.other.key", in: folder)
        #expect(other.isSelfSigned && other.keyText != keys.keyText)
        #expect(throws: SatchelError.self) { try own.make(hosts: ["not a host"]) }
        #expect(try own.make().keyText != keys.keyText)
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
