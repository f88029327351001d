import ArgumentParser
import Foundation
import SatchelClient
import SatchelInspection
import SatchelSync
import SatchelTerminal

struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: said("Show one record, and what is about it."),
        discussion: HelpText.flowing(
            """
            Of a customer that is contacts, opportunities, visits, tasks, notes and photos, the latest of each. An id, or an ending of it, is enough where
            no other record has it; a name has to find just one record.

            Examples:
              satchel show account 3f2a
              satchel show 3f2a
              satchel show account "Aster Trading"
              satchel show account 3f2a --latest 20
              satchel show account 3f2a --json
            """))

    @OptionGroup var record: RecordWords
    @Option(parsing: .unconditional, help: .said("How many of each type that is about it are shown.", name: "n"))
    var latest = NumberOption(3)
    @OptionGroup var replicaOptions: ReplicaOptions
    @OptionGroup var output: OutputOptions

    private func count() throws -> Int { try latest.number(of: "--latest", in: 0...10_000) }

    func validate() throws { _ = try count() }

    func run() throws {
        let replica = replicaOptions.replica
        let report = try replica.record(typeName: record.type, meantBy: record.what)
        let related = try replica.related(typeName: report.type, report.record.description, limit: try count())
        let text = RecordText(local: output)
        let sections = try related.map { text.about($0, owner: try replica.ownerField(of: $0.latest)) }
        try output.show(
            json: report.json(with: related),
            text: text.show(report) + report.aboutVerdicts + sections.joined())
    }
}

extension RecordReport {
    /// The record, with the ids of what is about it under `related`.
    fileprivate func json(with related: [RelatedRecords]) -> JSONValue {
        guard case .object(let members) = json else { return json }
        let sections = related.map { section in
            JSONValue.members([
                "type": .text(section.type), "field": .text(section.field), "count": .count(section.count),
                "latest": .array(section.latest.map(\.json)),
            ])
        }
        return .object(members + [JSONMember("related", .array(sections))])
    }
}

extension [RecordReport] {
    /// The names of the fields in which some record has a value.
    var filledFields: Set<String> { Set(flatMap { $0.fields.filter { !$0.value.isNull }.map(\.name) }) }
}

extension RecordText {
    /// Records for somebody at this device, in whose time zone instants are.
    init(local output: OutputOptions) {
        self.init(style: output.style, width: output.width) { time, isInList in
            isInList ? LocalTime.minute(time, in: .current) : LocalTime.second(time, in: .current)
        }
    }

    /// What people look for in visits, tasks, check-ins and photos, where some of these have it, or `among` what they ask for, with the field that says
    /// whose they are; `nil` for everything else.
    static func columns(
        of reports: [RecordReport], among asked: [String]? = nil, owner: String? = nil
    ) -> [String]? {
        guard var columns = (asked ?? wanted(of: reports))?.filter(reports.filledFields.contains), !columns.isEmpty
        else { return nil }
        if let owner { columns.insert(owner, at: min(1, columns.count)) }
        return columns
    }

    private static func wanted(of reports: [RecordReport]) -> [String]? {
        switch reports.first?.type {
        case "visit": ["started_at", "planned_start", "account", "status", "purpose", "outcome"]
        case "task": ["title", "status", "due", "priority", "account"]
        case CheckInRow.typeName: ["taken_at", "account", "verdict", "distance_m", "server_verdict", "reason"]
        case "photo": ["taken_at", "file_name", "caption", "account", "visit", "bytes"]
        default: nil
        }
    }

    /// A heading with the number of records, and the latest of them, with the field that says whose they are.
    fileprivate func about(_ related: RelatedRecords, owner: String?) -> String {
        let heading = style.paint(
            related.type == related.field ? related.type : "\(related.type) (\(related.field))", .strong)
        let columns = Self.columns(of: related.latest, owner: owner)?.filter { $0 != related.field }
        let shown = related.latest.map { report in
            let own = report.fields.filter { $0.name != related.field && !$0.value.isNull }.map(\.name)
            return (report, Array(own.prefix(4)))
        }
        var names: [String] = []
        for name in shown.flatMap(\.1) where !names.contains(name) && names.count < 4 { names.append(name) }
        let table = list(related.latest, fields: columns ?? names).split(separator: "\n").map { "  \($0)\n" }.joined()
        return "\n\(heading)  \(related.count)\n\(table)"
    }
}

struct Ledger: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: said("Print what became of every change-set, one line a dot."),
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
                    ? said("No change-set yet.") + "\n"
                    : LedgerLine.text(of: lines, width: output.width, style: output.style))
        }
    }
}

struct Digest: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: said("Print one hash of everything the server confirmed to this device."),
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
