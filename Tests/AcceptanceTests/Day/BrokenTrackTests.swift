import Foundation
import SatchelTestSupport
import ScenarioRunner
import Testing

/// Tracks that are broken: what is no position or no time is refused in words, and nothing is lost of what was there.
@Suite(
    .enabled(
        if: Places.has(Places.tracks), "the shared data is not beside the repository; SATCHEL_SHARED names its place"))
struct BrokenTrackTests {
    /// What `apply --json` says of a line.
    private struct Line: Decodable {
        let line: Int, dot: String?, error: FailureForm.Failure?
    }

    private static let files: [(name: String, count: Int, timed: Int)] = [
        ("posmo_phone_track.csv", 1_327, 1_327), ("gpxpy/Mojstrovka.gpx", 184, 184),
        ("gpxpy/around-visnjan-with-car.gpx", 104, 104), ("gpxpy/cerknicko-jezero.gpx", 303, 297),
        ("gpxpy/cerknicko-without-times.gpx", 303, 5), ("gpxpy/gpx1.1_with_all_fields.gpx", 8, 3),
        ("gpxpy/gpx_with_garmin_extension.gpx", 1, 1), ("gpxpy/korita-zbevnica.gpx", 873, 513),
        ("gpxpy/track-with-empty-segment.gpx", 9, 9), ("gpxpy/track-with-extremes.gpx", 25, 0),
        ("gpxpy/track-with-less-sec-time.gpx", 2, 2), ("gpxpy/track_with_dilution_errors.gpx", 3, 0),
        ("gpxpy/unicode_with_bom.gpx", 1, 1),
    ]

    @Test func `the reader of these tests takes every point, and of a file that was cut those before`() throws {
        for file in Self.files {
            let track = try Track(file: Places.tracks.appending(path: file.name))
            #expect(track.points.count == file.count && !track.isCut, "\(file)")
            #expect(track.points.compactMap(\.instant).count == file.timed, "\(file)")
        }
        let whole = try String(
            contentsOf: Places.tracks.appending(path: "gpxpy/cerknicko-jezero.gpx"), encoding: .utf8)
        let cut = Track(gpx: String(whole.dropLast(whole.count / 3)))
        #expect(cut.isCut && cut.points == Array(Track(gpx: whole).points.prefix(cut.points.count)))
        #expect((150..<250).contains(cut.points.count))
        let rows = Track(
            rows: "user_id;longitude;latitude;accuracy;tracked_at\n0;7.03;47.05;0.0;x\n0;7.0\n0;7.0389004;47.05")
        #expect(rows.isCut && rows.points.map(\.typed) == ["47.05,7.03,0.0"])
        let times = [
            "2019-01-25 20:00:16.178999901": "2019-01-25T20:00:16.178Z",
            "1901-12-13T20:45:52.2073437Z": "1901-12-13T20:45:52.207Z",
            "2015-12-11T15:43:13.994+01:00": "2015-12-11T14:43:13.994Z",
            "2016-05-27T10:08:47.8Z": "2016-05-27T10:08:47.800Z",
        ]
        for (text, instant) in times {
            #expect(TrackPoint(latitude: "", longitude: "", time: text).instant == instant)
        }
    }

