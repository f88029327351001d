import Foundation
import ScenarioRunner
import Testing

/// What a rep types wrong: a sentence, a code, and nothing changed.
@Suite struct DeviceInputTests {
    private static let stranger = "01a20000-0000-7000-8000-00000000dead"
    private static let twins = ["01a20000-0000-7000-8000-00000001abcd", "01a20000-0000-7000-8000-00000002abcd"]

    /// Arguments, in which ID stands for an account, and the code of the refusal.
    private static let refusals: [(arguments: [String], code: String)] = [
        (["new", "account", "name=A", "employees=many"], "invalid_value"),
        (["new", "account", "name=A", "employees=99999999999999999999"], "invalid_value"),
        (["new", "account", "name=A", "nonsense=1"], "unknown_field"),
        (["new", "nonsense", "name=A"], "unknown_type"),
        (["new", "account", "city=Lund"], "required_field"),
        (["new", "account", "name=A", "--id", "ID"], "record_exists"),
        (["set", "account", "ID", "name="], "required_field"),
        (["set", "account", "ID", "tags=vip"], "invalid_value"),
        (["set", "account", "ID", "name+=vip"], "invalid_value"),
        (["set", "account", "ID", "tags+="], "invalid_value"),
        (["set", "account", "ID", "status=sleeping"], "invalid_value"),
        (["set", "account", "ID", "credit_limit=-1"], "invalid_value"),
        (["set", "account", "ID", "credit_limit=1.555"], "invalid_value"),
        (["set", "account", "ID", "parent=\(stranger)"], "unknown_record"),
        (["set", "account", "ID", "phone=" + String(repeating: "1", count: 41)], "too_large"),
        (["set", "account", "ID", "note=" + String(repeating: "x", count: 70_000)], "too_large"),
        (["set", "contact", "ID", "name=A"], "unknown_record"),
        (["show", "visit", "ID"], "unknown_record"),
        (["visit", "end", "ID"], "unknown_record"),
        (["revive", "account", "ID"], "record_exists"),
        (["set", "account", "abcd", "city=Lund"], "ambiguous_id"),
        (["set", "account", "abc", "city=Lund"], "invalid_request"),
        (["set", "account", stranger, "city=Lund"], "unknown_record"),
        (["delete", "account", "deadbeef"], "unknown_record"),
        (["show", "account", stranger], "unknown_record"),
        (["conflicts", "resolve", "account", "ID", "city", "--take", "1"], "no_conflict"),
    ]

    /// Arguments whose form is wrong whatever is stored, and the code of the refusal.
    private static let slips: [(arguments: [String], code: String)] = [
        (["new", "account", "name"], "invalid_request"),
        (["new", "account", "=A"], "invalid_request"),
        (["new", "account", "name=A", "--id", "17"], "invalid_request"),
        (["set", "account", "ID", "city=1", "city=2"], "invalid_request"),
        (["set", "account", "ID", "abc"], "invalid_request"),
        (["set", "account", "ID"], "invalid_request"),
        (["list", "account", "--where", "foo"], "invalid_request"),
        (["list", "account", "--where", "tags+=vip"], "invalid_request"),
        // Days and times end alike wherever they are typed.
        (["set", "account", "ID", "next_visit=someday"], "invalid_value"),
        (["list", "account", "--where", "next_visit<someday"], "invalid_value"),
        (["set", "account", "ID", "last_visit=someday"], "invalid_value"),
        (["visit", "plan", "ID", "--at", "someday"], "invalid_request"),
        (["today", "--on", "someday"], "invalid_request"),
        (["visit", "plan", "ID", "--at", "2031-03-02 15:00", "--until", "2031-03-02 14:59"], "invalid_request"),
    ]

    @Test func `what does not fit is refused with its code, and nothing is written`() async throws {
        let server = try await ServerProcess.start(in: Site())
        let device = try await server.enrol("ann")
        let account = try await device.new("account", ["name=Aster"])
        for twin in Self.twins { try await device.new("account", id: twin, ["name=Twin"]) }
        let before = try await device.ledger()

        let all = Self.refusals.map { ($0, Int32(1)) } + Self.slips.map { ($0, Int32(64)) }
        for ((arguments, code), exitCode) in all {
            let typed = arguments.map { $0 == "ID" ? account : $0 }
            let plain = try await device.run(typed, expecting: [exitCode])
            #expect(plain.failureCode == code, "\(plain.account)")
            #expect(plain.output.isEmpty && plain.error.hasPrefix("satchel: "), "\(plain.account)")
            #expect(plain.error.split(separator: "\n").count == 1, "one sentence: \(plain.account)")
        }
        for ((arguments, code), exitCode) in all.prefix(4) + all.suffix(2) {
            let typed = arguments.map { $0 == "ID" ? account : $0 } + ["--json"]
            let json = try await device.run(typed, expecting: [exitCode])
            let form = try JSONDecoder().decode(FailureForm.self, from: Data(json.error.utf8))
            #expect(form.error.code == code && json.output.isEmpty, "\(json.account)")
        }

        #expect(try await device.ledger() == before)
        try await server.requireDrained([device])
        try await server.requireGracefulStop()
    }

    @Test func `arguments that are no text, and options that are none, are wrong usage`() async throws {
        let server = try await ServerProcess.start(in: Site())
        let device = try await server.enrol("ann")
        let account = try await device.new("account", ["name=Aster"])
        let program = Places.programs.appending(path: Program.satchel.rawValue).path
        let texts = ["set", "account", account, "--home", device.home].map { Array($0.utf8) }

        for bytes in [[0xFF, 0xFE], [0xED, 0xA0, 0x80], [0xC0, 0x80]] as [[UInt8]] {
            let result = try await server.site.end(
                try server.site.start(program, texts + [Array("city=".utf8) + bytes]))
            #expect(result.exitCode == 64 && result.failureCode == "invalid_request", "\(result.account)")
        }
        for arguments in [
            ["show", "account", account, "--nonsense"], ["nonsense"], ["list", "account", "--limit", "0"],
        ] {
            let result = try await server.site.run(.satchel, arguments)
            #expect(result.exitCode == 64 && result.output.isEmpty && !result.error.isEmpty, "\(result.account)")
        }
        #expect(try await device.ledger().count == 1)
        try await server.requireDrained([device])
        try await server.requireGracefulStop()
    }
}
