import ArgumentParser
import Foundation
import SatchelClient
import SatchelInspection
import SatchelSync
import SatchelTerminal

struct Today: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: said("Show your day: visits, tasks that are due, next steps, customers to see again."),
        discussion: HelpText.flowing(
            """
            What is yours, or nobody's, in the device's time zone; from this device alone.

            Examples:
              satchel today
              satchel today --on 2026-03-02 --time-zone Asia/Shanghai
            """))

    @Option(help: .said("Another day.", name: "date"))
    var on: String?
    @OptionGroup var zone: ZoneOption
    @OptionGroup var replicaOptions: ReplicaOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let (replica, zone) = (replicaOptions.replica, try zone.zone())
        let time = try on.map { text in
            guard let noon = LocalTime.parse("\(text) 12:00", now: replica.now, in: zone)
            else {
                throw SatchelError.wrongUsage(
                    "--on is \"\(Excerpt.of(text))\", which is no day.",
                    remedy: "Write it like 2026-03-02, or today, tomorrow or yesterday.")
            }
            return noon
        }
        let report = try replica.day(of: time, in: zone)
        try output.show(
            json: report.json(zone),
            text: DayText(report: report, zone: zone, style: output.style, width: output.width).text)
    }
}

extension DayReport {
    fileprivate func json(_ zone: TimeZone) -> JSONValue {
        .members([
            "date": .text(day.date.description), "time_zone": .text(zone.identifier),
            "entries": .array(
                entries.map { entry in
                    .members([
                        "part": .text(entry.part.rawValue), "type": .text(entry.type),
                        "id": .text(entry.record.description), "text": .text(entry.text),
                        "customer": .text(optional: entry.customer), "time": .time(entry.time),
                        "due": .text(optional: entry.due?.description), "is_overdue": .bool(entry.isOverdue),
                    ])
                }),
        ])
    }
}

/// The day as text, a line each.
private struct DayText {
    let report: DayReport
    let zone: TimeZone
    let style: Style
    let width: Int?

    var text: String {
        let heading = style.paint("\(report.day.date)  \(zone.identifier)", .strong) + "\n"
        guard !report.entries.isEmpty else { return heading + said("Nothing stands in this day.") + "\n" }
        var table = TextTable([
            .init(said("WHEN"), isCuttable: false), .init(said("WHAT"), isCuttable: false), .init(said("CUSTOMER")),
            .init(said("TEXT")), .init("ID", isCuttable: false),
        ])
        for entry in report.entries {
            table.add([
                .init(when(entry), entry.isOverdue || entry.part == .overdueVisit ? .alert : .plain),
                .init(entry.part.word), .init(entry.customer ?? ""), .init(entry.text), .init(entry.ending, .faint),
            ])
        }
        return heading + table.rendered(width: width, style: style)
    }

    private func when(_ entry: DayReport.Entry) -> String {
        if let time = entry.time {
            return report.day.contains(time) ? LocalTime.clock(time, in: zone) : LocalTime.minute(time, in: zone)
        }
        guard let due = entry.due else { return "" }
        return entry.isOverdue ? said("since \(due)") : said("today")
    }
}

extension DayReport.Part {
    /// What it is, for the column of a table.
    fileprivate var word: String {
        switch self {
        case .underWay: said("visit under way")
        case .planned: said("visit")
        case .overdueVisit: said("visit, not done")
        case .task: said("task")
        case .nextStep: said("next step")
        case .followUp: said("visit again")
        case .closing: said("to close")
        case .done: said("visit, done")
        }
    }
}
