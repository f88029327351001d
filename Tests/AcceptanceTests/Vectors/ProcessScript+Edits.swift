import Foundation
import SatchelTestSupport
import ScenarioRunner

extension ProcessScript {
    /// What a replica answers to an edit that does not fit what it holds.
    private static let refusals: Set<String> = [
        "unknown_record", "record_deleted", "record_exists", "has_children", "no_conflict", "invalid_request",
    ]

    /// Makes an edit by the verb that is for it.
    func edit(_ step: CausalityScript.Step) async throws {
        let records = Set(step.edits.map(\.record))
        guard let name = records.first else { throw ScriptFailure("an edit of nothing") }
        if records.count > 1 { return try await apply(step) }
        let id = try Self.id(name)
        let assignments = try step.edits.flatMap { try $0.assignments }
        let lives = Set(step.edits.map(\.do)).intersection(["new", "delete", "revive"])
        switch lives.first {
        case "new": try await edit(step, ["new", "item", "--id", id] + assignments)
        case "delete": try await edit(step, ["delete", "item", id, "--settle"] + readAt(step, name))
        case "revive": try await edit(step, ["revive", "item", id, "--settle"] + readAt(step, name) + assignments)
        default: try await edit(step, ["set", "item", id, "--settle"] + readAt(step, name) + assignments)
        }
    }

    /// Runs a verb that makes one change-set, or is refused.
    func edit(_ step: CausalityScript.Step, _ arguments: [String]) async throws {
        guard let label = step.label else { throw ScriptFailure("an edit without a label") }
        let result = try await device(step.on).run(arguments + ["--json"], expecting: [0, 1])
        if result.exitCode == 0 {
            try await note(try result.decoded(EditForm.self).dot, by: step, as: label)
        } else if !Self.refusals.contains(result.failureCode ?? "") {
            throw AcceptanceFailure(result.account)
        }
    }

    /// Remembers the change-set that a step made.
    private func note(_ dot: String, by step: CausalityScript.Step, as label: String) async throws {
        var digest: String?
        if script.mayFork { digest = try await device(step.on).ledger().first { $0.dot == dot }?.changeSet }
        labels[label] = Made(dot: dot, device: step.on ?? "", digest: digest)
    }

    private func readAt(_ step: CausalityScript.Step, _ record: String) throws -> [String] {
        guard let key = step.readAt else { return [] }
        guard let read = tokens[key] else { throw ScriptFailure("a token nobody read") }
        return read.record == record ? ["--read-at", read.token] : []
    }

    /// Makes an edit of several records by a file of edits.
    private func apply(_ step: CausalityScript.Step) async throws {
        struct LineForm: Decodable {
            let dot: String?
            let error: FailureForm.Failure?
        }
        guard let label = step.label else { throw ScriptFailure("an edit without a label") }
        let read = try step.readAt.map { key in
            guard let read = tokens[key] else { throw ScriptFailure("a token nobody read") }
            return (id: try Self.id(read.record), token: read.token)
        }
        let path = site.path("edit.jsonl")
        let line = ["label": label, "changes": try Self.changes(step.edits, read: read)] as [String: Any]
        try JSONSerialization.data(withJSONObject: line).write(to: URL(filePath: path))
        let result = try await device(step.on).run(["apply", path, "--settle", "--json"], expecting: [0, 1])
        guard let form = try result.decodedLines(LineForm.self).first else { throw AcceptanceFailure(result.account) }
        if let dot = form.dot { try await note(dot, by: step, as: label) }
        if let error = form.error, !Self.refusals.contains(error.code) { throw AcceptanceFailure(result.account) }
    }

    private static func changes(
        _ edits: [CausalityScript.Change], read: (id: String, token: String)?
    ) throws -> [[String: Any]] {
        var names: [String] = []
        for edit in edits where !names.contains(edit.record) { names.append(edit.record) }
        return try names.map { name in
            var change: [String: Any] = ["op": "update", "type": "item", "id": try id(name)]
            if let read, read.id == change["id"] as? String { change["read_at"] = read.token }
            var set: [String: Any] = [:]
            var (add, remove): ([String], [String]) = ([], [])
            var by: Int64 = 0
            for edit in edits where edit.record == name {
                switch edit.do {
                case "new":
                    change["op"] = "create"
                    for (field, value) in edit.set ?? [:] { set[field] = try edit.shown(field, value) ?? NSNull() }
                case "delete": change["op"] = "delete"
                case "revive": change["op"] = "revive"
                case "set": set[edit.field ?? ""] = try edit.shown(edit.field ?? "", edit.value) ?? NSNull()
                case "add": add.append(edit.value ?? "")
                case "remove": remove.append(edit.value ?? "")
                case "increment": by += edit.by ?? 0
                default: throw ScriptFailure("an edit called \(edit.do)")
                }
            }
            if !set.isEmpty { change["set"] = set }
            if !add.isEmpty { change["add"] = ["tags": add] }
            if !remove.isEmpty { change["remove"] = ["tags": remove] }
            if by != 0 { change["increment"] = ["visits": by] }
            return change
        }
    }
}

extension CausalityScript {
    /// Whether a step gives a change-set another name.
    var mayFork: Bool { steps.contains { ["clone", "rollback", "restore"].contains($0.do) } }
}

extension CausalityScript.Change {
    /// What is typed behind a verb for this edit.
    var assignments: [String] {
        get throws {
            switch self.do {
            case "new": try (set ?? [:]).sorted { $0.key < $1.key }.map { "\($0)=\(try shown($0, $1) ?? "")" }
            case "set": ["\(field ?? "")=\(try shown(field ?? "", value) ?? "")"]
            case "add": ["\(field ?? "")+=\(value ?? "")"]
            case "remove": ["\(field ?? "")-=\(value ?? "")"]
            case "increment": (by ?? 0) < 0 ? ["\(field ?? "")-=\(-(by ?? 0))"] : ["\(field ?? "")+=\(by ?? 0)"]
            case "delete", "revive": []
            default: throw ScriptFailure("an edit called \(self.do)")
            }
        }
    }

    /// A value as programs take it: a record by its id.
    fileprivate func shown(_ field: String, _ value: String?) throws -> String? {
        field == "parent" ? try value.map { try ProcessScript.id($0) } : value
    }
}
