import ArgumentParser
import SatchelClient
import SatchelInspection
import SatchelSync
import SatchelTerminal

struct Queue: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: said("Look at what waits for the server or is parked, and correct or give up what is parked."),
        subcommands: [
            QueueList.self, QueueShow.self, QueueFix.self, QueueRetry.self, QueueDiscard.self, QueueExport.self,
        ])
}

struct QueueList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: said("List own change-sets that wait for an answer or are parked."),
        discussion: HelpText.flowing(
            """
            Exits 3 when one is parked.

            Example:
              satchel queue list
            """))

    @OptionGroup var replicaOptions: ReplicaOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let work = try replicaOptions.replica.queuedWork()
        let lines = QueueText(style: output.style, width: output.width).lines(work) {
            LocalTime.minute($0.madeAt)
        }
        try output.show(
            json: .array(work.map(\.json)),
            text: work.isEmpty ? said("Nothing waits.") + "\n" : lines.joined(separator: "\n") + "\n")
        if work.contains(where: { $0.code != nil && !$0.isAwaitingReturn }) { throw ExitCode(3) }
    }
}

/// Which own change-set is meant.
struct WorkArgument: ParsableArguments {
    @Argument(help: .said("The change-set's name: as `queue list` and edits print it, or whole."))
    var dot: String
}

struct QueueShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: said("Show one own change-set: what it writes, where it stands, and why."),
        discussion: HelpText.flowing(
            """
            Example:
              satchel queue show 4cc73f09:2
            """))

    @OptionGroup var work: WorkArgument
    @OptionGroup var replicaOptions: ReplicaOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let replica = replicaOptions.replica
        let (queued, changeSet) = try replica.ownWork(try replica.dot(named: work.dot))
        let page = ChangeSetPage(changeSet: changeSet, schema: try replica.schema())
        var lines = [
            said(
                "\(queued.dot.shortDescription): \(SafeText.line(LabelText.said(queued.label))), \(queued.stateText), made \(LocalTime.minute(queued.madeAt))"
            )
        ]
        if let sentence = queued.sentence {
            lines.append("  \(SafeText.line(said(Phrase(reading: sentence)))) [\(queued.code ?? "")]")
        }
        lines += page.lines
        if changeSet.isOutline {
            lines.append(
                said("This device was short of space, and does not keep the values any more; the server has them."))
        }
        if queued.code != nil {
            let name = queued.dot.shortDescription
            lines.append(
                queued.cameTooLate
                    ? said("Edit the record as it stands now, and give this up with `queue discard \(name)`.")
                    : said(
                        "Correct it with `queue fix \(name) field=value`, offer it again with `queue retry \(name)`, or give it up with `queue discard \(name)`."
                    )
            )
        }
        try output.show(
            json: .object(queued.jsonMembers + [JSONMember("changes", page.json)]),
            text: lines.joined(separator: "\n") + "\n")
    }
}

struct QueueFix: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fix", abstract: said("Put a corrected edit in the place of a parked one."),
        discussion: HelpText.flowing(
            """
            It writes what the parked edit wrote, with the fields you name given other values, and counts as made where that
            was made. With several records in the edit, --record says which one the fields are of.

            Example:
              satchel queue fix 4cc73f09:2 size=5
            """))

    @OptionGroup var work: WorkArgument
    @Option(help: .said("The record that the fields are of: its id, or an ending of it.", name: "id"))
    var record: String?
    @OptionGroup var replicaOptions: ReplicaOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var fields: AssignmentArguments

    func run() throws {
        let replica = replicaOptions.replica
        let dot = try replica.dot(named: work.dot)
        let outcome = try replica.fix(dot, record: record, assignments: try fields.parsed())
        try output.show(outcome, as: "Fixed \(dot.shortDescription) of")
    }
}

struct QueueRetry: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: said("Offer a parked edit again as it is."),
        discussion: HelpText.flowing(
            """
            For one that broke a rule which is another today, that waited for a record which is there now, or that the office gave back. It
            counts as made where it was made.

            Example:
              satchel queue retry 4cc73f09:2
            """))

    @OptionGroup var work: WorkArgument
    @OptionGroup var replicaOptions: ReplicaOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let replica = replicaOptions.replica
        let dot = try replica.dot(named: work.dot)
        let outcome = try replica.retry(dot)
        try output.show(
            json: outcome.json,
            text: said("\(dot.shortDescription) is offered again as \(outcome.dot.shortDescription).") + "\n")
    }
}

