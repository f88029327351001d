import SatchelSync
import Yams

/// The shapes of a file: mappings, words and numbers.
extension SchemaReader {
    /// One key of a mapping with what it stands for.
    struct Entry {
        let name: String
        let key: Mark?
        let value: Node

        /// Where it stands, for sorting.
        var place: (line: Int, column: Int) { (key?.line ?? 0, key?.column ?? 0) }

        /// The name as messages show it.
        var shown: String { Excerpt.of(name) }
    }

    mutating func report(_ sentence: String, at mark: Mark?) {
        problems.append(SchemaProblem(sentence, at: mark))
    }

    /// The entries of a mapping by key; `keys` are the ones there are, `nil` where the file chooses them.
    mutating func mapping(_ node: Node, of what: String, keys: [String]?) -> [String: Entry] {
        guard case .mapping(let pairs) = node, pairs.anchor == nil else {
            report("\(what) is a mapping of keys to values; got \(Self.shape(node)).", at: node.mark)
            return [:]
        }
        var entries: [String: Entry] = [:]
        for (key, value) in pairs {
            guard case .scalar(let scalar) = key else {
                report("\(what) has a key that is not one word.", at: key.mark)
                continue
            }
            let name = scalar.string
            if let keys, !keys.contains(name) {
                let known = keys.joined(separator: ", ")
                report("\(what) has no key \"\(Excerpt.of(name))\"; it takes \(known).", at: scalar.mark)
                continue
            }
            let mark = scalar.mark
            if let first = entries[name] {
                let key = "key \"\(Excerpt.of(name))\""
                report("\(what) names the \(key) twice, first in line \(first.key?.line ?? 1).", at: mark)
                continue
            }
            entries[name] = Entry(name: name, key: mark, value: value)
        }
        return entries
    }

    func peek(_ key: String, in node: Node) -> Node? {
        guard case .mapping(let pairs) = node else { return nil }
        return pairs.first { pair in
            if case .scalar(let scalar) = pair.key { scalar.string == key } else { false }
        }?.value
    }

    mutating func require(_ keys: [String], in entries: [String: Entry], of what: String, at mark: Mark?) {
        for key in keys where entries[key] == nil { report("\(what) has no \"\(key)\".", at: mark) }
    }

    mutating func identifier(_ body: [String: Entry], of what: String, at mark: Mark?) -> UInt32? {
        guard let entry = body["id"] else {
            report("\(what) has no \"id\", the number that it keeps for ever.", at: mark)
            return nil
        }
        return number(entry.value, what: "The id of \(what)")
    }

    mutating func number(_ node: Node, what: String) -> UInt32? {
        guard let value = integer(node, what: what) else { return nil }
        guard value >= 1, let number = UInt32(exactly: value) else {
            report("\(what) takes 1 to \(UInt32.max), got \(value).", at: node.mark)
            return nil
        }
        return number
    }

    mutating func integer(_ node: Node, what: String) -> Int64? {
        if case .scalar(let scalar) = node, scalar.style == .plain {
            let digits = scalar.string.utf8.drop { $0 == UInt8(ascii: "-") }
            let isDecimal = digits.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            if isDecimal, let value = Int64(scalar.string) { return value }
        }
        report("\(what) is a whole number in plain digits; got \(Self.shape(node)).", at: node.mark)
        return nil
    }

    mutating func flag(_ node: Node, what: String) -> Bool? {
        choice(node, what: what, from: ["true": true, "false": false])
    }

    mutating func choice<Value>(_ node: Node, what: String, from values: [String: Value]) -> Value? {
        if case .scalar(let scalar) = node, let value = values[scalar.string] { return value }
        let words = values.keys.sorted().joined(separator: " or ")
        report("\(what) takes \(words); got \(Self.shape(node)).", at: node.mark)
        return nil
    }

    /// A word as it is written: `yes`, `1` and `null` are words here, which YAML would take for something else.
    mutating func text(_ node: Node, what: String) -> String? {
        if case .scalar(let scalar) = node, scalar.anchor == nil, !scalar.string.isEmpty { return scalar.string }
        report("\(what) is a word; got \(Self.shape(node)).", at: node.mark)
        return nil
    }

    private static func shape(_ node: Node) -> String {
        switch node {
        case .scalar(let scalar): scalar.string.isEmpty ? "nothing" : "\"\(Excerpt.of(scalar.string))\""
        case .mapping: "a mapping"
        case .sequence: "a list"
        case .alias: "an alias"
        }
    }
}
