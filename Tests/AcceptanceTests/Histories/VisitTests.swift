import Foundation
import ScenarioRunner
import Testing

/// Six reps' real inspections, day by day: offline by day, synced at night in any order, some a day late.
@Suite(
    .enabled(
        if: FileManager.default.fileExists(atPath: Places.visits.path),
        "the shared data is not beside the repository; SATCHEL_SHARED names its place"))
struct VisitTests {
    @Test func `every visit of six reps is counted once, by rep, account and month`() async throws {
        let start = ContinuousClock.now
        let days = try Inspection.read(Places.visits, days: Places.isWhole ? .max : 20)
        let all = days.flatMap(\.inspections)
        let reps = Set(all.map(\.rep)).sorted()
        let site = try Site()
        let server = try await ServerProcess.start(in: site, users: reps)
        let accounts = Dictionary(all.map { ($0.accountID, $0) }) { first, _ in first }
        let lines = try accounts.values.sorted { $0.accountID < $1.accountID }.map { try $0.accountLine() }
        try await server.apply(lines.joined(separator: "\n") + "\n")
        var devices: [Device] = []
        for rep in reps { devices.append(try await server.enrol(rep)) }
        try await server.quiet(devices)

        for (number, day) in days.enumerated() {
            for (rep, device) in zip(reps, devices) {
                let own = day.inspections.filter { $0.rep == rep }
                guard !own.isEmpty else { continue }
                let path = site.path("day.jsonl")
                let lines = try own.map { try $0.line() }.joined(separator: "\n")
                try Data((lines + "\n").utf8).write(to: URL(filePath: path))
                try await device.run(["apply", path])
            }
            // Another one begins each night, and one of them stays away.
            for turn in 0..<(devices.count - 1) { try await devices[(number + turn) % devices.count].sync() }
        }
        try await server.requireDrained(devices)

        let shown = try await devices[0].list("visit")
        #expect(shown.count == all.count)
        let names = Dictionary(all.map { ($0.accountID, $0.accountNumber) }) { first, _ in first }
        let counted = Dictionary(grouping: shown) { visit in
            [visit.fields["rep"], visit.fields["account"]].map { $0?.text ?? "" }
                + [String((visit.fields["started_at"]?.text ?? "").prefix(7))]
        }
        let expected = Dictionary(grouping: all) { [$0.rep, $0.accountID, $0.month] }
        #expect(counted.mapValues(\.count) == expected.mapValues(\.count))
        let visits = Dictionary(grouping: all, by: \.accountID)
        for account in try await devices[1].list("account") {
            let own = visits[account.id] ?? []
            let name = names[account.id] ?? account.id
            #expect(account.fields["stock"] == .number(Int64(own.count)), "the count of account \(name)")
            #expect(account.fields["tags"] == .elements(Set(own.map(\.result))), "the results of account \(name)")
            let last = own.map(\.day).max().map { Shown.text("\($0)T09:00:00.000Z") }
            #expect(account.fields["last_visit"] == last, "the last visit of account \(name)")
        }
        #expect(try await server.conflicts().isEmpty)
        try await server.requireGracefulStop()
        let seconds = Int((ContinuousClock.now - start).timeInterval)
        print(
            """
            visits: \(all.count) of \(reps.count) reps at \(accounts.count) accounts in \(days.count) days, \
            \(expected.count) counts by rep, account and month; \(site.runCount) programs run in \(seconds) s
            """)
    }
}

extension Shown {
    /// A text; `nil` for everything else.
    fileprivate var text: String? { if case .text(let text) = self { text } else { nil } }
}
