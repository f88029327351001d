import ArgumentParser
import Foundation
import SatchelClient
import SatchelInspection
import SatchelSync
import SatchelTerminal

struct News: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: said("Show what others did on your customers, and what of your work was refused."),
        discussion: HelpText.flowing(
            """
            By customer: records that others made, deleted or changed, how a conflict was settled that held your value and by whom, and the
            command that writes your value again. Each line is shown once, unless --since names from when on. The last 5,000 lines are kept.

            Examples:
              satchel news
              satchel news --since "2026-03-02 07:40"
              satchel news --since all --json
            """))

    @Option(
        help: .said("From when on: last (where it was shown last), all, 07:40, or \"2026-03-02 07:40\".", name: "when"))
    var since = "last"
    @OptionGroup var zone: ZoneOption
    @OptionGroup var replicaOptions: ReplicaOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let (replica, zone) = (replicaOptions.replica, try zone.zone())
        let start = try start(replica, zone)
        let report = try replica.news(since: start)
        try output.show(
            json: report.json,
            text: NewsText(report: report, zone: zone, style: output.style, home: replicaOptions.repeated).text)
        if start == .last, !report.groups.isEmpty { try replica.noteShown(report) }
    }

    private func start(_ replica: Replica, _ zone: TimeZone) throws -> NewsStart {
        switch since {
        case "last": return .last
        case "all": return .all
        default:
            guard let time = LocalTime.parse(since, now: replica.now, in: zone) else {
                throw SatchelError.wrongUsage(
                    "--since is \"\(Excerpt.of(since))\", which is no time.",
                    remedy: "Write it like 07:40, or \"2026-03-02 07:40\", or last, or all.")
            }
            return .time(time)
        }
    }
}

extension NewsReport {
    fileprivate var json: JSONValue {
        .members([
            "since": .time(since), "groups": .array(groups.map(\.json)), "refused": .array(refused.map(\.json)),
        ])
    }
}

extension NewsReport.Group {
    fileprivate var json: JSONValue {
        .members([
            "account": .text(optional: account?.description), "name": .text(optional: name),
            "entries": .array(entries.map(\.json)),
        ])
    }
}

extension NewsReport.Entry {
    /// Whether it is the server's own verdict on a check-in.
    fileprivate var isServerVerdict: Bool {
        type == CheckInRow.typeName && subject == ServerVerdictFields.names.verdict
    }

    fileprivate var json: JSONValue {
        .members([
            "kind": .text(kind.word), "type": .text(type), "id": .text(record.description),
            "name": .text(optional: name), "subject": .text(subject), "before": .text(optional: before),
            "after": .text(optional: after), "is_own_value": .bool(isOwnValue), "user": .text(optional: user),
            "device": .text(optional: device), "label": .text(optional: label), "made_at": .time(madeAt),
            "heard_at": .time(heardAt),
        ])
    }
}

/// News as text: a heading for each customer, a line for each thing that happened.
private struct NewsText {
    let report: NewsReport
    let zone: TimeZone
    let style: Style
    let home: [String]

    var text: String {
        let since = report.since.map { said("Since \(LocalTime.minute($0, in: zone)):") } ?? said("All that is kept:")
        var lines = [style.paint(since, .strong)]
        for group in report.groups {
            lines.append(style.paint(SafeText.line(group.name ?? said("(no customer)")), .strong))
            for entry in group.entries { lines += self.lines(of: entry) }
        }
        if report.groups.isEmpty { lines.append(said("Nothing new from others.")) }
        if !report.refused.isEmpty {
            lines.append(style.paint(said("Refused:"), .strong))
            for work in report.refused {
                let why = work.sentence.map { SafeText.line(said(Phrase(reading: $0))) } ?? ""
                lines.append("  \(work.dot.shortDescription)  \(SafeText.line(work.label)): \(why)")
            }
            lines.append("  " + said("Correct or give up with `satchel queue fix` or `satchel queue discard`."))
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func lines(of entry: NewsReport.Entry) -> [String] {
        // What has no title is known by its type.
        let name = entry.name.flatMap { $0 == entry.type ? nil : SafeText.line($0) + " " } ?? ""
        let record = "\(entry.type) \(name)\(entry.ending)"
        var line = "  \(record): \(what(entry))"
        if let user = entry.user, let device = entry.device {
            line +=
                ", "
                + (user.isEmpty
                    ? said("at \(SafeText.line(device))")
                    : said("by \(SafeText.line(user)) on \(SafeText.line(device))"))
        }
        if let time = entry.madeAt { line += ", \(LocalTime.minute(time, in: zone))" }
        // Who said nothing called it so.
        if let label = entry.label, !label.isEmpty, label != "edit" {
            line += ": \(SafeText.line(LabelText.said(label)))"
        }
        return [line] + (restore(entry).map { ["    " + said("Yours again: \($0)")] } ?? [])
    }

    private func what(_ entry: NewsReport.Entry) -> String {
        let (subject, before, after) = (SafeText.line(entry.subject), shown(entry.before), shown(entry.after))
        switch entry.kind {
        case .made: return said("was made")
        case .deleted: return said("was deleted")
        case .revived: return said("was brought back")
        case .contends where entry.subject == "life": return said("deleted by one, edited by another: a person decides")
        case .contends: return said("\(subject) is \(before) by you and \(after) by another: a conflict")
        case .settled where entry.isOwnValue:
            return said("\(subject): the conflict was settled with \(after), yours was \(before)")
        case .settled: return said("\(subject): the conflict was settled with \(after)")
        case .changed where entry.isOwnValue: return said("\(subject): \(after), yours was \(before)")
        case .changed where entry.isServerVerdict: return said("the server says \(after), the device said \(before)")
        case .changed where entry.before == nil: return "\(subject): \(after)"
        case .changed: return said("\(subject): \(after), it was \(before)")
        }
    }

    private func shown(_ value: String?) -> String { value.map { "\"\(SafeText.line($0))\"" } ?? said("(empty)") }

    /// The command that writes the reader's own value again; `nil` where nothing of his is gone.
    private func restore(_ entry: NewsReport.Entry) -> String? {
        guard entry.isOwnValue, [.changed, .settled].contains(entry.kind), let before = entry.before,
            before.utf8.count <= 200, !entry.subject.contains(".")
        else { return nil }
        return (["satchel set \(entry.type) \(entry.ending) \(ShellWord.quoted("\(entry.subject)=\(before)"))"] + home)
            .joined(separator: " ")
    }
}
