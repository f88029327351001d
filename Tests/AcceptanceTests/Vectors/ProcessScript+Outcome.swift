import Foundation
import SatchelTestSupport
import ScenarioRunner

// What the programs tell when all is over.
extension ProcessScript {
    private typealias Record = CausalityScript.Record
    private typealias Outcome = CausalityScript.Outcome

    private struct HistoryForm: Decodable {
        let dot: String, user: String
        let writes: [String: String]
    }

    private struct ParkedForm: Decodable {
        let verdict: String
        let code: String?
        let reissuedAs: String?
        enum CodingKeys: String, CodingKey {
            case verdict, code
            case reissuedAs = "reissued_as"
        }
    }

    /// What differs between the devices and the server: nothing is pending, digests are equal, ledgers agree on each dot.
    func deviceDifferences(digest: String, ledger: [LedgerForm]) async throws -> [String] {
        let states = Dictionary(grouping: ledger, by: \.dot)
        var differences: [String] = []
        for (name, device) in try names.map({ ($0, try device($0)) }) + [("observer", observer)] {
            if try await device.digest() != digest { differences.append("the digest of \(name) differs") }
            let status = try await device.status()
            if !status.pending.isEmpty { differences.append("\(name) has pending work") }
            for line in try await device.ledger() where states[line.dot]?.map(\.state) != [line.state] {
                let known = states[line.dot]?.map(\.state) ?? []
                differences.append("\(line.dot) is \(line.state) at \(name) and \(known) at the server")
            }
        }
        return differences
    }

    /// What differs in the records, as the server and the observer show them.
    func recordDifferences(_ ledger: [LedgerForm]) async throws -> [String] {
        let authors = authors(ledger)
        let mentioned = Set(script.steps.flatMap(\.edits).map(\.record)).union(script.expect.records.keys)
        var found: [String: CausalityScript.Record] = [:]
        var differences: [String] = []
        for name in mentioned.sorted() {
            let id = try Self.id(name)
            let result = try await server.command(["show", "item", id, "--json"], expecting: [0, 1])
            if result.exitCode == 1, result.failureCode == "unknown_record" { continue }
            let shown = try result.decoded(RecordForm.self)
            let observed = try await observer.show("item", id)
            if observed.fields != shown.fields || observed.life != shown.life || observed.conflicts != shown.conflicts {
                differences.append("\(name) is \(observed) at a device and \(shown) at the server")
            }
            let history = try await observer.run(["log", "item", id, "--json"]).decoded([HistoryForm].self)
            let report = try await server.command(["conflicts", "show", id, "--json"]).decoded(ConflictForm.self)
            let record = Self.record(shown, history: history, report: report, authors: authors)
            found[name] = record
            differences += Self.differences(of: report, from: record, name: name, authors: authors)
        }
        return differences + ScriptOutcome.differences(in: found, expected: script.expect.records)
    }

    /// The device that made each change-set, by its name at the server, where users do not tell: copies have the same one.
    private func authors(_ ledger: [LedgerForm]) -> [String: String] {
        let devices = Dictionary(labels.values.map { ($0.digest ?? "", $0.device) }) { first, _ in first }
        return Dictionary(ledger.compactMap { line in devices[line.changeSet].map { (line.dot, $0) } }) { first, _ in
            first
        }
    }

    private static func record(
        _ shown: RecordForm, history: [HistoryForm], report: ConflictForm, authors: [String: String]
    ) -> CausalityScript.Record {
        var fields: [String: CausalityScript.FieldOutcome] = [:]
        for field in ["name", "phone", "parent"] {
            let writes = history.compactMap { entry in
                entry.writes[field].map { (text: $0, user: authors[entry.dot] ?? entry.user) }
            }
            guard !writes.isEmpty else { continue }
            let values = Dictionary(grouping: writes) { value(of: $0.text, in: field) }
            fields[field] = .register(
                values.map { CausalityScript.Standing(value: $0, by: Set($1.map(\.user)).sorted()) }
                    .sorted { ($0.value ?? "") < ($1.value ?? "") })
        }
        if case .elements(let tags)? = shown.fields["tags"], !tags.isEmpty { fields["tags"] = .set(tags.sorted()) }
        if history.contains(where: { $0.writes["visits"] != nil }), case .number(let count)? = shown.fields["visits"] {
            fields["visits"] = .counter(Int(count))
        }
        func subjects(_ severity: String) -> [String] {
            report.conflicts.filter { $0.severity == severity }.map(\.subject).sorted()
        }
        return CausalityScript.Record(
            life: shown.life, fields: fields, conflicts: subjects("decide"), parallel: subjects("review"))
    }

    /// What people read as what scripts call it: a record by its name, nothing as nothing.
    private static func value(of text: String, in field: String) -> String? {
        guard !text.isEmpty else { return nil }
        guard field == "parent" else { return text }
        return (1...99).map { "r\($0)" }.first { (try? id($0)) == text } ?? text
    }

    /// What a conflict report tells otherwise than the values and authors that stand.
    private static func differences(
        of report: ConflictForm, from record: CausalityScript.Record, name: String, authors: [String: String]
    ) -> [String] {
        report.conflicts.compactMap { item in
            guard item.subject != "life" else { return nil }
            let standing = item.siblings.map { sibling in
                let text = if case .text(let text) = sibling.value { text } else { "" }
                return CausalityScript.Standing(
                    value: value(of: text, in: item.subject),
                    by: Set(sibling.writers.map { authors[$0.dot] ?? $0.user ?? "" }).sorted())
            }.sorted { ($0.value ?? "") < ($1.value ?? "") }
            guard record.fields[item.subject] != .register(standing) else { return nil }
            return "\(item.subject) of \(name) has \(standing) in the report of its conflict"
        }
    }

    /// What differs in the server's ledger, by labels.
    func ledgerDifferences(_ ledger: [LedgerForm]) async throws -> [String] {
        let states = Dictionary(ledger.map { ($0.dot, $0.state) }) { first, _ in first }
        var found: [String: CausalityScript.Outcome] = [:]
        for (label, made) in labels {
            // Under whatever name it is there now; where it is there twice, the other one counts for nothing.
            let names = ledger.filter { $0.changeSet == made.digest && !$0.dot.contains("*") }
            let dot = (names.first { $0.state != "duplicate" } ?? names.first)?.dot ?? made.dot
            guard let state = states[dot] else {
                if made.digest != nil { found[label] = CausalityScript.Outcome(state: "gone", reason: nil) }
                continue
            }
            var outcome = CausalityScript.Outcome(state: state, reason: nil)
            if state == "parked" || state == "reissued" {
                let work = try await server.command(["parked", "show", dot, "--json"]).decoded(ParkedForm.self)
                if state == "parked" {
                    let word = work.code == "already_reissued" ? "already_reissued" : "rejected"
                    outcome = CausalityScript.Outcome(
                        state: state, reason: work.verdict == "held" ? "waits" : word)
                } else if let other = work.reissuedAs, other.contains("*"), let released = states[other] {
                    // Released work stands under its other name.
                    outcome = CausalityScript.Outcome(state: released, reason: nil)
                }
            }
            found[label] = outcome
        }
        return ScriptOutcome.differences(in: found, expected: script.expect.changeSets)
    }
}
