import Foundation
import SatchelTestSupport
import ScenarioRunner

/// Plays one of the shared scripts with the real programs, and answers what differs from what it expects.
///
/// Each device is a home of its own, the server a process, and every step the verb that a person would type.
final class ProcessScript {
    let script: CausalityScript
    let site: Site
    let server: ServerProcess
    /// The change-set that each label names.
    var labels: [String: String] = [:]
    /// What each `read` kept: the record, and the token that was printed.
    private(set) var tokens: [String: (record: String, token: String)] = [:]
    /// Somebody who makes nothing and looks once, when all is over: so nothing of what it sees is its own.
    let observer: Device
    private let proxy: RepeatingProxy
    private let rule: HouseRule
    private var devices: [String: Device] = [:]
    private var rejected: Set<String> = []
    private var enforced: Set<String> = []
    /// Of a request delivered twice, whether the device hears the first answer: by turns.
    private var hearsFirst = true

    init(_ script: CausalityScript) async throws {
        self.script = script
        rule = HouseRule(script)
        site = try Site()
        let schema = site.path("schema.yaml")
        try Data(try rule.schema(rejecting: []).utf8).write(to: URL(filePath: schema))
        server = try await ServerProcess.start(in: site, schema: schema, users: script.devices)
        proxy = try RepeatingProxy(before: server)
        observer = try await server.enrol("office", url: proxy.url)
        for name in script.devices { devices[name] = try await server.enrol(name, url: proxy.url) }
    }

    deinit { proxy.stop() }

    /// Plays all steps and the rounds after them; answers the differences.
    func run() async throws -> [String] {
        for step in script.steps { try await take(step) }
        try await enforceRule()
        // Where a round moved nothing, another would be the same.
        for _ in 0..<3 where try await syncAll() == 0 { break }
        let settled = (try await server.digest(), try await server.ledger())
        var differences: [String] = []
        if try await syncAll() != 0 { differences.append("one more round moved something") }
        if try await server.ledger() != settled.1 { differences.append("one more round changed the ledger") }
        if try await server.digest() != settled.0 { differences.append("one more round changed the server") }
        try await observer.sync()
        differences += try await deviceDifferences(digest: settled.0, ledger: settled.1)
        differences += try await recordDifferences()
        differences += try await ledgerDifferences(settled.1)
        try await server.requireGracefulStop()
        return differences
    }

    /// The device of a step.
    func device(_ name: String?) throws -> Device {
        guard let device = name.flatMap({ devices[$0] }) else { throw ScriptFailure("no device \(name ?? "")") }
        return device
    }

    /// One round; says how many change-sets and records moved in it, or wait still.
    private func syncAll() async throws -> Int {
        var moved = 0
        for name in script.devices {
            let report = try await device(name).sync()
            moved += report.pushed + report.pulled + report.pending
        }
        return moved
    }

    private func take(_ step: CausalityScript.Step) async throws {
        switch step.do {
        case "sync": try await sync(step)
        case "read": try await read(step)
        case "reject_rule":
            guard let value = step.value else { throw ScriptFailure("a rule about nothing") }
            if step.active == true { rejected.insert(value) } else { rejected.remove(value) }
        case "fix":
            let assignments = try step.edits.flatMap { try $0.assignments }
            try await edit(step, ["queue", "fix", try dot(of: step)] + assignments)
        case "discard": try await edit(step, ["queue", "discard", try dot(of: step)])
        case "release":
            try await enforceRule()
            // 1: what breaks a rule of today stays where it is.
            try await server.command(["parked", "release", try dot(of: step)], expecting: [0, 1])
        case "backup", "save": break
        default: try await edit(step)
        }
    }

    private func sync(_ step: CausalityScript.Step) async throws {
        try await enforceRule()
        let device = try device(step.on)
        defer { proxy.set(.pass) }
        if step.dropReply == true {
            proxy.set(.loseAnswer)
            try await device.run(["sync"], expecting: [4])
            return
        }
        if step.deliverTwice == true {
            hearsFirst.toggle()
            proxy.set(.deliverTwice(hearsFirst: hearsFirst))
        }
        try await device.sync()
    }

    private func read(_ step: CausalityScript.Step) async throws {
        struct ReadForm: Decodable {
            let token: String
            enum CodingKeys: String, CodingKey { case token = "read_at" }
        }
        guard let name = step.record, let key = step.as else { throw ScriptFailure("a read of nothing") }
        let result = try await device(step.on).run(["show", "item", try Self.id(name), "--json"], expecting: [0, 1])
        guard result.exitCode == 0 else {
            guard result.failureCode == "unknown_record" else { throw AcceptanceFailure(result.account) }
            tokens[key] = nil
            return
        }
        tokens[key] = (name, try result.decoded(ReadForm.self).token)
    }

    /// Puts the rules that hold now before the server, in time for what it judges next.
    private func enforceRule() async throws {
        guard rejected != enforced else { return }
        try await rule.enforce(rejecting: rejected, at: server)
        enforced = rejected
    }

    /// The change-set that a step is about.
    private func dot(of step: CausalityScript.Step) throws -> String {
        guard let dot = step.of.flatMap({ labels[$0] }) else { throw ScriptFailure("nothing called \(step.of ?? "")") }
        return dot
    }

    /// The id of the record that scripts call by this name: `r1`, `r2` and so on.
    static func id(_ name: String) throws -> String {
        guard name.hasPrefix("r"), let number = Int(name.dropFirst()), (1...99).contains(number) else {
            throw ScriptFailure("a record called \(name)")
        }
        return "00000000-0000-4000-8000-0000000000" + (number < 10 ? "0\(number)" : "\(number)")
    }
}
