package import SatchelSync

/// Compares what stands at the end of a script with what it expects.
package struct ScriptOutcome {
    private let script: CausalityScript
    private let type: EntityType
    private let author: (Dot) -> String?

    /// Names the script, its type, and which device each actor is.
    package init(of script: CausalityScript, type: EntityType, authors: [ActorID: String]) {
        self.init(of: script, type: type) { authors[$0.actor] }
    }

    /// Names the script, its type, and on which device each change-set was made.
    package init(of script: CausalityScript, type: EntityType, author: @escaping (Dot) -> String?) {
        self.script = script
        self.type = type
        self.author = author
    }

    /// What differs in the records that the server knows, a sentence a record.
    package func differences(in states: [RecordID: (state: RecordState, life: LifeStatus)]) -> [String] {
        var found: [String: CausalityScript.Record] = [:]
        for (id, record) in states {
            found[id.scriptName ?? id.description] = outcome(of: record.state, life: record.life)
        }
        return Self.differences(in: found, expected: script.expect.records)
    }

    /// What differs in records by their names, a sentence a record.
    package static func differences(
        in found: [String: CausalityScript.Record], expected: [String: CausalityScript.Record]
    ) -> [String] {
        Set(found.keys).union(expected.keys).sorted().compactMap { name in
            let wanted = expected[name]
            guard found[name] != wanted else { return nil }
            return "\(name) is \(found[name].map { "\($0)" } ?? "nowhere") and not \(wanted.map { "\($0)" } ?? "there")"
        }
    }

    /// What differs in a ledger by labels, a sentence a change-set.
    package static func differences(
        in found: [String: CausalityScript.Outcome], expected wanted: [String: CausalityScript.Outcome]
    ) -> [String] {
        Set(found.keys).union(wanted.keys).sorted().compactMap { label in
            guard found[label] != wanted[label] else { return nil }
            let (got, want) = (found[label]?.state ?? "unknown", wanted[label]?.state ?? "unknown")
            return "\(label) is \(got) \(found[label]?.reason ?? "") and not \(want) \(wanted[label]?.reason ?? "")"
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
            case .counter(let parts): fields[name] = .counter(Int(parts.reduce(0) { $0 + $1.sum }))
            case .map: break
            }
        }
        return CausalityScript.Record(
            life: life.word, fields: fields, conflicts: names(.decide), parallel: names(.review))
    }

    private func standing(_ siblings: [Sibling]) -> [CausalityScript.Standing] {
        Winner.distinctValues(of: siblings, policy: .latest).map { distinct in
            let by = Set(
                distinct.siblings.map { sibling in
                    let dot = sibling.dot.actor.releasedDot ?? sibling.dot
                    return author(dot) ?? "\(dot)"
                })
            return CausalityScript.Standing(value: shown(distinct.value), by: by.sorted())
        }.sorted { ($0.value ?? "") < ($1.value ?? "") }
    }

    private func shown(_ value: FieldValue) -> String? {
        switch value {
        case .null: nil
        case .reference(let record): record.scriptName
        default: value.text
        }
    }
}
