import ArgumentParser
import SatchelClient
import SatchelInspection
import SatchelSync
import SatchelTerminal

struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: said("Say whether my work is safe."),
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
            json: report.json, text: StatusText(now: replica.now, style: output.style, width: output.width).show(report)
        )
        if report.needsPerson { throw ExitCode(3) }
    }
}

/// The answer as text: a line for each thing that people ask, then what needs them.
struct StatusText {
    let now: Timestamp
    let style: Style
    var width: Int?
    private static let shownMax = 20

    func show(_ report: SafetyReport) -> String {
        let names = [report.user, report.device, report.server].map(SafeText.line)
        var lines = [said("\(names[0]) on \(names[1]), server \(names[2]).")]
        lines += network(report)
        if let doubt = report.doubt { lines.append(style.paint(doubt.sentence, .strong)) }
        lines += waiting(report)
        lines += receipts(of: report)
        lines += attention(report)
        lines += machine(report)
        return lines.joined(separator: "\n") + "\n"
    }

    private func network(_ report: SafetyReport) -> [String] {
        let age = report.lastSync.map { HumanAge.text(of: $0, now: now) } ?? said("never")
        let network = report.conditions.hasNetwork.map {
            $0 ? said("There is a network.") : said("There is no network.")
        }
        let watched = report.isWatched ? said("This home is kept in sync by itself.") : nil
        let unfinished =
            report.isFetchUnfinished && report.lastSync != nil
            ? said("Since then a part of what is new came: `satchel sync` goes on from there.") : nil
        guard let failure = report.failure else {
            return [Sentences.joined([said("Last sync: \(age)."), unfinished, network, watched])]
        }
        let last = said("The last sync that ended well: \(age).")
        return [
            style.paint(show(failure, isWatched: report.isWatched), .strong),
            Sentences.joined([last, unfinished, network, watched]),
        ]
    }

    private func waiting(_ report: SafetyReport) -> [String] {
        guard let oldest = report.pending.first else {
            guard report.parked.isEmpty, report.reofferedCount == 0 else { return [Sentences.joined(atServer(report))] }
            return [
                report.atServerCount == 0
                    ? said("You have made nothing here that the server does not have.")
                    : Sentences.joined(
                        [
                            said("Everything you made is at the server (\(said(report.atServerCount, "change-set"))).")
                        ]
                            + givenUp(report))
            ]
        }
        let size = ByteText.size(report.waitingBytes)
        let age = HumanAge.text(of: oldest.madeAt, now: now)
        let count = said(
            report.pending.count, "change-set is safe on this device and waits for a sync",
            "change-sets are safe on this device and wait for a sync")
        let line = said("\(count): \(size), the oldest made \(age).")
        return [Sentences.joined([line] + atServer(report))] + list(report.pending)
    }

    /// How much is in the server's store, and how much is not though the server answered: parked, or lost in a restore.
    private func atServer(_ report: SafetyReport) -> [String] {
        let parkedHere = report.parked.count { $0.state == "invalid" }
        let parkedThere = report.parkedThereCount
        var parts: [String] = []
        if report.atServerCount > 0 {
            parts.append(said(report.atServerCount, "change-set is at the server.", "change-sets are at the server."))
        }
        if parkedThere > 0 { parts.append(said(parkedThere, "is parked there.", "are parked there.")) }
        if parkedHere > 0 { parts.append(said(parkedHere, "is parked on this device.", "are parked on this device.")) }
        if report.reofferedCount > 0 {
            parts.append(
                said(
                    report.reofferedCount, "waits until the restored server has taken it again.",
                    "wait until the restored server has taken them again."))
        }
        return parts + givenUp(report)
    }

    /// How much of what the server answered is in its store no more, nor waits there.
    private func givenUp(_ report: SafetyReport) -> [String] {
        guard report.givenUpCount > 0 else { return [] }
        return [
            said(
                report.givenUpCount, "was refused, and given up or corrected by a later one.",
                "were refused, and given up or corrected by later ones.")
        ]
    }

