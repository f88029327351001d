import ArgumentParser
import SatchelServer
import SatchelStorage
import SatchelSync
import SatchelTerminal

/// Holds the store against its log, and mends it.
struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Make everything that the store derives from its log anew, and name each row that differs.",
        discussion: HelpText.flowing(
            """
            Reads the log from the first change-set on, checks its chain, merges it once more beside the store, and compares: states,
            plain tables, conflicts, the feed, parked work, actors, indexes.

            Without --rebuild nothing is written, and it may run beside a running server: it looks at one moment, and what the server
            writes meanwhile stays in the write-ahead log until it is done. With --rebuild the server has to be stopped: what differs
            is written as the log has it, in one transaction, and the records concerned go to every device anew. What the log itself
            lost it cannot bring back; then nothing is written, and the store has to be restored from a backup.

            It takes about as long as merging the whole log did, and about as much space as the store has, where temporary files go
            (TMPDIR, or /var/tmp).

            Exit codes: 0 nothing differs, or all was mended; 3 something differs; 1 the log does not hold, or it could not be done.

            Examples:
              satchel-server verify --data ./office
              satchel-server verify --rebuild --data ./office
            """))

    @Flag(help: "Write what differs as the log has it; the server has to be stopped.")
    var rebuild = false

    @OptionGroup var data: DataOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let verifier = StoreVerifier(path: try data.path())
        let progress = Progress(output)
        let tell: StoreVerifier.Progress = { step in progress.report(step.sentence) }
        let report = try await rebuild ? verifier.rebuild(progress: tell) : verifier.verify(progress: tell)
        progress.finish()
        try output.show(json: report.json, text: text(report))
        if report.needsPerson { throw ExitCode(3) }
    }

    private func text(_ report: VerificationReport) -> String {
        let log = "\(Counted.text(report.entryCount, "entry", "entries")) up to sequence \(report.sequence)"
        let findings = report.findings
        guard !findings.areNone else {
            return "All is as the log says: \(log).\nDigest \(report.digest).\n"
        }
        var table = TextTable([
            .init("TABLE", isCuttable: false), .init("RECORD OR ROW", isCuttable: false), .init("WHAT"),
        ])
        for difference in findings.differences {
            let place = difference.record?.description ?? difference.row
            table.add([
                .init(SafeText.line(difference.shownTable)), .init(SafeText.line(place)), .init(difference.what),
            ])
        }
        let more = findings.count - findings.differences.count
        let sentences = [
            "\(Counted.text(findings.count, "row")) \(findings.count == 1 ? "differs" : "differ") from what the log says:",
            table.rendered(width: output.width, style: output.style)
                + (more > 0 ? "… and \(more) more.\n" : "") + end(of: report),
        ]
        return sentences.joined(separator: "\n") + "\n"
    }

    private func end(of report: VerificationReport) -> String {
        let findings = report.findings
        if report.isMended {
            let served = findings.recordCount
            let records =
                served > 0
                ? " \(Counted.text(served, "record")) \(served == 1 ? "goes" : "go") to every device anew." : ""
            return "All of it was written as the log has it.\(records)\nDigest \(report.digest)."
        }
        if findings.beyondMendingCount > 0 {
            return "The log cannot mend \(findings.beyondMendingCount) of it; nothing was written. Restore a backup."
        }
        let command = (["satchel-server verify --rebuild"] + data.repeated).joined(separator: " ")
        return "Nothing was written. Stop the server and run `\(command)`."
    }
}

extension VerificationProgress {
    /// What is done, for a person.
    fileprivate var sentence: String {
        let share = total > 0 ? ", \(min(done, total) * 100 / total) %" : ""
        return switch step {
        case .checkingFile: "Looking through the file"
        case .reading: "Reading the log\(share)"
        case .comparing: "Comparing records\(share)"
        case .mending: "Writing what differs\(share)"
        }
    }
}

extension StoreDifference {
    fileprivate var shownTable: String { table.isEmpty ? "(file)" : table }

    /// What is wrong, for a person.
    fileprivate var what: String {
        let names = SafeText.line(columns.joined(separator: ", "))
        return switch kind {
        case .missing: "is missing"
        case .superfluous: "nothing asks for it"
        case .differs: table.isEmpty ? names : "other than the log says" + (names.isEmpty ? "" : ": \(names)")
        }
    }

    fileprivate var json: JSONValue {
        .members([
            "table": .text(table), "record": .text(optional: record?.description),
            "row": .text(optional: row.isEmpty ? nil : row), "kind": .text(kind.rawValue),
            "columns": .array(columns.map { .text($0) }), "can_be_mended": .bool(canBeMended),
        ])
    }
}

extension VerificationReport {
    fileprivate var json: JSONValue {
        .members([
            "log_entries": .integer(entryCount), "sequence": .integer(Int64(clamping: sequence.number)),
            "digest": .text(digest), "is_mended": .bool(isMended), "difference_count": .integer(Int64(findings.count)),
            "beyond_mending_count": .integer(Int64(findings.beyondMendingCount)),
            "record_count": .integer(Int64(findings.recordCount)),
            "differences": .array(findings.differences.map(\.json)),
        ])
    }
}
