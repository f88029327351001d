import Foundation
import ScenarioRunner
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Real proxies in front, with the files that the README tells people to use.
@Suite(.serialized) struct ProxyTests {
    @Test(.enabled(if: Nginx.path != nil, "needs nginx, which is not installed"))
    func `behind nginx devices enrol, sync and are told what the server says`() async throws {
        try await play(Nginx.start)
    }

    @Test(.enabled(if: Caddy.path != nil, "needs Caddy, which is not installed"))
    func `behind Caddy devices enrol, sync and are told what the server says`() async throws {
        try await play(Caddy.start)
    }

    private func play(
        _ start: (_ site: Site, _ port: Int, _ serverPort: Int, _ keys: String) throws -> RunningProcess
    ) async throws {
        let server = try await ServerProcess.start(in: Site())
        let site = server.site
        try await server.stop()
        try await server.serve(arguments: ["--behind-proxy"])
        let proxyPort = try Example.freePort()
        let proxy = try start(site, proxyPort, server.port, server.data)
        defer { proxy.signal(SIGTERM) }
        let url = "https://127.0.0.1:\(proxyPort)"

        // The proxy shows the certificate that `init` made: who trusts that as an authority trusts the proxy.
        let authority = server.data + "/satchel.certificate.pem"
        let home = site.path("home")
        let code = try await server.code(for: "ann")
        #expect(code.count == 19, "a server behind a proxy does not know what that shows")
        let device = Device(site: site, home: home)
        try await Patience.until("the proxy") { () async throws -> Bool? in
            let result = try await site.run(
                .satchel, ["enrol", url, "--code", "AAAA-AAAA-AAAA-AAAA", "--ca", authority, "--home", home])
            return result.failureCode == "invalid_code" ? true : nil
        }
        try await device.run(["enrol", url, "--code", code, "--ca", authority])
        for number in 0..<5 { try await device.new("account", ["name=Aster \(number)"]) }
        try await device.run(["sync"])
        let other = Device(site: site, home: site.path("other"))
        try await other.run(["enrol", url, "--code", try await server.code(for: "bo"), "--ca", authority])
        try await server.requireDrained([device, other])
        // News pass as they come, and a watching device is answered through them.
        let watch = try other.start(["sync", "--watch"])
        let seen = try await device.new("account", ["name=Told at once"])
        try await device.run(["sync"])
        try await Patience.until("what the other device told") { () async throws -> Bool? in
            try await other.list("account").contains { $0.id == seen } ? true : nil
        }
        watch.signal(SIGTERM)
        try await site.end(watch, expecting: [0])

        // While the server is away the proxy answers with a page of its own: unknown, and tried again.
        let account = try await device.new("account", ["name=Birch"])
        try await server.requireGracefulStop()
        let away = try await device.run(["sync"], expecting: [4])
        #expect(away.failureCode == "unknown_answer", "\(away.account)")
        try await server.serve(arguments: ["--behind-proxy"])
        try await device.run(["sync", "--now"])
        try await other.run(["sync"])
        #expect(try await other.show("account", account).life == "alive")
        try await server.requireGracefulStop()
    }
}

/// An example's file, in which only ports, files and folders are other ones.
private enum Example {
    static func text(_ name: String, replacing changes: KeyValuePairs<String, String>) throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        var text = try String(contentsOf: root.appending(path: "Examples/\(name)"), encoding: .utf8)
        for (from, to) in changes {
            guard text.contains(from) else { throw AcceptanceFailure("The example does not say \(from).") }
            text = text.replacing(from, with: to)
        }
        return text
    }

    static func program(_ name: String) -> String? {
        Places.installed(name)
            ?? ["/usr/sbin/\(name)"].first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// A port that nobody listens on now.
    static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe bind(descriptor, pointer, length) + getsockname(descriptor, pointer, &length)
            }
        }
        guard status == 0 else { throw AcceptanceFailure("No port is free.") }
        return Int(UInt16(bigEndian: address.sin_port))
    }

}

/// nginx, on a free port of this machine.
private enum Nginx {
    static let path = Example.program("nginx")

    static func start(in site: Site, port: Int, serverPort: Int, keys: String) throws -> RunningProcess {
        guard let path else { throw AcceptanceFailure("There is no nginx.") }
        let folder = site.path("nginx")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let text = try Example.text(
            "nginx/satchel.conf",
            replacing: [
                "127.0.0.1:8080": "127.0.0.1:\(serverPort)", "listen 443": "listen 127.0.0.1:\(port)",
                "/etc/ssl/satchel/fullchain.pem": keys + "/satchel.certificate.pem",
                "/etc/ssl/satchel/privkey.pem": keys + "/satchel.key.pem",
            ])
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map {
            "\($0)_temp_path \(folder)/\($0);"
        }
        let configuration = """
            daemon off;
            master_process off;
            pid \(folder)/pid;
            error_log \(folder)/errors;
            events {}
            http {
                access_log off;
                \(temporary.joined(separator: "\n"))
                \(text)
            }

            """
        try Data(configuration.utf8).write(to: URL(filePath: folder + "/nginx.conf"))
        return try site.start(path, ["-e", folder + "/errors", "-c", folder + "/nginx.conf"].map { Array($0.utf8) })
    }
}

/// Caddy, on a free port of this machine.
private enum Caddy {
    static let path = Example.program("caddy")

    static func start(in site: Site, port: Int, serverPort: Int, keys: String) throws -> RunningProcess {
        guard let path else { throw AcceptanceFailure("There is no Caddy.") }
        let text = try Example.text(
            "caddy/Caddyfile",
            replacing: [
                "127.0.0.1:8080": "127.0.0.1:\(serverPort)", "crm.example.org": "https://127.0.0.1:\(port)",
                "/etc/ssl/satchel/fullchain.pem": keys + "/satchel.certificate.pem",
                "/etc/ssl/satchel/privkey.pem": keys + "/satchel.key.pem",
            ])
        // Nobody else's port is taken.
        let file = site.path("Caddyfile")
        try site.write("{\n\tadmin off\n\tauto_https off\n}\n\n" + text, to: file)
        return try site.start(path, ["run", "--config", file, "--adapter", "caddyfile"].map { Array($0.utf8) })
    }
}
