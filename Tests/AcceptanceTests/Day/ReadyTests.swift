import Foundation
import ScenarioRunner
import Testing

/// Whether a device says truly that it is ready for a day without a network.
@Suite struct ReadyTests {
    private struct Ready: Decodable {
        struct Check: Decodable {
            let check: String, isMet: Bool, sentence: String
            enum CodingKeys: String, CodingKey {
                case check, sentence
                case isMet = "is_met"
            }
        }

        let isReady: Bool, checks: [Check]
        enum CodingKeys: String, CodingKey {
            case checks
            case isReady = "is_ready"
        }

        var unmet: [String] { checks.filter { !$0.isMet }.map(\.check) }
    }

    private func ready(_ device: Device, expecting code: Int32) async throws -> Ready {
        try await device.run(["ready", "--json"], expecting: [code]).decoded()
    }

    @Test func `a sync that fetched a part is not the one that all is down as of`() async throws {
        struct Sync: Decodable { let checkpoint: Int }
        let server = try await ServerProcess.start(in: Site())
        // A clock of its own, so that the day does not end meanwhile.
        let ann = try await server.enrol("ann").with("TZ=UTC")
        let device = ann.with("SATCHEL_NOW=2026-03-02T07:40:00Z")
        let fresh = try await ready(device, expecting: 3)
        #expect(fresh.unmet.starts(with: ["down", "credential"]), "\(fresh.unmet)")
        let bo = try await server.enrol("bo")
        _ = try await bo.new("account", ["name=Aster"])
        try await bo.sync()
        try await device.run(["sync"])
        let down = try await device.run(["ready"], expecting: [0, 3]).output
        #expect(down.contains("ready  All is down as of 07:40."), "\(down)")
        #expect(
            down.contains("ready  The credential is valid: the server took it at 07:40. It has no end date."), "\(down)"
        )
        let note = (0..<200).map { "\($0 * 7919 % 1000)" }.joined()
        try await bo.apply((0..<200).map { #"{"type":"account","set":{"name":"n","note":"\#($0)\#(note)"}}"# })
        try await bo.sync()
        let later = ann.with("SATCHEL_NOW=2026-03-02T08:10:00Z")
        let part = try await later.run(["sync", "--only", "data", "--max-bytes", "10k", "--json"], expecting: [4])
        let standing = try await later.run(["status", "--json"]).decoded(Sync.self)
        #expect(try part.decoded(Sync.self).checkpoint == standing.checkpoint, "\(part.output)")
        let own = try await later.run(["sync", "--only", "own", "--json"])
        #expect(try own.decoded(Sync.self).checkpoint == standing.checkpoint && standing.checkpoint > 0)
        let early = try await later.run(["ready"], expecting: [3]).output
        #expect(
            early.contains(
                "not yet  All was down as of 07:40; there is more, of which a part is here: `satchel sync`."),
            "\(early)")
        let status = try await later.run(["status"]).output
        #expect(status.contains("Since then a part of what is new came: `satchel sync` goes on from there."))
        try await later.run(["sync"])
        #expect(try await !ready(later, expecting: 3).unmet.contains("down"))
    }

    @Test func `JSON is in English whatever language people read, and so it is for every verb`() async throws {
        let server = try await ServerProcess.start(in: Site())
        let device = try await server.enrol("ann").with("SATCHEL_NOW=2026-03-02T07:40:00Z")
        let account = try await device.new("account", ["name=Aster", "location=31.2304,121.4737"])
        let visit = try await device.edit(["visit", "start", account, "--at", "31.2404,121.4737,12"]).records[0]
        try await device.edit(["note", visit, "Shelf"])
        try await device.sync()
        let dot = try await device.edit(["set", "account", account, "city=Lund"]).dot
        for words in [
            ["ready"], ["status"], ["today"], ["news", "--since", "all"], ["show", "account", account],
            ["list", "visit"], ["log", "account", account], ["explain", dot], ["explain", "account", account],
            ["queue", "list"], ["conflicts", "list"], ["ledger"], ["schema"], ["trust"],
            ["photo", "list", "--of", visit],
            ["search", "Aster"], ["export", "account"], ["set", "account", account, "nme=x"],
            ["show", "account", "ffff"],
        ] {
            let said = try await ["C", "zh_CN.UTF-8"].asyncMap { language in
                let result = try await device.with("LANG=\(language)").run(words + ["--json"], expecting: [0, 1, 3])
                // The disk is used by others meanwhile.
                return (result.output + result.error).replacing(/"free_bytes":[0-9]+|space for [0-9]+/, with: "")
            }
            #expect(said[0] == said[1])
            #expect(!said[1].contains(/\p{Han}/), "\(words): \(said[1])")
        }
        // People go on typing the words of their language.
        let typed = try await device.with("LANG=zh_CN.UTF-8").edit(["task", "add", "T", "status=已完成"])
        #expect(try await device.show("task", typed.records[0]).fields["status"] == .text("done"))
    }
}

extension Sequence {
    /// The elements changed one after the other.
    fileprivate func asyncMap<Result>(_ change: (Element) async throws -> Result) async rethrows -> [Result] {
        var results: [Result] = []
        for element in self { results.append(try await change(element)) }
        return results
    }
}
