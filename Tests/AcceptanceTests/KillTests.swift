import Foundation
import SatchelTestSupport
import ScenarioRunner
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Processes that die by `kill -9` at any moment: what was acknowledged stands, once.
@Suite(.serialized) struct KillTests {
    static let rounds = 100

    @Test func `every edit that was acknowledged before its process was killed is there, once`() async throws {
        let seed = Seed.fresh("kill around set")
        var random = SeededRandom(seed: seed)
        let server = try await ServerProcess.start(in: Site())
        let device = try await server.enrol("ann")
        let account = try await device.new("account", ["name=Aster"])
        let usual = try await Self.usualDuration { try await device.set("account", account, ["tags+=first"]) }

        var acknowledged: Set<String> = ["first"]
        var tally = (killed: 0, killedAndKept: 0)
        for round in 1...Self.rounds {
            let process = try device.start(["set", "account", account, "tags+=edit-\(round)", "city=City \(round)"])
            process.killLater(after: usual * Double(random.pick(below: 1_200)) / 1_000)
            let result = try await server.site.end(process)
            if result.exitCode == 0 { acknowledged.insert("edit-\(round)") } else { tally.killed += 1 }
            #expect([0, 128 + SIGKILL].contains(result.exitCode), "\(result.account)")
        }

        let record = try await device.show("account", account)
        let tags = try #require(record.fields["tags"]?.elements)
        #expect(acknowledged.isSubset(of: tags), "lost: \(acknowledged.subtracting(tags))")
        tally.killedAndKept = tags.subtracting(acknowledged).count
        // Each edit adds one element: were one sealed twice, there would be more change-sets than elements.
        #expect(try await device.ledger().count == tags.count + 1)
        // The last edit that took place is the one whose city is shown.
        let last = tags.compactMap { Int($0.dropFirst("edit-".count)) }.max()
        #expect(record.fields["city"] == last.map { .text("City \($0)") })

        let other = try await server.enrol("bo")
        try await server.requireDrained([device, other])
        #expect(try await other.show("account", account).fields["tags"] == .elements(tags))
        try await server.requireGracefulStop()
        print(
            "kill around set: \(Self.rounds) rounds, \(tally.killed) killed, \(tally.killedAndKept) of them after the commit"
        )
        #expect(tally.killed > 0, "no kill came in time: nothing was tested")
    }

    @Test func `every edit is at the server once, whichever end was killed during a sync`() async throws {
        let seed = Seed.fresh("kill around sync")
        var random = SeededRandom(seed: seed)
        let server = try await ServerProcess.start(in: Site())
        let (device, other) = (try await server.enrol("ann"), try await server.enrol("bo"))
        let account = try await device.new("account", ["name=Aster"])
        let usual = try await Self.usualDuration { try await device.sync() }

        var tally = (ends: [Int32: Int](), servers: 0)
        for round in 1...Self.rounds {
            try await device.set("account", account, ["tags+=edit-\(round)", "city=City \(round)"])
            let sync = try device.start(["sync", "--json"])
            let delay = usual * Double(random.pick(below: 1_200)) / 1_000
            if round.isMultiple(of: 2) {
                sync.killLater(after: delay)
                tally.ends[try await server.site.end(sync).exitCode, default: 0] += 1
            } else {
                try server.process().killLater(after: delay)
                tally.ends[try await server.site.end(sync).exitCode, default: 0] += 1
                try await server.restartAfterKill()
                tally.servers += 1
            }
        }
        #expect(Set(tally.ends.keys).isSubset(of: [0, 4, 128 + SIGKILL]), "a sync ended with \(tally.ends)")

        try await server.requireDrained([device, other])
        let record = try await other.show("account", account)
        #expect(record.fields["tags"] == .elements(Set((1...Self.rounds).map { "edit-\($0)" })))
        #expect(record.fields["city"] == .text("City \(Self.rounds)"))
        #expect(record.conflicts.isEmpty)
        #expect(try await server.ledger().count == Self.rounds + 1)
        try await server.requireGracefulStop()
        print(
            "kill around sync: \(Self.rounds) rounds, \(tally.servers) servers killed, syncs ended with \(tally.ends)")
        #expect(tally.ends.keys.contains { $0 != 0 }, "no kill came in time: nothing was tested")
    }

    /// How long a command takes here, now: kills are spread over that.
    private static func usualDuration(_ body: () async throws -> Void) async throws -> Duration {
        let start = ContinuousClock.now
        try await body()
        return ContinuousClock.now - start
    }
}

/// Seeds of tests that choose at random: printed, and taken from `SATCHEL_SEED` to go the same way again.
enum Seed {
    static func fresh(_ what: String) -> UInt64 {
        let seed = Places.environment("SATCHEL_SEED").flatMap { UInt64($0) } ?? UInt64.random(in: 1...999_999)
        print("\(what): SATCHEL_SEED=\(seed)")
        return seed
    }
}

extension Shown {
    /// The elements of a set.
    var elements: Set<String>? { if case .elements(let elements) = self { elements } else { nil } }
}
