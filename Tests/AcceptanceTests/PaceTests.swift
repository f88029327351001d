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
