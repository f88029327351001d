import Foundation
import ScenarioRunner
import Testing

/// A rep who crosses time zones, visits at night, and days on which clocks are set.
@Suite struct TravelTests {
    private struct Day: Decodable, Sendable {
        struct Entry: Decodable, Sendable {
            let part: String, type: String, id: String, text: String, time: String?, due: String?, isOverdue: Bool

            enum CodingKeys: String, CodingKey {
                case part, type, id, text, time, due
                case isOverdue = "is_overdue"
            }
        }

        let date: String, zone: String
        let entries: [Entry]

        enum CodingKeys: String, CodingKey {
            case date, entries
            case zone = "time_zone"
        }

        /// What it says, short: why it is there, and what is to be done.
        var said: [String] { entries.map { "\($0.part) \($0.text)" } }
    }

    /// A device whose rep is somewhere at some time.
    private struct Trip {
        let device: Device

        func at(_ instant: String, _ zone: String) -> Device {
            device.with("SATCHEL_NOW=\(instant)", "TZ=\(zone)")
        }

        func today(_ instant: String, _ zone: String, _ more: String...) async throws -> Day {
            try await at(instant, zone).run(["today", "--json"] + more).decoded()
        }
    }

    @Test func `the day is that of where the rep is, and each visit stands in one day of each place`() async throws {
        let server = try await ServerProcess.start(in: Site())
        let (ann, bo) = (try await server.enrol("ann"), try await server.enrol("bo"))
        let trip = Trip(device: ann)
        let (east, west) = ("Asia/Shanghai", "America/Los_Angeles")
        let id = try await ann.new("account", ["name=阿斯特"])
        // On Monday morning in Shanghai: a visit at 23:30, one on Tuesday at nine, and a task for Tuesday.
        let morning = trip.at("2026-03-02T01:00:00.000Z", east)
        let late = try await morning.edit(["visit", "plan", id, "--at", "23:30", "--until", "23:55", "purpose=late"])
            .records[0]
        try await morning.edit(["visit", "plan", id, "--at", "2026-03-03 09:00", "purpose=nine"])
        try await morning.edit(["task", "add", "Call", "--of", id, "--due", "2026-03-03"])
        let monday = try await trip.today("2026-03-02T01:00:00.000Z", east)
        #expect(monday.date == "2026-03-02" && monday.zone == east && monday.said == ["planned late"])
        #expect(monday.entries[0].time == "2026-03-02T15:30:00.000Z")
        #expect(try await morning.run(["today"]).output.contains("23:30"))

        try await trip.at("2026-03-02T15:30:00.000Z", east).edit(["visit", "start", late])
        #expect(try await trip.today("2026-03-02T15:40:00.000Z", east).said == ["under_way late"])
        try await trip.at("2026-03-02T15:50:00.000Z", east).edit(["visit", "end", "--outcome", "Ordered 40"])
        #expect(try await trip.today("2026-03-02T15:59:59.999Z", east).said == ["done Ordered 40"])
        // Midnight has passed, and it was yesterday.
        let tuesday = try await trip.today("2026-03-02T16:00:00.000Z", east)
        #expect(tuesday.date == "2026-03-03" && tuesday.said == ["planned nine", "task Call"])
        #expect(tuesday.entries.allSatisfy { !$0.isOverdue })

        // He flies, and it is Monday noon again: what was at night was this morning, and the task is for tomorrow.
        let noon = try await trip.today("2026-03-02T20:00:00.000Z", west)
        #expect(noon.date == "2026-03-02" && noon.zone == west)
        #expect(noon.said == ["planned nine", "done Ordered 40"])
        let text = try await trip.at("2026-03-02T20:00:00.000Z", west).run(["today"]).output
        #expect(text.hasPrefix("2026-03-02  America/Los_Angeles\n") && text.contains("17:00") && text.contains("07:50"))
        try await trip.at("2026-03-03T07:30:00.000Z", west).edit(["visit", "start", id, "purpose=night"])
        try await trip.at("2026-03-03T07:50:00.000Z", west).edit(["visit", "end", "--outcome", "Looked"])
        #expect(
            try await trip.today("2026-03-03T07:59:00.000Z", west).said == [
                "planned nine", "done Ordered 40", "done Looked",
            ])
        // In the next hour it is Tuesday here too, and the visit at nine was not done.
        #expect(try await trip.today("2026-03-03T08:00:00.000Z", west).said == ["overdue_visit nine", "task Call"])

