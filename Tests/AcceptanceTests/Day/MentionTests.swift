import Foundation
import ScenarioRunner
import Testing

/// What people are told of records and commands is in words that they know, and can be typed.
@Suite struct MentionTests {
    @Test func `references are told by name, far places in kilometres, and a status names the next command`()
        async throws
    {
        let server = try await ServerProcess.start(in: Site())
        let (ann, bo) = (try await server.enrol("ann"), try await server.enrol("bo"))
        let aster = try await ann.new("account", ["name=Aster", "location=31.2304,121.4737"])
        let birch = try await ann.new("account", ["name=Birch"])
        let contact = try await ann.new("contact", ["name=Eva", "account=\(aster)"])
        try await ann.sync()
        try await bo.sync()
        try await bo.set("contact", contact, ["account=\(birch)"])
        try await bo.sync()
        try await ann.set("contact", contact, ["account="])
        try await ann.sync()
        let log = try await ann.run(["log", "contact", contact]).output
        #expect(log.contains("account: Birch (\(birch.suffix(4))"), "\(log)")
        #expect(!log.contains(birch), "\(log)")
        let status = try await ann.run(["status"], expecting: [0, 3]).output
        #expect(
            status.contains(
                "1 record was edited in parallel, and the other values are kept: `satchel conflicts list --severity review`."
            ), "\(status)")
        let told = try await ann.run(["set", "contact", contact, "account=\(aster)"]).output
        #expect(told.contains("It wrote over the value") && told.contains("\"Birch (\(birch.suffix(4))"), "\(told)")
        let far = try await ann.run(["checkin", aster, "--at", "-60,60"]).output
        #expect(
            far.contains(/Outside: 1[0-9],[0-9]{3} km from the customer's place; up to 300 m counts as there/), "\(far)"
        )
        let wrong = try await ann.run(["--language", "zh", "status", "--json=1"], expecting: [64])
        #expect(wrong.error.contains("选项 '--json' 不带值，却给了 '1'。"), "\(wrong.error)")
        try await server.requireDrained([ann, bo])
        try await server.requireGracefulStop()
    }
}