    /// How many change-sets are safe where, in two lines.
    private func receipts(of report: SafetyReport) -> [String] {
        let parkedHere = report.parked.count { $0.state == "invalid" }
        guard report.confirmedCount + report.pending.count + parkedHere > 0 else { return [] }
        let atServer = max(0, report.confirmedCount - report.backedUpCount - report.reofferedCount)
        let here = report.pending.count + parkedHere + report.reofferedCount
        let isMore = report.parkedThereCount + report.givenUpCount > 0
        let oldest = report.oldestNotBackedUp.map {
            said("The oldest in none was made \(HumanAge.text(of: $0, now: now)).")
        }
        let counts = Sentences.joined([
            said(
                "In a verified backup: \(report.backedUpCount). At the server, in no backup yet: \(atServer). On this device alone: \(here)."
            ), isMore ? said("That counts what was refused as well: it is kept, too.") : nil, oldest,
        ])
        guard let made = report.lastBackup else {
            return [counts, said("The server has told of no backup yet.")] + outlines(of: report)
        }
        let isOld = now.milliseconds - made.milliseconds > 2 * 86_400_000
        let age = said("The server's last backup that this device knows of: \(HumanAge.text(of: made, now: now)).")
        return [
            counts,
            isOld ? style.paint(Sentences.joined([age, said("That is long; ask the operator.")]), .strong) : age,
        ]
            + outlines(of: report)
    }

    /// Of which work this device keeps no more than an outline.
    private func outlines(of report: SafetyReport) -> [String] {
        guard report.outlineCount > 0 else { return [] }
        let count = said(report.outlineCount, "change-set")
        let line = said("Short of space, this device keeps no more than an outline of \(count) that the server has.")
        guard report.outlineCountWithoutBackup > 0 else { return [line] }
        let bare = said(
            report.outlineCountWithoutBackup, "of them is in no backup, and at the server alone.",
            "of them are in no backup, and at the server alone.")
        return [Sentences.joined([line, bare])]
    }

    /// What needs a person, each with the command to type next.
    private func attention(_ report: SafetyReport) -> [String] {
        var lines: [String] = []
        let (needing, awaiting) = (report.needing, report.parked.filter(\.isAwaitingReturn))
        if !needing.isEmpty {
            lines.append(
                style.paint(
                    said(
                        needing.count, "change-set is parked and needs you: `satchel queue list`.",
                        "change-sets are parked and need you: `satchel queue list`."), .strong))
            lines += list(needing)
        }
        if !awaiting.isEmpty {
            lines.append(
                said(
                    awaiting.count,
                    "change-set waits until the restored server has back what it lacks; you need do nothing.",
                    "change-sets wait until the restored server has back what it lacks; you need do nothing."))
        }
        if !report.unsealed.isEmpty {
            lines.append(
                style.paint(
                    said(
                        report.unsealed.count,
                        "record holds more than a change-set takes; look at it, and shorten it with `satchel set`:",
                        "records hold more than a change-set takes; look at them, and shorten them with `satchel set`:"),
                    .strong))
            lines += report.unsealed.prefix(Self.shownMax).map { "  satchel explain \($0)" }
        }
        if report.decideCount > 0 {
            lines.append(
                style.paint(
                    said(
                        report.decideCount, "record is in a conflict that you must decide: `satchel conflicts list`.",
                        "records are in a conflict that you must decide: `satchel conflicts list`."), .strong))
        }
        if report.reviewCount > 0 {
            lines.append(
                said(
                    report.reviewCount,
                    "record was edited in parallel, and the other values are kept: `satchel conflicts list --severity review`.",
                    "records were edited in parallel, and the other values are kept: `satchel conflicts list --severity review`."
                ))
        }
        return lines
    }

    private func machine(_ report: SafetyReport) -> [String] {
        var lines: [String] = []
        if let wrongness = report.clockWrongness {
            lines.append(
                said(
                    "This device's clock is \(Phrase(reading: wrongness)). Your work gets the right time all the same.")
            )
        } else if let error = report.clockErrorMilliseconds {
            let offset = abs(report.clockOffsetMilliseconds) + error
            lines.append(
                said("This device's clock was right within \(HumanAge.duration(seconds: offset / 1_000 + 1))."))
        }
        if let free = report.conditions.freeBytes {
            lines.append(said("Space left on this device: \(ByteText.size(free))."))
        }
        return lines
    }

    /// Why the last try failed and when the next one is, in one line.
    private func show(_ failure: SyncFailure, isWatched: Bool) -> String {
        let when = failure.failedAt.map { HumanAge.text(of: $0, now: now) } ?? said("lately")
        // No try by itself changes that, and what is kept is what people fear for.
        if failure.code == SatchelError.Code.deviceRevoked.word {
            return Sentences.joined([
                failure.sentence.map { SafeText.line(said(Phrase(reading: ShownTimes.here.instants(in: $0)))) },
                "[\(failure.code)]",
                said("Your work is kept on this device; ask the operator to let it in again, then `satchel sync`."),
            ])
        }
        var parts = [
            failure.count > 1
                ? said("The last try (\(when), \(failure.count) times in a row) did not end well:")
                : said("The last try (\(when)) did not end well:")
        ]
        if let sentence = failure.sentence { parts.append(SafeText.line(said(Phrase(reading: sentence)))) }
        parts.append("[\(SafeText.line(failure.code))]")
        if !isWatched {
            parts.append(said("`satchel sync` tries now; `satchel sync --watch` again and again."))
        } else if let next = failure.nextAttempt {
            parts.append(next > now ? said("Next try: \(local(next)).") : said("The next try is due."))
        }
        if let asked = failure.notBefore, asked > now {
            parts.append(said("The server asked to wait until \(local(asked))."))
        }
        return Sentences.joined(parts)
    }

