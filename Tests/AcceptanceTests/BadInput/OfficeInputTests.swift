import Foundation
import ScenarioRunner
import Testing

/// Lines of JSON that the office gets wrong: each is refused by itself, and the sound ones beside it go in.
@Suite struct OfficeInputTests {
    private struct OutcomeForm: Decodable {
        let line: Int
        let dot: String?
        let error: FailureForm.Failure?
    }

    private static let stranger = "01a20000-0000-7000-8000-00000000dead"

    private static let refusals: [(line: [UInt8], code: String)] =
        ([
            (account("\"name\":\"a\\u0000b\""), "invalid_request"),
            (account("\"name\":\"a\\ud800b\""), "invalid_request"),
            (account("\"name\":\"a\\udc00\\ud800b\""), "invalid_request"),
            (account("\"name\":17"), "invalid_value"),
            (account("\"name\":[\"x\"]"), "invalid_value"),
            (account("\"name\":\"x\",\"employees\":\"many\""), "invalid_value"),
            (account("\"name\":\"x\",\"employees\":1.5"), "invalid_value"),
            (account("\"name\":\"x\",\"employees\":99999999999999999999"), "invalid_value"),
            (account("\"name\":\"x\",\"tags\":\"vip\""), "invalid_value"),
            (account("\"name\":\"x\",\"tags\":[1]"), "invalid_value"),
            (account("\"name\":\"x\",\"nonsense\":\"y\""), "unknown_field"),
            (account("\"name\":\"x\",\"name\":\"y\""), "invalid_request"),
            (account("\"city\":\"Lund\""), "required_field"),
            (account("\"name\":\"\(String(repeating: "x", count: 201))\""), "too_large"),
            (account("\"name\":\"x\",\"note\":\"\(String(repeating: "x", count: 70_000))\""), "too_large"),
            (account("\"name\":\"x\",\"parent\":\"\(stranger)\""), "unknown_record"),
            ("{\"type\":\"nonsense\",\"set\":{\"name\":\"x\"}}", "unknown_type"),
            ("{\"type\":\"account\",\"id\":\"17\",\"set\":{\"name\":\"x\"}}", "invalid_request"),
            ("{\"type\":\"account\",\"nonsense\":1,\"set\":{\"name\":\"x\"}}", "invalid_request"),
            ("{\"type\":\"account\",\"set\":{\"name\":\"x\"", "invalid_request"),
            (String(repeating: "[", count: 5_000), "invalid_request"),
            ("nonsense", "invalid_request"),
            ("{\"changes\":[]}", "invalid_request"),
            ("{\"changes\":[{\"op\":\"explode\",\"type\":\"account\",\"id\":\"\(stranger)\"}]}", "invalid_request"),
            (
                "{\"changes\":[{\"op\":\"update\",\"type\":\"account\",\"id\":\"\(stranger)\",\"set\":{\"city\":\"x\"}}]}",
                "unknown_record"
            ),
        ] as [(String, String)]).map { (Array($0.0.utf8), $0.1) } + [
            (account(bytes: [0x61, 0x00, 0x62]), "invalid_request"),
            (account(bytes: [0x61, 0xFF, 0xFE]), "invalid_request"),
            (account(bytes: [0xED, 0xA0, 0x80]), "invalid_request"),
        ]

    private static func account(_ members: String) -> String { "{\"type\":\"account\",\"set\":{\(members)}}" }

    private static func account(bytes: [UInt8]) -> [UInt8] {
        Array("{\"type\":\"account\",\"set\":{\"name\":\"".utf8) + bytes + Array("\"}}".utf8)
    }

    @Test func `a line that cannot be taken is refused with its code, and the others go in`() async throws {
        let server = try await ServerProcess.start(in: Site())
        let device = try await server.enrol("ann")
        let sound = Array(Self.account("\"name\":\"Sound\"").utf8)
        let lines = [sound] + Self.refusals.map(\.line) + [sound]
        let path = server.site.path("mixed.jsonl")
        try Data(lines.joined(separator: [UInt8(ascii: "\n")])).write(to: URL(filePath: path))

        let result = try await server.command(["apply", path, "--as", "office", "--json"], expecting: [1])
        let outcomes = Dictionary(
            uniqueKeysWithValues: try result.decodedLines(OutcomeForm.self).map { ($0.line, $0) })
        #expect(outcomes.count == lines.count)
        for (index, refusal) in Self.refusals.enumerated() {
            let outcome = outcomes[index + 2]
            let line = String(decoding: refusal.line.prefix(120), as: UTF8.self)
            #expect(outcome?.error?.code == refusal.code, "\(line): \(outcome?.error?.message ?? "taken")")
            #expect(outcome?.dot == nil)
        }
        for line in [1, lines.count] { #expect(outcomes[line]?.dot != nil && outcomes[line]?.error == nil) }
        #expect(try await server.ledger().count == 2)

        try await server.requireDrained([device])
        #expect(try await device.list("account").map(\.fields["name"]) == [.text("Sound"), .text("Sound")])
        try await server.requireGracefulStop()
    }

    @Test func `a record that is named as another type's is refused with its own type`() async throws {
        let server = try await ServerProcess.start(in: Site())
        try await server.apply(Self.account("\"name\":\"Sound\""))
        let list = try await server.command(["list", "account", "--json"]).decoded([RecordForm].self)
        let id = try #require(list.first?.id)
        for name in [id, String(id.suffix(8))] {
            for verb in ["show", "explain"] {
                let other = try await server.command([verb, "contact", name], expecting: [1])
                #expect(other.failureCode == "unknown_record", "\(other.account)")
                #expect(other.error.contains("Record \(id) is of type account, not contact."), "\(other.account)")
            }
        }
        try await server.requireGracefulStop()
    }

    @Test func `an edit by nobody, or of a file that is not there, is refused`() async throws {
        let server = try await ServerProcess.start(in: Site())
        let path = server.site.path("sound.jsonl")
        try Data(Self.account("\"name\":\"Sound\"").utf8).write(to: URL(filePath: path))
        let nobody = try await server.command(["apply", path, "--as", "nobody"], expecting: [1])
        #expect(nobody.failureCode == "unknown_user", "\(nobody.account)")
        let nowhere = try await server.command(["apply", path + "x", "--as", "office"], expecting: [1])
        #expect(nowhere.failureCode == "invalid_request", "\(nowhere.account)")
        let again = try await server.command(["user", "add", "ann"], expecting: [1])
        #expect(again.failureCode == "user_exists", "\(again.account)")
        #expect(try await server.ledger().isEmpty)
        try await server.requireDrained([])
        try await server.requireGracefulStop()
    }
}
