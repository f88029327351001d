import ArgumentParser
import SatchelInspection
import SatchelServer
import SatchelSync
import SatchelTerminal

/// Shows one record.
struct ShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show one record.",
        discussion: "Example:\n  satchel-server show account 4f2a --data ./office")

    @Argument(help: "The record's type.")
    var type: String

    @Argument(help: "The record's id, or its last four or more digits.")
    var record: String

    @OptionGroup var data: DataOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let report = try await data.withAccess(purpose: "show") { access in
            let cases = try await access.perform(.record(type: type, id: record)).cases()
            return try await cases.first?.recordReport(schema: try access.schema())
        }
        guard let report else { throw SatchelError.unexpectedReply }
        try output.show(
            json: report.json, text: RecordText(style: output.style, width: output.width).show(report))
    }
}

/// Lists the records of a type.
struct ListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the records of a type.",
        discussion: "Example:\n  satchel-server list account --limit 50 --data ./office")

    @Argument(help: "The type.")
    var type: String

    @Option(name: .long, help: "How many records at most.")
    var limit = 1_000

    @OptionGroup var data: DataOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit takes a number above 0.") }
    }

    func run() async throws {
        let reports = try await data.withAccess(purpose: "list") { access in
            let schema = try await access.schema()
            return try await access.allCases(limit: limit) { after, count in
                .records(type: type, after: after, limit: count)
            }.map { try $0.recordReport(schema: schema) }
        }
        try output.show(
            json: .array(reports.map(\.json)),
            text: RecordText(style: output.style, width: output.width).list(reports))
    }
}
