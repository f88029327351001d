import Foundation
import ScenarioRunner

/// The schema of a file of real edits: one type, `entry`, with a field for each key that occurs.
struct MergeSchema: Sendable {
    struct Field: Sendable {
        /// The key in the file.
        let key: String
        /// The name in the schema, which takes fewer characters.
        let name: String
        let isSet: Bool
        /// Whether a person must decide; every second text field says so.
        let isManual: Bool
    }

    let fields: [Field]

    init(_ lines: [MergeLine]) {
        var kinds: [String: Bool] = [:]
        for sheet in lines.flatMap({ [$0.base, $0.left, $0.right] }).compactMap(\.self) {
            for (key, content) in sheet { if case .list = content { kinds[key] = true } else { kinds[key] = false } }
        }
        fields = kinds.sorted { $0.key < $1.key }.enumerated().map { index, kind in
            let plain = kind.key.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" }
            return Field(
                key: kind.key, name: "f\(index)_\(String(plain))", isSet: kind.value, isManual: index.isMultiple(of: 2))
        }
    }

    /// The schema's file.
    var yaml: String {
        let lines = fields.enumerated().map { index, field in
            let kind = field.isSet ? "set, max_length: 4096" : "text, max_length: 65536"
            let policy = field.isManual && !field.isSet ? ", policy: manual" : ""
            return "      \(field.name): { id: \(index + 1), kind: \(kind)\(policy) }"
        }
        return (["schema: 1", "types:", "  entry:", "    id: 1", "    fields:"] + lines).joined(separator: "\n") + "\n"
    }

    /// The line of JSON with which the office makes a record.
    func jsonLine(_ sheet: MergeLine.Sheet, id: String) throws -> String {
        var values: [String: Any] = [:]
        for field in fields {
            switch sheet[field.key] {
            case .text(let text)?: values[field.name] = text
            case .list(let elements)?: values[field.name] = elements.sorted()
            case nil: break
            }
        }
        let line: [String: Any] = ["type": "entry", "id": id, "set": values]
        return String(decoding: try JSONSerialization.data(withJSONObject: line), as: UTF8.self)
    }

    /// What a rep types to make `after` of `before`.
    func assignments(from before: MergeLine.Sheet, to after: MergeLine.Sheet) -> [String] {
        fields.flatMap { field -> [String] in
            let (old, new) = (before[field.key], after[field.key])
            guard field.isSet else { return old == new ? [] : ["\(field.name)=\(new?.text ?? "")"] }
            let (had, has) = (old?.elements ?? [], new?.elements ?? [])
            return has.subtracting(had).sorted().map { "\(field.name)+=\($0)" }
                + had.subtracting(has).sorted().map { "\(field.name)-=\($0)" }
        }
    }
}

extension MergeLine.Content {
    /// The text of a text field.
    var text: String? { if case .text(let text) = self { text } else { nil } }

    /// The elements of a list.
    var elements: Set<String>? { if case .list(let elements) = self { elements } else { nil } }
}
