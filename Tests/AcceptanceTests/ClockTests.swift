import Foundation
import ScenarioRunner
import Testing

/// A server whose clock is set while it runs.
@Suite struct ClockTests {
    @Test func `a jump of the server's clock is an alarm, and times are uncertain until it is confirmed`() async throws
    {
        let site = try Site()
        let clock = site.path("clock")
        try site.write("+0", to: clock)
        let server = try await ServerProcess.start(in: site, environment: ["SATCHEL_NOW=@\(clock)"])
        let device = try await server.enrol("ann")
        let account = try await device.new("account", ["name=Aster"])
        try await device.sync()
        let first = try await explain(
            server, try await device.edit(["set", "account", account, "phone=1", "--json"]).dot, device)
        #expect(first.timeError < 5_000, "two exchanges tell a clock on one machine to less than that")
        #expect(try await server.command(["alarms", "list"]).output == "No alarm.\n")

        try site.write("+7200", to: clock)
        let doubtful = try await explain(
            server, try await device.edit(["set", "account", account, "phone=2", "--json"]).dot, device)
        #expect(doubtful.timeError >= 7_100_000)
        let alarms = try await Patience.until("the alarm") {
            let alarms = try await server.alarms()
            return alarms.isEmpty ? nil : alarms
        }
        #expect(alarms.map(\.code) == ["server_clock_jumped"])
        #expect(alarms.first?.sentence.contains("2 hours") == true, "\(alarms)")
        #expect(try server.process().errorText.contains(#""alarm":"server_clock_jumped""#))

        // The doubt outlives the server.
        try await server.requireGracefulStop()
        try await server.serve(environment: ["SATCHEL_NOW=@\(clock)"])
        let later = try await explain(
            server, try await device.edit(["set", "account", account, "phone=3", "--json"]).dot, device)
        #expect(later.timeError >= 7_100_000)
        try await server.command(["alarms", "confirm", "server_clock_jumped"])
        #expect(try await server.alarms().allSatisfy { $0.confirmedAt != nil })
        _ = try await device.sync()
        let sure = try await explain(
            server, try await device.edit(["set", "account", account, "phone=4", "--json"]).dot, device)
        #expect(sure.timeError < 7_100_000)
        #expect(try await device.show("account", account).fields["phone"] == .text("4"))

        // A clock that stands behind what the store has taken is found when the server begins.
        try await server.requireGracefulStop()
        try site.write("-86400", to: clock)
        try await server.serve(environment: ["SATCHEL_NOW=@\(clock)"])
        let behind = try await Patience.until("the alarm of a clock that is behind") {
            try await server.alarms().first { $0.confirmedAt == nil }
        }
        #expect(behind.sentence.contains("1 day") || behind.sentence.contains("26 hours"), "\(behind)")
        try await server.requireDrained([device])
        try await server.requireGracefulStop()
    }

    private func explain(_ server: ServerProcess, _ dot: String, _ device: Device) async throws -> ClockForm {
        try await device.sync()
        return try await server.command(["explain", dot, "--json"]).decoded(ClockForm.self)
    }
}

private struct ClockForm: Decodable {
    let timeError: Int64
    enum CodingKeys: String, CodingKey { case timeError = "time_error_ms" }
}

private struct AlarmForm: Decodable {
    let code: String, sentence: String, confirmedAt: String?
    enum CodingKeys: String, CodingKey {
        case code, sentence
        case confirmedAt = "confirmed_at"
    }
}

extension ServerProcess {
    fileprivate func alarms() async throws -> [AlarmForm] {
        try await command(["alarms", "list", "--json"]).decoded([AlarmForm].self)
    }
}
