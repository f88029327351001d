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
            command that writes your value again. Each line is shown once, unless --since names from when on. The last 5,000 lines of what
            others did are kept, and the last 20,000 of what became of your own values. Where --limit leaves customers out, all of it stays new.

            Examples:
              satchel news
              satchel news --limit 10
              satchel news --since yesterday
              satchel news --since "2026-03-02 07:40"
              satchel news --since all --json
            """))

    @Option(
        help: .said(
            "From when on: last (where it was shown last), all, yesterday, 2026-03-02, 07:40, or \"2026-03-02 07:40\".",
            name: "when"))
    var since = "last"
    @Option(
        parsing: .unconditional, help: .said("The customers with the latest news, at most this many.", name: "n"))
    var limit: NumberOption?
    @OptionGroup var zone: ZoneOption
    @OptionGroup var replicaOptions: ReplicaOptions
    @OptionGroup var output: OutputOptions

    func validate() throws { _ = try count() }

    private func count() throws -> Int { try limit?.number(of: "--limit", in: 1...100_000) ?? .max }

    func run() throws {
        let (replica, zone) = (replicaOptions.replica, try zone.zone())
        let start = try start(replica, zone)
        let report = try replica.news(since: start, limit: try count())
        let text = NewsText(report: report, zone: zone, style: output.style, home: replicaOptions.repeated)
        try output.show(json: text.json, text: text.text)
        if start == .last, !report.groups.isEmpty, report.omittedCount == 0 { try replica.noteShown(report) }
    }

    private func start(_ replica: Replica, _ zone: TimeZone) throws -> NewsStart {
        switch since {
        case "last": return .last
        case "all": return .all
        default:
            if let day = LocalDay(named: since, now: replica.now, in: zone) { return .time(day.start) }
            guard let time = LocalTime.parse(since, now: replica.now, in: zone) else {
                throw SatchelError.wrongUsage(
                    "--since is \"\(Excerpt.of(since))\", which is no time.",
                    remedy:
                        "Write it like 07:40, yesterday, \"yesterday 07:40\", 2026-03-02, or \"2026-03-02 07:40\", or last, or all."
                )
            }
            return .time(time)
        }
    }
}

extension NewsReport.Entry {
    /// Whether it is the server's own verdict on a check-in.
    fileprivate var isServerVerdict: Bool {
        type == CheckInRow.typeName && subject == ServerVerdictFields.names.verdict
    }

    /// Why, in the words of whoever did it; `nil` where he said nothing: what a verb calls itself is no reason.
    fileprivate var reason: String? { label.flatMap { LabelText.isOfVerb($0) ? nil : $0 } }
}

/// News for people, and for programs.
private struct NewsText {
    let report: NewsReport
    let zone: TimeZone
    let style: Style
    let home: [String]

    /// A heading for each customer, a line for each thing that happened.
    var text: String {
        let since = report.since.map { said("Since \(LocalTime.minute($0, in: zone)):") } ?? said("All that is kept:")
        var lines = [style.paint(since, .strong)]
        for group in report.groups {
            lines.append(style.paint(SafeText.line(group.name ?? said("(no customer)")), .strong))
            for entry in group.entries { lines += self.lines(of: entry) }
        }
        if report.groups.isEmpty { lines.append(said("Nothing new from others.")) }
        if report.omittedCount > 0 {
            lines.append(
                said(
                    report.omittedCount, "customer more has older news; without --limit it is shown.",
                    "customers more have older news; without --limit they are shown."))
        }
        if report.leftOutCount > 0 {
            lines.append(
                said(
                    report.leftOutCount, "older line is kept no more.", "older lines are kept no more."))
        }
        if !report.refused.isEmpty {
            lines.append(style.paint(said("Refused:"), .strong))
            for work in report.refused { lines += self.lines(of: work) }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func lines(of work: QueuedWork) -> [String] {
        let why = work.sentence.map { SafeText.line(said(Phrase(reading: $0))) } ?? ""
        let fix = command("queue fix \(work.dot.shortDescription) field=value")
        let discard = command("queue discard \(work.dot.shortDescription)")
        return [
            "  \(work.dot.shortDescription)  \(SafeText.line(LabelText.said(work.label))): \(why)",
            "    " + (work.cameTooLate ? said("Edit the record as it stands now.") : said("Correct it: \(fix)")),
            "    " + said("Give it up: \(discard)"),
        ]
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
        if let reason = entry.reason { line += ": \(SafeText.line(reason))" }
        return [line] + (own(entry).map { ["    " + $0] } ?? [])
    }

    private func what(_ entry: NewsReport.Entry) -> String {
        let (subject, before, after) = (SafeText.line(entry.subject), shown(entry.before), shown(entry.after))
        switch entry.kind {
        case .made:
            guard let verdict = entry.verdict else { return said("was made") }
            return said("was made: \(ChoiceText.said(verdict, in: "verdict"))")
        case .deleted: return said("was deleted")
        case .revived: return said("was brought back")
        case .contends where entry.subject == "life" && !entry.isOpen:
            return said("was deleted by one, edited or referred to by another: that is settled since")
        case .contends where entry.subject == "life":
            return said("deleted by one, edited or referred to by another, so it is still there: a person decides")
        case .contends where !entry.isOpen:
            return said("\(subject) was \(before) by you and \(after) by another: that is settled since")
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

    private func shown(_ value: String?) -> String {
        guard let value else { return said("(empty)") }
        return "\"\(SafeText.line(ShownTimes(in: zone).exact(value)))\""
    }

    /// How the reader's own value that is gone is written again, or where it stands; `nil` where nothing of his is gone.
    private func own(_ entry: NewsReport.Entry) -> String? {
        if let command = restore(entry) {
            return entry.restoreName.map { said("Yours again (\(SafeText.line($0))): \(command)") }
                ?? said("Yours again: \(command)")
        }
        guard entry.isOwnValue, [.changed, .settled].contains(entry.kind) else { return nil }
        return said("Yours, in full: \(command("log \(entry.type) \(entry.ending)"))")
    }

    /// The command that writes the reader's own value again; `nil` where nothing of his is gone, or it is too long.
    private func restore(_ entry: NewsReport.Entry) -> String? {
        entry.restore.map {
            command("set \(entry.type) \(entry.ending) \(ShellWord.quoted("\(entry.subject)=\($0)"))")
        }
    }

    private func command(_ words: String) -> String { (["satchel \(words)"] + home).joined(separator: " ") }

    /// The same for programs.
    var json: JSONValue {
        .members([
            "since": .time(report.since), "groups": .array(report.groups.map(json)),
            "omitted_count": .count(report.omittedCount), "left_out_count": .count(report.leftOutCount),
            "refused": .array(report.refused.map(\.json)),
        ])
    }

    private func json(_ group: NewsReport.Group) -> JSONValue {
        .members([
            "account": .text(optional: group.account?.description), "name": .text(optional: group.name),
            "entries": .array(group.entries.map(json)),
        ])
    }

    private func json(_ entry: NewsReport.Entry) -> JSONValue {
        .members([
            "kind": .text(entry.kind.word), "type": .text(entry.type), "id": .text(entry.record.description),
            "name": .text(optional: entry.name), "subject": .text(entry.subject),
            "before": .text(optional: entry.before), "after": .text(optional: entry.after),
            "is_open": .bool(entry.isOpen), "is_own_value": .bool(entry.isOwnValue),
            "restore": .text(optional: restore(entry)),
            "verdict": .text(optional: entry.verdict), "user": .text(optional: entry.user),
            "device": .text(optional: entry.device), "label": .text(optional: entry.label),
            "made_at": .time(entry.madeAt), "heard_at": .time(entry.heardAt),
        ])
    }
}
