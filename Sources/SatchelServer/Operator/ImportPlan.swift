package import SatchelInspection
import SatchelInterchange
package import SatchelSync

/// Makes edits of the rows of a table, which name their records by a number of another system.
///
/// A row that says what the store holds already makes none, so the same file may be imported again.
package struct ImportPlan {
    /// A row that says something new.
    package struct Edit: Sendable {
        /// The edit, with the number of its row's line.
        package let line: ApplyRequest.Line
        /// Whether it makes a record; else it changes one.
        package let isNew: Bool
    }

    /// Rows that say nothing new.
    package private(set) var same = 0
    /// The edits, in the order of the rows.
    package private(set) var edits: [Edit] = []

    private let type: EntityType
    private let fields: [Field]
    private let key: Int
    private let known: [String: RecordReport]
    private let targets: [EntityTypeID: [String: RecordID]]

    /// Reads the head of a table.
    ///
    /// - Parameters:
    ///   - bytes: The file.
    ///   - type: The type of the records.
    ///   - keyName: The field that names records in the other system.
    ///   - known: The records of the type.
    ///   - targets: By type that a column refers to, the records by their number in the other system.
    /// - Throws: `SatchelError` `invalid_request`, `unknown_field`, `invalid_value`, naming the line.
    package init(
        _ bytes: [UInt8], type: EntityType, keyName: String, known: [RecordReport],
        targets: [EntityTypeID: [String: RecordID]]
    ) throws(SatchelError) {
        var rows = try CSVReader.rows(bytes)[...]
        guard let head = rows.popFirst() else {
            throw SatchelError(.invalidRequest, "The file is empty.", remedy: "Its first line names the fields.")
        }
        let (fields, key) = try Self.columns(head.cells, of: type, keyName: keyName)
        (self.type, self.fields, self.key, self.targets) = (type, fields, key, targets)
        self.known = Dictionary(known.compactMap { report in report.text(of: keyName).map { ($0, report) } }) {
            one, _ in one
        }
        var seen: Set<String> = []
        for row in rows {
            guard row.cells.count == fields.count else {
                throw SatchelError(
                    .invalidRequest,
                    "Line \(row.line) has \(Counted.text(row.cells.count, "cell")), the first line \(fields.count).",
                    remedy: "Correct the file and try again; nothing was written.")
            }
            guard !row.cells[key].isEmpty, seen.insert(row.cells[key]).inserted else {
                throw SatchelError(
                    .invalidRequest, "Line \(row.line) has no \"\(keyName)\" of its own.",
                    remedy: "Give each row one; nothing was written.")
            }
            try add(row)
        }
    }

    /// The fields that the first line names, and which of them is the key.
    private static func columns(
        _ names: [String], of type: EntityType, keyName: String
    ) throws(SatchelError) -> (fields: [Field], key: Int) {
        // No name of a field has either, so this is a file of another kind and not a field that nobody declared.
        for (separator, word) in [(";", "\";\""), ("\t", "a tab")]
        where names.contains(where: { $0.contains(separator) }) {
            throw SatchelError(
                .invalidRequest, "The names in the first line are separated by \(word), not by commas.",
                remedy: "Save the file with commas between the cells and try again; nothing was written.")
        }
        var fields: [Field] = []
        for name in names {
            let field = try type.requireField(named: name)
            guard !fields.contains(field) else {
                throw SatchelError(
                    .invalidRequest, "The first line names field \"\(name)\" twice.",
                    remedy: "Leave one of the columns out; nothing was written.")
            }
            fields.append(field)
        }
        guard let key = names.firstIndex(of: keyName) else {
            throw SatchelError(
                .invalidRequest, "The first line names no field \"\(keyName)\", by which records are found.",
                remedy: "Add that column, or name another with --key; nothing was written.")
        }
        return (fields, key)
    }

    private mutating func add(_ row: CSVReader.Row) throws(SatchelError) {
        let record = known[row.cells[key]]
        var values: [JSONMember] = []
        for (field, cell) in zip(fields, row.cells) where !cell.isEmpty {
            let value = try value(cell, of: field, line: row.line)
            if let record, record.shows(value, in: field) { continue }
            values.append(JSONMember(field.name, value))
        }
        guard !values.isEmpty else {
            same += 1
            return
        }
        let id = record.map { [JSONMember("id", .text($0.record.description))] } ?? []
        let members = [JSONMember("type", .text(type.name)), JSONMember("label", .text("import"))] + id
        let line = JSONWriter.text(.object(members + [JSONMember("set", .object(values))]))
        edits.append(Edit(line: ApplyRequest.Line(number: row.line, text: line), isNew: record == nil))
    }

    private func value(_ cell: String, of field: Field, line: Int) throws(SatchelError) -> JSONValue {
        switch field.kind {
        case .set: return .array(cell.split(separator: ";").map { .text(String($0)) })
        case .reference(let target, _):
            if RecordID(cell) != nil { return .text(cell) }
            guard let record = targets[target]?[cell] else {
                throw SatchelError(
                    .unknownRecord,
                    "Line \(line): field \"\(field.name)\" names \"\(Excerpt.of(cell))\", which no record is called.",
                    remedy: "Import those records first; nothing was written.")
            }
            return .text(record.description)
        case .counter:
            throw SatchelError(
                .invalidValue, "Field \"\(field.name)\" is a counter, which takes no value.",
                remedy: "Leave the column out; nothing was written.")
        case .map, .json:
            do {
                return try JSONReader.parse(Array(cell.utf8))
            } catch {
                throw error.located(inLine: line)
            }
        default: return .text(cell)
        }
    }
}

extension RecordReport {
    /// What a field shows; `nil` where it has no value.
    package func text(of name: String) -> String? {
        fields.first { $0.name == name }.flatMap { $0.value.isNull ? nil : $0.value.text }
    }

    /// Whether the record shows a value already.
    fileprivate func shows(_ value: JSONValue, in field: Field) -> Bool {
        guard let shown = fields.first(where: { $0.name == field.name })?.value else { return false }
        switch (shown.content, value) {
        case (.elements(let elements), .array(let list)):
            return list.allSatisfy { item in elements.contains { .string($0) == item } }
        case (.entries(let entries), .object(let members)):
            return members.allSatisfy { member in
                entries.contains { $0.key == UTF8Text(member.key) && $0.value == member.value.fieldValue }
            }
        case (.register(let register), .string(let text)): return (try? field.parse(text.string)) == register
        case (.register(let register), let json): return register == .json(UTF8Text(json.canonicalText))
        default: return false
        }
    }
}
