import SatchelSync
import SatchelTestSupport

/// Runs one script in memory and answers what differs from what it expects.
struct ScriptRunner {
    private let script: CausalityScript
    private let schema: Schema
    private let type: EntityType
    private var server = ScriptServer()
    private var devices: [String: ScriptDevice] = [:]
    private var labels: [Dot: String] = [:]

    init(_ script: CausalityScript, schema: Schema) throws {
        self.script = script
        self.schema = schema
        guard let type = schema.type(ItemSchema.type) else { throw ScriptFailure("no type item") }
        self.type = type
        for (number, name) in script.devices.enumerated() { devices[name] = ScriptDevice(actor: .sample(number)) }
    }

    /// Runs all steps and the rounds after them; answers the differences.
    mutating func run() throws -> [String] {
        for (place, step) in script.steps.enumerated() { try take(step, place: place) }
        for _ in 0..<3 {
            for name in script.devices { try sync(name) }
        }
        let settled = digest(server.states)
        for name in script.devices { try sync(name) }
        var differences = digest(server.states) == settled ? [] : ["one more round changed the server"]
        for name in script.devices {
            if devices[name]?.hasPending == true { differences.append("\(name) has pending work") }
            if digest(devices[name]?.base ?? [:]) != settled { differences.append("the digest of \(name) differs") }
        }
        return differences + recordDifferences() + ledgerDifferences()
    }

    private mutating func sync(_ name: String, times: Int = 1, isReplyLost: Bool = false) throws {
        guard var device = devices[name] else { throw ScriptFailure("no device \(name)") }
        try device.sync(with: &server, times: times, isReplyLost: isReplyLost)
        devices[name] = device
    }

    private mutating func take(_ step: CausalityScript.Step, place: Int) throws {
        switch step.do {
        case "sync":
            try sync(
                step.on ?? "", times: step.deliverTwice == true ? 2 : 1, isReplyLost: step.dropReply == true)
        case "read":
            guard let record = step.record.flatMap({ RecordID(scriptName: $0) }), let token = step.as else {
                throw ScriptFailure("a read of nothing")
            }
            devices[step.on ?? ""]?.read(record, as: token)
        case "reject_rule":
            guard let value = step.value else { throw ScriptFailure("a rule about nothing") }
            if step.active == true { server.rejectedTexts.insert(value) } else { server.rejectedTexts.remove(value) }
        case "fix", "discard":
            guard let target = dot(of: step), let label = step.label else { throw ScriptFailure("a fix of nothing") }
            let drafts = try step.edits.draftChanges()
            let time = Timestamp(milliseconds: Int64(place) * 1_000)
            if let dot = try devices[step.on ?? ""]?.fix(target, by: drafts, time: time) { labels[dot] = label }
        case "release": if let target = dot(of: step) { server.release(target) }
        case "backup", "save": break
        default: try edit(step, place: place)
        }
    }

    private mutating func edit(_ step: CausalityScript.Step, place: Int) throws {
        guard let name = step.on, let label = step.label else { throw ScriptFailure("an edit by nobody") }
        let drafts = try step.edits.draftChanges()
        let time = Timestamp(milliseconds: Int64(place) * 1_000)
        guard let dot = try devices[name]?.edit(drafts, readAt: step.readAt, time: time) else { return }
        labels[dot] = label
    }

    /// The change-set that a step is about.
    private func dot(of step: CausalityScript.Step) -> Dot? { labels.first { $0.value == step.of }?.key }

    // MARK: - What must be true afterwards

    private func digest(_ states: [RecordID: RecordState]) -> [UInt8] {
        var bytes: [UInt8] = []
        for (id, state) in states.sorted(by: { $0.key < $1.key }) {
            state.encodeDigest(type: type.id, record: id, schema: schema, into: &bytes)
        }
        return bytes
    }

    private func recordDifferences() -> [String] {
        let outcome = ScriptOutcome(
            of: script, type: type, authors: Dictionary(uniqueKeysWithValues: devices.map { ($1.actor, $0) }))
        var found: [RecordID: (state: RecordState, life: LifeStatus)] = [:]
        for (id, state) in server.states { found[id] = (state, lifeStatus(of: id, in: server.states)) }
        return outcome.differences(in: found)
    }

    private func ledgerDifferences() -> [String] {
        var found: [String: CausalityScript.Outcome] = [:]
        for sent in server.log {
            guard let label = labels[sent.changeSet.dot], let verdict = server.verdicts[sent.changeSet.dot] else {
                continue
            }
            if let rejection = verdict.rejection {
                found[label] = CausalityScript.Outcome(state: "parked", reason: rejection.code)
                continue
            }
            guard let dot = server.enteredDot(of: sent.changeSet.dot) else {
                found[label] = CausalityScript.Outcome(state: verdict.word, reason: nil)
                continue
            }
            let states = sent.changeSet.changes.map { change in
                (server.states[change.record] ?? RecordState()).standing(
                    of: change, dot: dot, life: lifeStatus(of: change.record, in: server.states))
            }
            found[label] = CausalityScript.Outcome(state: (states.max() ?? .superseded).word, reason: nil)
        }
        return ScriptOutcome.differences(in: found, expected: script.expect.changeSets)
    }
}
