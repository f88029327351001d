import Foundation
import ScenarioRunner
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// TLS between real programs: who is taken for the server, and what is told where nobody is.
@Suite(.enabled(if: Keyring.isPossible, "needs openssl, which is not installed")) struct TransportTests {
    @Test func `a server that signs its own certificate is known by its key from the first contact on`() async throws {
        let server = try await ServerProcess.start(in: Site())
        let site = server.site
        try await server.stop()
        try await server.serve(arguments: ["--tls"])
        let url = "https://127.0.0.1:\(server.port)"
        for name in ["satchel.certificate.pem", "satchel.key.pem"] {
            let mode = try FileManager.default.attributesOfItem(atPath: server.data + "/" + name)[.posixPermissions]
            #expect(mode as? Int == 0o600)
        }
        let code = try await server.code(for: "ann")
        #expect(code.count == 49)
        let home = site.path("home")
        // Without the key nobody vouches for the certificate; with another one it is somebody else. The code is not sent.
        for (typed, failure) in [
            (String(code.prefix(19)), "untrusted_server"),
            ("\(code.prefix(19))-AAAA-AAAA-AAAA-AAAA-AAAA-AAAA", "wrong_server_key"),
        ] {
            let refused = try await site.run(.satchel, ["enrol", url, "--code", typed, "--home", home])
            #expect(refused.exitCode == 1 && refused.failureCode == failure, "\(refused.account)")
            #expect(refused.error.contains("not sent"), "\(refused.account)")
        }
        #expect(try !server.process().errorText.contains("/v1/enrol"))
        let device = Device(site: site, home: home)
        // The key is what counts, not the name.
        try await device.run(["enrol", "https://localhost:\(server.port)", "--code", code])
        let account = try await device.new("account", ["name=Aster"])
        try await device.run(["sync"])
        let plain = try await site.run(
            .satchel, ["enrol", server.url, "--code", code, "--home", site.path("plain")])
        #expect(plain.exitCode == 1 && plain.failureCode == "network_unavailable", "\(plain.account)")
        try await requireInspector(of: server, at: url)

        let old = try await device.run(["trust", "--json"]).decoded(TrustForm.self)
        #expect(old.trust == "key" && old.key == String(code.suffix(29)))
        let new = try await server.command(["certificate", "new", "--replace", "-q"]).output.filter { !$0.isNewline }
        #expect(new != old.key)
        try await server.rereadCertificate()
        try await device.run(["set", "account", account, "phone=555"])
        let refused = try await device.run(["sync"], expecting: [4])
        #expect(refused.failureCode == "wrong_server_key", "\(refused.account)")
        #expect(refused.error.contains("satchel trust"), "\(refused.account)")
        #expect(try await device.status().pending.count == 1)
        #expect(try await device.status().lastFailure == "wrong_server_key")
        try await device.run(["trust", new])
        try await server.requireDrained([device])
        try await server.requireGracefulStop()
    }

    private func requireInspector(of server: ServerProcess, at url: String) async throws {
        let code = try await server.code(for: "office")
        let other = "\(code.prefix(19))-AAAA-AAAA-AAAA-AAAA-AAAA-AAAA"
        let refused = try await server.site.run(.inspect, ["enrol", url, "--code", other])
        #expect(refused.exitCode == 1 && refused.failureCode == "wrong_server_key", "\(refused.account)")
        for arguments in [["enrol", url, "--code", code], ["list", "--server", url]] {
            let result = try await server.site.run(.inspect, arguments)
            #expect(result.exitCode == 0, "\(result.account)")
        }
    }

    @Test func `an authority of one's own is enough, and its certificates may be renewed`() async throws {
        let server = try await ServerProcess.start(in: Site())
        let site = server.site
        let keyring = try await Keyring(in: site)
        try await keyring.sign(host: "IP:127.0.0.1")
        try await server.stop()
        try await server.serve(arguments: keyring.options)
        let url = "https://127.0.0.1:\(server.port)"
        let code = try await server.code(for: "ann")
        #expect(code.count == 19, "a key that changes with each certificate is not named")
        let device = Device(site: site, home: site.path("home"))
        let stranger = try await device.run(["enrol", url, "--code", code], expecting: [1])
        #expect(stranger.failureCode == "untrusted_server", "\(stranger.account)")
        let noFile = try await device.run(["enrol", url, "--code", code, "--ca", server.data], expecting: [1])
        #expect(noFile.failureCode == "invalid_request", "\(noFile.account)")
        try await device.run(["enrol", url, "--code", code, "--ca", keyring.authorityPath])
        try await device.new("account", ["name=Aster"])
        try await device.run(["sync"])

        // Another key, the same authority.
        try await keyring.sign(host: "IP:127.0.0.1")
        try await server.rereadCertificate()
        try await device.run(["sync"])

        for (host, days, authority, words) in [
            ("DNS:crm.example.org", "2", "authority", "another host"),
            ("IP:127.0.0.1", "-1", "authority", "out of date"),
            ("IP:127.0.0.1", "2", "other", "authority"),
        ] {
            try await keyring.sign(host: host, days: days, by: authority)
            try await server.rereadCertificate()
            let refused = try await device.run(["sync"], expecting: [4])
            #expect(refused.failureCode == "untrusted_server", "\(host) \(days): \(refused.account)")
            #expect(refused.error.contains(words), "\(refused.account)")
        }
        let other = site.path("other.pem")
        try await device.run(["trust", "--ca", other])
        try await device.run(["sync"])
        #expect(try await device.run(["trust", "--json"]).decoded(TrustForm.self).trust == "authority")
        try await server.requireGracefulStop()
    }

    @Test func `TLS 1.1 is spoken by neither end`() async throws {
        let server = try await ServerProcess.start(in: Site())
        let site = server.site
        try await server.stop()
        try await server.serve(arguments: ["--tls"])
        let old = ["-cipher", "DEFAULT@SECLEVEL=0"]
        for (arguments, isSpoken) in [
            (["-tls1_3"], true), (["-tls1_2"], true), (["-tls1_1"] + old, false),
            // Of TLS 1.2 only what keeps past talk secret.
            (["-tls1_2", "-cipher", "AES128-SHA:AES256-SHA256"], false),
        ] {
            let code = try await Keyring.run(
                ["s_client", "-connect", "127.0.0.1:\(server.port)"] + arguments, in: site
            ).code
            #expect((code == 0) == isSpoken, "\(arguments)")
        }
        let code = try await server.code(for: "ann")
        try await server.stop()
        // The same key on the same port, in the mouth of an old server.
        let pair = ["-cert", server.data + "/satchel.certificate.pem", "-key", server.data + "/satchel.key.pem"]
        let ancient = try Keyring.start(
            ["s_server", "-accept", String(server.port), "-tls1_1", "-www", "-quiet"] + old + pair, in: site)
        defer { ancient.signal(SIGKILL) }
        let url = "https://127.0.0.1:\(server.port)"
        let refused = try await Patience.until("an answer of the old server") { () async throws -> ProgramResult? in
            let result = try await site.run(.satchel, ["enrol", url, "--code", code, "--home", site.path("home")])
            return result.failureCode == "network_unavailable" ? nil : result
        }
        #expect(refused.failureCode == "unknown_answer", "\(refused.account)")
        #expect(refused.error.contains("TLS"), "\(refused.account)")
    }

    @Test func `others than this machine are served encrypted, or not at all`() async throws {
        let server = try await ServerProcess.start(in: Site())
        try await server.stop()
        try await server.serve(arguments: ["--host", "0.0.0.0"])
        let code = try await server.code(for: "ann")
        let device = Device(site: server.site, home: server.site.path("home"))
        try await device.run(["enrol", "https://127.0.0.1:\(server.port)", "--code", code])
        try await device.run(["sync"])
        try await server.requireGracefulStop()
        try FileManager.default.removeItem(atPath: server.data + "/satchel.key.pem")
        let open = try await server.command(["serve", "--host", "0.0.0.0", "--port", "0"], expecting: [64])
        #expect(open.failureCode == "insecure_transport", "\(open.account)")
        let none = try await server.command(["serve", "--tls", "--port", "0"], expecting: [1])
        #expect(none.failureCode == "missing_data", "\(none.account)")
    }
}

