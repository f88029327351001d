import SatchelSync
import Yams

/// The parts of a field.
extension SchemaReader {
    mutating func readField(_ entry: Entry, typeName: String) -> Field? {
        let path = "\(Excerpt.of(typeName)).\(entry.shown)"
        places.append((entry.name, path, entry.key))
        guard let kindNode = peek("kind", in: entry.value) else {
            _ = mapping(entry.value, of: path, keys: nil)
            report("\(path) has no \"kind\".", at: entry.key)
            return nil
        }
        guard let word = text(kindNode, what: "The kind of \(path)") else { return nil }
        guard let form = KindForm(rawValue: word) else {
            let words = KindForm.allCases.map(\.rawValue).joined(separator: ", ")
            report("The kind of \(path) is one of \(words); got \"\(Excerpt.of(word))\".", at: kindNode.mark)
            return nil
        }
        let body = mapping(entry.value, of: "\(path), of kind \(word),", keys: form.keys)
        let id = identifier(body, of: path, at: entry.value.mark)
        let kind = readKind(form, body: body, path: path, at: entry.key)
        let policy = readPolicy(form, body: body, kind: kind, path: path)
        let requirement = readRequirement(body: body, path: path)
        let pattern = body["pattern"].flatMap { readPattern($0.value, path: path) }
        let isPersonal = body["personal"].flatMap { flag($0.value, what: "\"personal\" of \(path)") } ?? false
        guard let id, let kind, let policy else { return nil }
        return Field(
            id: FieldID(id), name: entry.name, kind: kind, policy: policy, requirement: requirement, pattern: pattern,
            isPersonal: isPersonal)
    }

    private mutating func readKind(
        _ form: KindForm, body: [String: Entry], path: String, at mark: Mark?
    ) -> FieldKind? {
        switch form {
        case .text, .set, .map:
            let standard = form == .set ? 200 : 4_096
            var length = Int64(standard)
            if let entry = body["max_length"] {
                guard let given = integer(entry.value, what: "\"max_length\" of \(path)") else { return nil }
                guard (1...Int64(Limits.textBytesMax)).contains(given) else {
                    report("\"max_length\" of \(path) counts from 1; got \(given).", at: entry.value.mark)
                    return nil
                }
                length = given
            }
            switch form {
            case .set: return .set(maxLength: Int(length))
            case .map: return .map(maxLength: Int(length))
            default: return .text(maxLength: Int(length))
            }
        case .int: return readBounds(body: body, path: path)
        case .decimal: return readDecimal(body: body, path: path, at: mark)
        case .enum: return readValues(body: body, path: path, at: mark)
        case .reference: return readReference(body: body, path: path, at: mark)
        case .bool: return .boolean
        case .date: return .date
        case .timestamp: return .timestamp
        case .counter: return .counter
        case .location: return .location
        case .json: return .json
        }
    }

    private mutating func readDecimal(body: [String: Entry], path: String, at mark: Mark?) -> FieldKind? {
        guard let entry = body["scale"] else {
            report("\(path) is a decimal and has no \"scale\", its digits behind the point.", at: mark)
            return nil
        }
        guard let scale = integer(entry.value, what: "\"scale\" of \(path)") else { return nil }
        guard let scale = UInt8(exactly: scale), scale <= DecimalNumber.scaleMax else {
            report("\"scale\" of \(path) takes 0 to \(DecimalNumber.scaleMax), got \(scale).", at: entry.value.mark)
            return nil
        }
        var bounds: [String: Int64] = ["min": .min, "max": .max]
        for key in ["min", "max"] {
            guard let node = body[key]?.value else { continue }
            guard let word = text(node, what: "\"\(key)\" of \(path)") else { return nil }
            guard let number = DecimalNumber(word, scale: scale) else {
                report(
                    "\"\(key)\" of \(path) takes a number with up to \(Counted.text(scale, "digit")) behind the point.",
                    at: node.mark)
                return nil
            }
            bounds[key] = number.units
        }
        guard let low = bounds["min"], let high = bounds["max"], low <= high else {
            report("\"min\" of \(path) is above its \"max\".", at: body["min"]?.value.mark)
            return nil
        }
        return .decimal(scale: scale, low...high)
    }

