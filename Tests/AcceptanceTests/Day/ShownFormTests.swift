import Foundation
import ScenarioRunner
import Testing

/// How things are shown to a rep where he is, beside what programs read.
@Suite struct ShownFormTests {
    @Test func `conflicts, explanations and the queue tell times by the clocks of the device, and JSON in UTC`()
        async throws
    {
        let server = try await ServerProcess.start(in: Site(variables: ["TZ=Asia/Shanghai"]))
        let ann = try await server.enrol("ann")
        let bo = try await server.enrol("bo").with("SATCHEL_NOW=2026-03-02T17:20:05Z")
        let account = try await ann.new("account", ["name=阿斯特"])
        try await ann.sync()
        try await bo.sync()
        try await ann.set("account", account, ["phone=1", "last_visit=2026-03-02 09:30"])
        try await bo.set("account", account, ["phone=2"])
        try await ann.sync()
        try await bo.sync()
        let dot = try await bo.new("visit", ["account=\(account)", "planned_start=2026-03-04 14:30"])
        let shown = try await bo.run(["conflicts", "show", "account", account], expecting: [0, 3])
        #expect(!shown.output.contains("UTC") && !shown.output.contains("Z,"), "\(shown.output)")
        #expect(shown.output.contains(" of 2026-"), "\(shown.output)")
        let json = try await bo.run(["conflicts", "show", "account", account, "--json"], expecting: [0, 3]).output
        #expect(json.contains(" UTC\"") && json.contains("Z\""), "\(json)")
        let explained = try await bo.run(["explain", "account", account]).output
        #expect(explained.contains("+08:00") && !explained.contains("Z "), "\(explained)")
        #expect(explained.contains("2026-03-02 09:30:00+08:00"), "\(explained)")
        let queue = try await bo.run(["queue", "list", "--json"]).output
        let name = try #require(queue.split(separator: "\"").first { $0.contains(":") && $0.count > 32 })
        let page = try await bo.run(["queue", "show", String(name)]).output
        #expect(page.contains("planned_start: 2026-03-04 14:30:00+08:00"), "\(page) \(dot)")
        #expect(page.contains("made 2026-03-03 01:20"), "\(page)")
        let inspected = try await server.site.run(
            .inspect, ["show", "account", account, "--data", server.data], expecting: [0, 3])
        #expect(inspected.output.contains(" +08:00 ("), "\(inspected.output)")
        try await server.requireDrained([ann, bo])
        try await server.requireGracefulStop()
    }

    @Test func `a check-in is corrected by another one, and verbs without an id are about the visit under way`()
        async throws
    {
        let server = try await ServerProcess.start(in: Site())
        let device = try await server.enrol("ann")
        let account = try await device.new("account", ["name=阿斯特贸易", "location=31.2304,121.4737"])
        _ = try await device.new("account", ["name=阿斯特水果"])
        _ = try await device.new("account", ["name=Birch"])
        let several = try await device.run(["visit", "start", "阿斯特"], expecting: [1])
        #expect(several.failureCode == "ambiguous_id" && several.error.contains("阿斯特水果, "), "\(several.account)")
        #expect(try await device.run(["visit", "start", "Cedar"], expecting: [1]).failureCode == "unknown_record")
        for verb in [["note", "nobody is there"], ["photo", "add", "none.jpg"], ["visit", "end"]] {
            let refused = try await device.run(verb, expecting: [1])
            #expect(refused.error.contains("No visit is under way."), "\(refused.account)")
        }
        let begun = try await device.edit(["visit", "start", "阿斯特贸易", "--at", "31.2304,121.4737,12"])
        let visit = begun.records[0], checkIn = begun.records[1]
        let (set, delete) = (["set", "check_in", checkIn, "reason=x"], ["delete", "check_in", checkIn])
        for verb in [set, delete] {
            let refused = try await device.run(verb, expecting: [1])
            #expect(refused.error.contains("A check_in is written once"), "\(refused.account)")
            #expect(refused.error.contains("`corrects`"), "\(refused.account)")
        }
        let note = try await device.edit(["note", "They want blue ones."])
        #expect(try await device.show("note", note.records[0]).fields["visit"] == .text(visit))
        let empty = try await device.run(["note", account], expecting: [1])
        #expect(empty.error.contains("The note is empty."), "\(empty.account)")
        let file = server.site.path("a.txt")
        try server.site.write("picture", to: file)
        let photo = try await device.edit(["photo", "add", "--any", file])
        #expect(try await device.show("photo", photo.records[0]).fields["visit"] == .text(visit))
        // What plain SQL takes away is no verb's: it goes its way, and nothing waits for it.
        if let shell = Places.installed("sqlite3") {
            let delete = "DELETE FROM check_in WHERE id = '\(checkIn)'"
            let result = try await server.site.start(
                shell, [device.home + "/satchel.sqlite", delete].map { Array($0.utf8) }
            ).end()
            #expect(result.exitCode == 0, "\(result.account)")
        }
        try await device.edit(["visit", "end", "--outcome", "Ordered 40"])
        try await device.run(["sync"], expecting: [0, 3])
        #expect(try await device.status().pending.isEmpty)
        let wrong = try await server.command(["alarms", "confirm", "foo"], expecting: [1])
        #expect(wrong.error.contains("No alarm has the code \"foo\"."), "\(wrong.account)")
        try await server.requireGracefulStop()
    }