        try await trip.at("2026-03-03T08:00:00.000Z", west).sync()
        try await server.requireDrained([ann, bo])
        try await Self.expectOneDayEach(Trip(device: ann), [east, west])
        // Lists say when as clocks are here, and a record in a form that can be typed.
        for (zone, time) in [(east, "2026-03-02 23:30:00+08:00"), (west, "2026-03-02 07:30:00-08:00")] {
            let there = trip.at("2026-03-03T08:00:00.000Z", zone)
            #expect(try await there.run(["show", "visit", late]).output.contains("  started_at     \(time)\n"))
            let condition = ["--where", "started_at=\(time)"]
            let list = try await there.run(["visit", "list"] + condition).output.split(separator: "\n")
            #expect(
                list.count == 2 && list[0].contains("WHEN") && list[1].contains("  \(time.prefix(16))  "), "\(list)")
        }
        // Lists are in the order of what was first, wherever that was.
        for device in [trip.at("2026-03-03T08:00:00.000Z", west), bo.with("TZ=Europe/Vienna")] {
            let visits: [RecordForm] = try await device.run([
                "visit", "list", "--sort", "started_at", "--json",
            ]).decoded()
            #expect(visits.map { $0.fields["purpose"] } == ["late", "night", "nine"].map { .text($0) })
        }
        try await server.requireGracefulStop()
    }

    /// Expects each of the two visits that were done in one day of each zone.
    private static func expectOneDayEach(_ trip: Trip, _ zones: [String]) async throws {
        for (zone, expected) in zip(
            zones,
            [
                ["Ordered 40": "2026-03-02", "Looked": "2026-03-03"],
                ["Ordered 40": "2026-03-02", "Looked": "2026-03-02"],
            ])
        {
            var found: [String: [String]] = [:]
            for date in ["2026-03-01", "2026-03-02", "2026-03-03", "2026-03-04"] {
                let day = try await trip.today("2026-03-05T00:00:00.000Z", zone, "--on", date)
                for entry in day.entries where entry.part == "done" { found[entry.text, default: []].append(date) }
            }
            #expect(found == expected.mapValues { [$0] }, "\(zone)")
        }
    }

    /// A day on which clocks are set, and visits around it: when each ended, in UTC, and on which date of the zone that is.
    struct SetClocks: Sendable, CustomStringConvertible {
        let zone: String, dates: [String], ends: [(instant: String, date: String)]
        var description: String { zone }
    }

    private static let setClocks = [
        // An hour is left out at two in the night.
        SetClocks(
            zone: "Europe/Vienna", dates: ["2026-03-28", "2026-03-29", "2026-03-30"],
            ends: [
                ("2026-03-28T22:59:00.000Z", "2026-03-28"), ("2026-03-28T23:00:00.000Z", "2026-03-29"),
                ("2026-03-29T00:59:00.000Z", "2026-03-29"), ("2026-03-29T01:00:00.000Z", "2026-03-29"),
                ("2026-03-29T21:59:00.000Z", "2026-03-29"), ("2026-03-29T22:00:00.000Z", "2026-03-30"),
            ]),
        // An hour comes twice.
        SetClocks(
            zone: "Europe/Vienna", dates: ["2026-10-24", "2026-10-25", "2026-10-26"],
            ends: [
                ("2026-10-24T21:59:00.000Z", "2026-10-24"), ("2026-10-24T22:00:00.000Z", "2026-10-25"),
                ("2026-10-25T00:30:00.000Z", "2026-10-25"), ("2026-10-25T01:30:00.000Z", "2026-10-25"),
                ("2026-10-25T22:59:00.000Z", "2026-10-25"), ("2026-10-25T23:00:00.000Z", "2026-10-26"),
            ]),
        // The day begins at one.
        SetClocks(
            zone: "Africa/Cairo", dates: ["2026-04-23", "2026-04-24", "2026-04-25"],
            ends: [
                ("2026-04-23T21:30:00.000Z", "2026-04-23"), ("2026-04-23T22:30:00.000Z", "2026-04-24"),
                ("2026-04-24T20:59:00.000Z", "2026-04-24"), ("2026-04-24T21:30:00.000Z", "2026-04-25"),
            ]),
        // Midnight comes twice.
        SetClocks(
            zone: "America/Havana", dates: ["2026-10-31", "2026-11-01", "2026-11-02"],
            ends: [
                ("2026-11-01T03:30:00.000Z", "2026-10-31"), ("2026-11-01T04:30:00.000Z", "2026-11-01"),
                ("2026-11-01T05:30:00.000Z", "2026-11-01"), ("2026-11-02T05:30:00.000Z", "2026-11-02"),
            ]),
    ]

    @Test func `visits across midnight and on days on which clocks are set stand on one day each, in their order`()
        async throws
    {
        let server = try await ServerProcess.start(in: Site())
        let ann = try await server.enrol("ann")
        let trip = Trip(device: ann)
        let id = try await ann.new("account", ["name=Aster"])
        // The last ones first; each takes fifty minutes, so that some go across midnight and across the set clocks.
        let ends = Self.setClocks.flatMap(\.ends).reversed()
        try await ann.apply(
            try ends.map { end in
                let began = try Date(end.instant, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true))
                    .addingTimeInterval(-3_000).ISO8601Format(.init(includingFractionalSeconds: true))
                return """
                    {"type": "visit", "set": {"account": "\(id)", "rep": "ann", "status": "done", "outcome": "\(end.instant)", \
                    "started_at": "\(began)", "ended_at": "\(end.instant)"}}
                    """
            })
        for clocks in Self.setClocks {
            for date in clocks.dates {
                let day = try await trip.today("2026-12-01T00:00:00.000Z", clocks.zone, "--on", date)
                let done = day.entries.filter { $0.part == "done" }
                #expect(done.map(\.text) == clocks.ends.filter { $0.date == date }.map(\.instant), "\(clocks) \(date)")
                #expect(done.map(\.time) == done.map(\.text))
            }
        }
        try await Self.visitAcrossMidnight(trip, account: id)
        try await server.requireDrained([ann])
        try await server.requireGracefulStop()
    }

    /// A visit by the verbs, from the evening before the clocks are set to the night.
    private static func visitAcrossMidnight(_ trip: Trip, account: String) async throws {
        let vienna = "Europe/Vienna"
        let evening = trip.at("2027-03-27T22:40:00.000Z", vienna)
        try await evening.edit(["visit", "start", account, "purpose=inventory"])
        #expect(try await trip.today("2027-03-27T22:50:00.000Z", vienna).said == ["under_way inventory"])
        // It is still under way on the next day, with the day on which it began.
        let night = try await trip.at("2027-03-27T23:05:00.000Z", vienna).run(["today"]).output
        #expect(night.hasPrefix("2027-03-28") && night.contains("2027-03-27 23:40"), "\(night)")
        try await trip.at("2027-03-28T01:10:00.000Z", vienna).edit(["visit", "end", "--outcome", "Counted"])
        var dates: [String] = []
        for date in ["2027-03-27", "2027-03-28", "2027-03-29"] {
            let day = try await trip.today("2027-03-28T08:00:00.000Z", vienna, "--on", date)
            if day.said.contains("done Counted") { dates.append(date) }
        }
        #expect(dates == ["2027-03-28"])
        let text = try await trip.at("2027-03-28T01:20:00.000Z", vienna).run(["today"]).output
        #expect(text.contains("03:10"), "\(text)")
        // An end without a day is the first after the beginning, and one before it is refused.
        let planned = try await evening.edit(["visit", "plan", account, "--at", "2027-05-01 23:30", "--until", "00:15"])
        let row = try await trip.device.show("visit", planned.records[0]).fields
        #expect(row["planned_start"] == .text("2027-05-01T21:30:00.000Z"))
        #expect(row["planned_end"] == .text("2027-05-01T22:15:00.000Z"))
        let before = ["--at", "2027-05-01 23:30", "--until", "2027-05-01 23:15"]
        let early = try await evening.run(["visit", "plan", account, "--json"] + before, expecting: [64])
        #expect(early.error.contains("is before the beginning"), "\(early.account)")
        // A time that does not come is refused, and why; one that comes twice is the first.
        let refused = try await evening.run(
            ["visit", "plan", account, "--at", "2027-03-28 02:30", "--json"], expecting: [64])
        #expect(refused.failureCode == "invalid_request")
        #expect(refused.error.contains("does not come in Europe/Vienna: clocks are set past it"), "\(refused.account)")
        let twice = try await evening.edit(["visit", "plan", account, "--at", "2027-10-31 02:30", "purpose=twice"])
        let begins = try await trip.device.show("visit", twice.records[0]).fields["planned_start"]
        #expect(begins == .text("2027-10-31T00:30:00.000Z"))
        #expect(try await trip.today("2027-10-31T08:00:00.000Z", vienna).said.contains("planned twice"))
    }
}
