import Foundation
import ScenarioRunner
import Testing

/// A lost device that the operator locks out, and lets in again.
@Suite struct LockedOutTests {
    private struct Listed: Decodable {
        let id: String, user: String, revokedAt: String?, reason: String?

        enum CodingKeys: String, CodingKey {
            case id, user
            case revokedAt = "revoked_at"
            case reason = "revocation_reason"
        }
    }

    private func id(of user: String, at server: ServerProcess) async throws -> String {
        let devices: [Listed] = try await server.command(["device", "list", "--json"]).decoded()
        return try #require(devices.first { $0.user == user }?.id)
    }

    /// How many requests the server refused because their device is locked out.
    private func refusals(_ server: ServerProcess) throws -> Int {
        try server.process().errorText.components(separatedBy: "device_revoked").count - 1
    }

    @Test func `a device that is locked out keeps its queue, leaves the server alone, and sends it once it is let in`()
        async throws
    {
        let server = try await ServerProcess.start(in: Site())
        let (ann, bo) = (try await server.enrol("ann"), try await server.enrol("bo"))
        let account = try await ann.new("account", ["name=Aster"])
        let watch = try ann.start(["sync", "--watch"])
        try await Patience.until("the account at bo's") {
            try await bo.sync()
            return try await bo.list("account").isEmpty ? nil : true
        }
        let annID = try await id(of: "ann", at: server)
        let said = try await server.command(["device", "revoke", String(annID.suffix(8)), "--reason", "Lost in Lund"])
        #expect(said.output.hasPrefix("Locked out ann"), "\(said.account)")
        #expect(said.output.contains(": Lost in Lund") && said.error.contains("stays readable"), "\(said.account)")

        // Its line is closed, it comes once more to see, and then it is quiet; what is made waits.
        try await Patience.until("the device knows") {
            try await ann.status().lastFailure == "device_revoked" ? true : nil
        }
        try await ann.set("account", account, ["city=Lund"])
        let status = try await ann.run(["status"], expecting: [3])
        #expect(status.output.contains("The operator locked this device out of the server at "), "\(status.account)")
        #expect(status.output.contains(", and said: \"Lost in Lund\". [device_revoked]"), "\(status.account)")
        #expect(status.output.contains("1 change-set is safe on this device and waits for a sync"), "\(status.account)")
        // By the clocks of the device; programs read it in UTC.
        let shanghai = try await ann.with("TZ=Asia/Shanghai").run(["status"], expecting: [3]).output
        let line = try #require(shanghai.split(separator: "\n").first { $0.contains("locked this device out") })
        #expect(line.contains(#/ at [0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}, and said/#), "\(line)")
        let chinese = try await ann.run(["--language", "zh", "status"], expecting: [3]).output
        #expect(chinese.contains("禁止本设备访问服务器，说明为：“Lost in Lund”。"), "\(chinese)")
        #expect(try await ann.run(["ready"], expecting: [3]).output.contains("locked this device out"))
        let hand = try await ann.run(["sync"], expecting: [1])
        #expect(hand.failureCode == "device_revoked" && hand.error.contains("Ask the operator"), "\(hand.account)")
        #expect(!hand.error.contains(#/[0-9]Z, and said/#), "\(hand.account)")
        // What it has stays readable there, as the help says.
        #expect(try await ann.show("account", account).fields["name"] == .text("Aster"))
        #expect(try refusals(server) < 10)
        let next = try #require(try await ann.status().nextAttempt)
        #expect(next.timeIntervalSinceNow > 600)

        let listed: [Listed] = try await server.command(["device", "list", "--json"]).decoded()
        #expect(listed.compactMap(\.revokedAt).count == 1 && listed.compactMap(\.reason) == ["Lost in Lund"])
        #expect(try await server.command(["device", "list"]).output.contains("Lost in Lund"))
        try await bo.set("account", account, ["phone=1"])
        try await bo.sync()

        let admitted = try await server.command(["device", "reinstate", annID])
        #expect(admitted.output.hasSuffix(" in again.\n"), "\(admitted.account)")
        try await ann.sync()
        #expect(try await ann.status().pending.isEmpty)
        try await bo.sync()
        #expect(try await bo.show("account", account).fields["city"] == .text("Lund"))
        // Whoever kept it in sync all the time goes on.
        try await ann.set("account", account, ["city=Malmö"])
        try await Patience.until("the edit is sent") { try await ann.status().pending.isEmpty ? true : nil }
        watch.signal(SIGTERM)
        #expect(try await server.site.end(watch).exitCode == 0)
        try await server.requireDrained([ann, bo])
        try await server.requireGracefulStop()
        // The verbs work on the store itself, too.
        try await server.command(["device", "revoke", annID])
        try await server.command(["device", "reinstate", annID])
        let unknown = try await server.command(["device", "revoke", "ffffffff"], expecting: [1])
        #expect(unknown.error.contains("device list"), "\(unknown.account)")
    }
}
