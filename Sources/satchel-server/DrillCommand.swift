import ArgumentParser
import Foundation
import SatchelServer
import SatchelStorage
import SatchelSync
import SatchelTerminal

/// Tries a backup before it is needed.
struct DrillCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drill",
        abstract: "Do to a copy what a disaster would: restore the newest backup, and say what it is worth.",
        discussion: HelpText.flowing(
            """
            Verifies the newest backup that the store knows of and whose file is there, or FILE; restores it into a scratch folder,
            where it begins a new life; merges its log once more and compares the digest; and gives it back what devices hold, as they
            would offer it themselves. Then it says how long that took, how old the backup is, and what would be lost without the
            devices and with them. The store is only read, also beside a running server, and the copy is gone in the end.

            It takes about the time of a restore and of `verify`. The copy takes as much space as the backup, in the data folder
            unless --scratch names another one, and `verify` as much again where temporary files go.

            Exit codes: 0 the backup can be used; 3 it can, and rows of it differ from its log (`verify --rebuild` after the restore
            mends them); 1 it cannot be used, or the drill could not be made.

            Examples:
              satchel-server drill --data ./office
              satchel-server drill /mnt/safe/office.backup --data ./office --json
            """))

    @Argument(help: "A file that `backup` made; the newest one when left out.")
    var file: String?

    @Option(
        name: .long, help: ArgumentHelp("Where the copy is made; the data folder when left out.", valueName: "dir"),
        completion: .directory)
    var scratch: String?

    @OptionGroup var data: DataOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let path = data.named
        if path == nil, file == nil { _ = try data.path() }
        let drill = RestoreDrill(
            path: path, scratch: scratch ?? path ?? FileManager.default.temporaryDirectory.path)
        let progress = Progress(output)
        let report = try await drill.run(file: file.map { URL(filePath: $0).standardizedFileURL.path }) {
            step, done, total in
            progress.report(step.sentence + (total > 0 ? ", \(min(done, total) * 100 / total) %" : ""))
        }
        progress.finish()
        try output.show(json: report.json, text: report.sentences)
        if !report.isUsable { throw ExitCode(1) }
        if report.needsPerson { throw ExitCode(3) }
    }
}

extension DrillReport.Step {
    fileprivate var sentence: String {
        switch self {
        case .restoring: "Restoring the backup into a scratch folder"
        case .replaying: "Merging its log once more"
        case .returning: "Giving it back what devices hold"
        }
    }
}

extension DrillReport {
    fileprivate var sentences: String {
        ([verdict] + missing + replay + loss).joined(separator: "\n") + "\n"
    }

    private var verdict: String {
        let name = SafeText.line(path)
        if let problem {
            let remedy = problem.remedy.map { " \($0)" } ?? ""
            return
                "The backup \(name) cannot be used: \(SafeText.line(problem.message + remedy)) [\(problem.code.word)]"
        }
        guard let point else { return "" }
        let age = HumanAge.duration(seconds: ageSeconds ?? 0)
        let last = point.lastChangeSet.map { ", change-set \($0)" } ?? ""
        return """
            The backup \(name) can be used: everything up to sequence \(point.sequence)\(last), \(point.madeAt), \(age) ago.
            Verified and restored in \(restoreTime.shown), and its log merged once more in \(replayTime.shown).
            """
    }

    private var missing: [String] {
        guard let first = missingPaths.first else { return [] }
        let more = missingPaths.count > 1 ? " and \(missingPaths.count - 1) more" : ""
        return ["Newer backups are not where they were made: \(SafeText.line(first))\(more)."]
    }

    private var replay: [String] {
        guard let point, isUsable else { return [] }
        guard findings.areNone else {
            let rows = Counted.text(findings.count, "row")
            return [
                """
                The records are the right ones, but \(rows) of the copy \(findings.count == 1 ? "differs" : "differ") from what its log says: \
                after a restore, run `satchel-server verify --rebuild`.
                """
            ]
        }
        return ["All is as its log says, and the digest is that of the store at that sequence: \(point.digest)."]
    }

    private var loss: [String] {
        guard isUsable else { return [] }
        guard let since else { return ["There is no store that it is of to compare it with."] }
        guard since.changeSetCount > 0 else { return ["Nothing would be lost: the store has taken nothing since."] }
        var lines = [
            "Without the devices \(Counted.text(since.changeSetCount, "change-set")) of since then would be lost."
        ]
        if since.deviceChangeSetCount > 0 {
            lines.append(
                """
                \(since.returnedCount) of the \(since.deviceChangeSetCount) that \(Counted.text(since.deviceCount, "device")) made \
                came back in the copy\(since.isSame ? ", which then was the store again, record by record" : "").
                """)
        }
        if since.officeChangeSetCount > 0 {
            lines.append(
                """
                \(Counted.text(since.officeChangeSetCount, "change-set")) of the office would not come back; \
                devices have received what \(since.receivedOfficeCount) of them did, and offer that under `recovery open`.
                """)
        }
        if since.strangerChangeSetCount > 0 {
            lines.append(
                """
                \(Counted.text(since.strangerChangeSetCount, "change-set")) are of \
                \(Counted.text(since.strangerCount, "device")) enrolled since, which the restored server would not know: make a backup.
                """)
        }
        return lines
    }

    fileprivate var json: JSONValue {
        .members([
            "is_usable": .bool(isUsable), "error": problem.map(\.failureJSON) ?? .null, "path": .text(path),
            "missing_paths": .array(missingPaths.map { .text($0) }), "byte_count": .integer(byteCount),
            "sequence": point.map { .integer(Int64(clamping: $0.sequence.number)) } ?? .null,
            "log_entries": point.map { .integer($0.position) } ?? .null,
            "last_change_set": .text(optional: point?.lastChangeSet?.description),
            "digest": .text(optional: point?.digest), "replayed_digest": .text(optional: replayedDigest),
            "difference_count": .count(findings.count),
            "epoch": .text(optional: epoch?.description), "made_at": .text(optional: point?.madeAt.description),
            "age_s": ageSeconds.map { .integer($0) } ?? .null, "restore_ms": .integer(restoreTime.milliseconds),
            "replay_ms": .integer(replayTime.milliseconds), "return_ms": .integer(returnTime.milliseconds),
            "since": since.map(\.json) ?? .null,
        ])
    }
}

extension DrillReport.Since {
    fileprivate var json: JSONValue {
        .members([
            "sequence": .integer(Int64(clamping: sequence.number)), "change_set_count": .count(changeSetCount),
            "device_count": .count(deviceCount), "device_change_set_count": .count(deviceChangeSetCount),
            "returned_count": .count(returnedCount), "office_change_set_count": .count(officeChangeSetCount),
            "received_office_count": .count(receivedOfficeCount), "stranger_count": .count(strangerCount),
            "stranger_change_set_count": .count(strangerChangeSetCount), "is_same": .bool(isSame),
        ])
    }
}

extension Duration {
    fileprivate var milliseconds: Int64 { Int64(self / .milliseconds(1)) }

    /// Such as `0.42 s`.
    fileprivate var shown: String {
        let hundredths = milliseconds / 10
        return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100) s"
    }
}
