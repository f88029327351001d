import Foundation
import ScenarioRunner
import Testing

/// A device whose disk is nearly full gives up what the server has had for thirty days, and its receipts say so.
@Suite struct KeepingTests {
    private struct Status: Decodable {
        let outline_count: Int
        let outline_not_backed_up_count: Int
        let confirmed_count: Int
        let pending_count: Int
    }
    private struct Entry: Decodable { let writes: [String: String?] }

    @Test
    func `past thirty days and short of space the writes of what the server has are given up, and status says so`()
        async throws
    {
        let site = try Site()
        let clock = site.path("clock")
        try site.write("+0", to: clock)
        let now = "SATCHEL_NOW=@\(clock)"
        // Eight megabytes are less than what a device would spare.
        try await SmallDisk.with(in: site, megabytes: 8) { disk in
            let server = try await ServerProcess.start(in: site, environment: [now])
            try await server.requireGracefulStop()
            try await server.serve(environment: [now], arguments: ["--no-daily-backup"])
            let device = try await server.enrol("ann", home: disk.path + "/home").with(now)
            let text = String(repeating: "a long note ", count: 40)
            let account = try await device.new("account", ["name=Aster", "note=\(text)"])
            try await device.sync()
            func status() async throws -> Status { try await device.run(["status", "--json"]).decoded() }
            try site.write("+\(29 * 86_400)", to: clock)
            try await device.sync()
            #expect(try await status().outline_count == 0)

            try site.write("+\(31 * 86_400)", to: clock)
            try await device.sync()
            let after = try await status()
            #expect(after.outline_count == 1 && after.outline_not_backed_up_count == 1)
            #expect(after.confirmed_count == 1 && after.pending_count == 0)
            let sentences = try await device.run(["status"]).output
            #expect(
                sentences.contains(
                    "no more than an outline of 1 change-set that the server has. 1 of them is in no backup"))
            let log = try await device.run(["log", "account", account, "--json"]).decoded([Entry].self)
            #expect(log.first?.writes["note"] == .some(nil))
            // The value is there for everybody, and the next edit is as any other.
            #expect(try await device.show("account", account).fields["note"] == .text(text))
            _ = try await device.edit(["set", "account", account, "phone=5551234", "--json"])
            try await device.sync()
            try await server.command(["backup", site.path("office.backup")])
            try await device.sync()
            #expect(try await status().outline_not_backed_up_count == 0)
            _ = try await server.command(["verify"])
            try await server.requireDrained([device])
            try await server.requireGracefulStop()
        }
    }
}