/// What `trust --json` prints.
private struct TrustForm: Decodable {
    let trust: String
    let key: String?
}

/// Certificates as `openssl` makes them, and that program itself.
private struct Keyring {
    static let isPossible = Places.installed("openssl") != nil

    private let site: Site

    /// Makes two authorities, `authority` and `other`.
    init(in site: Site) async throws {
        self.site = site
        for name in ["authority", "other"] {
            try await Self.require(
                ["req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=\(name)", "-keyout", site.path("\(name).key")]
                    + ["-out", site.path("\(name).pem"), "-addext", "basicConstraints=critical,CA:TRUE"] + Self.newKey,
                in: site)
        }
    }

    private static let newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]

    var authorityPath: String { site.path("authority.pem") }
    /// What `serve` is told.
    var options: [String] { ["--certificate", site.path("leaf.pem"), "--key", site.path("leaf.key")] }

    /// Makes a fresh key and certificate for the server.
    func sign(host: String, days: String = "2", by authority: String = "authority") async throws {
        let (request, extensions) = (site.path("leaf.request"), site.path("leaf.extensions"))
        try Data("subjectAltName=\(host)\n".utf8).write(to: URL(filePath: extensions))
        try await Self.require(
            ["req", "-new", "-nodes", "-subj", "/CN=leaf", "-keyout", site.path("leaf.key"), "-out", request]
                + Self.newKey, in: site)
        try await Self.require(
            ["x509", "-req", "-in", request, "-days", days, "-extfile", extensions, "-out", site.path("leaf.pem")]
                + ["-CA", site.path("\(authority).pem"), "-CAkey", site.path("\(authority).key"), "-CAcreateserial"],
            in: site)
    }

    static func start(_ arguments: [String], in site: Site) throws -> RunningProcess {
        guard let openssl = Places.installed("openssl") else { throw AcceptanceFailure("There is no openssl.") }
        return try site.start(openssl, arguments.map { Array($0.utf8) })
    }

    static func run(_ arguments: [String], in site: Site) async throws -> (code: Int32, text: String) {
        let result = try await start(arguments, in: site).end()
        return (result.exitCode, result.error)
    }

    private static func require(_ arguments: [String], in site: Site) async throws {
        let (code, text) = try await run(arguments, in: site)
        guard code == 0 else { throw AcceptanceFailure("openssl \(arguments): \(text)") }
    }
}

extension ServerProcess {
    /// Has it read its certificate's files again, and waits until it has.
    fileprivate func rereadCertificate() async throws {
        let process = try process()
        let words = "the certificate was read again"
        let count = process.errorText.ranges(of: words).count
        process.signal(SIGHUP)
        try await Patience.until("the new certificate") {
            process.errorText.ranges(of: words).count > count ? true : nil
        }
    }
}
