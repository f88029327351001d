import Foundation
import ScenarioRunner
import Testing

/// What a rep reads in his day: each command says what it did, to what, and where it stands.
@Suite struct RepDayTests {
    private static let place = "31.2304,121.4737"

    @Test func `a visit says its verdict, an undo says what it took back, and a failed export leaves nothing`()
        async throws
    {
        struct Begun: Decodable {
            let verdict: String?, metres: Int?, radius: Int?
            enum CodingKeys: String, CodingKey {
                case verdict
                case metres = "distance_m"
                case radius = "radius_m"
            }
        }
        let server = try await ServerProcess.start(in: Site())
        let device = try await server.enrol("ann").with("TZ=Asia/Shanghai")
        let account = try await device.new("account", ["name=阿斯特", "location=\(Self.place)"])
        let begun = try await device.run(["visit", "start", account, "--at", "31.2404,121.4737,12"]).output
        #expect(begun.contains(", and with it 1 check-in; queued as "), "\(begun)")
        #expect(begun.contains("\nOutside: 1112 m from the customer's place; up to 300 m counts as there."), "\(begun)")
        let undone = try await device.run(["undo"]).output
        #expect(undone.hasPrefix("Took back \"visit start\", made just now:\n  visit "), "\(undone)")
        #expect(undone.contains("it had been made, and is gone\n  check_in "), "\(undone)")
        let told: Begun = try await device.run(
            ["visit", "start", account, "--at", "\(Self.place),12", "--json"]
        ).decoded()
        #expect(told.verdict == "verified" && told.metres == 0 && told.radius == 300)
        let file = server.site.path("q.csv")
        for wrong in [["--where", "nme=x"], ["--where", "employees=many"], ["--sort", "nme"]] {
            let export = try await device.run(["export", "account", "--output", file] + wrong, expecting: [1])
            #expect(!FileManager.default.fileExists(atPath: file), "\(export.account)")
        }
        let export = try await device.run(["export", "account", "--output", file])
        #expect(export.output == "Wrote 1 record to \(file).\n")
        #expect(
            try await device.run(["export", "account", "--output", file], expecting: [1]).failureCode == "data_exists")
        try await server.requireDrained([device])
        let sent = try await device.run(["undo"], expecting: [1])
        #expect(sent.error.contains("was sent already. Set the record right with another edit"), "\(sent.account)")
        try await server.requireGracefulStop()
    }

    @Test func `a failed sync comes first in the status, and what an office did is told by its place`() async throws {
        let server = try await ServerProcess.start(in: Site())
        let device = try await server.enrol("ann")
        let account = try await device.new("account", ["name=Aster"])
        try await device.sync()
        let line = #"{"type":"account","id":"\#(account)","set":{"city":"Lund"}}"#
        try await server.apply(line + "\n")
        try await device.sync()
        let log = try await device.run(["log", "account", account]).output
        #expect(log.split(separator: "\n").first?.contains(" office on ") == true || log.contains(" at "), "\(log)")
        let calm = try await device.run(["status"]).output
        #expect(calm.contains("Everything you made is at the server (1 change-set)."), "\(calm)")
        try await server.requireDrained([device])
        try await server.requireGracefulStop()
        try await device.set("account", account, ["city=Malmö"])
        try await device.run(["sync"], expecting: [4])
        let status = try await device.run(["status"]).output.split(separator: "\n")
        #expect(status[1].hasPrefix("The last try (just now) did not end well: "), "\(status)")
        #expect(status[2].hasPrefix("The last sync that ended well: "), "\(status)")
        let queue = try await device.run(["queue", "list"]).output
        #expect(queue.contains("account \(account.suffix(4)) Aster"), "\(queue)")
    }

    @Test func `visits are listed by when they begin, no picture is refused, and a day reads well in Chinese`()
        async throws
    {
        let server = try await ServerProcess.start(in: Site())
        let device = try await server.enrol("ann").with("TZ=Asia/Shanghai")
        let account = try await device.new("account", ["name=阿斯特"])
        for (time, purpose) in [("2031-03-02 10:00", "second"), ("2031-03-01 09:00", "first")] {
            try await device.run(["visit", "plan", account, "--at", time, "purpose=\(purpose)"])
        }
        let list = try await device.run(["visit", "list"]).output.split(separator: "\n")
        #expect(list[0].contains("WHEN") && list[0].hasSuffix("MARK"), "\(list)")
        #expect(list[1].contains("  2031-03-02 10:00  planned  阿斯特"), "\(list)")
        #expect(list[2].contains("  2031-03-01 09:00  planned  阿斯特"), "\(list)")
        let day = try await device.run(["visit", "list", "--where", "planned_start=2031-03-01"]).output
        #expect(day.split(separator: "\n").count == 2 && day.contains("first"), "\(day)")
        let readme = server.site.path("README.md")
        try server.site.write("words", to: readme)
        let refused = try await device.run(["photo", "add", readme, "--of", account], expecting: [1])
        #expect(refused.error.contains("is no JPEG, PNG, WebP or HEIC picture. Say --any"), "\(refused.account)")
        _ = try await device.run(["search", " "], expecting: [64])
        _ = try await device.run(["list", "account", "--where", "status=foo"], expecting: [1])
        let chinese: [(arguments: [String], exitCode: Int32, text: String)] = [
            (["stats"], 64, "是否想用 status？可用的命令："), (["list", "--help"], 0, "（默认：200）"),
            (["photo", "add", "none.jpg", "--of", account], 1, "没有文件 none.jpg。请检查"),
            (["sql", "DELETE FROM account"], 1, "请写一条 SELECT"), (["queue", "list"], 0, "计划拜访"),
            (["visit", "list"], 0, "标记"), (["export", "account", "--as", "x"], 64, "请用 'csv' 和 'jsonl' 之一"),
        ]
        for case let (arguments, exitCode, text) in chinese {
            let result = try await server.site.run(
                .satchel,
                ["--language", "zh"] + arguments + (arguments == ["list", "--help"] ? [] : ["--home", device.home]),
                expecting: [exitCode])
            #expect((result.output + result.error).contains(text), "\(result.account)")
        }
        try await server.requireDrained([device])
        try await server.requireGracefulStop()
    }
}
