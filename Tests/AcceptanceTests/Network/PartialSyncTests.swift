import Foundation
import SatchelTestSupport
import ScenarioRunner
import Testing

/// A sync of which a bad line carries only a part, and what it says then.
@Suite struct PartialSyncTests {
    private struct Report: Decodable {
        let pushed: Int, pulled: Int, pending: Int, isComplete: Bool, isLimitReached: Bool, checkpoint: Int
        let sent: Int, received: Int

        enum CodingKeys: String, CodingKey {
            case checkpoint
            case pushed = "pushed_count"
            case pulled = "pulled_count"
            case pending = "pending_count"
            case isComplete = "is_complete"
            case isLimitReached = "is_limit_reached"
            case sent = "sent_bytes"
            case received = "received_bytes"
        }
    }

    @Test func `own work goes out alone, that of a record up to it, and each says what is left`() async throws {
        let server = try await ServerProcess.start(in: Site())
        let (ann, bo) = (try await server.enrol("ann"), try await server.enrol("bo"))
        let theirs = try await bo.new("account", ["name=Cedar"])
        try await bo.sync()
        let first = try await ann.new("account", ["name=Aster"])
        let second = try await ann.new("account", ["name=Birch"])
        let one = try await ann.run(["sync", "--only", first]).output
        #expect(one.hasPrefix("Sent 1 change-set, and fetched nothing.\n"), "\(one)")
        #expect(one.contains("1 change-set waits for the next sync.") && !one.contains("meanwhile"), "\(one)")
        let again = try await ann.run(["sync", "--only", String(first.suffix(8))], expecting: [1])
        #expect(again.failureCode == "invalid_request", "\(again.account)")
        try await ann.set("account", second, ["phone=2"])
        let own: Report = try await ann.run(["sync", "--only", "own", "--json"]).decoded()
        #expect(own.pushed == 2 && own.pulled == 0 && own.pending == 0 && !own.isComplete && own.checkpoint == 0)
        try await ann.run(["show", "account", theirs], expecting: [1])
        let data: Report = try await ann.run(["sync", "--only", "data", "--json"]).decoded()
        #expect(data.isComplete && data.pulled == 3 && data.checkpoint > 0)
        let after: Report = try await ann.run(["sync", "--only", "own", "--json"]).decoded()
        #expect(after.checkpoint == data.checkpoint)
        for wrong in [["own", "data"], ["own", first]] {
            try await ann.run(["sync"] + wrong.flatMap { ["--only", $0] }, expecting: [64])
        }
        try await server.requireDrained([ann, bo])
        try await server.requireGracefulStop()
    }

    @Test func `own work goes out by so many bytes at a time, and nothing comes in for it`() async throws {
        let server = try await ServerProcess.start(in: Site())
        let (ann, bo) = (try await server.enrol("ann"), try await server.enrol("bo"))
        let account = try await ann.new("account", ["name=Aster"])
        try await ann.sync()
        try await bo.set("account", try await bo.new("account", ["name=Cedar"]), ["phone=1"])
        try await bo.sync()
        // Notes that gzip hardly shortens.
        var random = SeededRandom(seed: 8)
        let lines = (0..<12).map { _ in
            let body = (0..<160).map { _ in String(random.next(), radix: 36) }.joined()
            return #"{"type":"note","set":{"body":"\#(body)","account":"\#(account)"}}"#
        }
        try await ann.apply(lines)
        var (pushed, rounds) = (0, 0)
        while true {
            rounds += 1
            let arguments = ["sync", "--only", "own", "--max-bytes", "10k", "--json"]
            let report: Report = try await ann.run(arguments, expecting: [0, 4]).decoded()
            #expect(report.pulled == 0 && report.sent + report.received <= 14_000, "\(report)")
            pushed += report.pushed
            #expect(report.pending == 12 - pushed)
            guard report.isLimitReached else { break }
            try #require(report.pushed > 0 && rounds < 20)
        }
        #expect(pushed == 12 && rounds > 1, "\(rounds)")
        #expect(try await ann.list("account").count == 1)
        try await server.requireDrained([ann, bo])
        #expect(try await ann.list("account").count == 2)
        try await server.requireGracefulStop()
    }
}
