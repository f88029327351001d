import SatchelSync
import Yams

/// The parts of a field.
extension SchemaReader {
    mutating func readField(_ entry: Entry, typeName: String) -> Field? {
        let path = "\(SchemaProblem.excerpt(typeName)).\(entry.shown)"
        places.append((entry.name, path, entry.key))
        guard let kindNode = peek("kind", in: entry.value) else {
            _ = mapping(entry.value, of: path, keys: nil)
            report("\(path) has no \"kind\".", at: entry.key)
            return nil
        }
        guard let word = text(kindNode, what: "The kind of \(path)") else { return nil }
        guard let form = KindForm(rawValue: word) else {
            let words = KindForm.allCases.map(\.rawValue).joined(separator: ", ")
            report("The kind of \(path) is one of \(words); got \"\(SchemaProblem.excerpt(word))\".", at: kindNode.mark)
            return nil
        }
        let body = mapping(entry.value, of: "\(path), of kind \(word),", keys: form.keys)
        let id = identifier(body, of: path, at: entry.value.mark)
        let kind = readKind(form, body: body, path: path, at: entry.key)
        let policy = readPolicy(form, body: body, path: path)
        let isRequired = body["required"].flatMap { flag($0.value, what: "\"required\" of \(path)") } ?? false
        guard let id, let kind, let policy else { return nil }
        return Field(id: FieldID(id), name: entry.name, kind: kind, policy: policy, isRequired: isRequired)
    }

    private mutating func readKind(
        _ form: KindForm, body: [String: Entry], path: String, at mark: Mark?
    ) -> FieldKind? {
        switch form {
        case .text, .set:
            let standard = form == .set ? 200 : 4_096
            guard let entry = body["max_length"] else {
                return form == .set ? .set(maxLength: standard) : .text(maxLength: standard)
            }
            guard let length = integer(entry.value, what: "\"max_length\" of \(path)") else { return nil }
            guard (1...Int64(Limits.textBytesMax)).contains(length) else {
                report("\"max_length\" of \(path) counts from 1; got \(length).", at: entry.value.mark)
                return nil
            }
            return form == .set ? .set(maxLength: Int(length)) : .text(maxLength: Int(length))
        case .int: return readBounds(body: body, path: path)
        case .enum: return readValues(body: body, path: path, at: mark)
        case .reference: return readReference(body: body, path: path, at: mark)
        case .timestamp: return .timestamp
        }
    }

    private mutating func readBounds(body: [String: Entry], path: String) -> FieldKind? {
        let low = body["min"].map { integer($0.value, what: "\"min\" of \(path)") } ?? .min
        let high = body["max"].map { integer($0.value, what: "\"max\" of \(path)") } ?? .max
        guard let low, let high else { return nil }
        guard low <= high else {
            report("\"min\" of \(path) is above its \"max\": \(low) and \(high).", at: body["min"]?.value.mark)
            return nil
        }
        return .integer(low...high)
    }

    private mutating func readValues(body: [String: Entry], path: String, at mark: Mark?) -> FieldKind? {
        guard let node = body["values"]?.value else {
            report("\(path) is an enum and has no \"values\".", at: mark)
            return nil
        }
        guard case .sequence(let list) = node else {
            report("\"values\" of \(path) is a list, such as [lead, active].", at: node.mark)
            return nil
        }
        var values: [UTF8Text] = []
        for item in list {
            guard let word = text(item, what: "A value of \(path)") else { return nil }
            guard word.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else {
                report("A value of \(path) has a control character.", at: item.mark)
                return nil
            }
            values.append(UTF8Text(word))
        }
        return .enumeration(values)
    }

    private mutating func readReference(body: [String: Entry], path: String, at mark: Mark?) -> FieldKind? {
        guard let node = body["to"]?.value else {
            report("\(path) is a reference and has no \"to\".", at: mark)
            return nil
        }
        guard let target = text(node, what: "\"to\" of \(path)") else { return nil }
        guard let id = typeIDs[target] else {
            report("\(path) refers to type \"\(SchemaProblem.excerpt(target))\", which does not exist.", at: node.mark)
            return nil
        }
        let rules = ["restrict": DeleteRule.restrict, "cascade": .cascade]
        guard let ruleNode = body["on_delete"]?.value else { return .reference(to: id, onDelete: .restrict) }
        let rule = choice(ruleNode, what: "\"on_delete\" of \(path)", from: rules)
        return rule.map { .reference(to: id, onDelete: $0) }
    }

    private mutating func readPolicy(_ form: KindForm, body: [String: Entry], path: String) -> MergePolicy? {
        guard let node = body["policy"]?.value else { return form == .set ? .set : .latest }
        let policies = form == .set ? ["set": MergePolicy.set] : ["latest": .latest, "manual": .manual]
        return choice(node, what: "The policy of \(path), of kind \(form.rawValue),", from: policies)
    }
}

/// The kinds by their words in the file, with the keys that a field of the kind takes.
private enum KindForm: String, CaseIterable {
    case text, int, `enum`, timestamp, reference, set

    var keys: [String] {
        let own: [String] =
            switch self {
            case .text, .set: ["max_length"]
            case .int: ["min", "max"]
            case .enum: ["values"]
            case .reference: ["to", "on_delete"]
            case .timestamp: []
            }
        return ["id", "kind"] + own + ["policy", "required"]
    }
}
