import ArgumentParser
import SatchelClient
import SatchelInspection
import SatchelSync
import SatchelTerminal

struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: said("List the types of records, or the fields of one: what they take, and who wins."),
        discussion: HelpText.flowing(
            """
            Examples:
              satchel schema
              satchel schema visit
              satchel schema visit --json | jq '.types[].fields[] | select(.choices)'
            """))

    @Argument(help: .said("The type, such as account."), completion: .recordTypes)
    var type: String?
    @OptionGroup var replicaOptions: ReplicaOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let schema = try replicaOptions.replica.schema()
        let page = SchemaPage(schema: schema, style: output.style, width: output.width)
        let types = try type.map { [try schema.requireType(named: $0)] } ?? schema.types
        try output.show(
            json: .members([
                "version": .integer(Int64(schema.version)), "types": .array(types.map(page.json)),
            ]),
            text: type == nil ? page.list : types.map(page.show).joined())
    }
}

/// The types of a schema, and their fields, as people and programs read them.
struct SchemaPage {
    let schema: Schema
    let style: Style
    let width: Int?

    /// The types, a line each.
    var list: String {
        var table = TextTable([
            .init(said("TYPE"), isCuttable: false), .init(said("FIELDS"), .trailing), .init(said("KNOWN BY")),
            .init(said("REFERS TO")), .init(said("WHO MAY WRITE")),
        ])
        for type in schema.types {
            let targets = type.fields.compactMap { field -> String? in
                if case .reference(let target, _) = field.kind { schema.type(target)?.name } else { nil }
            }
            var names: [String] = []
            for target in targets where !names.contains(target) { names.append(target) }
            table.add([
                .init(type.name), .init(String(type.fields.count)), .init(type.titleField?.name ?? ""),
                .init(names.joined(separator: Sentences.comma)), .init(Self.writers(of: type)),
            ])
        }
        return table.rendered(width: width, style: style)
    }

