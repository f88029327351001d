/// The rules that every schema keeps, whatever file or message it came from.
extension Schema {
    /// Names that SQL, SQLite or Satchel need for themselves.
    private static let reservedNames: Set<String> = [
        "id", "rowid", "oid", "_rowid_", "sqlite", "index", "table", "select", "from", "where", "order", "group", "by",
        "and", "or", "not", "null", "values", "primary", "key", "default", "check", "unique", "references", "set",
    ]

    static func problems(version: UInt32, types: [EntityType]) -> [String] {
        var problems: [String] = []
        if version == 0 { problems.append("The version counts from 1.") }
        if types.isEmpty { problems.append("There is no type.") }
        if types.count > Limits.typesMax { problems.append("There are more than \(Limits.typesMax) types.") }
        problems += duplicates(types.map { "number \($0.id.number)" }, of: "Two types have")
        problems += duplicates(types.map { "the name \($0.name)" }, of: "Two types have")
        let ids = Set(types.map(\.id))
        for type in types {
            problems += problemsOfType(type, ids: ids)
        }
        return problems
    }

    private static func problemsOfType(_ type: EntityType, ids: Set<EntityTypeID>) -> [String] {
        var problems = problemsOfName(type.name, what: "Type")
        if type.id.number == 0 { problems.append("The number of type \(type.name) counts from 1.") }
        if type.fields.isEmpty { problems.append("Type \(type.name) has no field.") }
        if type.fields.count > Limits.fieldsPerTypeMax {
            problems.append("Type \(type.name) has more than \(Limits.fieldsPerTypeMax) fields.")
        }
        problems += duplicates(type.fields.map { "number \($0.id.number)" }, of: "Two fields of \(type.name) have")
        let columns = type.fields.flatMap(\.columnNames)
        problems += duplicates(columns.map { "the column \($0)" }, of: "Two fields of \(type.name) have")
        problems += problemsOfStatus(type)
        for field in type.fields {
            problems += problemsOfName(field.name, what: "Field")
            problems += problemsOfField(field, path: "\(type.name).\(field.name)", ids: ids)
        }
        return problems
    }

    private static func problemsOfStatus(_ type: EntityType) -> [String] {
        var cases: [UTF8Text] = []
        if let status = type.status {
            guard case .enumeration(let names) = type.field(status)?.kind else {
                return ["The status of type \(type.name) is one of its enum fields."]
            }
            cases = names
        }
        return type.fields.compactMap { field in
            guard case .from(let status) = field.requirement, !cases.contains(status) else { return nil }
            return "\(type.name).\(field.name) is required from \"\(status)\", which is not a status of the type."
        }
    }

    private static func problemsOfField(_ field: Field, path: String, ids: Set<EntityTypeID>) -> [String] {
        var problems: [String] = []
        if field.id.number == 0 { problems.append("The number of \(path) counts from 1.") }
        if !field.kind.policies.map(\.word).contains(field.policy.word) {
            let words = field.kind.policies.map(\.word).joined(separator: ", ")
            problems.append("\(path): its kind takes the policies \(words), not \(field.policy.word).")
        }
        if case .precedence(let order) = field.policy, case .enumeration(let cases) = field.kind,
            Set(order) != Set(cases) || order.count != cases.count
        {
            problems.append("\(path): the order of precedence names every value once.")
        }
        if field.pattern != nil {
            if case .text = field.kind {} else { problems.append("\(path): only a text has a pattern.") }
        }
        if field.requirement != .never, field.kind == .counter {
            problems.append("\(path): a counter always has a value and cannot be required.")
        }
        switch field.kind {
        case .text(let length), .set(let length), .map(let length):
            let bytesMax = field.kind.isSet ? Limits.elementBytesMax : Limits.textBytesMax
            if length < 1 || length > bytesMax { problems.append("\(path): max_length takes 1 to \(bytesMax).") }
        case .enumeration(let cases):
            if cases.isEmpty { problems.append("\(path): an enum needs at least one value.") }
            problems += duplicates(cases.map { "the value \($0)" }, of: "\(path) lists twice")
            if cases.contains(where: { $0.string.isEmpty || $0.string.utf8.count > 256 }) {
                problems.append("\(path): an enum value takes 1 to 256 bytes.")
            }
        case .reference(let target, _):
            if !ids.contains(target) { problems.append("\(path) refers to a type that does not exist.") }
        case .decimal(let scale, _):
            if scale > DecimalNumber.scaleMax {
                problems.append("\(path): scale takes 0 to \(DecimalNumber.scaleMax).")
            }
        case .integer, .timestamp, .boolean, .date, .counter, .location, .json: break
        }
        return problems
    }

    private static func problemsOfName(_ name: String, what: String) -> [String] {
        let bytes = Array(name.utf8)
        let isPlain =
            !bytes.isEmpty && bytes.count <= 63 && (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(bytes[0])
            && bytes.allSatisfy {
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: "_")
            }
        if !isPlain {
            return ["\(what) name \"\(name)\": use a to z, 0 to 9 and _, begin with a letter, at most 63 characters."]
        }
        if name.hasPrefix("satchel") || name.hasPrefix("sqlite") || reservedNames.contains(name) {
            return ["\(what) name \"\(name)\" is reserved."]
        }
        return []
    }

    private static func duplicates(_ words: [String], of what: String) -> [String] {
        var seen: Set<String> = []
        return words.filter { !seen.insert($0).inserted }.map { "\(what) \($0)." }
    }
}
