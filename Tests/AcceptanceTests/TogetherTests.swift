import Foundation
import ScenarioRunner
import Testing

/// Several processes on one device at once: they take turns, and nothing that one does is lost to another.
@Suite(.serialized) struct TogetherTests {
    @Test func `an edit is made while a sync waits for its answer, and goes with the next`() async throws {
        let server = try await ServerProcess.start(in: Site())
        let proxy = try await FaultProxy(before: server)
        defer { proxy.stop() }
        let device = try await server.enrol("ann", url: proxy.url)
        let other = try await server.enrol("bo")
        let account = try await device.new("account", ["name=Aster"])

        proxy.set(.down(.stall(after: 0)))
        let sync = try device.start(["sync", "--json"])
        try await Patience.until("an answer that is held back") { proxy.heldCount > 0 ? true : nil }
        try await device.set("account", account, ["city=Lund"])
        #expect(sync.isRunning)
        #expect(try await device.show("account", account).fields["city"] == .text("Lund"))
        proxy.set(.plain)
        proxy.release()
        let report = try await server.site.end(sync)
        #expect(report.exitCode == 0, "\(report.account)")
        #expect(try await device.status().pending.map(\.label) == ["edit"])

        try await server.requireDrained([device, other])
        #expect(try await other.show("account", account).fields["city"] == .text("Lund"))
        try await server.requireGracefulStop()
    }

    @Test func `edits are made while a long pull comes in and is applied`() async throws {
        let server = try await ServerProcess.start(in: Site())
        let (device, other) = (try await server.enrol("ann"), try await server.enrol("bo"))
        let account = try await device.new("account", ["name=Aster"])
        let lines = (1...2_000).map { "{\"type\":\"account\",\"set\":{\"name\":\"Customer \($0)\",\"city\":\"Lund\"}}" }
        try await server.apply(lines.joined(separator: "\n"))

        let sync = try device.start(["sync", "--json"])
        var count = 0
        while sync.isRunning {
            try await device.set("account", account, ["tags+=edit-\(count)"])
            count += 1
        }
        #expect(try await server.site.end(sync).exitCode == 0)
        #expect(count > 1, "the sync ended before an edit was made")
        let tags = Set((0..<count).map { "edit-\($0)" })
        #expect(try await device.show("account", account).fields["tags"] == .elements(tags))
        try await server.requireDrained([device, other])
        #expect(try await other.show("account", account).fields["tags"] == .elements(tags))
        try await server.requireGracefulStop()
        print("a pull of 2000 records: \(count) edits made meanwhile")
    }

    @Test func `a reply that is cut anywhere loses nothing and repeats nothing`() async throws {
        let server = try await ServerProcess.start(in: Site())
        let proxy = try await FaultProxy(before: server)
        defer { proxy.stop() }
        let device = try await server.enrol("ann", url: proxy.url)
        let account = try await device.new("account", ["name=Aster"])
        for length in [0, 1, 60, 150, 300, 450, 600, 800] {
            try await device.set("account", account, ["tags+=cut-\(length)"])
            proxy.set(.down(.cut(after: length)))
            try await device.run(["sync"], expecting: [0, 4])
        }
        proxy.set(.plain)
        try await server.requireDrained([device])
        #expect(try await server.ledger().count == 9)
        #expect(try await device.show("account", account).fields["tags"]?.elements?.count == 8)
        try await server.requireGracefulStop()
    }

    @Test func `two edits at once both succeed, again and again`() async throws {
        let server = try await ServerProcess.start(in: Site())
        let device = try await server.enrol("ann")
        let account = try await device.new("account", ["name=Aster"])
        for round in 1...40 {
            let pair = try ["a", "b"].map { try device.start(["set", "account", account, "tags+=\(round)\($0)"]) }
            for process in pair {
                let result = try await server.site.end(process)
                #expect(result.exitCode == 0, "\(result.account)")
            }
        }
        #expect(try await device.show("account", account).fields["tags"]?.elements?.count == 80)
        #expect(try await device.ledger().count == 81)
        try await server.requireDrained([device])
        try await server.requireGracefulStop()
    }

    @Test func `two syncs at once send everything once`() async throws {
        let server = try await ServerProcess.start(in: Site())
        let device = try await server.enrol("ann")
        for round in 1...5 {
            try await device.new("account", ["name=Customer \(round)"])
            let pair = try (0..<2).map { _ in try device.start(["sync"]) }
            for process in pair {
                let result = try await server.site.end(process)
                #expect(result.exitCode == 0, "\(result.account)")
            }
        }
        #expect(try await server.ledger().count == 5)
        try await server.requireDrained([device])
        try await server.requireGracefulStop()
    }
}