    private func local(_ time: Timestamp) -> String { LocalTime.minute(time) }

    /// Each change-set on a line, and why it is parked on one below.
    private func list(_ work: [QueuedWork]) -> [String] {
        var lines = QueueText(style: style, width: width).lines(Array(work.prefix(Self.shownMax))) {
            HumanAge.text(of: $0.madeAt, now: now)
        }.map { "  " + $0 }
        if work.count > Self.shownMax {
            lines.append("  " + said("… and \(work.count - Self.shownMax) more; --json lists all."))
        }
        return lines
    }
}

extension HomeDoubt {
    /// What is wrong with the home, and what becomes of it.
    var sentence: String {
        let what: Phrase =
            switch reason {
            case "older":
                if let missing {
                    "This home was put back to an earlier day: \(missing.shortDescription), which was made here, is not in it. What had been synced comes back with the next sync; what had not is where the newer files are."
                } else {
                    "This home was put back to an earlier day: something that was made here is not in it. What had been synced comes back with the next sync; what had not is where the newer files are."
                }
            case "copy":
                if let original {
                    "This home is a copy of \(SafeText.line(original))."
                } else {
                    "This home is a copy of another one."
                }
            case "unreadable":
                "The end of this home's queue could not be read. What had been synced comes back with the next sync."
            default: "This home comes from another machine."
            }
        return Sentences.joined([
            said(what), said("The next sync goes on under a new name, and loses nothing that is here."),
        ])
    }
}

extension SafetyReport {
    var json: JSONValue {
        .members([
            "user": .text(user), "device": .text(device), "server": .text(server), "last_sync": .time(lastSync),
            "is_fetch_unfinished": .bool(isFetchUnfinished), "credential_taken_at": .time(credentialTakenAt),
            "checkpoint": .integer(Int64(clamping: checkpoint)),
            "clock_offset_milliseconds": .integer(clockOffsetMilliseconds),
            "clock_error_ms": clockErrorMilliseconds.map { .integer($0) } ?? .null,
            "clock": .text(optional: clockWrongness),
            "last_failure": .text(optional: lastFailure), "last_failure_sentence": .text(optional: failure?.sentence),
            "last_failure_at": .time(failure?.failedAt), "is_watched": .bool(isWatched),
            "doubt": doubt.map { .text($0.reason) } ?? .null,
            "doubt_missing": .text(optional: doubt?.missing?.description),
            "is_revoked": .bool(isRevoked), "failure_count": .count(failure?.count ?? 0),
            "next_attempt": .time(failure?.nextAttempt), "not_before": .time(failure?.notBefore),
            "confirmed_count": .count(confirmedCount), "at_server_count": .count(atServerCount),
            "parked_there_count": .count(parkedThereCount), "given_up_count": .count(givenUpCount),
            "reoffered_count": .count(reofferedCount), "backed_up_count": .count(backedUpCount),
            "last_backup": .time(lastBackup), "oldest_not_backed_up": .time(oldestNotBackedUp),
            "outline_count": .count(outlineCount), "outline_not_backed_up_count": .count(outlineCountWithoutBackup),
            "pending_count": .count(pending.count), "parked_count": .count(parked.count),
            "decide_count": .count(decideCount), "review_count": .count(reviewCount),
            "unsealed": .texts(unsealed.map(\.description)), "pending": .array(pending.map(\.json)),
            "parked": .array(parked.map(\.json)), "waiting_bytes": .integer(waitingBytes),
            "has_network": conditions.hasNetwork.map { .bool($0) } ?? .null,
            "free_bytes": conditions.freeBytes.map { .integer($0) } ?? .null,
        ])
    }
}

extension QueuedWork {
    var json: JSONValue { .object(jsonMembers) }

    var jsonMembers: [JSONMember] {
        [
            JSONMember("dot", .text(dot.description)), JSONMember("label", .text(label)),
            JSONMember("made_at", .time(madeAt)), JSONMember("state", .text(state)),
            JSONMember("records", .texts(records.map(\.description))),
            JSONMember("subject", .text(optional: subject)), JSONMember("code", .text(optional: code)),
            JSONMember("sentence", .text(optional: sentence)),
        ]
    }
}
