import Foundation
import ScenarioRunner

/// One real concurrent edit, step by step: a record before, and all that two people did to it who did not know of each other.
struct OpMerge: Sendable {
    /// A value of the data.
    enum Content: Hashable, Sendable {
        case scalar(Shown)
        case list(Set<String>)
    }

    /// One step of one side.
    struct Step: Sendable {
        var set: [String: Content] = [:]
        var unset: Set<String> = []
        var isDelete = false

        var isEmpty: Bool { self.set.isEmpty && unset.isEmpty && !isDelete }
    }

    let name: String
    /// The record before; `nil` where both made it.
    let base: [String: Content]?
    let left: [Step]
    let right: [Step]

    /// The id of its record: the same for the same name.
    var recordID: String { MergeLine(name: name, base: nil, left: nil, right: nil).recordID }

    /// Every `stride`-th line of a file.
    static func read(_ file: URL, stride: Int) throws -> [OpMerge] {
        let lines = try Data(contentsOf: file).split(separator: UInt8(ascii: "\n"))
        return try Swift.stride(from: 0, to: lines.count, by: stride).map { place in
            let form = try JSONDecoder().decode(LineForm.self, from: lines[place])
            let base = form.base.map(sheet)
            return OpMerge(
                name: MergeLine.name(form.id, line: place), base: base,
                left: steps(form.left_ops, from: base, to: form.left.map(sheet)),
                right: steps(form.right_ops, from: base, to: form.right.map(sheet)))
        }
    }

    /// The steps that the file gives, else the one that makes the one sheet of the other.
    private static func steps(_ forms: [StepForm]?, from base: [String: Content]?, to end: [String: Content]?) -> [Step]
    {
        guard let forms else {
            guard let end else { return [Step(isDelete: true)] }
            let before = base ?? [:]
            let step = Step(
                set: end.filter { before[$0.key] != $0.value }, unset: Set(before.keys.filter { end[$0] == nil }))
            return step.isEmpty && base != nil ? [] : [step]
        }
        var known = Set((base ?? [:]).keys)
        var steps: [Step] = []
        for (place, form) in forms.enumerated() {
            var step = Step()
            if form.delete != nil {
                // Somebody who deleted a record and wrote it anew had emptied it.
                if place == forms.count - 1 { step.isDelete = true } else { step.unset = known }
            } else {
                step.set = sheet(form.set ?? [:])
                step.unset = Set(form.unset ?? []).union((form.set ?? [:]).keys.filter { step.set[$0] == nil })
            }
            known.formUnion(step.set.keys)
            if !step.isEmpty { steps.append(step) }
        }
        return steps
    }

    private static func sheet(_ forms: [String: ContentForm]) -> [String: Content] {
        forms.mapValues(\.content).filter { $0.value != .scalar(.text("")) && $0.value != .list([]) }
    }

    private struct StepForm: Decodable {
        let set: [String: ContentForm]?
        let unset: [String]?
        let delete: Bool?
    }

    private struct LineForm: Decodable {
        let id: String
        let base: [String: ContentForm]?, left: [String: ContentForm]?, right: [String: ContentForm]?
        // swift-format-ignore: the names of the file
        let left_ops: [StepForm]?, right_ops: [StepForm]?
    }

    private struct ContentForm: Decodable {
        let content: Content

        init(from decoder: any Decoder) throws {
            switch try Shown(from: decoder) {
            case .elements(let elements): content = .list(elements)
            case let scalar: content = .scalar(scalar)
            }
        }
    }
}

/// The schema of a file of steps: one type, `entry`, with a map for all that is one value, and a set for each key of lists.
struct OpSchema: Sendable {
    /// The name of the set field of each key that holds lists.
    let sets: [String: String]

    init(_ merges: [OpMerge]) {
        var keys: Set<String> = []
        for sheet in merges.flatMap({ [$0.base ?? [:]] + ($0.left + $0.right).map(\.set) }) {
            for (key, content) in sheet { if case .list = content { keys.insert(key) } }
        }
        sets = Dictionary(uniqueKeysWithValues: keys.sorted().enumerated().map { ($1, "list_\($0)") })
    }

    /// The schema's file.
    var yaml: String {
        let lists = sets.values.sorted().enumerated().map {
            "      \($1): { id: \($0 + 2), kind: set, max_length: 4096 }"
        }
        let head = ["schema: 1", "types:", "  entry:", "    id: 1", "    fields:"]
        return (head + ["      facts: { id: 1, kind: map, max_length: 65536 }"] + lists).joined(separator: "\n") + "\n"
    }

    /// The line of JSON that makes a record.
    func baseLine(_ sheet: [String: OpMerge.Content], id: String) throws -> String {
        try line(OpMerge.Step(set: sheet), operation: "create", id: id, before: [:]) ?? ""
    }

    /// The lines of JSON that one side is, and what each key holds behind them.
    func lines(_ steps: [OpMerge.Step], of merge: OpMerge) throws -> [String] {
        var sheet = merge.base ?? [:]
        var isNew = merge.base == nil
        return try steps.compactMap { step in
            defer {
                sheet = sheet.filter { !step.unset.contains($0.key) }.merging(step.set) { $1 }
                isNew = false
            }
            let operation = step.isDelete ? "delete" : isNew ? "create" : "update"
            return try line(step, operation: operation, id: merge.recordID, before: sheet)
        }
    }

    /// `nil` for a step that only puts a list into another order.
    private func line(
        _ step: OpMerge.Step, operation: String, id: String, before: [String: OpMerge.Content]
    ) throws -> String? {
        var facts: [String: Any] = [:]
        var (add, remove): ([String: [String]], [String: [String]]) = ([:], [:])
        for (key, content) in step.set {
            switch content {
            case .scalar(let value): facts[key] = value.json
            case .list(let elements):
                let had = before[key]?.elements ?? []
                if elements != had, let name = sets[key] {
                    add[name] = elements.subtracting(had).sorted()
                    remove[name] = had.subtracting(elements).sorted()
                }
            }
        }
        for key in step.unset {
            if let name = sets[key] {
                remove[name] = (before[key]?.elements ?? []).sorted()
            } else {
                facts[key] = NSNull()
            }
        }
        var change: [String: Any] = ["op": operation, "type": "entry", "id": id]
        if !facts.isEmpty { change["set"] = ["facts": facts] }
        if !add.isEmpty { change["add"] = add }
        if !remove.isEmpty { change["remove"] = remove }
        if operation == "update", facts.isEmpty, add.isEmpty, remove.isEmpty { return nil }
        let edit: [String: Any] = ["label": "edit", "changes": [change]]
        return String(decoding: try JSONSerialization.data(withJSONObject: edit), as: UTF8.self)
    }
}

extension OpMerge.Content {
    /// The elements of a list; empty for one value.
    var elements: Set<String> { if case .list(let elements) = self { elements } else { [] } }
}

extension Shown {
    fileprivate var json: Any {
        switch self {
        case .null: NSNull()
        case .number(let number): number
        case .text(let text): text
        case .flag(let flag): flag
        case .elements(let elements): elements.sorted()
        case .entries(let entries): entries.mapValues(\.json)
        }
    }
}
