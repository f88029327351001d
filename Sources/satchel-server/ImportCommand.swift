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
        discussion: """
            The first line names fields. Records are found by their number in another system, the field external_id; the
            same file may be imported again. An empty cell changes nothing; a set takes elements with ; between them; a
            reference takes an id, or the other record's external_id.

            Example:
              satchel-server import account customers.csv --as ann --data ./office
            """)

    @Argument(help: "The type of the records.")
    var type: String
    @Argument(help: "A CSV file (RFC 4180, UTF-8).")
    var file: String
    @Option(help: "The field that names records in the other system.")
    var key = "external_id"
    @OptionGroup var editor: EditorOptions
    @OptionGroup var data: DataOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let bytes = Array(try readFile(file, what: "file").utf8)
        let (plan, refused) = try await data.withAccess(purpose: "import") { access in
            let plan = try await read(bytes, access)
            return (plan, try await apply(plan, access))
        }
        for outcome in refused {
            guard let problem = outcome.problem else { continue }
            try StandardStream.error.write("satchel-server: \(SafeText.line(problem.error.description))\n")
        }
        try output.show(
            json: .members([
                "made_count": .count(plan.made), "changed_count": .count(plan.changed), "same_count": .count(plan.same),
                "refused_count": .count(refused.count),
            ]),
            text: "\(plan.made) new, \(plan.changed) changed, \(plan.same) as they were; \(refused.count) refused.\n")
        if !refused.isEmpty { throw ExitCode(1) }
    }

    private static let linesPerRequest = 200

    /// Sends the edits; the outcomes of those that were refused.
    private func apply(_ plan: ImportPlan, _ access: any OperatorAccess) async throws -> [EditOutcome] {
        var refused: [EditOutcome] = []
        for start in stride(from: 0, to: plan.lines.count, by: Self.linesPerRequest) {
            let batch = plan.lines[start..<min(start + Self.linesPerRequest, plan.lines.count)]
            let request = ApplyRequest(lines: Array(batch), user: editor.user, settles: false)
            guard case .applied(let outcomes) = try await access.perform(.apply(request)) else {
                throw SatchelError.unexpectedReply
            }
            refused += outcomes.filter { $0.problem != nil }
        }
        return refused
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
