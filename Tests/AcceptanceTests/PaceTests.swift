import Foundation
import SatchelTestSupport
import ScenarioRunner
import Testing

/// A queue that is larger than what the line carries at once.
@Suite(.serialized) struct PaceTests {
    @Test func `a first sync over a line that is cut again and again finishes, and brings nothing twice but a page`()
        async throws
    {
        let sight = try await CutLine(records: 3_000, edits: 300, life: .milliseconds(300)).play()
        for line in sight.text { print(line) }
        #expect(sight.problems.isEmpty)
    }

    @Test func `a queue arrives over a line that is cut again and again, and none of it twice`() async throws {
        let server = try await ServerProcess.start(in: Site())
        let proxy = try await FaultProxy(before: server)
        defer { proxy.stop() }
        let device = try await server.enrol("ann", url: proxy.url)
        var random = SeededRandom(seed: 1)
        // About 180 KiB that shrink to half of that.
        try await device.apply(
            (0..<60).map { number in
                let text = (0..<190).map { _ in String(random.next(), radix: 16) }.joined()
                return "{\"type\":\"account\",\"set\":{\"name\":\"\(number)\",\"note\":\"\(text)\"}}"
            })
        // A push of more than about 20 KiB never gets through.
        proxy.set(.up(.cut(after: 12_000)))
        var cuts = 0, syncs = 0
        while try await device.run(["sync", "--json"], expecting: [0, 4]).exitCode == 4, syncs < 60 {
            cuts += 1
            syncs += 1
        }
        print("a queue over a line that is cut every 12 KB: \(cuts) syncs cut, then done")
        #expect(cuts > 0 && cuts < 40)
        #expect(try await device.status().pending.isEmpty)
        #expect(try await server.ledger().count == 60)
        proxy.set(.plain)
        try await server.requireDrained([device])
        try await server.requireGracefulStop()
    }

    @Test func `a sync keeps to the bytes that it may take, and says what is left`() async throws {
        struct Report: Decodable {
            let sent: Int, received: Int, pushed: Int, pulled: Int, pending: Int, isReached: Bool, isComplete: Bool
            enum CodingKeys: String, CodingKey {
                case sent = "sent_bytes"
                case received = "received_bytes"
                case pushed = "pushed_count"
                case pulled = "pulled_count"
                case pending = "pending_count"
                case isReached = "is_limit_reached"
                case isComplete = "is_complete"
            }
        }
        let server = try await ServerProcess.start(in: Site())
        var random = SeededRandom(seed: 3)
        func line() -> String {
            let text = (0..<40).map { _ in String(random.next(), radix: 16) }.joined()
            return "{\"type\":\"account\",\"set\":{\"name\":\"n\",\"note\":\"\(text)\"}}"
        }
        // About 250 bytes each, once they are compressed twice as good as text.
        let other = try await server.enrol("bo")
        try await other.apply((0..<400).map { _ in line() })
        try await other.sync()
        let device = try await server.enrol("ann")
        try await device.apply((0..<60).map { _ in line() })
        var reports: [Report] = []
        while reports.last?.isComplete != true, reports.count < 40 {
            let result = try await device.run(["sync", "--max-bytes", "40k", "--json"], expecting: [0, 4])
            let report: Report = try result.decoded()
            #expect((result.exitCode == 4) == report.isReached && report.isReached != report.isComplete)
            #expect(report.sent + report.received <= 42_000, "\(result.output)")
            reports.append(report)
        }
        let told = reports.map { "\($0.pushed) sent and \($0.pulled) fetched in \(($0.sent + $0.received) / 1_000) KB" }
        print("40 KB a sync: \(told.joined(separator: ", "))")
        #expect(reports.count > 4 && reports.map(\.pushed).reduce(0, +) == 60)
        #expect(reports.map(\.pulled).reduce(0, +) == 460)
        try await device.apply((0..<300).map { _ in line() })
        let text = try await device.run(["sync", "--max-bytes", "20k"], expecting: [4]).output
        #expect(
            text.contains("as --max-bytes says.\n") && text.contains("change-sets wait for the next sync.\n"), "\(text)"
        )
        for wrong in ["5k", "much", "-1"] { try await device.run(["sync", "--max-bytes", wrong], expecting: [64]) }
        try await server.requireDrained([device, other])
        try await server.requireGracefulStop()
    }

    @Test func `one edit that is on its way for longer than a silent server is waited for arrives`() async throws {
        let server = try await ServerProcess.start(in: Site())
        try await server.stop()
        // Known by its key, so that what is set for a line is beside what looks at the certificate.
        try await server.serve(arguments: ["--tls"])
        let proxy = try await FaultProxy(before: server)
        defer { proxy.stop() }
        let device = try await server.enrol("ann", url: "https://127.0.0.1:\(proxy.port)").with("SATCHEL_PATIENCE=0.3")
        var random = SeededRandom(seed: 2)
        let changes = (0..<400).map { number in
            let text = (0..<300).map { _ in String(random.next(), radix: 36) }.joined().prefix(3_800)
            return "{\"op\":\"create\",\"type\":\"account\",\"set\":{\"name\":\"\(number)\",\"note\":\"\(text)\"}}"
        }
        try await device.apply(["{\"changes\":[\(changes.joined(separator: ","))]}"])
        // About a megabyte, at a rate at which it takes fourteen seconds: a server is waited for nine.
        proxy.set(
            .plain.with {
                $0.up.bytesPerSecond = 70_000
                $0.up.queueMax = 16_384
            })
        let start = ContinuousClock.now
        try await device.sync()
        #expect(ContinuousClock.now - start > .seconds(9))
        #expect(try await server.ledger().count == 1)
        // And a line that dies on the way is given up all the same.
        try await device.apply(["{\"changes\":[\(changes.joined(separator: ","))]}"])
        proxy.set(.up(.freeze(after: 300_000)))
        let dead = ContinuousClock.now
        try await device.run(["sync"], expecting: [4])
        #expect(ContinuousClock.now - dead < .seconds(30))
        proxy.set(.plain)
        try await server.requireDrained([device])
        try await server.requireGracefulStop()
    }
}
