import ArgumentParser
import SatchelClient
import SatchelSync
import SatchelTerminal

struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say whether my work is safe.",
        discussion: HelpText.flowing(
            """
            Answers from this device alone, without a network. Exits 0 when nobody is needed, 3 when something needs you.

            Examples:
              satchel status
              satchel status --json | jq '.parked[].sentence'
            """))

    @OptionGroup var replicaOptions: ReplicaOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let replica = replicaOptions.replica
        let report = try replica.safetyReport()
        try output.show(
            json: report.json, text: StatusText(now: replica.now, style: output.style).show(report))
        if report.needsPerson { throw ExitCode(3) }
    }
}

/// The answer as text.
struct StatusText {
    let now: Timestamp
    let style: Style
    private static let shownMax = 20

    func show(_ report: SafetyReport) -> String {
        let age = report.lastSync.map { HumanAge.text(of: $0, now: now) } ?? "never"
        var lines = [
            "\(SafeText.line(report.user)) on \(SafeText.line(report.device)), server \(SafeText.line(report.server)).",
            "Last sync: \(age).",
        ]
        if let wrongness = report.clockWrongness {
            lines.append("This device's clock is \(wrongness). Your work gets the right time all the same.")
        }
        if let doubt = report.doubt { lines.append(style.paint(doubt.sentence, .strong)) }
        if let failure = report.failure { lines.append(show(failure, isWatched: report.isWatched)) }
        if report.pending.isEmpty {
            lines.append(
                report.confirmedCount == 0
                    ? "You have made nothing here that the server does not have."
                    : "Everything you made is at the server (\(Counted.text(report.confirmedCount, "change-set"))).")
        } else {
            lines.append(
                Counted.text(
                    report.pending.count, "change-set is safe on this device and waits",
                    "change-sets are safe on this device and wait")
                    + " for a sync"
                    + (report.confirmedCount == 0
                        ? "."
                        : "; \(report.confirmedCount) \(report.confirmedCount == 1 ? "is" : "are") at the server."))
            lines += list(report.pending)
        }
        lines += receipts(of: report)
        if !report.parked.isEmpty {
            lines.append(
                style.paint(
                    Counted.text(
                        report.parked.count, "change-set is parked and needs", "change-sets are parked and need")
                        + " you:", .strong))
            lines += list(report.parked)
        }
        if !report.unsealed.isEmpty {
            lines.append(
                style.paint(
                    Counted.text(report.unsealed.count, "record holds", "records hold")
                        + " more than a change-set takes, to be shortened: ", .strong)
                    + report.unsealed.prefix(Self.shownMax).map(\.description).joined(separator: ", "))
        }
        if report.decideCount > 0 {
            lines.append(
                style.paint(
                    Counted.text(report.decideCount, "record is", "records are")
                        + " in a conflict that you must decide", .strong)
                    + ": `satchel conflicts list`.")
        }
        if report.reviewCount > 0 {
            lines.append(
                Counted.text(report.reviewCount, "record was", "records were")
                    + " edited in parallel; the other values are kept.")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// How many change-sets are safe where, in two lines.
    private func receipts(of report: SafetyReport) -> [String] {
        guard report.confirmedCount + report.pending.count > 0 else { return [] }
        let oldest = report.oldestNotBackedUp.map { "; the oldest in none was made \(HumanAge.text(of: $0, now: now))" }
        let atServer = max(0, report.confirmedCount - report.backedUpCount)
        let counts =
            "In a verified backup: \(report.backedUpCount). At the server, in no backup yet: \(atServer). On this device alone: "
            + "\(report.pending.count)\(oldest ?? "")."
        guard let made = report.lastBackup else {
            return [counts, "The server has told of no backup yet."] + outlines(of: report)
        }
        let isOld = now.milliseconds - made.milliseconds > 2 * 86_400_000
        let age = "The server's last backup that this device knows of: \(HumanAge.text(of: made, now: now))."
        return [counts, isOld ? style.paint(age + " That is long; ask the operator.", .strong) : age]
            + outlines(of: report)
    }

    /// Of which work this device keeps no more than an outline.
    private func outlines(of report: SafetyReport) -> [String] {
        guard report.outlineCount > 0 else { return [] }
        let alone = report.outlineCountWithoutBackup
        let place =
            alone == 0 ? "" : "; \(alone) of them \(alone == 1 ? "is" : "are") in no backup, and at the server alone"
        return [
            "Short of space, this device keeps no more than an outline of \(Counted.text(report.outlineCount, "change-set")) "
                + "that the server has\(place)."
        ]
    }

    /// Why the last try failed and when the next one is, in one line.
    private func show(_ failure: SyncFailure, isWatched: Bool) -> String {
        let sentence = failure.sentence.map { SafeText.line($0) + " " } ?? ""
        let when = failure.failedAt.map { HumanAge.text(of: $0, now: now) } ?? "lately"
        let tries = failure.count > 1 ? ", \(failure.count) times in a row" : ""
        let due = failure.nextAttempt.map { $0 > now ? " Next try: \($0)." : " The next try is due." } ?? ""
        let next = isWatched ? due : " `satchel sync` tries now; `satchel sync --watch` again and again."
        let asked = failure.notBefore.map { $0 > now ? " The server asked to wait until \($0)." : "" } ?? ""
        return
            "The last try (\(when)\(tries)) did not end well: \(sentence)[\(SafeText.line(failure.code))]\(next)\(asked)"
    }

    private func list(_ work: [QueuedWork]) -> [String] {
        var lines = work.prefix(Self.shownMax).map { item in
            let why = item.sentence.map { ": \(SafeText.line($0))" } ?? ""
            return "  \(item.dot.shortDescription)  \(HumanAge.text(of: item.madeAt, now: now))  "
                + "\(SafeText.line(item.label))  [\(item.code ?? item.state)]\(why)"
        }
        if work.count > Self.shownMax { lines.append("  … and \(work.count - Self.shownMax) more; --json lists all.") }
        return lines
    }
}

extension HomeDoubt {
    /// What is wrong with the home, and what becomes of it.
    var sentence: String {
        let what =
            switch reason {
            case "older":
                "This home was put back to an earlier day: \(missing?.shortDescription ?? "a change-set"), which was made here, is not in it. What had been synced comes back with the next sync; what had not is where the newer files are."
            case "copy": "This home is a copy of \(SafeText.line(original ?? "another one"))."
            default: "This home comes from another machine."
            }
        return what + " The next sync goes on under a new name, and loses nothing that is here."
    }
}

extension SafetyReport {
    var json: JSONValue {
        .members([
            "user": .text(user), "device": .text(device), "server": .text(server), "last_sync": .time(lastSync),
            "checkpoint": .integer(Int64(clamping: checkpoint)),
            "clock_offset_milliseconds": .integer(clockOffsetMilliseconds),
            "clock_error_ms": clockErrorMilliseconds.map { .integer($0) } ?? .null,
            "clock": .text(optional: clockWrongness),
            "last_failure": .text(optional: lastFailure), "last_failure_sentence": .text(optional: failure?.sentence),
            "last_failure_at": .time(failure?.failedAt), "is_watched": .bool(isWatched),
            "doubt": doubt.map { .text($0.reason) } ?? .null,
            "doubt_missing": .text(optional: doubt?.missing?.description),
            "failure_count": .count(failure?.count ?? 0),
            "next_attempt": .time(failure?.nextAttempt), "not_before": .time(failure?.notBefore),
            "confirmed_count": .count(confirmedCount), "backed_up_count": .count(backedUpCount),
            "last_backup": .time(lastBackup), "oldest_not_backed_up": .time(oldestNotBackedUp),
            "outline_count": .count(outlineCount), "outline_not_backed_up_count": .count(outlineCountWithoutBackup),
            "pending_count": .count(pending.count), "parked_count": .count(parked.count),
            "decide_count": .count(decideCount), "review_count": .count(reviewCount),
            "unsealed": .texts(unsealed.map(\.description)), "pending": .array(pending.map(\.json)),
            "parked": .array(parked.map(\.json)),
        ])
    }
}

extension QueuedWork {
    var json: JSONValue { .object(jsonMembers) }

    var jsonMembers: [JSONMember] {
        [
            JSONMember("dot", .text(dot.description)), JSONMember("label", .text(label)),
            JSONMember("made_at", .time(madeAt)), JSONMember("state", .text(state)),
            JSONMember("records", .texts(records.map(\.description))), JSONMember("code", .text(optional: code)),
            JSONMember("sentence", .text(optional: sentence)),
        ]
    }
}
