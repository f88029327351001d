import Foundation
import ScenarioRunner
import Testing

/// Codes, homes and folders that cannot be used.
@Suite struct EnrolmentTests {
    @Test func `a code works once, and a home belongs to one device`() async throws {
        let server = try await ServerProcess.start(in: Site())
        let site = server.site
        let code = try await server.code(for: "ann")
        let device = Device(site: site, home: site.path("first"))
        try await device.run(["enrol", server.url, "--code", code])

        let used = try await site.run(.satchel, ["enrol", server.url, "--code", code, "--home", site.path("second")])
        #expect(used.exitCode == 1 && used.failureCode == "invalid_code", "\(used.account)")
        let wrong = try await site.run(
            .satchel, ["enrol", server.url, "--code", "AAAA-AAAA-AAAA-AAAA", "--home", site.path("second")])
        #expect(wrong.exitCode == 1 && wrong.failureCode == "invalid_code", "\(wrong.account)")
        #expect(!FileManager.default.fileExists(atPath: site.path("second/satchel.sqlite")))

        // A home in use is refused before the code is spent.
        let fresh = try await server.code(for: "bo")
        let taken = try await device.run(["enrol", server.url, "--code", fresh], expecting: [1])
        #expect(taken.failureCode == "data_exists", "\(taken.account)")
        let other = Device(site: site, home: site.path("second"))
        try await other.run(["enrol", server.url, "--code", fresh])

        let nobody = try await server.command(["enrol-code", "nobody"], expecting: [1])
        #expect(nobody.failureCode == "unknown_user", "\(nobody.account)")
        try await device.new("account", ["name=Aster"])
        try await server.requireDrained([device, other])
        try await server.requireGracefulStop()
    }

    @Test func `addresses that are none, or would send a credential in the clear, are refused`() async throws {
        let site = try Site()
        for (address, code) in [
            ("nonsense", "invalid_request"), ("ftp://127.0.0.1", "invalid_request"),
            ("http://crm.example.org", "insecure_transport"),
        ] {
            let result = try await site.run(
                .satchel, ["enrol", address, "--code", "AAAA-AAAA", "--home", site.path("home")])
            #expect(result.exitCode == 64 && result.failureCode == code, "\(result.account)")
        }
        let open = try await site.run(.server, ["serve", "--data", site.path("data"), "--host", "0.0.0.0"])
        #expect(open.exitCode == 64 && open.failureCode == "insecure_transport", "\(open.account)")
        let nowhere = try await site.run(.server, ["list", "account"])
        #expect(nowhere.exitCode == 64 && nowhere.failureCode == "invalid_request", "\(nowhere.account)")
        try site.requireNothingLeaked()
    }

    @Test func `an enrolment that fails says what to do about it, and leaves nothing behind`() async throws {
        let server = try await ServerProcess.start(in: Site())
        let (site, url) = (server.site, server.url)
        let arguments = ["--code", "AAAA-AAAA-AAAA-AAAA", "--home", site.path("new/er/home")]
        let wrong = try await site.run(.satchel, ["enrol", url] + arguments)
        #expect(wrong.exitCode == 1 && wrong.failureCode == "invalid_code", "\(wrong.account)")
        try await server.requireGracefulStop()
        let deaf = try await site.run(.satchel, ["enrol", url] + arguments)
        #expect(deaf.exitCode == 1 && deaf.failureCode == "network_unavailable", "\(deaf.account)")
        let inspector = try await site.run(.inspect, ["enrol", url, "--code", "AAAA-AAAA-AAAA-AAAA"])
        #expect(inspector.exitCode == 1 && inspector.failureCode == "network_unavailable", "\(inspector.account)")
        for result in [deaf, inspector] {
            #expect(result.error.contains("enrol again"), "\(result.account)")
            #expect(!result.error.contains("sync") && !result.error.contains("kept"), "\(result.account)")
        }
        #expect(!FileManager.default.fileExists(atPath: site.path("new")))
        // A folder that was there stays.
        try FileManager.default.createDirectory(atPath: site.path("mine"), withIntermediateDirectories: true)
        _ = try await site.run(.satchel, ["enrol", url, "--code", "AAAA", "--home", site.path("mine")])
        #expect(FileManager.default.fileExists(atPath: site.path("mine")))
        try site.requireNothingLeaked()
    }

    @Test func `while no server answers, work is kept and the sync says so`() async throws {
        let server = try await ServerProcess.start(in: Site())
        let device = try await server.enrol("ann")
        try await server.requireGracefulStop()
        let account = try await device.new("account", ["name=Aster"])
        let sync = try await device.run(["sync"], expecting: [4])
        #expect(sync.failureCode == "network_unavailable", "\(sync.account)")
        #expect(try await device.status().pending.count == 1)
        #expect(try await device.status().lastFailure == "network_unavailable")

        try await server.serve()
        try await server.requireDrained([device])
        #expect(try await device.status().lastFailure == nil)
        #expect(try await device.show("account", account).life == "alive")
        try await server.requireGracefulStop()
    }
}
