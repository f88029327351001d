import Foundation
import ScenarioRunner
import Testing

/// Answers that come slowly: one that will never be whole is given up, one that goes on is waited for.
@Suite(.serialized) struct SlowAnswerTests {
    @Test func `an answer that trickles is given up, and a slow one is not`() async throws {
        let server = try await ServerProcess.start(in: Site())
        let proxy = try await FaultProxy(before: server)
        defer { proxy.stop() }
        // A tenth of the usual patience: 3 s of silence, and 2.5 s that a slow answer may owe.
        let device = try await server.enrol("ann", url: proxy.url).with("SATCHEL_PATIENCE=0.1")
        try await device.new("account", ["name=Aster"])
        try await device.sync()
        for place in [0, 1] {
            try await server.apply(
                (0..<20).map { "{\"type\":\"account\",\"set\":{\"name\":\"\(place) \($0)\"}}" }.joined(separator: "\n"))
            // Within the head, where no byte counts, and within the body.
            proxy.set(.plain.with { $0.down.trickle = .init(after: place == 0 ? 20 : 400, every: .seconds(2)) })
            let begun = ContinuousClock.now
            let result = try await device.run(["sync", "--json"], expecting: [4])
            let took = ContinuousClock.now - begun
            print("an answer of which a byte comes every 2 s: given up after \(took) (patience × 0.1)")
            #expect(result.failureCode == "network_unavailable", "\(result.account)")
            #expect(took < .seconds(15))
            #expect(try await device.status().pending.isEmpty)
            proxy.set(.plain.with { $0.down.bytesPerSecond = 250 })
            let start = ContinuousClock.now
            try await device.sync()
            let whole = ContinuousClock.now - start
            print("an answer at 250 bytes a second: whole after \(whole)")
            #expect(whole > .seconds(2))
        }
        proxy.set(.plain)
        try await server.requireDrained([device])
        try await server.requireGracefulStop()
    }
}