    @Test func `a type is told with what its fields take, in both languages`() async throws {
        struct Answer: Decodable {
            struct Kind: Decodable {
                struct Field: Decodable {
                    let name: String, kind: String, policy: String
                    let choices: [String]?
                    var isTold: Bool { choices?.allSatisfy { $0.count == 1 } ?? true }
                }
                let type: String, ownership: String
                let fields: [Field]
            }
            let types: [Kind]
        }
        let server = try await ServerProcess.start(in: Site())
        let device = try await server.enrol("ann")
        let list = try await device.run(["schema"]).output.split(separator: "\n")
        #expect(list.first?.hasPrefix("TYPE ") == true && list.contains { $0.hasPrefix("check_in ") })
        let visit = try await device.run(["schema", "visit"]).output
        #expect(visit.hasPrefix("visit: everybody\n"), "\(visit)")
        #expect(visit.contains("planned, en_route, on_site, done, missed, cancelled"), "\(visit)")
        let checkIn = try await device.run(["schema", "check_in", "--language", "zh"]).output
        #expect(checkIn.contains("更正需新建一条") && checkIn.contains("只写一次，不再更改"), "\(checkIn)")
        let answer: Answer = try await device.run(["schema", "visit", "--json"]).decoded()
        let status = try #require(answer.types.first?.fields.first { $0.name == "status" })
        #expect(answer.types.map(\.type) == ["visit"] && status.kind == "enum" && status.choices?.last == "cancelled")
        let all: Answer = try await device.run(["schema", "--json"]).decoded()
        for type in all.types {
            let page = try await device.run(["schema", type.type, "--language", "zh"]).output
            for field in type.fields where !field.isTold {
                let line = page.split(separator: "\n").first { $0.hasPrefix("  \(field.name) ") } ?? ""
                for word in field.choices ?? [] {
                    #expect(
                        line.contains(try Regex("\\b\(word) \\p{Han}")),
                        "\(type.type).\(field.name): \(word) has no Chinese")
                }
            }
        }
        // What a list shows may be typed.
        let account = try await device.new("account", ["name=阿斯特", "--language", "zh", "status=重点"])
        #expect(try await device.show("account", account).fields["status"] == .text("key"))
        let found = try await device.run(["list", "account", "--language", "zh", "--where", "status=重点"]).output
        #expect(found.contains("阿斯特") && found.contains("重点"), "\(found)")
        #expect(try await device.run(["schema", "visits"], expecting: [1]).failureCode == "unknown_type")
        try await server.requireGracefulStop()
    }
}
