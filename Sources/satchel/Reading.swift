import ArgumentParser
import SatchelClient
import SatchelInspection
import SatchelSync
import SatchelTerminal

struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show one record.",
        discussion: HelpText.flowing(
            """
            Examples:
              satchel show account 3f2a
              satchel show account 3f2a --json
            """))

    @Argument(help: "The type, such as account.")
    var type: String
    @Argument(help: "The id, or a unique ending of it.")
    var id: String
    @OptionGroup var replicaOptions: ReplicaOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let report = try replicaOptions.replica.record(typeName: type, id)
        try output.show(
            json: report.json, text: RecordText(style: output.style, width: output.width).show(report))
    }
}

struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List records of a type.",
        discussion: HelpText.flowing(
            """
            A condition on a set asks for an element; an empty value asks for records without one.

            Examples:
              satchel list account --where status=active --where tags=vip
              satchel list visit --where account=3f2a --json
            """))

    @Argument(help: "The type, such as account.")
    var type: String
    @Option(
        name: .customLong("where"),
        help: ArgumentHelp(
            "Show those whose field has the value; may be given several times.", valueName: "field=value"))
    var conditions: [String] = []
    @Option(parsing: .unconditional, help: ArgumentHelp("Show at most this many.", valueName: "n"))
    var limit = NumberOption(200)
    @OptionGroup var replicaOptions: ReplicaOptions
    @OptionGroup var output: OutputOptions

    private static let limitMax = 1_000_000

    private func count() throws -> Int { try limit.number(of: "--limit", in: 1...Self.limitMax) }

    func validate() throws { _ = try count() }

    func run() throws {
        let wanted = try conditions.map { text in
            guard let assignment = try? Assignment(argument: text), assignment.operation == .assign else {
                throw SatchelError.wrongUsage(
                    "\"\(Excerpt.of(text))\" is not a condition.", remedy: "Write field=value.")
            }
            return (field: assignment.field, value: assignment.value)
        }
        let count = try count()
        let page = ListPage(
            try replicaOptions.replica.records(typeName: type, where: wanted, limit: count + 1), limit: count)
        let text = RecordText(style: output.style, width: output.width)
        try output.show(
            json: .array(page.shown.map(\.json)),
            text: page.shown.isEmpty ? text.none(of: type, meets: !wanted.isEmpty) : text.list(page.shown))
        output.say(about: page, limitMax: Self.limitMax)
    }
}

struct Ledger: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print what became of every change-set, one line a dot.",
        discussion: HelpText.flowing(
            """
            With --json one object a line: {"dot","change_set","state","by","where"}.

            Example:
              satchel ledger --json
            """))

    @OptionGroup var replicaOptions: ReplicaOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let lines = try replicaOptions.replica.ledger()
        if output.json {
            for line in lines { try StandardStream.output.write(OutputOptions.line(line.json)) }
        } else {
            try StandardStream.output.write(
                lines.isEmpty
                    ? "No change-set yet.\n"
                    : LedgerLine.text(of: lines, width: output.width, style: output.style))
        }
    }
}

struct Digest: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print one hash of everything the server confirmed to this device.",
        discussion: HelpText.flowing(
            """
            Two replicas with the same change-sets in the same scope print the same.

            Example:
              satchel digest
            """))

    @OptionGroup var replicaOptions: ReplicaOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let digest = try replicaOptions.replica.digest()
        try output.show(json: .members(["digest": .text(digest)]), text: digest + "\n")
    }
}

struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema", abstract: "List the types and fields that records have.",
        discussion: HelpText.flowing(
            """
            Example:
              satchel schema
            """))

    @OptionGroup var replicaOptions: ReplicaOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let schema = try replicaOptions.replica.schema()
        var table = TextTable([
            .init("TYPE", isCuttable: false), .init("FIELD", isCuttable: false), .init("TAKES"),
            .init("POLICY", isCuttable: false),
        ])
        for type in schema.types {
            for field in type.fields {
                let need = field.isRequired ? ", required" : ""
                table.add([
                    .init(type.name), .init(field.name), .init(field.kind.valueDescription + need),
                    .init(field.policy.word),
                ])
            }
        }
        let types = schema.types.map { type in
            JSONValue.members([
                "type": .text(type.name),
                "fields": .array(
                    type.fields.map { field in
                        .members([
                            "name": .text(field.name), "takes": .text(field.kind.valueDescription),
                            "policy": .text(field.policy.word), "required": .bool(field.isRequired),
                        ])
                    }),
            ])
        }
        try output.show(
            json: .members(["version": .integer(Int64(schema.version)), "types": .array(types)]),
            text: table.rendered(width: output.width, style: output.style))
    }
}
