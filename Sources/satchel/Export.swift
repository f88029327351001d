import ArgumentParser
import SatchelClient
import SatchelInspection
import SatchelInterchange
import SatchelSync
import SatchelTerminal

struct Export: ParsableCommand, StoppableCommand {
    /// The form of the file.
    enum Form: String, ExpressibleByArgument, CaseIterable {
        /// Comma-separated values, for spreadsheets.
        case csv
        /// One JSON document a line, which `apply` reads.
        case jsonl
    }

    static let configuration = CommandConfiguration(
        abstract: said("Write records of a type to a file."),
        discussion: HelpText.flowing(
            """
            CSV has a head with the names of the fields and the mark by which spreadsheets know UTF-8; a text that they would run as a formula gets
            an apostrophe. `satchel-server import` takes such a file again, and finds records by its column id. JSON lines, which --json alone writes,
            too, can be applied again. A file that is there is not written over.

            Examples:
              satchel export account --output accounts.csv
              satchel export visit --where 'started_at>=2026-03-01' --as jsonl
            """))

    @Argument(help: .said("The type, such as account."), completion: .recordTypes)
    var type: String
    @Option(
        name: .customLong("as"), help: .said("The form: csv or jsonl; csv, and jsonl with --json.", name: "csv|jsonl"))
    var wantedForm: Form?
    @Option(
        name: .customLong("output"), help: .said("The file; standard output when not given.", name: "file"),
        completion: .file())
    var outputFile: String?
    @OptionGroup var conditions: ConditionOptions
    @OptionGroup var replicaOptions: ReplicaOptions
    @OptionGroup var output: OutputOptions

    private var form: Form { wantedForm ?? (output.json && outputFile == nil ? .jsonl : .csv) }

    func validate() throws {
        guard !output.json || outputFile != nil || form == .jsonl else {
            throw ValidationError(said("--json prints JSON lines here; with --as csv it goes with --output."))
        }
    }

    var stopped: String {
        outputFile == nil
            ? said("Stopped. What was written is not all; nothing here has changed.")
            : said("Stopped. No file was made, and nothing here has changed; export again.")
    }

    func run() throws {
        let question = try conditions.question()
        let replica = replicaOptions.replica
        let type = try replica.schema().requireType(named: type)
        let sink = try outputFile.map { try NewFile($0) }
        let write = { (text: String) in try sink?.write(text) ?? StandardStream.output.write(text) }
        let head =
            form == .csv
            ? CSVWriter.byteOrderMark + CSVWriter.line(["id"] + type.fields.map(\.name), isGuarded: false) : ""
        let progress = Progress(output)
        var count = 0
        // The head comes with the first record: a question that is wrong prints nothing.
        try replica.forEachRecord(typeName: type.name, question) { record, total in
            try write((count == 0 ? head : "") + (form == .csv ? csv(record) : line(record)))
            count += 1
            progress.report(
                said("Wrote \(count) of \(said(total, "record"))"), .init("export", done: count, of: total))
        }
        if count == 0 { try write(head) }
        progress.finish()
        guard let outputFile else { return }
        try sink?.finish()
        try output.show(
            json: .members(["file": .text(outputFile), "count": .count(count)]),
            text: said("Wrote \(said(count, "record")) to \(SafeText.line(outputFile)).") + "\n")
    }

    private func csv(_ record: RecordReport) -> String {
        CSVWriter.line([record.record.description] + record.fields.map(\.value.exported), isGuarded: true)
    }

    private func line(_ record: RecordReport) -> String {
        OutputOptions.line(
            .members([
                "type": .text(record.type), "id": .text(record.record.description),
                "set": .object(record.fields.filter { !$0.value.isNull }.map { JSONMember($0.name, $0.value.json) }),
            ]))
    }
}

extension ShownValue {
    /// The value for a spreadsheet: a reference by its id, a set by semicolons or, where that would be another one, as JSON; a map as JSON.
    fileprivate var exported: String {
        switch content {
        case .register(let value): value.text
        case .elements(let elements):
            elements.contains { $0.string.contains(";") } || elements.first?.string.hasPrefix("[") == true
                ? JSONWriter.text(json) : elements.map(\.string).joined(separator: ";")
        case .entries(let entries): entries.isEmpty ? "" : JSONWriter.text(json)
        default: text
        }
    }
}
