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
    var labels: [String: Made] = [:]
    /// What each `read` kept: the record, and the token that was printed.
    private(set) var tokens: [String: (record: String, token: String)] = [:]
    /// Somebody who makes nothing and looks once, when all is over: so nothing of what it sees is its own.
    let observer: Device
    private let proxy: RepeatingProxy
    private let rule: HouseRule
    private var devices: [String: Device] = [:]
    /// The names of the devices, in the order in which they came to be.
    private(set) var names: [String]
    private var rejected: Set<String> = []
    private var enforced: Set<String> = []
    /// Of a request delivered twice, whether the device hears the first answer: by turns.
    private var hearsFirst = true

    /// A change-set that a step made.
    struct Made {
        /// What it was called then.
        let dot: String
        /// The device on which it was made.
        let device: String
        /// Its digest, which it keeps where a fork gives it another name; `nil` where the script has nothing that forks.
        let digest: String?
    }

    init(_ script: CausalityScript) async throws {
        self.script = script
        names = script.devices
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
        if try await phase() != "closed" {
            try await server.command(["recovery", "open"])
            for _ in 0...names.count { _ = try await syncAll() }
            try await server.command(["recovery", "close"])
        }
        // Where a round moved nothing, another would be the same.
        for _ in 0..<3 where try await syncAll() == 0 { break }
        let settled = (try await server.digest(), try await server.ledger())
        var differences: [String] = []
        if try await syncAll() != 0 { differences.append("one more round moved something") }
        if try await server.ledger() != settled.1 { differences.append("one more round changed the ledger") }
        if try await server.digest() != settled.0 { differences.append("one more round changed the server") }
        try await observer.sync()
        differences += try await deviceDifferences(digest: settled.0, ledger: settled.1)
        differences += try await recordDifferences(settled.1)
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
        for name in names {
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
            try await edit(step, ["queue", "fix", try await dot(of: step)] + assignments)
        case "discard": try await edit(step, ["queue", "discard", try await dot(of: step)])
        case "release":
            try await enforceRule()
            // 1: what breaks a rule of today stays where it is.
            try await server.command(["parked", "release", try await dotAtServer(of: step)], expecting: [0, 1])
        case "clone", "save", "rollback": try replaceHome(step)
        case "backup", "restore", "recovery": try await replaceStore(step)
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

    /// The change-set that a step is about, as its device calls it now.
    private func dot(of step: CausalityScript.Step) async throws -> String {
        let made = try made(step)
        guard let digest = made.digest else { return made.dot }
        let own = try await device(step.on).ledger().filter { $0.changeSet == digest && !$0.dot.contains("*") }
        guard let line = own.first else { throw ScriptFailure("nothing called \(step.of ?? "")") }
        return line.dot
    }

    /// The change-set that a step is about, as the server calls it now.
    private func dotAtServer(of step: CausalityScript.Step) async throws -> String {
        let made = try made(step)
        guard let digest = made.digest else { return made.dot }
        let lines = try await server.ledger().filter { $0.changeSet == digest && !$0.dot.contains("*") }
        guard let line = lines.first(where: { $0.state == "parked" }) ?? lines.first else {
            throw ScriptFailure("nothing called \(step.of ?? "")")
        }
        return line.dot
    }

    private func made(_ step: CausalityScript.Step) throws -> Made {
        guard let made = step.of.flatMap({ labels[$0] }) else { throw ScriptFailure("nothing called \(step.of ?? "")") }
        return made
    }

    /// Copies a home, keeps it aside, or puts it back.
    private func replaceHome(_ step: CausalityScript.Step) throws {
        let home = try device(step.on).home
        let files = FileManager.default
        func name(_ text: String?) throws -> String {
            guard let text else { throw ScriptFailure("a copy without a name") }
            return text
        }
        switch step.do {
        case "clone":
            let copy = try name(step.to)
            devices[copy] = Device(site: site, home: site.path("copy-\(copy)"))
            names.append(copy)
            try files.copyItem(atPath: home, toPath: try device(copy).home)
        case "save":
            let kept = site.path("kept-\(try name(step.as))")
            try? files.removeItem(atPath: kept)
            try files.copyItem(atPath: home, toPath: kept)
        default:
            try files.removeItem(atPath: home)
            try files.copyItem(atPath: site.path("kept-\(try name(step.to))"), toPath: home)
        }
    }

    /// Backs the store up, puts a backup in its place, or steers the recovery.
    private func replaceStore(_ step: CausalityScript.Step) async throws {
        switch step.do {
        case "backup":
            let file = site.path("\(step.as ?? "").backup")
            try? FileManager.default.removeItem(atPath: file)
            try await server.command(["backup", file])
        case "restore":
            let stopped = try await server.stop()
            guard stopped.exitCode == 0 else { throw AcceptanceFailure(stopped.account) }
            try await server.command(["restore", site.path("\(step.from ?? "").backup")])
            try await server.serve()
            // The rules in it are those of its day.
            enforced = ["(unknown)"]
        default:
            try await enforceRule()
            try await server.command(["recovery", step.window ?? ""])
        }
    }

    private func phase() async throws -> String {
        struct Form: Decodable { let phase: String }
        guard script.steps.contains(where: { $0.do == "restore" }) else { return "closed" }
        return try await server.command(["recovery", "--json"]).decoded(Form.self).phase
    }

    /// The id of the record that scripts call by this name: `r1`, `r2` and so on.
    static func id(_ name: String) throws -> String {
        guard name.hasPrefix("r"), let number = Int(name.dropFirst()), (1...99).contains(number) else {
            throw ScriptFailure("a record called \(name)")
        }
        return "00000000-0000-4000-8000-0000000000" + (number < 10 ? "0\(number)" : "\(number)")
    }
}
