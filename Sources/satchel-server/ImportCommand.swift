import ArgumentParser
import Foundation
import SatchelInspection
import SatchelServer
import SatchelSync
import SatchelTerminal

/// Imports a table.
struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Make and change records by the rows of a CSV file.",
        discussion: HelpText.flowing(
            """
            The first line names fields. Records are found by their number in another system, the field external_id, or by a
            column id, as `satchel export` has it; the same file may be imported again, and makes nothing twice. What a row says
            is written over what stands, also over what people have changed since. An empty cell changes nothing; a set
            takes elements with ; between them, or a JSON array; a reference takes an id, or the other record's external_id.

            A row that breaks the schema, has too few or too many cells, refers to a record that is not there, or has the number of a row above it is
            refused by its line, and the others go in; then the exit code is 1. Correct those rows and import the file again. A file without a
            first line that names fields, or whose quotes do not end, is refused whole.

            Example:
              satchel-server import account customers.csv --as ann --data ./office
            """))

    @Argument(help: "The type of the records.")
    var type: String
    @Argument(help: "A CSV file (RFC 4180, UTF-8).", completion: .file())
    var file: String
    @Option(help: ArgumentHelp("The field that names records in the other system.", valueName: "field"))
    var key = "external_id"
    @OptionGroup var editor: EditorOptions
    @OptionGroup var data: DataOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let bytes = Array(try readFile(file, what: "file").utf8)
        let result = try await data.withAccess(purpose: "import") { access in
            // Asked first: a file that says nothing new would not say that nobody is called so.
            _ = try await perform([], access)
            return try await apply(try await read(bytes, access), access)
        }
        if !output.json {
            for problem in result.refused.compactMap(\.problem) {
                try StandardStream.error.write("satchel-server: \(SafeText.line(problem.error.description))\n")
            }
        }
        try output.show(json: result.json, text: result.text)
        if !result.refused.isEmpty { throw ExitCode(1) }
    }

    private static let linesPerRequest = 200

    private func perform(_ lines: [ApplyRequest.Line], _ access: any OperatorAccess) async throws -> [EditOutcome] {
        let request = ApplyRequest(lines: lines, user: editor.user, settles: false)
        guard case .applied(let outcomes) = try await access.perform(.apply(request)) else {
            throw SatchelError.unexpectedReply
        }
        return outcomes
    }

    /// Sends the edits; what became of the rows.
    private func apply(_ plan: ImportPlan, _ access: any OperatorAccess) async throws -> ImportResult {
        var result = ImportResult(same: plan.same, refused: plan.refused)
        let progress = Progress(output)
        defer { progress.finish() }
        for start in stride(from: 0, to: plan.edits.count, by: Self.linesPerRequest) {
            let batch = plan.edits[start..<min(start + Self.linesPerRequest, plan.edits.count)]
            do {
                for (edit, outcome) in zip(batch, try await perform(batch.map(\.line), access)) {
                    result.add(outcome, isNew: edit.isNew)
                }
                progress.report(
                    "Row \(batch.endIndex) of \(plan.edits.count)",
                    .init("import", done: batch.endIndex, of: plan.edits.count))
            } catch let error as SatchelError where start > 0 {
                var error = error
                let rest =
                    "The rows before line \(batch.first?.line.number ?? 0) are in the store; import the file again."
                error.remedy = [error.remedy, rest].compactMap(\.self).joined(separator: " ")
                throw error
            }
        }
        result.putInOrder()
        return result
    }

    private func read(_ bytes: [UInt8], _ access: any OperatorAccess) async throws -> ImportPlan {
        let schema = try await access.schema()
        let entity = try schema.requireType(named: type)
        var targets: [EntityTypeID: [String: RecordID]] = [:]
        for field in entity.fields {
            guard case .reference(let target, _) = field.kind, targets[target] == nil, let other = schema.type(target),
                other.field(named: key) != nil
            else { continue }
            let named = try await reports(of: other.name, access, schema).compactMap { report in
                report.text(of: key).map { ($0, report.record) }
            }
            targets[target] = Dictionary(named) { first, _ in first }
        }
        return try ImportPlan(
            bytes, type: entity, keyName: key, known: try await reports(of: type, access, schema), targets: targets)
    }

    private func reports(
        of type: String, _ access: any OperatorAccess, _ schema: Schema
    ) async throws -> [RecordReport] {
        try await access.allCases(limit: .max) { after, count in
            .records(type: type, after: after, limit: count)
        }.map { try $0.recordReport(schema: schema) }
    }
}

/// What became of the rows of a table.
private struct ImportResult {
    /// Rows that said nothing new.
    let same: Int
    private var made = 0
    private var changed = 0
    /// What was refused, in the order of the rows.
    private(set) var refused: [EditOutcome] = []

    init(same: Int, refused: [EditOutcome]) { (self.same, self.refused) = (same, refused) }

    /// Puts what was refused in the order of the rows.
    mutating func putInOrder() { refused.sort { $0.line < $1.line } }

    mutating func add(_ outcome: EditOutcome, isNew: Bool) {
        if outcome.problem != nil {
            refused.append(outcome)
        } else if isNew {
            made += 1
        } else {
            changed += 1
        }
    }

    var text: String { "\(made) new, \(changed) changed, \(same) as they were; \(refused.count) refused.\n" }

    var json: JSONValue {
        .members([
            "made_count": .count(made), "changed_count": .count(changed), "same_count": .count(same),
            "refused_count": .count(refused.count),
            "refused": .array(
                refused.map { outcome in
                    .members([
                        "line": .count(outcome.line), "error": outcome.problem?.error.json["error"] ?? .null,
                    ])
                }),
        ])
    }
}
