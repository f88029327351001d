import Foundation
import SatchelClient
import SatchelServer
import SatchelStorage
import SatchelSync
import SatchelTestSupport

/// Runs one of the shared scripts on real homes and a real store, and answers what differs from what it expects.
final class ExchangeScript {
    private let script: CausalityScript
    private let server: ExchangeServer
    /// Of a request delivered twice, whether the device hears the first answer: by turns.
    private var hearsFirst = true
    private var homes: [String: ExchangeHome] = [:]
    /// The names of the homes, in the order in which they came to be.
    private var names: [String]
    private var tokens: [String: ReadToken] = [:]
    /// The change-sets that steps made, by digest, since a fork gives them other dots.
    private var made: [[UInt8]: (label: String, device: String)] = [:]
    private var rejectedTexts: Set<String> = []

    init(_ script: CausalityScript) async throws {
        self.script = script
        names = script.devices
        server = try ExchangeServer()
        for (number, name) in script.devices.enumerated() {
            homes[name] = try await server.enrol(name, actor: .sample(number + 1))
        }
    }

    /// Runs all steps and the rounds after them; answers the differences.
    func run() async throws -> [String] {
        let isOneLife = !script.steps.contains { $0.do == "restore" }
        if isOneLife { try await server.backUp(as: "before all") }
        for step in script.steps {
            server.clock.advance(milliseconds: 1_000)
            try await take(step)
        }
        if try await server.store.read({ try $0.epochStanding() }).isRecovering {
            _ = try await server.service.perform(.openRecovery)
            for _ in 0...names.count { try await syncAll() }
            _ = try await server.service.perform(.closeRecovery)
        }
        for _ in 0..<3 { try await syncAll() }
        let settled = try await server.digest()
        let head = try await server.store.read { try $0.head() }
        try await syncAll()
        var differences: [String] = []
        if try await server.store.read({ try $0.head() }) != head { differences.append("one more round made commits") }
        differences += try await SettledCheck(server: server, homes: names.compactMap { homes[$0] }).problems()
        if try await server.digest() != settled { differences.append("one more round changed the server") }
        if isOneLife { differences += try await drillDifferences() }
        return try await differences + recordDifferences() + ledgerDifferences()
    }

    /// Were the server restored to where the script begins, all would come back from the devices.
    private func drillDifferences() async throws -> [String] {
        let path = server.folder["server"].path
        let report = try await RestoreDrill(path: path, scratch: path, clock: server.clock)
            .run(file: server.folder["before all.backup"].path)
        guard report.isUsable, let since = report.since else {
            return ["the drill ends with \(report.problem?.description ?? "nothing")"]
        }
        guard since.returnedCount == since.changeSetCount, since.isSame else {
            return ["\(since.returnedCount) of \(since.changeSetCount) come back in a drill, same: \(since.isSame)"]
        }
        return []
    }

    private func syncAll() async throws {
        for name in names { try await home(name).sync() }
    }

    private func home(_ name: String?) throws -> ExchangeHome {
        guard let home = name.flatMap({ homes[$0] }) else { throw ScriptFailure("no device \(name ?? "")") }
        return home
    }

    private func take(_ step: CausalityScript.Step) async throws {
        switch step.do {
        case "sync": try await sync(step)
        case "read":
            guard let record = step.record.flatMap({ RecordID(scriptName: $0) }), let token = step.as else {
                throw ScriptFailure("a read of nothing")
            }
            tokens[token] = try home(step.on).replica.reading { transaction in
                ReadToken(
                    actor: try transaction.identity().actor, record: record,
                    context: try transaction.record(record)?.state.context ?? VersionVector())
            }
        case "reject_rule":
            guard let value = step.value else { throw ScriptFailure("a rule about nothing") }
            if step.active == true { rejectedTexts.insert(value) } else { rejectedTexts.remove(value) }
            let texts = Set(script.steps.flatMap(\.edits).flatMap(\.texts)).subtracting(rejectedTexts)
            try server.store.allowOnly(rejectedTexts.isEmpty ? nil : texts.sorted().map { UTF8Text($0) })
        case "fix", "discard":
            guard let label = step.label else { throw ScriptFailure("a fix without a label") }
            let home = try home(step.on)
            guard let target = try home.own().first(where: { made[$0.digest]?.label == step.of })?.changeSet.dot else {
                throw ScriptFailure("nothing to fix")
            }
            let changes = try step.edits.draftChanges()
            let outcome =
                try changes.isEmpty ? home.replica.discard(target) : home.replica.fix(target, changes: changes)
            try note(outcome.dot, on: home, label: label)
        case "release":
            guard let dot = try await judged().first(where: { made[$0.value]?.label == step.of })?.key else {
                throw ScriptFailure("nothing to release")
            }
            _ = try await server.service.perform(.release(dot: dot.description))
        case "clone":
            guard let name = step.to else { throw ScriptFailure("a copy without a name") }
            homes[name] = try home(step.on).copied(as: name)
            names.append(name)
        case "save":
            guard let name = step.as else { throw ScriptFailure("a copy without a name") }
            try home(step.on).save(as: name)
        case "rollback":
            guard let name = step.to else { throw ScriptFailure("a copy without a name") }
            try home(step.on).putBack(name)
        case "backup":
            guard let name = step.as else { throw ScriptFailure("a backup without a name") }
            try? FileManager.default.removeItem(at: server.folder["\(name).backup"])
            try await server.backUp(as: name)
        case "restore":
            guard let name = step.from else { throw ScriptFailure("a restore of nothing") }
            try server.restore(name)
        case "recovery":
            _ = try await server.service.perform(step.window == "open" ? .openRecovery : .closeRecovery)
        default: try edit(step)
        }
    }