struct QueueDiscard: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "discard", abstract: said("Give up a parked edit: gone from the tables, kept in the ledger."),
        discussion: HelpText.flowing(
            """
            Other edits of yours may need a record that it would have made. On a terminal you are asked whether they go with it;
            elsewhere they stay, unless --with-waiting, and wait for the record.

            Example:
              satchel queue discard 4cc73f09:2
            """))

    @Flag(help: .said("Give up with it what waits for a record that it would have made."))
    var withWaiting = false
    @OptionGroup var work: WorkArgument
    @OptionGroup var replicaOptions: ReplicaOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let replica = replicaOptions.replica
        let dot = try replica.dot(named: work.dot)
        let needing = try replica.workNeeding(dot)
        let waiting = needing.filter { $0.code != nil }
        let goWith = !waiting.isEmpty && (withWaiting || output.asks(question(waiting)))
        let outcomes = try replica.discard([dot] + (goWith ? waiting.map(\.dot) : []))
        let left = needing.filter { !goWith || $0.code == nil }
        guard let first = outcomes.first, case .object(let members) = first.json else { return }
        let also = goWith ? waiting.map(\.dot.description) : []
        try output.show(
            json: .object(
                members + [
                    JSONMember("also_discarded", .texts(also)),
                    JSONMember("still_waiting", .texts(left.map(\.dot.description))),
                ]),
            text: text(first, dot, also: also.count, left: left))
    }

    private func question(_ waiting: [QueuedWork]) -> String {
        let names = names(waiting)
        return waiting.count == 1
            ? said("\(names) needs a record that it would have made. Discard that, too?")
            : said("\(names) need a record that it would have made. Discard those, too?")
    }

    private func text(_ outcome: EditOutcome, _ dot: Dot, also: Int, left: [QueuedWork]) -> String {
        let (dot, new) = (dot.shortDescription, outcome.dot.shortDescription)
        var lines = [
            also > 0
                ? said("Discarded \(dot) and \(said(also, "edit")) that needed it; queued as \(new).")
                : said("Discarded \(dot); queued as \(new).")
        ]
        if !left.isEmpty {
            lines.append(
                left.count == 1
                    ? said("\(names(left)) still waits for a record that it would have made.")
                    : said("\(names(left)) still wait for a record that it would have made."))
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func names(_ work: [QueuedWork]) -> String {
        let shown = work.prefix(5).map { "\($0.dot.shortDescription) (\(SafeText.line(LabelText.said($0.label))))" }
        let names = shown.joined(separator: Sentences.comma)
        return work.count > 5 ? said("\(names) and \(work.count - 5) more") : names
    }
}

/// What a change-set writes, record by record.
struct ChangeSetPage {
    let changeSet: ChangeSet
    let schema: Schema

    var lines: [String] {
        changeSet.changes.flatMap { change in
            let type = schema.type(change.type)
            let life = change.life.map { " (\(said(Phrase(reading: "\($0)"))))" } ?? ""
            return ["  \(type?.name ?? "type \(change.type.number)") \(change.record)\(life)"]
                + change.writes.map { entry in
                    let name = type?.field(entry.field)?.name ?? "field \(entry.field.number)"
                    let text =
                        changeSet.keeps(entry.write) ? SafeText.line(Self.text(of: entry.write)) : said("(not kept)")
                    return "    \(name): \(text)"
                }
        }
    }

    /// What is written, an instant as clocks here show it.
    private static func text(of write: FieldWrite) -> String {
        if case .register(.timestamp(let time)) = write { ShownTimes.here.exact(time) } else { write.text }
    }

    var json: JSONValue {
        .array(
            changeSet.changes.map { change in
                let type = schema.type(change.type)
                let writes = change.writes.map { entry in
                    JSONMember(
                        type?.field(entry.field)?.name ?? String(entry.field.number),
                        .text(optional: changeSet.keeps(entry.write) ? entry.write.text : nil))
                }
                return .members([
                    "type": .text(type?.name ?? String(change.type.number)), "id": .text(change.record.description),
                    "life": .text(optional: change.life.map { "\($0)" }), "writes": .object(writes),
                ])
            })
    }
}
