import Foundation
import ScenarioRunner
import Testing

/// A crowd that takes its time, at a server as it is shipped.
@Suite(.serialized) struct SlowPeerTests {
    private struct LogForm: Decodable { let message: String, rule: String?, connections: String? }

    @Test func `two hundred slow peers and two hundred idle ones are in nobody's way, and are sent away`() async throws
    {
        let server = try await ServerProcess.start(in: Site())
        let device = try await server.enrol("ann")
        try await device.new("account", ["name=Aster"])
        let undisturbed = try await Self.duration { _ = try await device.sync() }
        try await device.new("account", ["name=Birch"])
        let before = try server.peakKilobytes()
        let head = "GET /healthz HTTP/1.1\r\nHost: here\r\nX-Slow: "
        let body =
            "POST /v1/enrol HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\nContent-Length: 9999\r\n\r\n{"
        let slow = try SlowPeers(
            port: server.port,
            beginnings: [String](repeating: head, count: 100) + [String](repeating: body, count: 100))
        let idle = try (0..<200).map { _ in try Connection(port: server.port) }
        let duration = try await Self.duration { _ = try await device.sync() }
        print("Among 400 slow peers a device synced in \(duration), alone in \(undisturbed).")
        // Other tests may keep the processor so busy that a process takes longer to begin.
        #expect(duration < max(.seconds(2), undisturbed * 5))
        try await Patience.until("the end of the slow peers") { slow.openCount == 0 ? true : nil }
        #expect(try server.peakKilobytes() - before < 64 * 1024)
        for connection in idle { #expect(connection.receive().isEmpty) }
        try await server.requireDrained([device])
        let log = try await server.stop().error
        let told = log.split(separator: "\n").compactMap { line in
            try? JSONDecoder().decode(LogForm.self, from: Data(line.utf8))
        }.filter { $0.rule != nil }
        // The heads and the idle ones fall due together, the bodies five seconds later.
        #expect(Set(told.map(\.rule)) == ["slow_head", "slow_body"], "\(told)")
        #expect(told.count <= 4, "\(told)")
        #expect(told.compactMap { $0.connections.flatMap { Int($0) } }.reduce(0, +) >= 400, "\(told)")
    }

    private static func duration(of body: () async throws -> Void) async throws -> Duration {
        let start = ContinuousClock.now
        try await body()
        return ContinuousClock.now - start
    }
}