    private func sync(_ step: CausalityScript.Step) async throws {
        let home = try home(step.on)
        if step.dropReply == true {
            do {
                try await home.sync(.replyLost)
                throw ScriptFailure("a lost reply arrived")
            } catch let error as SatchelError where error.code == .networkUnavailable {
                return
            }
        }
        if step.deliverTwice == true {
            hearsFirst.toggle()
            try await home.sync(.deliveredTwice(hearsFirst: hearsFirst))
        } else {
            try await home.sync()
        }
    }

    private func edit(_ step: CausalityScript.Step) throws {
        guard let label = step.label else { throw ScriptFailure("an edit without a label") }
        let read = step.readAt.flatMap { tokens[$0] }
        if step.readAt != nil, read == nil { throw ScriptFailure("a token nobody read") }
        let home = try home(step.on)
        let identity = try home.replica.reading { try $0.identity() }
        let changes = try step.edits.draftChanges().map { draft in
            DraftChange(
                type: draft.type, record: draft.record, life: draft.life, writes: draft.writes,
                readAt: read?.record == draft.record
                    ? try read?.context(forEditOf: draft.record, by: identity.actor, lineage: identity.lineage) : nil)
        }
        guard !changes.isEmpty, let dot = try home.edit(Draft(label: label, changes: changes)) else { return }
        try note(dot, on: home, label: label)
    }

    private func note(_ dot: Dot, on home: ExchangeHome, label: String) throws {
        guard let digest = try home.own().first(where: { $0.changeSet.dot == dot })?.digest else {
            throw ScriptFailure("an edit that is not there")
        }
        made[digest] = (label, home.name)
    }

    /// The digest of every change-set that the server has judged.
    private func judged() async throws -> [Dot: [UInt8]] {
        try await server.store.read { snapshot in
            var digests: [Dot: [UInt8]] = [:]
            try snapshot.forEachLogEntry(after: 0) { entry, _, _ in
                if !entry.isRevision, !entry.dot.actor.isRelease { digests[entry.dot] = entry.digest }
                return true
            }
            return digests
        }
    }

    // MARK: - What must be true afterwards

    private func recordDifferences() async throws -> [String] {
        guard let type = server.schema.type(ItemSchema.type) else { throw ScriptFailure("no type item") }
        let devices = try await judged().compactMapValues { made[$0]?.device }
        let outcome = ScriptOutcome(of: script, type: type) { devices[$0] }
        var found: [RecordID: (state: RecordState, life: LifeStatus)] = [:]
        for record in try await server.records() { found[record.id] = (record.state, record.status) }
        return outcome.differences(in: found)
    }

    private func ledgerDifferences() async throws -> [String] {
        let lines = try await server.ledgerLines()
        var found: [String: CausalityScript.Outcome] = [:]
        let judged = try await judged()
        for entry in made.values { found[entry.label] = CausalityScript.Outcome(state: "gone", reason: nil) }
        for (dot, digest) in judged {
            guard let label = made[digest]?.label else { continue }
            // Released work stands under its other name.
            guard let line = lines[dot.released] ?? lines[dot], let state = LedgerState(rawValue: line.state) else {
                continue
            }
            found[label] = CausalityScript.Outcome(state: state.word, reason: line.reason)
        }
        return ScriptOutcome.differences(in: found, expected: script.expect.changeSets)
    }
}

extension CausalityScript.Change {
    /// Every text that the change writes into a register.
    fileprivate var texts: [String] {
        ((self.set ?? [:]).values.compactMap(\.self) + [value].compactMap(\.self)).filter { !$0.isEmpty }
    }
}
