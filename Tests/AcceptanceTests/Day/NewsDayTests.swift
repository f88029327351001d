import Foundation
import ScenarioRunner
import Testing

/// What a rep reads of others in the morning, and what he does about it.
@Suite struct NewsDayTests {
    /// The lines of a text that begin so, without that.
    private static func rest(of text: String, behind start: String) -> [String] {
        text.split(separator: "\n").compactMap { line in
            let line = line.drop { $0 == " " }
            return line.hasPrefix(start) ? String(line.dropFirst(start.count)) : nil
        }
    }

    /// Runs a command as a person who copies it from the screen.
    private static func run(_ command: String, on device: Device) async throws {
        let shell = try device.site.start(
            "/bin/sh", ["-c", command].map { Array($0.utf8) }, environment: ["PATH=\(Places.programs.path)"])
        try await device.site.end(shell, expecting: [0])
    }

    @Test func `the commands that news prints write own values again`() async throws {
        let server = try await ServerProcess.start(in: Site())
        let (ann, bo) = (try await server.enrol("ann"), try await server.enrol("bo"))
        let first = try await ann.new("account", ["name=上海博大贸易有限公司", "phone=021 1"])
        let second = try await ann.new("account", ["name=Aster & Söhne"])
        let contact = try await ann.new(
            "contact", ["name=Li Wei", "account=\(first)", "attributes.shoe=42", "phone=it's 1", "email=a@b.example"])
        try await ann.sync()
        try await bo.sync()
        try await bo.set(
            "contact", contact, ["account=\(second)", "attributes.shoe=43", "phone=2", "email="])
        try await bo.sync()
        try await ann.sync()
        let news = try await ann.run(["news"]).output
        let named = Self.rest(of: news, behind: "Yours again (上海博大贸易有限公司): ")
        let commands = Self.rest(of: news, behind: "Yours again: ") + named
        #expect(named.count == 1 && commands.count == 4, "\(news)")
        #expect(!news.contains(": edit"), "\(news)")
        for command in commands { try await Self.run(command, on: ann) }
        let fields = try await ann.show("contact", contact).fields
        #expect(fields["account"] == .text(first) && fields["phone"] == .text("it's 1"))
        #expect(fields["attributes"] == .entries(["shoe": .number(42)]) && fields["email"] == .text("a@b.example"))
        try await server.requireDrained([ann, bo])
        try await server.requireGracefulStop()
    }

    @Test func `news names what was deleted, says why, and what to type about refused work`() async throws {
        let server = try await ServerProcess.start(in: Site())
        let devices = (try await server.enrol("ann"), try await server.enrol("bo"))
        let (ann, bo) = (devices.0.with("TZ=Asia/Shanghai"), devices.1)
        let account = try await ann.new(
            "account", ["name=Aster", "phone=1", "last_visit=2026-03-02T08:01:13.120Z", "location=31.2304,121.4737"])
        let contact = try await ann.new("contact", ["name=Li Wei", "account=\(account)"])
        try await ann.sync()
        try await bo.sync()
        try await ann.set("account", account, ["phone=mine"])
        try await bo.set("account", account, ["phone=his", "last_visit=2026-03-02T09:01:13.120Z"])
        try await bo.delete("contact", contact)
        try await bo.sync()
        try await ann.sync()
        try await bo.sync()
        let check = try await bo.edit(["checkin", account, "--at", "31.2304,121.4737,12"])
        try await bo.resolve("account", account, "phone", ["--value", "3"])
        try await bo.edit(["note", account, "called"])
        try await bo.sync()
        try await ann.sync()
        let news = try await ann.run(["news"]).output
        #expect(news.contains("contact Li Wei ") && news.contains(": was deleted"), "\(news)")
        #expect(!news.contains(": delete\n") && !news.contains("new note"), "\(news)")
        #expect(news.contains(#"settled with "3", yours was "mine""#), "\(news)")
        #expect(news.contains(": asked the customer\n"), "\(news)")
        #expect(news.contains("was made: verified"), "\(news)")
        #expect(news.contains(#"last_visit: "2026-03-02 17:01:13+08:00", yours was "2026-03-02 16:01:13+08:00""#))
        #expect(!check.records.isEmpty && !news.contains("\"2026-03-02T"), "\(news)")

        // A day, a word for one and a time of day are understood as everywhere.
        for since in ["yesterday", "2026-11-29", "00:00", "2026-03-02 07:40"] {
            _ = try await ann.run(["news", "--since", since])
        }
        #expect(try await ann.run(["news", "--since", "yesterday"]).output.contains("Li Wei"))
        #expect(try await ann.run(["news", "--since", "tomorrow"]).output.contains("Nothing new from others."))

        // Of what was refused the command is told whole.
        try await ann.site.write("UPDATE account SET employees = -1 WHERE id = '\(account)'", in: ann.databasePath)
        let refused = try await ann.run(["news", "--since", "tomorrow"]).output
        #expect(refused.contains("Correct it: satchel queue fix ") && refused.contains(" field=value --home "))
        let discard = try #require(Self.rest(of: refused, behind: "Give it up: ").first, "\(refused)")
        try await Self.run(discard, on: ann)
        #expect(try await !ann.run(["news"]).output.contains("Refused:"))
        try await server.requireDrained([ann, bo])
        try await server.requireGracefulStop()
    }
}
