import Foundation
import ScenarioRunner
import Testing

/// One page of what the engine knew and decided, from both ends, with the real programs.
@Suite struct ExplainTests {
    private struct Named: Decodable { let dot: String, user: String, device: String }
    private struct Value: Decodable { let dot: String, value: String }
    private struct Write: Decodable {
        let field: String, value: String, policy: String, state: String, decision: String
        let replaced: [Value], concurrent: [Value]
    }
    private struct Change: Decodable {
        let id: String
        let hadSeen: [Named]?
        let writes: [Write]
        enum CodingKeys: String, CodingKey {
            case id, writes
            case hadSeen = "had_seen"
        }
    }
    private struct Holder: Decodable {
        let place: String, user: String
        let hasIt: Bool?
        enum CodingKeys: String, CodingKey {
            case place, user
            case hasIt = "has_it"
        }
    }
    private struct Page: Decodable {
        let about: String, state: String, verdict: String
        let sequence: Int?
        let changes: [Change]
        let holders: [Holder]
    }
    private struct RecordPage: Decodable {
        struct Field: Decodable {
            let field: String, value: String, decision: String
            let severity: String?
            let values: [Value]
        }
        let about: String, id: String
        let fields: [Field]
    }

    @Test func `both ends tell why a field shows what it does, and what became of the other value`() async throws {
        let server = try await ServerProcess.start(in: Site())
        let (ann, bo) = (try await server.enrol("ann"), try await server.enrol("bo"))
        let id = try await ann.new("account", ["name=Aster", "phone=100"])
        try await server.quiet([ann, bo])
        let left = try await ann.set("account", id, ["phone=200"])
        let pending: Page = try await ann.run(["explain", left, "--json"]).decoded()
        #expect(pending.state == "pending")
        #expect(pending.holders.map(\.hasIt) == [true, false])
        #expect(pending.changes[0].writes[0].replaced.map(\.value) == ["100"])
        let right = try await bo.set("account", id, ["phone=300"])
        try await server.quiet([ann, bo])

        // As the ledger prints it, at the server: the same page in JSON and in text.
        let short = String(left.prefix(8)) + ":2"
        let page: Page = try await server.command(["explain", short, "--json"]).decoded()
        #expect(page.about == "change_set")
        #expect(page.state == "sibling")
        #expect(page.verdict.hasPrefix("applied"))
        #expect((page.sequence ?? 0) > 0)
        let write = try #require(page.changes.first?.writes.first)
        #expect(write.policy == "manual")
        #expect(write.replaced.map(\.value) == ["100"])
        #expect(write.concurrent.map(\.dot) == [right])
        // Each has said with its last sync that it had all before that, the edit as well.
        #expect(page.holders.map(\.hasIt) == [true, true, true])
        let text = try await server.command(["explain", left]).output
        #expect(text.contains(write.decision))
        #expect(text.contains("WHO HAS IT"))

        let record: RecordPage = try await bo.run(["explain", "account", id, "--json"]).decoded()
        let phone = try #require(record.fields.first { $0.field == "phone" })
        #expect(phone.severity == "decide")
        #expect(Set(phone.values.map(\.dot)) == [left, right])
        #expect(phone.value == phone.values[0].value)

        try await bo.run(["set", "account", id, "phone=400", "--settle"])
        try await server.quiet([bo, ann])
        let after: Page = try await server.command(["explain", left, "--json"]).decoded()
        #expect(after.changes[0].writes[0].state == "superseded")
        #expect(after.holders.map(\.hasIt) == [true, true, true])
        let office = try await server.command(["explain", String(id.suffix(6)), "--json"]).decoded(RecordPage.self)
        #expect(office.id == id)
        #expect(office.fields.first { $0.field == "phone" }?.decision == "the only value")
        try await server.requireDrained([ann, bo])
        try await server.requireGracefulStop()
    }

    @Test func `what is not known is said, and a slip is wrong usage`() async throws {
        let server = try await ServerProcess.start(in: Site())
        let ann = try await server.enrol("ann")
        let id = try await ann.new("account", ["name=Aster"])
        for (words, code, status) in [
            (["0123abcd:1"], "invalid_request", Int32(1)), (["0123abcd:x"], "invalid_request", 1),
            (["account", "01990000-0000-7000-8000-00000000a57e"], "unknown_record", 1),
            (["nonsense", id], "unknown_type", 1),
        ] {
            let here = try await ann.run(["explain", "--json"] + words, expecting: [status])
            #expect(here.failureCode == code, "\(words)")
            let there = try await server.command(["explain", "--json"] + words, expecting: [status])
            #expect(there.failureCode == code, "\(words)")
        }
        for words in [[], ["account", "0123abcd:1"], ["account", id, "name"]] {
            try await ann.run(["explain"] + words, expecting: [64])
            _ = try await server.command(["explain"] + words, expecting: [64])
        }
        try await server.requireGracefulStop()
    }
}