    @Test func `what is no position and no time is refused in words, and the check-in can be made without it`()
        async throws
    {
        let server = try await ServerProcess.start(in: Site())
        let ann = try await server.enrol("ann")
        let id = try await ann.new("account", ["name=Aster", "location=47.0516249,7.0389004,10"])
        // As they come of a line that was cut, of columns that were swapped, and of a receiver without a fix.
        let positions = [
            "47.0516249", "47.0516249,", ",7.0389004", "47.0516249;7.0389004", "47,0516249,7,0389004", "NaN,NaN",
            "inf,0",
            "187.0389004,47.0516249", "47.0516249,180.0000001", "47.0516249,7.0389004,-1", "47.0516249,7.0389004,12 m",
            "47°03'05.8\"N,7°02'20.0\"E",
        ]
        for position in positions {
            let refused = try await ann.run(["checkin", id, "--at", position, "--json"], expecting: [64])
            let failure = try JSONDecoder().decode(FailureForm.self, from: Data(refused.error.utf8)).error
            #expect(failure.code == "invalid_value" && failure.remedy != nil, "\(refused.account)")
            #expect(failure.message.contains("takes a place such as 48.137154,11.576124"), "\(refused.account)")
            #expect(refused.output.isEmpty)
        }
        // A time says of which zone it is.
        for time in ["2019-01-25 20:00:16.178999901", "2013-01-01T12:00:04", "05-AUG-10 16:58:37"] {
            let refused = try await ann.run(
                ["checkin", id, "--at", "47.0516249,7.0389004", "taken_at=\(time)", "--json"], expecting: [64])
            #expect(refused.failureCode == "invalid_value" && refused.error.contains("takes a time such as"))
        }
        let taken = [
            ("1901-12-13T20:45:52.2073437Z", "1901-12-13T20:45:52.207Z"),
            ("2015-12-11T15:43:13.994+01:00", "2015-12-11T14:43:13.994Z"),
        ]
        for (time, instant) in taken {
            let made = try await ann.edit(["checkin", id, "--at", "47.04712429999999,7.0349648", "taken_at=\(time)"])
            let row = try await ann.show("check_in", made.records[0])
            #expect(row.fields["taken_at"] == .text(instant))
            #expect(row.fields["position"] == .text("47.0471243,7.0349648"))
        }
        #expect(try await ann.status().pending.count == 3)
        // Nothing else is refused: what cannot be relied on is recorded, and said.
        for (options, verdict) in [
            (["--reason", "The receiver had no fix."], "skipped"), (["--at", ""], "skipped"),
            (["--at", "47.0516249,7.0389004,5", "--mock"], "unverified"),
            (["--at", "47.0516249,7.0389004,5", "--fix-age", "601"], "unverified"),
            (["--at", "47.0516249,7.0389004,5", "--fix-age", "600", "--provider", "gps"], "verified"),
        ] {
            let made = try await ann.edit(["checkin", id] + options)
            #expect(try await ann.show("check_in", made.records[0]).said?.verdict == verdict, "\(options)")
        }
        try await server.requireDrained([ann])
        #expect(try await ann.list("check_in").count == 7)
        try await server.requireGracefulStop()
    }

    @Test func `a file of a track that is cut and spoiled gives all of its whole lines, and names the others`()
        async throws
    {
        let server = try await ServerProcess.start(in: Site())
        let (ann, bo) = (try await server.enrol("ann"), try await server.enrol("bo"))
        let points = try Track(file: Places.tracks.appending(path: "posmo_phone_track.csv")).points.prefix(200)
        let account = try await ann.new("account", ["name=Aster"])
        var lines = points.map { point in
            """
            {"label": "track", "at": "\(point.instant ?? "")", "changes": [{"op": "create", "type": "check_in", "set": \
            {"account": "\(account)", "taken_at": "\(point.instant ?? "")", "position": {"lat": \(point.latitude), \
            "lon": \(point.longitude), "accuracy": \(point.accuracy ?? "0")}}}]}
            """
        }
        let spoilt = [
            (20, lines[0].replacingOccurrences(of: points[0].latitude, with: "470.51"), "invalid_value"),
            (40, lines[0].replacingOccurrences(of: "Z\", \"position", with: "\", \"position"), "invalid_value"),
            (60, "0;7.0389004;47.0516249;0.0;2019-01-25 20:00:16.178999901", "invalid_request"),
            (
                80, lines[0].replacingOccurrences(of: account, with: "019a0000-0000-7000-8000-00000000ffff"),
                "unknown_record"
            ),
        ]
        for (index, text, _) in spoilt { lines[index] = text }
        let bytes = Array(lines.joined(separator: "\n").utf8.dropLast(60))
        let path = server.site.path("track.jsonl")
        try Data(bytes).write(to: URL(filePath: path))
        let said = try await ann.run(["apply", path, "--json"], expecting: [1]).decodedLines(Line.self)
        #expect(said.map(\.line) == Array(1...200))
        let refused = said.filter { $0.error != nil }
        #expect(refused.map(\.line) == [21, 41, 61, 81, 200], "\(refused)")
        #expect(refused.dropLast().map { $0.error?.code } == spoilt.map(\.2))
        #expect(refused.last?.error?.code == "invalid_request")
        for line in refused {
            #expect(line.error?.message.hasPrefix("Line \(line.line)") == true && line.error?.remedy != nil)
            #expect(line.dot == nil)
        }
        // The same track once more, the last first, by another rep: the same rows, but for whose they are.
        try await bo.sync()
        try await server.quiet([ann, bo])
        let whole = lines.enumerated().filter { index, _ in ![20, 40, 60, 80, 199].contains(index) }.map(\.element)
        try await bo.apply(whole.reversed())
        try await server.quiet([ann, bo])
        let rows = try await bo.list("check_in").filter { $0.fields["account"] == .text(account) }
        let counts = Dictionary(grouping: rows) { [$0.fields["taken_at"], $0.fields["position"]] }.mapValues(\.count)
        #expect(counts.count == 195 && counts.values.allSatisfy { $0 == 2 })
        try await server.requireDrained([ann, bo])
        try await server.requireGracefulStop()
    }
}
