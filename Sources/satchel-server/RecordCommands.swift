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

    @Option(name: .long, parsing: .unconditional, help: ArgumentHelp("Show at most this many.", valueName: "n"))
    var limit = NumberOption(1_000)

    @OptionGroup var data: DataOptions
    @OptionGroup var output: OutputOptions

    private static let limitMax = 1_000_000

    private func count() throws -> Int { try limit.number(of: "--limit", in: 1...Self.limitMax) }

    func validate() throws { _ = try count() }

    func run() async throws {
        let wanted = try count()
        let reports = try await data.withAccess(purpose: "list") { access in
            let schema = try await access.schema()
            return try await access.allCases(limit: wanted + 1) { after, count in
                .records(type: type, after: after, limit: count)
            }.map { try $0.recordReport(schema: schema) }
        }
        let page = ListPage(reports, limit: wanted)
        let text = RecordText(style: output.style, width: output.width)
        try output.show(
            json: .array(page.shown.map(\.json)),
            text: page.shown.isEmpty ? text.none(of: type) : text.list(page.shown))
        output.say(about: page, limitMax: Self.limitMax)
    }
}
