import Foundation
import ScenarioRunner
import Testing

/// What somebody meets who has never seen the programs: help, slips, lists, and commands to copy.
@Suite struct WordingTests {
    @Test func `every verb has help with an example, which fits a terminal of eighty columns`() async throws {
        let site = try Site()
        var waiting: [(Program, [String])] = [(.satchel, []), (.server, []), (.inspect, [])]
        var verbCount = 0
        while let (program, words) = waiting.popLast() {
            let result = try await site.run(program, words + ["--help"], expecting: [0])
            let lines = result.output.components(separatedBy: "\n")
            let verbs = Self.subcommands(in: lines)
            waiting += verbs.map { (program, words + [$0]) }
            for line in lines where line.count > 80 && !line.hasPrefix("USAGE: ") {
                Issue.record("\(result.command): a line of help has \(line.count) columns: \(line)")
            }
            if program == .satchel {
                let chinese = try await site.run(program, ["--language", "zh"] + words + ["--help"], expecting: [0])
                #expect(Self.typed(in: chinese.output) == Self.typed(in: result.output), "\(chinese.command)")
            }
            guard verbs.isEmpty else { continue }
            verbCount += 1
            #expect(result.output.contains("Example"), "\(result.command)")
        }
        #expect(verbCount > 45)
    }

    /// What is typed as help has it, in any language: verbs, options and places, and examples.
    private static func typed(in help: String) -> [String] {
        help.components(separatedBy: "\n").compactMap { line in
            if let usage = line.firstMatch(of: /^(?:USAGE:|用法：) *(.*)$/) { return String(usage.1) }
            guard let entry = line.firstMatch(of: /^  (\S.*?)(?:  .*)?$/), !entry.1.contains("satchel help ") else {
                return nil
            }
            // An option that is long has no more than a space behind it.
            guard entry.1.hasPrefix("-") else { return String(entry.1) }
            return entry.1.split(separator: " ").prefix { $0.hasPrefix("-") || $0.hasPrefix("<") }.joined(
                separator: " ")
        }
    }

    private static func subcommands(in lines: [String]) -> [String] {
        guard let start = lines.firstIndex(of: "SUBCOMMANDS:") else { return [] }
        return lines[(start + 1)...].prefix { $0.hasPrefix("  ") }.compactMap { line in
            line.dropFirst(2).first == " " ? nil : line.split(separator: " ").first.map(String.init)
        }
    }

    @Test func `slips are told what was meant, and numbers what they may be`() async throws {
        let server = try await ServerProcess.start(in: Site())
        let device = try await server.enrol("ann")
        let id = try await device.new("account", ["name=Aster"])
        let slips: [(arguments: [String], exitCode: Int32, text: String)] = [
            (["list", "acount"], 1, "Did you mean account? The types are account, contact,"),
            (["set", "account", id, "nme=x"], 1, "Did you mean name? Its fields are name,"),
            (["lst"], 64, "Did you mean list? The commands are: enrol,"),
            (["list", "account", "--limit", "0"], 64, "--limit takes a whole number from 1 to 1000000, got 0."),
            (["list", "account", "--limit", "-1"], 64, "--limit takes a whole number from 1 to 1000000, got -1."),
            (["list", "account", "--limit", "x"], 64, "--limit takes a whole number from 1 to 1000000, got \"x\"."),
            (["conflicts", "list", "--limit", "-1"], 64, "--limit takes a whole number from 1 to 100000, got -1."),
            (
                ["list", "account", "--where", "status"], 64,
                "\"status\" is not a condition. Write field=value;"
            ),
            (["set", "account", id, "employees=-5"], 1, "takes 0 to 10000000, got -5."),
            (["note", id, ""], 64, "The note is empty."),
            (["checkin", id, "--at", "91,0"], 64, "with metres, 48.137154,11.576124,12, got \"91,0\"."),
            (["checkin", id, "--at", "x"], 64, "got \"x\"."),
            (["visit", "start", id, "--at", "31.23"], 64, "got \"31.23\"."),
            (["checkin", id, "--at", "1,2", "--fix-age", "-3"], 64, "--fix-age takes a whole number from 0 to"),
            (["--language", "fr", "status"], 64, "The languages are en and zh; got \"fr\"."),
            (["status", "--language", "fr"], 64, "one of 'en' and 'zh'"),
            (["note", id, " \n"], 64, "The note is empty."),
            (["note", id, "-5 degrees"], 64, "stands last, behind \"--\": -- '-5 degrees'"),
        ]
        for slip in slips {
            let result = try await device.run(slip.arguments, expecting: [slip.exitCode])
            #expect(result.error.contains(slip.text) && result.output.isEmpty, "\(result.account)")
        }
        for arguments in [
            ["list", "account", "--limit", "-1"], ["conflicts", "list", "--limit", "-1"], ["serve", "--port", "-1"],
        ] {
            let result = try await server.command(arguments, expecting: [64])
            #expect(result.error.contains("takes a whole number from") && result.error.contains("got -1."))
        }
        #expect(try await device.ledger().count == 1)
        try await device.run(["checkin", id, "--at", "-33.8600000,151.2000000"])
        _ = try await server.site.run(
            .satchel, ["note", "--home", device.home, id, "--", "-5 degrees"], expecting: [0])
        #expect(try await device.list("note").first?.fields["body"] == .text("-5 degrees"))
        #expect(try await device.list("check_in").first?.fields["position"] == .text("-33.8600000,151.2000000"))
        try await server.requireDrained([device])
        try await server.requireGracefulStop()
    }

