import Foundation
import ScenarioRunner
import Testing

/// Disks without space, on small file systems in memory: nothing is lost, and with space the same command works.
@Suite(.serialized) struct FullDiskTests {
    @Test func `an edit on a full disk is refused whole, and works once there is space`() async throws {
        let server = try await ServerProcess.start(in: Site())
        try await SmallDisk.with(in: server.site, megabytes: 3) { disk in
            let device = try await server.enrol("ann", home: disk.path + "/home")
            let account = try await device.new("account", ["name=Aster"])
            let text = "note=" + String(repeating: "On the road. ", count: 600)

            try disk.fill()
            var refused = 0
            for round in 1...3 {
                let result = try await device.run(
                    ["set", "account", account, text, "tags+=\(round)"], expecting: [0, 1])
                guard result.exitCode == 1 else { continue }
                refused += 1
                #expect(result.failureCode == "disk_full", "\(result.account)")
            }
            #expect(refused > 0, "the disk was not full")
            try disk.empty()
            #expect(try await device.ledger().count == 4 - refused)
            try await device.set("account", account, [text, "tags+=later"])
            try await server.requireDrained([device])
            #expect(try await device.show("account", account).fields["tags"]?.elements?.count == 4 - refused)
            try await server.requireGracefulStop()
        }
    }

    @Test func `a pull on a full disk is refused, and goes on once there is space`() async throws {
        let server = try await ServerProcess.start(in: Site())
        try await SmallDisk.with(in: server.site, megabytes: 6) { disk in
            let device = try await server.enrol("ann", home: disk.path + "/home")
            let other = try await server.enrol("bo")
            try await device.new("account", ["name=Aster"])
            try await Self.applyCustomers(600, at: server)

            try disk.fill()
            let sync = try await device.run(["sync"], expecting: [1])
            #expect(sync.failureCode == "disk_full", "\(sync.account)")
            try disk.empty()
            try await server.requireDrained([device, other])
            #expect(try await device.list("account").count == 601)
            try await server.requireGracefulStop()
        }
    }

    @Test func `a merge on a server's full disk takes nothing, says so, and works once there is space`() async throws {
        let site = try Site()
        try await SmallDisk.with(in: site, megabytes: 6) { disk in
            let server = try await ServerProcess.start(in: site, data: disk.path + "/server")
            let (device, other) = (try await server.enrol("ann"), try await server.enrol("bo"))
            let count = 40
            let text = "note=" + String(repeating: "On the road. ", count: 600)
            for number in 1...count { try await device.new("account", ["name=Customer \(number)", text]) }

            try disk.fill()
            let sync = try await device.run(["sync"], expecting: [1, 4])
            #expect(sync.failureCode == "disk_full", "\(sync.account)")
            #expect(try await device.status().pending.count == count)
            try disk.empty()
            try await server.requireDrained([device, other])
            #expect(try await other.list("account").count == count)
            #expect(try await server.ledger().count == count)
            try await server.requireGracefulStop()
        }
    }

    private static func applyCustomers(_ count: Int, at server: ServerProcess) async throws {
        let text = String(repeating: "On the road. ", count: 60)
        let lines = (1...count).map {
            "{\"type\":\"account\",\"set\":{\"name\":\"Customer \($0)\",\"note\":\"\($0) \(text)\"}}"
        }
        try await server.apply(lines.joined(separator: "\n"))
    }
}
