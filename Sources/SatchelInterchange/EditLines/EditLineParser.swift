package import SatchelSync

/// Reads one line of a file of edits.
///
/// A line is a record, `{"type": …, "id": …, "set": {…}}`, or a change-set, `{"label": …, "at": …, "changes": [{"op": …,
/// "type": …, "id": …, "set": {…}, "add": {…}, "remove": {…}, "increment": {…}, "read_at": …}]}`. `actor`, `n` and `saw`, which name the
/// author's place in a history, are allowed in both and ignored; any other key is refused.
package struct EditLineParser {
    private let line: Int

    /// Bytes of one line.
    package static let lineBytesMax = Limits.bodyBytesMax

    /// Reads the line with this number, from 1, without its line end.
    /// - Throws: ``SatchelError`` `invalid_request` or `too_large`, naming the line.
    package static func parse(line bytes: [UInt8], number: Int) throws(SatchelError) -> EditLine {
        guard bytes.count <= lineBytesMax else { throw tooLong(bytes.count, number: number) }
        let value = try JSONReader.parse(bytes, firstLine: number)
        return try EditLineParser(line: number).edit(from: value)
    }

    /// The refusal of a line with more bytes than a line takes.
    package static func tooLong(_ byteCount: Int, number: Int) -> SatchelError {
        SatchelError(
            .tooLarge, "Line \(number) takes at most \(lineBytesMax) bytes, got \(byteCount).",
            remedy: "Split it into several edits.")
    }

    private static let ignoredKeys = ["actor", "n", "saw"]

    private func edit(from value: JSONValue) throws(SatchelError) -> EditLine {
        let members = try object(value, what: "an edit")
        let label = try value["label"].map { value throws(SatchelError) in try text(value, what: "\"label\"") }
        let at = try value["at"].map { value throws(SatchelError) in try instant(value, what: "\"at\"") }
        guard let list = value["changes"] else {
            try check(
                members, keys: ["type", "id", "set", "read_at", "label", "at"] + Self.ignoredKeys, what: "a record")
            return EditLine(label: label, at: at, changes: [try change(value, operation: .put)])
        }
        try check(members, keys: ["changes", "label", "at"] + Self.ignoredKeys, what: "a change-set")
        guard case .array(let elements) = list, !elements.isEmpty else {
            let got = list == .array([]) ? "an empty list" : list.shape
            throw failure("\"changes\" is a list of at least one change; got \(got)")
        }
        guard elements.count <= Limits.changesPerChangeSetMax else {
            throw SatchelError(
                .tooLarge,
                "Line \(line) touches \(elements.count) records; a change-set takes \(Limits.changesPerChangeSetMax).",
                remedy: "Split it into several edits.")
        }
        var changes: [EditLineChange] = []
        for element in elements {
            let members = try object(element, what: "a change")
            let keys = ["op", "type", "id", "set", "add", "remove", "increment", "read_at"]
            try check(members, keys: keys, what: "a change")
            changes.append(try change(element, operation: try operation(of: element)))
        }
        return EditLine(label: label, at: at, changes: changes)
    }

    private func operation(of change: JSONValue) throws(SatchelError) -> EditLineChange.Operation {
        guard let value = change["op"] else { throw failure("a change has no \"op\"") }
        let word = try text(value, what: "\"op\"")
        guard let operation = EditLineChange.Operation(rawValue: word), operation != .put else {
            throw failure("\"op\" takes create, update, delete or revive; got another text")
        }
        return operation
    }

    private func change(
        _ value: JSONValue, operation: EditLineChange.Operation
    ) throws(SatchelError) -> EditLineChange {
        guard let type = value["type"] else { throw failure("a change has no \"type\"") }
        let record = try value["id"].map { value throws(SatchelError) in try recordID(value) }
        guard record != nil || operation == .create || operation == .put else {
            throw failure("\"op\": \"\(operation.rawValue)\" needs the \"id\" of a record")
        }
        let change = EditLineChange(
            line: line, operation: operation, typeName: try text(type, what: "\"type\""), record: record,
            set: try named(value["set"], what: "\"set\"") { value throws(SatchelError) in value },
            add: try named(value["add"], what: "\"add\"") { value throws(SatchelError) in try elements(value) },
            remove: try named(value["remove"], what: "\"remove\"") { value throws(SatchelError) in try elements(value)
            },
            increment: try named(value["increment"], what: "\"increment\"") { value throws(SatchelError) in
                try amount(value)
            }, readAt: try value["read_at"].map { value throws(SatchelError) in try token(value) })
        let writes = change.set.count + change.add.count + change.remove.count + change.increment.count
        guard operation != .delete || writes == 0 else { throw failure("a delete writes fields; a delete writes none") }
        return change
    }
}

/// The shapes of a line.
extension EditLineParser {
    private func named<Content>(
        _ value: JSONValue?, what: String, _ read: (JSONValue) throws(SatchelError) -> Content
    ) throws(SatchelError) -> [EditLineChange.Named<Content>] {
        guard let value else { return [] }
        var entries: [EditLineChange.Named<Content>] = []
        for member in try object(value, what: what) { entries.append(.init(member.key, try read(member.value))) }
        return entries
    }

    private func object(_ value: JSONValue, what: String) throws(SatchelError) -> [JSONMember] {
        guard case .object(let members) = value else { throw failure("\(what) is an object; got \(value.shape)") }
        return members
    }

    private func check(_ members: [JSONMember], keys: [String], what: String) throws(SatchelError) {
        for member in members where !keys.contains(member.key) {
            throw failure("\(what) has no key \"\(Excerpt.of(member.key))\"; it takes \(keys.joined(separator: ", "))")
        }
    }

    private func text(_ value: JSONValue, what: String) throws(SatchelError) -> String {
        guard case .string(let text) = value else { throw failure("\(what) is a text; got \(value.shape)") }
        return text.string
    }

    private func instant(_ value: JSONValue, what: String) throws(SatchelError) -> Timestamp {
        guard let instant = Timestamp(try text(value, what: what)) else {
            throw failure("\(what) is a time such as 2026-03-02T08:01:13.120Z; got another text")
        }
        return instant
    }

    private func recordID(_ value: JSONValue) throws(SatchelError) -> RecordID {
        guard let record = RecordID(try text(value, what: "\"id\"")) else {
            throw failure("\"id\" is a UUID with hyphens; got another text")
        }
        return record
    }

    private func token(_ value: JSONValue) throws(SatchelError) -> ReadToken {
        let text = try text(value, what: "\"read_at\"")
        do throws(SatchelError) { return try ReadToken(text) } catch { throw error.located(inLine: line) }
    }

    private func elements(_ value: JSONValue) throws(SatchelError) -> [UTF8Text] {
        guard case .array(let list) = value else { throw failure("elements of a set are a list; got \(value.shape)") }
        var texts: [UTF8Text] = []
        for element in list { texts.append(UTF8Text(try text(element, what: "an element of a set"))) }
        return texts
    }

    private func amount(_ value: JSONValue) throws(SatchelError) -> Int64 {
        guard case .integer(let amount) = value else {
            throw failure("an increment is a whole number of 64 bits; got \(value.shape)")
        }
        return amount
    }

    private func failure(_ reason: String) -> SatchelError {
        SatchelError(
            .invalidRequest, "Line \(line): \(reason).", remedy: "Correct the line and try again.")
    }
}
