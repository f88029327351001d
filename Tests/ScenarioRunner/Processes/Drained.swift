extension ServerProcess {
    package func ledger() async throws -> [LedgerForm] { try await command(["ledger", "--json"]).decodedLines() }

    package func digest() async throws -> String { try await command(["digest"]).output }

    package func show(_ type: String, _ id: String) async throws -> RecordForm {
        try await command(["show", type, id, "--json"]).decoded()
    }

    package func conflicts() async throws -> [ConflictForm] {
        try await command(["conflicts", "list", "--limit", "100000", "--json"], expecting: [0, 3]).decoded()
    }

    /// Syncs the devices, in turn, until none has anything to send or to fetch.
    ///
    /// The last of so many `rounds` may find nothing: in one each device sends, in one it fetches what the others sent.
    package func quiet(_ devices: [Device], rounds: Int = 3) async throws {
        for _ in 0..<rounds {
            var moved = 0
            for device in devices {
                let report = try await device.sync()
                moved += report.pushed + report.pulled + report.pending
            }
            if moved == 0 { return }
        }
        throw AcceptanceFailure("After \(rounds) rounds of syncs there is still something to send or to fetch.")
    }

    /// Ends a test: everybody syncs until it is quiet; then no queue holds anything but what `parked` explains, each edit that
    /// was acknowledged is in its ledger and in the server's, each ledger agrees with the server's on every dot, digests are equal,
    /// the log's chain is whole, and nothing leaked.
    ///
    /// - Throws: ``AcceptanceFailure`` that names all that does not hold.
    package func requireDrained(_ devices: [Device], parked: Int = 0) async throws {
        try await quiet(devices)
        var check = LedgerCheck(server: try await ledger())
        let digest = try await digest()
        var parkedCount = 0
        for device in devices {
            let sight = try await device.sight()
            check.expect(sight.status.pending.isEmpty, "\(device.home) still holds \(sight.status.pending)")
            parkedCount += sight.status.parked.count
            check.expect(sight.digest == digest, "The digest of \(device.home) is not that of the server.")
            check.take(sight.ledger, of: device)
        }
        check.expect(parkedCount == parked, "\(parkedCount) change-sets are parked, and not \(parked).")
        try await command(["check"])
        try site.requireNothingLeaked()
        try check.end()
    }

    /// Waits until the operator is shown an alarm of this code.
    package func requireAlarm(_ code: String) async throws {
        struct AlarmForm: Decodable { let code: String }
        try await Patience.until("an alarm \(code)") { () async throws -> Bool? in
            let alarms = try await command(["alarms", "list", "--json"]).decoded([AlarmForm].self)
            return alarms.contains { $0.code == code } ? true : nil
        }
    }

    /// Ends the test's server, which has to go in peace.
    package func requireGracefulStop() async throws {
        let result = try await stop()
        guard result.exitCode == 0 else {
            throw AcceptanceFailure("\(result.command) ended with \(result.exitCode): …\(result.error.suffix(2_000))")
        }
        try site.requireNothingLeaked()
    }
}

/// Whether the ledgers of all parties tell of every edit that was acknowledged, once, and the same of each (G1, G3).
package struct LedgerCheck {
    private let server: [String: LedgerForm]
    /// What does not hold.
    package private(set) var problems: [String] = []
    private static let states: Set = [
        "pending", "parked", "reissued", "duplicate", "sibling", "visible", "superseded",
    ]

    /// Begins with the server's.
    package init(server ledger: [LedgerForm]) {
        server = Dictionary(ledger.map { ($0.dot, $0) }) { first, _ in first }
        expect(server.count == ledger.count, "A dot stands twice in the server's ledger.")
        // A release keeps the digest of what it brings back, and a duplicate that of the first.
        // Of what came back as a state alone, after a restore, nobody knows the digest.
        let own = ledger.filter { !$0.dot.contains("*") && $0.state != "duplicate" && !$0.changeSet.isEmpty }
        expect(Set(own.map(\.changeSet)).count == own.count, "A change-set stands twice in the server's ledger.")
        for line in ledger where !Self.states.contains(line.state) || line.state == "pending" {
            problems.append("The server says of \(line.dot) \"\(line.state)\".")
        }
    }

    /// Notes what does not hold.
    package mutating func expect(_ holds: Bool, _ problem: @autoclosure () -> String) {
        if !holds { problems.append(problem()) }
    }

    /// Compares the ledger of a device that has nothing pending.
    package mutating func take(_ ledger: [LedgerForm], of device: Device) {
        let name = device.home
        let lines = Dictionary(ledger.map { ($0.dot, $0) }) { first, _ in first }
        expect(lines.count == ledger.count, "A dot stands twice in the ledger of \(name).")
        for line in ledger {
            let known = server[line.dot]
            expect(
                known?.state == line.state,
                "\(line.dot) is \(line.state) at \(name), and \(known?.state ?? "unknown") at the server.")
            if !line.changeSet.isEmpty, let known, !known.changeSet.isEmpty {
                expect(known.changeSet == line.changeSet, "\(line.dot) is another change-set at \(name).")
            }
        }
        for dot in device.site.acknowledged(at: name) {
            expect(lines[dot] != nil, "\(dot) was acknowledged at \(name), and its ledger does not have it.")
            expect(server[dot] != nil, "\(dot) was acknowledged at \(name), and the server does not have it.")
        }
        for (actor, own) in Dictionary(grouping: ledger.filter { !$0.changeSet.isEmpty && $0.counter > 0 }, by: \.actor)
        {
            let counters = Set(own.map(\.counter))
            expect(
                counters == Set(1...max(own.count, 1)), "The counters of \(actor) at \(name) are not 1 to \(own.count)."
            )
        }
    }

    /// Ends it.
    ///
    /// - Throws: ``AcceptanceFailure`` that names all that does not hold.
    package func end() throws {
        guard problems.isEmpty else { throw AcceptanceFailure(problems.joined(separator: "\n")) }
    }
}