    private mutating func readRequirement(body: [String: Entry], path: String) -> Requirement {
        if let from = body["required_from"] {
            if let required = body["required"] {
                report("\(path) says \"required\" and \"required_from\"; say one of them.", at: required.key)
            }
            return text(from.value, what: "\"required_from\" of \(path)").map { .from(UTF8Text($0)) } ?? .never
        }
        let isRequired = body["required"].flatMap { flag($0.value, what: "\"required\" of \(path)") } ?? false
        return isRequired ? .always : .never
    }

    private mutating func readPattern(_ node: Node, path: String) -> TextPattern? {
        guard let source = text(node, what: "\"pattern\" of \(path)") else { return nil }
        do throws(TextPatternProblem) {
            return try TextPattern(source)
        } catch {
            report("The pattern of \(path) cannot be read: \(error)", at: node.mark)
            return nil
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
        return readWords(list, what: "A value of \(path)").map { .enumeration($0) }
    }

    private mutating func readWords(_ list: Node.Sequence, what: String) -> [UTF8Text]? {
        var values: [UTF8Text] = []
        for item in list {
            guard let word = text(item, what: what) else { return nil }
            guard word.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else {
                report("\(what) has a control character.", at: item.mark)
                return nil
            }
            values.append(UTF8Text(word))
        }
        return values
    }

    private mutating func readReference(body: [String: Entry], path: String, at mark: Mark?) -> FieldKind? {
        guard let node = body["to"]?.value else {
            report("\(path) is a reference and has no \"to\".", at: mark)
            return nil
        }
        guard let target = text(node, what: "\"to\" of \(path)") else { return nil }
        guard let id = typeIDs[target] else {
            report("\(path) refers to type \"\(Excerpt.of(target))\", which does not exist.", at: node.mark)
            return nil
        }
        let rules = ["restrict": DeleteRule.restrict, "cascade": .cascade]
        guard let ruleNode = body["on_delete"]?.value else { return .reference(to: id, onDelete: .restrict) }
        let rule = choice(ruleNode, what: "\"on_delete\" of \(path)", from: rules)
        return rule.map { .reference(to: id, onDelete: $0) }
    }

    private mutating func readPolicy(
        _ form: KindForm, body: [String: Entry], kind: FieldKind?, path: String
    ) -> MergePolicy? {
        guard let kind else { return nil }
        guard let node = body["policy"]?.value else {
            if let order = body["order"] { report("\(path) has an \"order\" and no policy precedence.", at: order.key) }
            return kind.policies.first
        }
        let policies = Dictionary(kind.policies.map { ($0.word, $0) }) { first, _ in first }
        let policy = choice(node, what: "The policy of \(path), of kind \(form.rawValue),", from: policies)
        guard let order = body["order"] else { return policy }
        guard case .precedence? = policy else {
            report("\(path) has an \"order\" and no policy precedence.", at: order.key)
            return policy
        }
        guard case .sequence(let list) = order.value else {
            report("\"order\" of \(path) is a list, the lowest first.", at: order.value.mark)
            return nil
        }
        return readWords(list, what: "\"order\" of \(path)").map { .precedence($0) }
    }
}

/// The kinds by their words in the file, with the keys that a field of the kind takes.
private enum KindForm: String, CaseIterable {
    case text, int, decimal, bool, date, timestamp, `enum`, reference, set, counter, location, map, json

    var keys: [String] {
        let own: [String] =
            switch self {
            case .text: ["max_length", "pattern"]
            case .set, .map: ["max_length"]
            case .int: ["min", "max"]
            case .decimal: ["scale", "min", "max"]
            case .enum: ["values", "order"]
            case .reference: ["to", "on_delete"]
            case .bool, .date, .timestamp, .counter, .location, .json: []
            }
        return ["id", "kind"] + own + ["policy", "required", "required_from", "personal"]
    }
}