    @Test func `lists say when they are empty, and when they were cut and how to see more`() async throws {
        let server = try await ServerProcess.start(in: Site())
        let device = try await server.enrol("ann")
        for arguments in [["list", "account"], ["ledger"], ["conflicts", "list"], ["queue", "list"]] {
            let result = try await device.run(arguments)
            #expect(result.output.hasPrefix("No") && result.error.isEmpty, "\(result.account)")
        }
        for arguments in [["list", "account"], ["ledger"], ["conflicts", "list"], ["parked", "list"]] {
            let result = try await server.command(arguments)
            #expect(result.output.hasPrefix("No") && result.error.isEmpty, "\(result.account)")
        }
        for name in ["One", "Two", "Three"] { try await device.new("account", ["name=\(name)"]) }
        #expect(try await device.run(["status"]).output.contains("3 change-sets are safe on this device and wait"))
        #expect(try await device.run(["sync"]).output.hasPrefix("Sent 3 change-sets, fetched 3 records; "))
        let note = "The first 2 are shown; there are more, and --limit 4 shows more of them.\n"
        for limit in ["2", "3"] {
            let results = [
                try await device.run(["list", "account", "--limit", limit]),
                try await server.command(["list", "account", "--limit", limit]),
            ]
            for result in results {
                #expect(result.error == (limit == "2" ? note : ""), "\(result.account)")
                #expect(result.output.split(separator: "\n").count == (limit == "2" ? 3 : 4))
            }
        }
        #expect(try await device.run(["list", "account", "--limit", "2", "--json"]).error.isEmpty)
        try await device.new("account", ["name=Four"])
        #expect(try await device.run(["status"]).output.contains("1 change-set is safe on this device and waits"))
        #expect(try await device.run(["sync"]).output.hasPrefix("Sent 1 change-set, fetched 1 record; "))
        #expect(try await server.command(["check"]).output == "The log is whole: 4 entries.\n")
        try await server.requireDrained([device])
        try await server.requireGracefulStop()
    }

    @Test func `the commands that a conflict is shown with settle it when they are typed`() async throws {
        let server = try await ServerProcess.start(in: Site())
        let (ann, bo) = (try await server.enrol("ann"), try await server.enrol("bo"))
        var ids: [String] = []
        for _ in 0..<4 { ids.append(try await ann.new("account", ["name=Aster", "phone=1"])) }
        try await server.quiet([ann, bo])
        for id in ids {
            try await ann.set("account", id, ["phone=2"])
            try await bo.set("account", id, ["phone=3"])
        }
        try await server.quiet([ann, bo])
        let pages: [(Program, [String])] = [
            (.satchel, ["conflicts", "show", "account", ids[0], "--home", bo.home]),
            (.server, ["conflicts", "show", ids[1], "--data", server.data]),
            (.inspect, ["show", "account", ids[2], "--data", server.data]),
            (.inspect, ["show", "account", ids[3], "--home", ann.home]),
        ]
        for (program, arguments) in pages {
            let page = try await server.site.run(program, arguments, expecting: [0]).output
            let line = try #require(page.split(separator: "\n").first { $0.contains("--take 2") })
            let words = line.split(separator: " ").map { ["WHY": "asked", "USER": "ann"][$0] ?? String($0) }
            #expect(words.first == program.rawValue)
            try await server.site.run(program, Array(words.dropFirst()), expecting: [0])
        }
        try await server.quiet([ann, bo])
        #expect(try await server.conflicts().isEmpty)
        try await server.requireDrained([ann, bo])
        try await server.requireGracefulStop()
    }
}
