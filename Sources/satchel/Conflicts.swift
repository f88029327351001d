import ArgumentParser
import SatchelClient
import SatchelInspection
import SatchelSync
import SatchelTerminal

struct Conflicts: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: said("Look at values that were written side by side, and settle them."),
        subcommands: [ConflictsList.self, ConflictsShow.self, ConflictsResolve.self])
}

struct ConflictsList: ParsableCommand, LimitedCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: said("List records with open conflicts."),
        discussion: HelpText.flowing(
            """
            Exits 3 when some must be decided by a person, 0 when none must.

            Examples:
              satchel conflicts list
              satchel conflicts list --severity decide --json
            """))

    @Option(help: .said("The least severity to list."))
    var severity = SeverityOption.review
    @Option(parsing: .unconditional, help: .said("Show at most this many.", name: "n"))
    var limit = NumberOption(200)
    @OptionGroup var replicaOptions: ReplicaOptions
    @OptionGroup var output: OutputOptions

    static let limitMax = 100_000

    func run() throws {
        let replica = replicaOptions.replica
        let count = try count()
        let page = ListPage(try replica.conflicts(atLeast: severity.severity, limit: count + 1), limit: count)
        let reports = page.shown
        let text = ConflictText(program: "satchel conflicts", now: replica.now, style: output.style)
        try output.show(
            json: .array(reports.map(\.json)),
            text: reports.isEmpty ? said("No open conflict.") + "\n" : text.list(reports, width: output.width))
        output.say(about: page, limitMax: Self.limitMax)
        if reports.contains(where: { $0.severity == .decide }) { throw ExitCode(3) }
    }
}

struct ConflictsShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: said("Show every value of a record's conflicts: by whom, when, and having seen what."),
        discussion: HelpText.flowing(
            """
            Example:
              satchel conflicts show account 3f2a
            """))

    @OptionGroup var record: RecordArguments
    @OptionGroup var replicaOptions: ReplicaOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let replica = replicaOptions.replica
        let report = try replica.conflict(typeName: record.type, of: record.id)
        let text = ConflictText(
            program: "satchel conflicts", now: replica.now, style: output.style, options: replicaOptions.repeated,
            times: .here)
        try output.show(json: report.json, text: text.show(report))
    }
}

struct ConflictsResolve: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resolve", abstract: said("Settle one conflict of a record; the choice is queued like any edit."),
        discussion: HelpText.flowing(
            """
            The values that go are kept in the history. --token, as `show` prints it, refuses the choice when other
            values have come since.

            Examples:
              satchel conflicts resolve account 3f2a phone --take 2 --reason "Called them"
              satchel conflicts resolve account 3f2a phone --value 5551234
              satchel conflicts resolve account 3f2a life --keep
            """))

    @OptionGroup var record: RecordArguments
    @Argument(help: .said("The field, or life; may be left out where only one conflict is open."))
    var subject: String?
    @OptionGroup var choice: ChoiceOptions
    @OptionGroup var replicaOptions: ReplicaOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let outcome = try replicaOptions.replica.resolve(
            typeName: record.type, record.id, subject: subject, choice: choice.typed, reason: choice.reason,
            token: choice.token)
        try output.show(outcome, as: "Settled \(record.type)")
    }
}
