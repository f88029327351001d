import Foundation
import SatchelTestSupport
import ScenarioRunner
import Testing

/// Real tracks, replayed as check-ins, and the pictures of such a day.
@Suite(
    .enabled(
        if: Places.has(Places.tracks, Places.photos),
        "the shared data is not beside the repository; SATCHEL_SHARED names its place"))
struct TrackTests {
    @Test func `each point in any order is one row with the right verdict, 175 pictures beside them, in one sync`()
        async throws
    {
        let day = try TrackDay()
        let server = try await ServerProcess.start(in: Site())
        try await day.makeCustomers(at: server)
        let (ann, bo) = (try await server.enrol("ann"), try await server.enrol("bo"))
        try await server.quiet([ann, bo])

        // Ann's device learns of the points in no order, and of some without a time; bo's in that of their times.
        var random = SeededRandom(seed: 8)
        let points = (day.phone + day.receivers).shuffled(using: &random)
        var byAnn = try await day.checkIn(at: points, on: ann)
        byAnn.append(try await day.checkIn(day.customers[0], at: nil, on: ann))
        let byBo = try await day.checkIn(at: day.phone.sorted { ($0.instant ?? "") < ($1.instant ?? "") }, on: bo)
        for made in byAnn + byBo {
            #expect(made.answer == made.customer.expects(made.point), "\(made)")
        }
        let verdicts = Set(byAnn.map(\.answer.verdict))
        #expect(verdicts == ["verified", "outside", "low_accuracy", "unverified", "skipped"])
        #expect(points.contains { $0.time == nil } && points.contains { $0.accuracy == nil })

        let files = try Self.pictures()
        let visit = try await ann.edit(["visit", "start", day.customers[0].id]).records[0]
        let added = try await ann.run(["photo", "add", "--any"] + files.map(\.path) + ["--of", visit])
        #expect(added.output.contains("Added 175 photos"), "\(added.account)")

        let sync: SyncForm = try await ann.run(["sync", "--json"], expecting: [0]).decoded()
        let count = byAnn.count + 1 + files.count
        #expect(sync.pushed == count && sync.applied == count)
        #expect(sync.pending == 0 && sync.parked == 0 && sync.decide == 0 && sync.review == 0)
        try await server.requireDrained([ann, bo])
        try await Self.expect(byAnn + byBo, on: bo)
        let shown = try await bo.list("photo")
        #expect(shown.count == files.count)
        #expect(shown.allSatisfy { $0.fields["visit"] == .text(visit) })
        let sizes = try files.map { try #require(try $0.resourceValues(forKeys: [.fileSizeKey]).fileSize) }
        #expect(shown.compactMap { $0.fields["bytes"] }.map(Self.number).sorted() == sizes.map(Int64.init).sorted())
        #expect(Set(shown.map { $0.fields["sha256"] }).count == files.count)
        try await server.requireGracefulStop()
    }

    /// Expects of each check-in one row, with what the command answered and the time of its point; and the same of both reps.
    private static func expect(_ made: [TrackDay.CheckIn], on device: Device) async throws {
        let rows: [RecordForm] = try await device.run([
            "list", "check_in", "--sort", "taken_at", "--limit", "100000", "--json",
        ]).decoded()
        #expect(rows.count == made.count)
        let byID = Dictionary(rows.map { ($0.id, $0) }) { first, _ in first }
        #expect(byID.count == rows.count)
        for checkIn in made {
            let row = try #require(byID[checkIn.id])
            #expect(row.said == checkIn.customer.expects(checkIn.point), "\(checkIn)")
            #expect(row.fields["account"] == .text(checkIn.customer.id))
            if let instant = checkIn.point?.instant { #expect(row.fields["taken_at"] == .text(instant)) }
        }
        let times = rows.compactMap { $0.fields["taken_at"] }.map(text)
        #expect(times == times.sorted() && times.allSatisfy { !$0.isEmpty })
        // What both were at says the same of either.
        let twice = Dictionary(grouping: rows) { row in
            [row.fields["taken_at"], row.fields["account"], row.fields["position"]].map { text($0 ?? .null) }
        }.values.filter { $0.count > 1 }
        #expect(twice.count >= 40)
        for pair in twice { #expect(pair[0].said == pair[1].said) }
    }

    /// The real pictures first, then damaged ones: 175, no two with the same bytes.
    private static func pictures() throws -> [URL] {
        let files = try ["gps", "camera", "hard", "orientation", "corrupt"].flatMap { name in
            try FileManager.default.contentsOfDirectory(
                at: Places.photos.appending(path: name), includingPropertiesForKeys: [.fileSizeKey]
            ).filter { $0.pathExtension != "txt" }.sorted { $0.path < $1.path }
        }
        guard files.count >= 175 else {
            throw AcceptanceFailure("There are \(files.count) pictures, and 175 are needed.")
        }
        return Array(files.prefix(175))
    }

    private static func text(_ value: Shown) -> String { if case .text(let text) = value { text } else { "" } }
    private static func number(_ value: Shown) -> Int64 { if case .number(let number) = value { number } else { -1 } }
}
