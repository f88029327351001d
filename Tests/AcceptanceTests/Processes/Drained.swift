import Testing

extension ServerProcess {
    func ledger() async throws -> [LedgerForm] { try await command(["ledger", "--json"]).decodedLines() }

    func digest() async throws -> String { try await command(["digest"]).output }

    func conflicts() async throws -> [ConflictForm] {
        try await command(["conflicts", "list", "--limit", "100000", "--json"], expecting: [0, 3]).decoded()
    }

    /// Syncs the devices, in turn, until none has anything to send or to fetch.
    func quiet(_ devices: [Device]) async throws {
        for _ in 0..<6 {
            var moved = 0
            for device in devices {
                let report = try await device.sync()
                moved += report.pushed + report.pulled + report.pending
            }
            if moved == 0 { return }
        }
        throw AcceptanceFailure("After six rounds of syncs there is still something to send or to fetch.")
    }

    /// Ends a test: everybody syncs until it is quiet; then no queue holds anything but what `parked` explains, each ledger
    /// agrees with the server's on every dot, digests are equal, the log's chain is whole, and nothing leaked.
    func requireDrained(_ devices: [Device], parked: Int = 0) async throws {
        try await quiet(devices)
        let digest = try await digest()
        let ledger = try await ledger()
        let byDot = Dictionary(grouping: ledger, by: \.dot)
        #expect(byDot.values.allSatisfy { $0.count == 1 }, "no dot stands twice in the ledger")
        // A release keeps the digest of what it brings back.
        let own = ledger.filter { !$0.dot.contains("*") }
        #expect(Set(own.map(\.changeSet)).count == own.count, "no change-set stands twice in the ledger")
        var parkedCount = 0
        for device in devices {
            let status = try await device.status()
            #expect(status.pending.isEmpty, "\(device.home) still holds \(status.pending)")
            parkedCount += status.parked.count
            #expect(try await device.digest() == digest, "\(device.home) and the server show the same")
            for line in try await device.ledger() {
                let known = byDot[line.dot]?.first
                #expect(known?.state == line.state, "\(line.dot) at \(device.home) and at the server")
                if !line.changeSet.isEmpty { #expect(known?.changeSet == line.changeSet, "the change-set \(line.dot)") }
            }
        }
        #expect(parkedCount == parked)
        try await command(["check"])
        site.requireNothingLeaked()
    }

    /// Ends the test's server, which has to go in peace.
    func requireGracefulStop() async throws {
        let result = try await stop()
        #expect(result.exitCode == 0, "\(result.account.suffix(2_000))")
        site.requireNothingLeaked()
    }
}
