import ArgumentParser
import SatchelClient
import SatchelInspection
import SatchelSync
import SatchelTerminal

/// Which records of a type are meant, and in which order.
struct ConditionOptions: ParsableArguments {
    @Option(
        name: .customLong("where"),
        help: .said(
            "Show those that meet this: field=value, or != < <= > >= ~ in the place of =; may be given several times.",
            name: "condition"))
    var conditions: [String] = []
    @Option(
        parsing: .unconditionalSingleValue,
        help: .said(
            "Sort by this field, -field for the last first; id is the time of making; may be given several times.",
            name: "field"))
    var sort: [String] = []

    func question() throws -> ListQuestion {
        ListQuestion(
            conditions: try conditions.map { try ListQuestion.Condition($0) }, order: sort,
            isBySound: Language.asked == .chinese)
    }
}

/// The same, and how many are shown.
struct QuestionOptions: ParsableArguments {
    @OptionGroup var conditions: ConditionOptions
    @Option(parsing: .unconditional, help: .said("Show at most this many.", name: "n"))
    var limit = NumberOption(200)

    static let limitMax = 1_000_000

    func count() throws -> Int { try limit.number(of: "--limit", in: 1...Self.limitMax) }

    func question() throws -> ListQuestion { try conditions.question() }
}

extension OutputOptions {
    /// Prints the records that a question is answered with; of `fields` those in which some record has a value, else the usual ones, and
    /// whose they are where not all are this user's.
    func list(
        _ type: String, _ question: ListQuestion, _ count: Int, _ replica: Replica, fields: [String]? = nil,
        when: ((RecordReport) -> String)? = nil
    ) throws {
        let page = ListPage(try replica.records(typeName: type, question, limit: count + 1), limit: count)
        let text = RecordText(local: self)
        let owner = try replica.ownerField(of: page.shown)
        try show(
            json: .array(page.shown.map(\.json)),
            text: page.shown.isEmpty
                ? text.none(of: type, meets: !question.conditions.isEmpty)
                : text.list(
                    page.shown,
                    fields: RecordText.columns(of: page.shown, among: fields, owner: owner),
                    when: when))
        say(about: page, limitMax: QuestionOptions.limitMax)
    }
}

struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: said("List records of a type."),
        discussion: HelpText.flowing(
            """
            A condition on a set asks for an element, one on a reference for an id or an ending of it; an empty value asks for records without
            one. Without --sort they come in the order of their ids; with it, in Chinese, names by their sound.

            Examples:
              satchel list account --where status=active --where tags=vip --sort name
              satchel list opportunity --where 'amount>=10000' --sort -close_date
              satchel list visit --where account=3f2a --json
            """))

    @Argument(help: .said("The type, such as account."), completion: .recordTypes)
    var type: String
    @OptionGroup var question: QuestionOptions
    @OptionGroup var replicaOptions: ReplicaOptions
    @OptionGroup var output: OutputOptions

    func validate() throws { _ = try question.count() }

    func run() throws {
        try output.list(type, try question.question(), try question.count(), replicaOptions.replica)
    }
}

struct Search: ParsableCommand, LimitedCommand, StoppableCommand {
    static let configuration = CommandConfiguration(
        abstract: said("Find records by words in them."),
        discussion: HelpText.flowing(
            """
            All words have to be there: words of letters by their beginning, Chinese ones anywhere. Names and titles count before other texts. The
            first search on a device makes an index of what is there.

            Examples:
              satchel search 阿斯特
              satchel search "blue shelf" --type note --type visit
            """))

    @Argument(help: .said("The words."))
    var text: String
    @Option(
        help: .said("Only records of this type; may be given several times.", name: "type"), completion: .recordTypes)
    var type: [String] = []
    @Option(parsing: .unconditional, help: .said("Show at most this many.", name: "n"))
    var limit = NumberOption(20)
    @OptionGroup var replicaOptions: ReplicaOptions
    @OptionGroup var output: OutputOptions

    static let limitMax = 10_000

    func validate() throws {
        _ = try count()
        guard text.contains(where: { !$0.isWhitespace }) else {
            throw ValidationError(said("Name at least one word to look for."))
        }
    }

    var stopped: String { said("Stopped. What is in the index stays there; the next search goes on from there.") }

    func run() throws {
        let count = try count()
        let progress = Progress(output)
        let found = try replicaOptions.replica.search(text, types: type, limit: count + 1) { done, total in
            progress.reportIndex(done, of: total)
        }
        progress.finish()
        let page = ListPage(found, limit: count)
        var table = TextTable([
            .init(said("TYPE"), isCuttable: false), .init("ID", isCuttable: false), .init(said("TITLE")),
            .init(said("TEXT")),
            .init(said("MARK"), isCuttable: false, isOptional: true),
        ])
        for record in page.shown {
            table.add([
                .init(record.type), .init(record.ending, .faint), .init(record.title), .init(excerpt(of: record)),
                .init(record.marks.said.joined(separator: Sentences.comma), record.marks.paint),
            ])
        }
        try output.show(
            json: .array(page.shown.map(\.json)),
            text: page.shown.isEmpty
                ? said("Nothing found.") + "\n" : table.rendered(width: output.width, style: output.style))
        output.say(about: page, limitMax: Self.limitMax)
    }

    /// The text beside the title in which a word was found.
    private func excerpt(of record: RecordReport) -> String {
        let words = text.lowercased().split { $0.isWhitespace }
        let field = record.fields.first { field in
            let shown = field.value.text.lowercased()
            return field.value.text != record.title && words.contains { shown.contains($0) }
        }
        return field.map { "\($0.name): \(Excerpt.of($0.value.text))" } ?? ""
    }
}

struct SQLCommand: ParsableCommand, LimitedCommand {
    static let configuration = CommandConfiguration(
        commandName: "sql", abstract: said("Ask the tables in SQL, reading only."),
        discussion: HelpText.flowing(
            """
            Each type is a table, each field a column; amounts are counted in their smallest unit. Edits are made with `set`, or with the sqlite3
            shell.

            Examples:
              satchel sql "SELECT status, count(*) FROM account GROUP BY status"
              satchel sql "SELECT name, phone FROM account WHERE city = 'Shanghai'" --json
            """))

    @Argument(help: .said("One SELECT."))
    var query: String
    @Option(parsing: .unconditional, help: .said("Show at most this many rows.", name: "n"))
    var limit = NumberOption(1_000)
    @OptionGroup var replicaOptions: ReplicaOptions
    @OptionGroup var output: OutputOptions

    static let limitMax = 1_000_000

    func run() throws {
        let answer = try replicaOptions.replica.query(query, limit: try count())
        var table = TextTable(answer.columns.map { .init($0) })
        for row in answer.rows { table.add(row.map { .init($0.plainText) }) }
        let objects = answer.rows.map { row in
            JSONValue.object(zip(answer.columns, row).map { JSONMember($0, $1) })
        }
        try output.show(
            json: .array(objects),
            text: answer.rows.isEmpty
                ? said("No rows.") + "\n" : table.rendered(width: output.width, style: output.style))
        if answer.isCut { output.say(said("There are more rows; --limit shows more of them.")) }
    }
}

extension JSONValue {
    /// The value as a cell of a table shows it.
    fileprivate var plainText: String {
        switch self {
        case .null: ""
        case .string(let text): text.string
        default: JSONWriter.text(self)
        }
    }
}
