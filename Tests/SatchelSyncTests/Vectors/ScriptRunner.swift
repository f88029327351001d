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
    private var counted: Set<String> = []

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
            guard let record = step.record.flatMap(Self.record), let token = step.as else {
                throw ScriptFailure("a read of nothing")
            }
            devices[step.on ?? ""]?.read(record, as: token)
        case "reject_rule":
            guard let value = step.value else { throw ScriptFailure("a rule about nothing") }
            if step.active == true { server.rejectedTexts.insert(value) } else { server.rejectedTexts.remove(value) }
        case "backup", "save": break
        default: try edit(step, place: place)
        }
    }

    private mutating func edit(_ step: CausalityScript.Step, place: Int) throws {
        guard let name = step.on, let label = step.label else { throw ScriptFailure("an edit by nobody") }
        let drafts = try Self.drafts(of: step.edits)
        let time = Timestamp(milliseconds: Int64(place) * 1_000)
        guard let dot = try devices[name]?.edit(drafts, readAt: step.readAt, time: time) else { return }
        labels[dot] = label
        if step.edits.contains(where: { $0.do == "increment" }) { counted.insert(label) }
    }

    // MARK: - What the edits of a step write

    private static func record(_ name: String) -> RecordID? { Int(name.dropFirst()).map { .sample($0) } }

    private static func drafts(of edits: [CausalityScript.Change]) throws -> [DraftChange] {
        var order: [RecordID] = []
        var parts: [RecordID: (life: LifeWrite?, writes: [FieldChange], add: [UTF8Text], remove: [UTF8Text])] = [:]
        for edit in edits {
            guard let id = record(edit.record) else { throw ScriptFailure("a record called \(edit.record)") }
            if parts[id] == nil { order.append(id) }
            var part = parts[id] ?? (nil, [], [], [])
            let value = UTF8Text(edit.value ?? "")
            switch edit.do {
            case "new":
                part.life = .create
                part.writes += try (edit.set ?? [:]).map { try write($0.key, $0.value) }
            case "delete": part.life = .delete
            case "revive": part.life = .revive
            case "set": part.writes.append(try write(edit.field ?? "", edit.value))
            case "add": part.add.append(value)
            case "remove": part.remove.append(value)
            case "increment": break
            default: throw ScriptFailure("an edit called \(edit.do)")
            }
            parts[id] = part
        }
        return order.map { id in
            let part = parts[id] ?? (nil, [], [], [])
            let tags = FieldChange(ItemSchema.tags, .set(add: part.add.sorted(), remove: part.remove.sorted()))
            let hasTags = !part.add.isEmpty || !part.remove.isEmpty
            return DraftChange(
                type: ItemSchema.type, record: id, life: part.life, writes: part.writes + (hasTags ? [tags] : []))
        }
    }

    private static func write(_ field: String, _ value: String?) throws -> FieldChange {
        switch (field, value) {
        case ("name", let value): FieldChange(ItemSchema.name, .register(value.map { .text(UTF8Text($0)) } ?? .null))
        case ("phone", let value): FieldChange(ItemSchema.phone, .register(value.map { .text(UTF8Text($0)) } ?? .null))
        case ("parent", let value):
            FieldChange(ItemSchema.parent, .register(value.flatMap(record).map { .reference($0) } ?? .null))
        default: throw ScriptFailure("a field called \(field)")
        }
    }

    // MARK: - What must be true afterwards

    private func digest(_ states: [RecordID: RecordState]) -> [UInt8] {
        var bytes: [UInt8] = []
        for (id, state) in states.sorted(by: { $0.key < $1.key }) {
            state.encodeDigest(type: type.id, record: id, schema: schema, into: &bytes)
        }
        return bytes
    }

    private func recordDifferences() -> [String] {
        var found: [String: CausalityScript.Record] = [:]
        for number in 1...99 {
            guard let state = server.states[.sample(number)] else { continue }
            found["r\(number)"] = outcome(of: state, life: lifeStatus(of: .sample(number), in: server.states))
        }
        return Set(found.keys).union(script.expect.records.keys).sorted().compactMap { name in
            let wanted = script.expect.records[name]?.withoutCounters
            guard found[name] != wanted else { return nil }
            return "\(name) is \(found[name].map { "\($0)" } ?? "nowhere") and not \(wanted.map { "\($0)" } ?? "there")"
        }
    }

    private func outcome(of state: RecordState, life: LifeStatus) -> CausalityScript.Record {
        let conflicts = state.conflicts(in: type, life: life)
        func names(_ severity: ConflictSeverity) -> [String] {
            conflicts.filter { $0.severity == severity }.map { item in
                guard case .field(let field) = item.subject else { return "life" }
                return type.field(field)?.name ?? ""
            }.sorted()
        }
        var fields: [String: CausalityScript.FieldOutcome] = [:]
        for entry in state.fields {
            let name = type.field(entry.field)?.name ?? ""
            switch entry.state {
            // The scripts do not tell an emptied set from one that was never written.
            case .set([]): break
            case .set(let elements): fields[name] = .set(elements.map(\.value.string))
            case .register(let siblings): fields[name] = .register(standing(siblings))
            }
        }
        return CausalityScript.Record(
            life: life.word, fields: fields, conflicts: names(.decide), parallel: names(.review))
    }

    private func standing(_ siblings: [Sibling]) -> [CausalityScript.Standing] {
        let values = Winner.distinctValues(of: siblings, policy: .latest).map { distinct in
            let authors = script.devices.filter { name in
                distinct.siblings.contains { $0.dot.actor == devices[name]?.actor }
            }
            return CausalityScript.Standing(value: shown(distinct.value), by: authors.sorted())
        }
        return values.sorted { ($0.value ?? "") < ($1.value ?? "") }
    }

    private func shown(_ value: FieldValue) -> String? {
        switch value {
        case .null: nil
        case .reference(let record): (1...99).first { .sample($0) == record }.map { "r\($0)" }
        default: value.text
        }
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
            let states = sent.changeSet.changes.map { change in
                (server.states[change.record] ?? RecordState()).standing(
                    of: change, dot: sent.changeSet.dot, life: lifeStatus(of: change.record, in: server.states))
            }
            var strongest = states.max() ?? .superseded
            // An increment stands for ever; there is no counter here to say so.
            if counted.contains(label) { strongest = max(strongest, .visible) }
            found[label] = CausalityScript.Outcome(state: strongest.word, reason: nil)
        }
        let wanted = script.expect.changeSets
        return Set(found.keys).union(wanted.keys).sorted().compactMap { label in
            guard found[label] != wanted[label] else { return nil }
            let (got, want) = (found[label]?.state ?? "unknown", wanted[label]?.state ?? "unknown")
            return "\(label) is \(got) \(found[label]?.reason ?? "") and not \(want) \(wanted[label]?.reason ?? "")"
        }
    }
}
