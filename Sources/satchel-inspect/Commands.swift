import ArgumentParser
import Foundation
import SatchelClient
import SatchelInspection
import SatchelStorage
import SatchelSync
import SatchelTerminal

struct ListConflicts: AsyncParsableCommand, LimitedCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List records with open conflicts.",
        discussion: HelpText.flowing(
            """
            Exits 3 when some must be decided by a person, 0 when none must.

            Examples:
              satchel-inspect list --data /srv/satchel --severity decide
              satchel-inspect list --home ~/.local/share/satchel --json
            """))

    @Option(help: "The least severity to list.")
    var severity = SeverityOption.review
    @Option(parsing: .unconditional, help: ArgumentHelp("Show at most this many.", valueName: "n"))
    var limit = NumberOption(200)
    @OptionGroup var sourceOptions: SourceOptions
    @OptionGroup var output: OutputOptions

    static let limitMax = 1_000

    func run() async throws {
        let count = try count()
        let found = try await sourceOptions.source().conflicts(atLeast: severity.severity, limit: count + 1)
        let page = ListPage(found, limit: count)
        let reports = page.shown
        let text = ConflictText(program: "satchel-inspect", now: SystemClock().now(), style: output.style)
        try output.show(
            json: .array(reports.map(\.json)),
            text: reports.isEmpty ? "No open conflict.\n" : text.list(reports, width: output.width))
        output.say(about: page, limitMax: Self.limitMax)
        if reports.contains(where: { $0.severity == .decide }) { throw ExitCode(3) }
    }
}

struct ShowConflict: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show every value of a record's conflicts: by whom, when, and having seen what.",
        discussion: HelpText.flowing(
            """
            Example:
              satchel-inspect show account 3f2a --data /srv/satchel
            """))

    @Argument(help: "The type, such as account.")
    var type: String
    @Argument(help: "The id, or a unique ending of it.")
    var id: String
    @OptionGroup var sourceOptions: SourceOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let report = try await sourceOptions.source().conflict(type: type, id: id)
        let text = ConflictText(
            program: "satchel-inspect", now: SystemClock().now(), style: output.style, options: sourceOptions.repeated,
            times: ShownTimes(in: .current, namesOffset: true))
        try output.show(json: report.json, text: text.show(report))
    }
}

struct ResolveConflict: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resolve", abstract: "Settle one conflict of a record.",
        discussion: HelpText.flowing(
            """
            In a home the choice is queued like any edit; at a server it stands at once. The values that go are kept in
            the history. --token, as `show` prints it, refuses the choice when other values have come since.

            Examples:
              satchel-inspect resolve account 3f2a phone --take 2 --reason "Called them" \\
                --data /srv/satchel --as office
              satchel-inspect resolve account 3f2a life --keep \\
                --server https://crm.example.org
            """))

    @Argument(help: "The type, such as account.")
    var type: String
    @Argument(help: "The id, or a unique ending of it.")
    var id: String
    @Argument(help: "The field, or life; may be left out where only one conflict is open.")
    var subject: String?
    @OptionGroup var choice: ChoiceOptions
    @OptionGroup var sourceOptions: SourceOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let decision = Decision(
            type: type, id: id, subject: subject, choice: choice.typed, reason: choice.reason, token: choice.token)
        let dot = try await sourceOptions.source().resolve(decision)
        try output.show(json: .members(["dot": .text(dot)]), text: "Settled \(type) \(id) as \(dot).\n")
    }
}

struct EnrolInspector: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enrol", abstract: "Get a credential for a server, with a one-time code from the operator.",
        discussion: HelpText.flowing(
            """
            Example:
              satchel-inspect enrol https://crm.example.org --code ABCD-EFGH-JKMN-PQRS
            """))

    @Argument(help: "The server's address.")
    var url: String
    @Option(help: "The one-time code that `satchel-server enrol-code` printed.")
    var code: String
    @Option(
        help: ArgumentHelp("Know the server by a certificate of this authority, PEM.", valueName: "file"),
        completion: .file())
    var ca: String?
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let user = try await InspectorCredential.enrol(
            serverURL: url, code: code, name: "inspector on \(ProcessInfo.processInfo.hostName)",
            trust: ca.map { try .authority(file: $0) })
        try output.show(
            json: .members(["user": .text(user), "server": .text(url)]),
            text: "You inspect \(SafeText.line(url)) as \(SafeText.line(user)) now.\n")
    }
}