    /// One type: who may write it, its fields, and what their policies mean.
    func show(_ type: EntityType) -> String {
        var lines = ["\(style.paint(type.name, .strong)): \(Self.writers(of: type))"]
        var table = TextTable([
            .init(said("FIELD"), isCuttable: false), .init(said("KIND"), isCuttable: false), .init(said("TAKES")),
            .init(said("POLICY"), isCuttable: false), .init(said("BESIDES"), isOptional: true),
        ])
        for field in type.fields {
            table.add([
                .init(field.name), .init(field.kind.word), .init(takes(field)),
                .init(said(Phrase(reading: field.policy.word))), .init(rules(of: field).joined(separator: "; ")),
            ])
        }
        lines += table.rendered(width: width.map { max(20, $0 - 2) }, style: style).split(separator: "\n").map {
            "  \($0)"
        }
        var policies: [MergePolicy] = []
        for field in type.fields where !policies.contains(where: { $0.word == field.policy.word }) {
            policies.append(field.policy)
        }
        for policy in policies {
            lines.append("  \(style.paint(said(Phrase(reading: policy.word)), .strong)): \(said(policy.sentence))")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func writers(of type: EntityType) -> String {
        if type.isWrittenOnce { return said("who made it, and nothing is changed: a correction is a new one") }
        return type.ownership == .own ? said("who made it, and nobody else") : said("everybody")
    }

    /// What a value looks like.
    private func takes(_ field: Field) -> String {
        switch field.kind {
        case .text(let length): return said(length, "character at most", "characters at most")
        case .integer(let range): return Self.text(of: range) { String($0) } ?? said("a whole number")
        case .decimal(let scale, let range):
            let digits = said(scale, "digit behind the point", "digits behind the point")
            return [Self.text(of: range) { Self.text(ofUnits: $0, scale) }, digits].compactMap(\.self)
                .joined(separator: Sentences.comma)
        case .enumeration(let cases):
            return cases.map { word in
                ChoiceText.name(of: word.string, in: field.name).map { "\(word) \($0)" } ?? word.string
            }.joined(separator: Sentences.comma)
        case .reference(let target, _): return said("the id of a record of type \(schema.type(target)?.name ?? "?")")
        case .timestamp: return said("a time, such as 14:30 or \"2026-03-02 14:30\"")
        default: return said(Phrase(reading: field.kind.valueDescription))
        }
    }

    /// Bounds, where they are some that people set.
    private static func text(of range: ClosedRange<Int64>, _ number: (Int64) -> String) -> String? {
        switch (range.lowerBound == .min, range.upperBound == .max) {
        case (true, true): nil
        case (false, true): said("\(number(range.lowerBound)) or more")
        case (true, false): said("\(number(range.upperBound)) or less")
        case (false, false): said("\(number(range.lowerBound)) to \(number(range.upperBound))")
        }
    }

    private static func text(ofUnits units: Int64, _ scale: UInt8) -> String {
        DecimalNumber(units: units, scale: scale)?.description ?? String(units)
    }

    private func rules(of field: Field) -> [String] {
        var rules: [String] = []
        switch field.requirement {
        case .never: break
        case .always: rules.append(said("required"))
        case .from(let status): rules.append(said("required from \(status.string) on"))
        }
        if let pattern = field.pattern { rules.append(said("looks like \(pattern.source)")) }
        if case .precedence(let order) = field.policy, case .enumeration(let cases) = field.kind, order != cases {
            rules.append(said("in the order \(order.map(\.string).joined(separator: Sentences.comma))"))
        }
        if case .reference(let target, let rule) = field.kind {
            let name = schema.type(target)?.name ?? "?"
            rules.append(
                rule == .cascade
                    ? said("is deleted with its \(name)") : said("keeps its \(name) from being deleted"))
        }
        if field.isPersonal { rules.append(said("personal")) }
        return rules
    }
}

extension SchemaPage {
    func json(_ type: EntityType) -> JSONValue {
        .members([
            "type": .text(type.name), "ownership": .text(type.ownership == .own ? "own" : "shared"),
            "is_written_once": .bool(type.isWrittenOnce),
            "title": .text(optional: type.titleField?.name),
            "status": .text(optional: type.status.flatMap(type.field)?.name),
            "fields": .array(type.fields.map(json)),
        ])
    }

    private func json(_ field: Field) -> JSONValue {
        var (choices, target, rule, bounds): (JSONValue, String?, String?, ClosedRange<Int64>?) = (.null, nil, nil, nil)
        var (length, scale): (Int?, UInt8?)
        switch field.kind {
        case .enumeration(let cases): choices = .texts(cases.map(\.string))
        case .reference(let type, let onDelete):
            (target, rule) = (schema.type(type)?.name, onDelete == .cascade ? "cascade" : "restrict")
        case .integer(let range): bounds = range
        case .decimal(let digits, let range): (scale, bounds) = (digits, range)
        case .text(let max), .set(let max), .map(let max): length = max
        default: break
        }
        func bound(_ units: Int64?, _ none: Int64) -> JSONValue {
            guard let units, units != none else { return .null }
            return scale.map { .text(Self.text(ofUnits: units, $0)) } ?? .integer(units)
        }
        var requiredFrom: String?
        if case .from(let status) = field.requirement { requiredFrom = status.string }
        var order: JSONValue = .null
        if case .precedence(let cases) = field.policy { order = .texts(cases.map(\.string)) }
        return .members([
            "name": .text(field.name), "kind": .text(field.kind.word), "takes": .text(field.kind.valueDescription),
            "policy": .text(field.policy.word), "required": .bool(field.isRequired),
            "required_from": .text(optional: requiredFrom), "choices": choices, "order": order,
            "refers_to": .text(optional: target), "on_delete": .text(optional: rule),
            "pattern": .text(optional: field.pattern?.source),
            "max_length": length.map { .count($0) } ?? .null, "scale": scale.map { .count(Int($0)) } ?? .null,
            "min": bound(bounds?.lowerBound, .min), "max": bound(bounds?.upperBound, .max),
            "personal": .bool(field.isPersonal),
        ])
    }
}

extension FieldKind {
    /// The word of the schema file.
    fileprivate var word: String {
        switch self {
        case .text: "text"
        case .integer: "int"
        case .decimal: "decimal"
        case .boolean: "bool"
        case .date: "date"
        case .timestamp: "timestamp"
        case .enumeration: "enum"
        case .reference: "reference"
        case .set: "set"
        case .counter: "counter"
        case .location: "location"
        case .map: "map"
        case .json: "json"
        }
    }
}

extension MergePolicy {
    /// What it does with values that were written side by side.
    fileprivate var sentence: Phrase {
        switch self {
        case .latest: "of values written side by side the latest is shown, and the others are kept"
        case .manual: "between values written side by side a person decides"
        case .max: "the greatest value stands"
        case .min: "the least value stands"
        case .counter: "what everybody adds and takes away is summed up"
        case .set: "what everybody adds and takes out is united"
        case .map: "each key by itself: the latest value is shown, and the others are kept"
        case .precedence: "of values written side by side the one that is last in the order is shown"
        case .immutable: "written once, and never changed"
        case .server: "only the office writes it"
        }
    }
}
