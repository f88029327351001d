import ScenarioRunner
import Testing

/// A check-in that the server judges as well, by the place that it knows.
@Suite struct TwoVerdictTests {
    @Test func `a check-in shows both verdicts where they differ, and the rep hears of it once`() async throws {
        let server = try await ServerProcess.start(in: Site())
        let device = try await server.enrol("ann").with("TZ=Asia/Shanghai")
        let account = try await device.new("account", ["name=阿斯特", "location=31.2304,121.4737"])
        try await device.sync()
        // The office has learnt that the customer has moved; the device was out of reach.
        let line = #"{"type":"account","id":"\#(account)","set":{"location":"31.2377,121.4737"}}"#
        try await server.apply(line + "\n")
        let made = try await device.edit(["checkin", account, "--at", "31.2304,121.4737,12"])
        let id = made.records[0]
        let before = try await device.run(["show", "check_in", id]).output
        #expect(before.contains("The server has not judged it."), "\(before)")
        let synced = try await device.run(["sync"]).output
        #expect(synced.contains("satchel news"), "\(synced)")

        let row = try await device.show("check_in", id)
        #expect(row.fields["verdict"] == .text("verified") && row.fields["distance_m"] == .number(0))
        #expect(row.fields["server_verdict"] == .text("outside"))
        #expect(row.fields["server_distance_m"] == .number(812) && row.fields["server_radius_m"] == .number(300))
        let shown = try await device.run(["show", "check_in", id]).output
        #expect(
            shown.contains(
                "The server says outside, 812 m from the customer's place as it knows it; the device said verified."),
            "\(shown)")
        let chinese = try await device.run(["--language", "zh", "show", "check_in", id]).output
        #expect(chinese.contains("服务器的判定为 outside，距其所知的客户位置 812 米；设备的判定为 verified。"), "\(chinese)")
        let list = try await device.run(["list", "check_in"]).output
        #expect(list.contains("VERDICT") && list.contains("SERVER_VERDICT"), "\(list)")
        let news = try await device.run(["news"]).output
        #expect(news.contains(#"the server says "outside", the device said "verified", at "#), "\(news)")
        #expect(!news.contains("check-in verdict"), "\(news)")

        // Where both say the same there is nothing to tell, now or later.
        let next = try await device.edit(["checkin", account, "--at", "31.2377,121.4737,12"]).records[0]
        let calm = try await device.run(["sync"]).output
        #expect(!calm.contains("satchel news"), "\(calm)")
        let same = try await device.run(["show", "check_in", next]).output
        #expect(same.contains("server_verdict") && !same.contains("The server"), "\(same)")
        #expect(try await device.run(["news"]).output.contains("Nothing new from others."))
        try await device.run(["set", "check_in", id, "server_verdict=verified"], expecting: [1])

        try await server.requireDrained([device])
        try await server.requireGracefulStop()
    }
}
