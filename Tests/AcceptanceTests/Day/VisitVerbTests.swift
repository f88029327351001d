import Foundation
import ScenarioRunner
import Testing

/// The verbs that take a visit through its day.
@Suite struct VisitVerbTests {
    @Test func `a visit is on its way, cancelled, missed and begun by its verbs, and none goes back`() async throws {
        let server = try await ServerProcess.start(in: Site())
        let device = try await server.enrol("ann")
        let account = try await device.new("account", ["name=阿斯特", "location=31.2304,121.4737"])
        let other = try await device.new("account", ["name=Birch"])
        func plan(_ account: String) async throws -> String {
            try await device.edit(["visit", "plan", account, "--at", "23:50"]).records[0]
        }
        func status(_ visit: String) async throws -> Shown? {
            try await device.show("visit", visit).fields["status"]
        }
        let (first, second, third) = (try await plan(account), try await plan(other), try await plan(other))
        let gone = try await device.run(["visit", "go", first]).output
        #expect(gone.hasPrefix("On the way to visit "), "\(gone)")
        #expect(try await status(first) == .text("en_route"))
        #expect(try await device.run(["visit", "go", first], expecting: [1]).failureCode == "already_done")
        #expect(try await device.run(["visit", "cancel", second, "note=Away"]).output.hasPrefix("Cancelled visit "))
        #expect(try await status(second) == .text("cancelled"))
        #expect(try await device.run(["visit", "miss", third]).output.hasPrefix("Missed visit "))
        #expect(try await status(third) == .text("missed"))

        for verb in [["miss", second], ["start", second], ["cancel", third], ["end", third]] {
            let refused = try await device.run(["visit"] + verb, expecting: [1])
            #expect(refused.failureCode == "already_done" && refused.error.contains("status=planned"), "\(verb)")
        }
        try await device.edit(["visit", "start", first, "--at", "31.2304,121.4737,12"])
        for (verb, language) in [("start", "en"), ("start", "zh")] {
            let refused = try await device.run(["visit", verb, other, "--language", language], expecting: [1])
            let end = "`visit end \(first.suffix(4))`"
            #expect(refused.error.contains("阿斯特") && refused.error.contains(end), "\(refused.account)")
        }
        #expect(try await device.run(["visit", "go", first], expecting: [1]).failureCode == "already_done")
        try await device.edit(["visit", "end", "--outcome", "Ordered 40"])
        #expect(try await status(first) == .text("done"))
        // A mistake is put right, and then it is a visit like any other.
        try await device.set("visit", second, ["status=planned"])
        try await device.edit(["visit", "start", second])
        try await device.edit(["visit", "miss", second])

        let forged = ["checkin", account, "--at", "60,60", "verdict=verified", "distance_m=1"]
        let refused = try await device.run(forged, expecting: [64])
        #expect(refused.error.contains("is not typed"), "\(refused.account)")
        #expect(try await device.run(["news"]).output.contains("Nothing new from others."))
        try await server.requireDrained([device])
        try await server.requireGracefulStop()
    }
}
