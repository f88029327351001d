package import SatchelInspection
import SatchelInterchange
package import SatchelSync

/// Makes edits of the rows of a table, which name their records by a number of another system, or by their ids as an export has them.
///
/// A row that says what the store holds already makes none, so the same file may be imported again. One that cannot be understood is refused by its
/// line, and the others are not.
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
    /// Rows that cannot be understood, in their order.
    package private(set) var refused: [EditOutcome] = []

    private let type: EntityType
    /// The fields of the columns; `nil` for that of the ids.
    private let fields: [Field?]
    private let key: Int?
    private let known: [String: RecordReport]
    private let knownByID: [RecordID: RecordReport]
    private let targets: [EntityTypeID: [String: RecordID]]

    /// Reads the head of a table.
    ///
    /// - Parameters:
    ///   - bytes: The file.
    ///   - type: The type of the records.
    ///   - keyName: The field that names records in the other system.
    ///   - known: The records of the type.
    ///   - targets: By type that a column refers to, the records by their number in the other system.
    /// - Throws: `SatchelError` `invalid_request`, `unknown_field`, naming the line, where the file is no such table.
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
        knownByID = Dictionary(known.map { ($0.record, $0) }) { one, _ in one }
        var seen: [String: Int] = [:]
        for row in rows {
            do {
                try add(row, keyName: keyName, seen: &seen)
            } catch {
                refused.append(EditOutcome(line: row.line, problem: OperatorProblem(error)))
            }
        }
    }

    private mutating func add(
        _ row: CSVReader.Row, keyName: String, seen: inout [String: Int]
    ) throws(SatchelError) {
        guard row.cells.count == fields.count else {
            throw SatchelError(
                .invalidRequest,
                "Line \(row.line): The row has \(Counted.text(row.cells.count, "cell")), the first line \(fields.count).",
                remedy: "Correct the row and import the file again.")
        }
        let cells = row.cells.map(CSVReader.unguarded)
        let names = zip(fields, cells).filter { $0.0 == nil && !$0.1.isEmpty }.map(\.1)
        let column = key == nil ? "id" : keyName
        guard let name = names.first ?? key.map({ cells[$0] }), !name.isEmpty else {
            throw SatchelError(
                .invalidRequest, "Line \(row.line): The row has no \"\(column)\".",
                remedy: "Give each row one and import the file again.")
        }
        if let line = seen[name] {
            throw SatchelError(
                .invalidRequest,
                "Line \(row.line): \"\(Excerpt.of(name))\" stands on line \(line) already, which holds.",
                remedy: "Give each row a number of its own, or leave one of them out.")
        }
        seen[name] = row.line
        try add(cells, line: row.line, id: names.first)
    }

    /// The fields that the first line names, and which of them is the key.
    private static func columns(
        _ names: [String], of type: EntityType, keyName: String
    ) throws(SatchelError) -> (fields: [Field?], key: Int?) {
        // No name of a field has either, so this is a file of another kind and not a field that nobody declared.
        for (separator, word) in [(";", "\";\""), ("\t", "a tab")]
        where names.contains(where: { $0.contains(separator) }) {
            throw SatchelError(
                .invalidRequest, "The names in the first line are separated by \(word), not by commas.",
                remedy: "Save the file with commas between the cells and try again; nothing was written.")
        }
        var fields: [Field?] = []
        for name in names {
            let isID = name == "id" && type.field(named: name) == nil
            let field = isID ? nil : try type.requireField(named: name)
            guard !fields.contains(field) else {
                throw SatchelError(
                    .invalidRequest, "The first line names field \"\(name)\" twice.",
                    remedy: "Leave one of the columns out; nothing was written.")
            }
            fields.append(field)
        }
        let key = names.firstIndex(of: keyName)
        guard key != nil || fields.contains(nil) else {
            throw SatchelError(
                .invalidRequest, "The first line names no field \"\(keyName)\", by which records are found, and no id.",
                remedy: "Add that column, or name another with --key; nothing was written.")
        }
        return (fields, key)
    }

    private mutating func add(_ cells: [String], line number: Int, id text: String?) throws(SatchelError) {
        let named = try text.map { text throws(SatchelError) in
            guard let id = RecordID(text) else {
                throw SatchelError(
                    .invalidValue, "Line \(number): \"\(Excerpt.of(text))\" is not an id.",
                    remedy: "Leave the cell empty for a new record.")
            }
            return id
        }
        let record = named.flatMap { knownByID[$0] } ?? key.flatMap { known[cells[$0]] }
        var values: [JSONMember] = []
        for case (let field?, let cell) in zip(fields, cells) where !cell.isEmpty {
            if case .counter = field.kind, isAsItWas(cell, field, record) { continue }
            let value = try value(cell, of: field, line: number)
            if let record, record.shows(value, in: field) { continue }
            values.append(JSONMember(field.name, value))
        }
        guard !values.isEmpty else {
            same += 1
            return
        }
        let id = (record?.record ?? named).map { [JSONMember("id", .text($0.description))] } ?? []
        let members = [JSONMember("type", .text(type.name)), JSONMember("label", .text("import"))] + id
        let line = JSONWriter.text(.object(members + [JSONMember("set", .object(values))]))
        edits.append(Edit(line: ApplyRequest.Line(number: number, text: line), isNew: record == nil))
    }

    /// Whether a counter stands where an export says that it stood; a new one stands at 0.
    private func isAsItWas(_ cell: String, _ field: Field, _ record: RecordReport?) -> Bool {
        guard let record else { return Int64(cell) == 0 }
        return record.fields.first { $0.name == field.name }?.value.content == Int64(cell).map { .total($0) }
    }

    private func value(_ cell: String, of field: Field, line: Int) throws(SatchelError) -> JSONValue {
        switch field.kind {
        case .set:
            if cell.hasPrefix("["), case .array(let elements)? = try? JSONReader.parse(Array(cell.utf8)) {
                return .array(elements)
            }
            return .array(cell.split(separator: ";").map { .text(String($0)) })
        case .reference(let target, _):
            if RecordID(cell) != nil { return .text(cell) }
            guard let record = targets[target]?[cell] else {
                throw SatchelError(
                    .unknownRecord,
                    "Line \(line): field \"\(field.name)\" names \"\(Excerpt.of(cell))\", which no record is called.",
                    remedy: "Import those records first, then this file again.")
            }
            return .text(record.description)
        case .counter:
            throw SatchelError(
                .invalidValue,
                "Line \(line): field \"\(field.name)\" is a counter, which takes no value, and does not stand at \(Excerpt.of(cell)).",
                remedy: "Leave the column out.")
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
