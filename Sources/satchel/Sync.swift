import ArgumentParser
import SatchelClient
import SatchelInspection
import SatchelSync
import SatchelTerminal

struct Sync: AsyncParsableCommand, StoppableCommand {
    static let configuration = CommandConfiguration(
        abstract: said("Send what waits and fetch what is new."),
        discussion: HelpText.flowing(
            """
            Other commands work meanwhile. It tries at once, whenever the next retry is planned; only while the server has asked to be
            left alone it sends nothing, unless --now is given. Exits 0 when all is done, 3 when a person is needed, 4 when the server did not
            answer (everything is kept, and the next sync goes on), 1 for anything else.

            With --watch it goes on until it is stopped (Ctrl-C, or SIGTERM): it syncs as soon as something was edited here or came to the server, and
            after a failure again and again, in growing pauses. It prints a line for each sync, and exits 0.

            On a bad line --only own sends what was made here and fetches nothing, and --only 3f2a, which may stand several times, sends up to the last
            edit of that record. --only data is everything but the bytes of photos. --max-bytes 200k ends the sync in good order when about as much
            has gone over the line, both ways, own work first: what came is kept, it exits 4, and the next sync goes on from there.

            Examples:
              satchel sync
              satchel sync --only own
              satchel sync --max-bytes 200k
              satchel sync --json | jq .pending_count
              satchel sync --watch
            """))

    @Flag(help: .said("Try even while the server has asked to be left alone."))
    var now = false
    @Flag(help: .said("Go on until stopped: sync on each edit, on the server's news, and after failures."))
    var watch = false
    @Option(help: .said("As much of it: own, data, or what was made of a record.", name: "own|data|id"))
    var only: [String] = []
    @Option(
        parsing: .unconditional,
        help: .said("At most about as many bytes, such as 200k or 1.5m; at least 10k.", name: "n"))
    var maxBytes: ByteLimit?
    @OptionGroup var replicaOptions: ReplicaOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard only.isEmpty || !watch else { throw ValidationError(said("--only is for one sync.")) }
        guard only.count < 2 || !only.contains(where: { ["own", "data"].contains($0) }) else {
            throw ValidationError(said("--only takes own or data alone, or ids of records."))
        }
        guard maxBytes == nil || !watch else { throw ValidationError(said("--max-bytes is for one sync.")) }
        try maxBytes?.requireEnough()
        guard !now || !watch else { throw ValidationError(said("--now is for one sync; --watch waits by itself.")) }
    }

    func run() async throws {
        if watch { return try await keepInSync() }
        let progress = Progress(output)
        let report: SyncReport
        do {
            let replica = replicaOptions.replica
            let reach: SyncReach =
                switch only.first {
                case nil, "data": .all
                case "own": .own(through: nil)
                default: try replica.reach(ofRecords: only)
                }
            report = try await replica.sync(
                reach, bytesMax: maxBytes?.bytes, isUrgent: now,
                onProgress: { step in step.report(to: progress) },
                onIndexed: { done, total in progress.reportIndex(done, of: total) })
            progress.finish()
        } catch let error as SatchelError where error.isTransient && error.code != .databaseInUse {
            progress.finish()
            let end = ProgramEnd.failed(error, program: "satchel", isJSON: output.json, exitCode: 4)
            try StandardStream.error.write(end.error)
            throw ExitCode(4)
        }
        try output.show(json: report.json, text: report.text)
        if report.isLimitReached { throw ExitCode(4) }
        if report.needsPerson { throw ExitCode(3) }
    }

    var stopped: String {
        said("Stopped. What was recorded is kept, and what came, too; `satchel sync` goes on from there.")
    }

    private func keepInSync() async throws {
        let (replica, output) = (replicaOptions.replica, output)
        if try replica.safetyReport().failure != nil {
            output.say(said("The last sync failed; `satchel status` says when the next is due."))
        }
        try await untilInterrupted {
            try await replica.keepInSync { round in try output.show(json: round.json, text: round.text) }
        }
        output.say(said("Stopped. Everything is kept."))
    }
}

extension SyncStep {
    /// Shows how far it is.
    ///
    /// How many records there are to fetch the server does not say.
    fileprivate func report(to progress: Progress) {
        switch self {
        case .sent(let count, let total):
            progress.report(
                said("\(min(count, total)) of \(said(total, "change-set")) sent"), .init("send", done: count, of: total)
            )
        case .fetched(let count, let bytes):
            progress.report(said("\(said(count, "record")) fetched"), .init("fetch", done: count, bytes: bytes))
        }
    }
}

extension Progress {
    /// Shows how far the index of `search` is.
    func reportIndex(_ done: Int, of total: Int) {
        let done = min(done, total)
        report(said("Took \(done) of \(said(total, "record")) into the index"), .init("index", done: done, of: total))
    }
}

extension SyncRound {
    var json: JSONValue {
        let (report, error, next): (JSONValue, JSONValue, Timestamp?) =
            switch outcome {
            case .done(let report): (report.json, .null, nil)
            case .failed(let error, let next): (.null, error.failureJSON, next)
            }
        return .members([
            "round": .count(number), "at": .time(startedAt), "report": report, "error": error,
            "next_attempt": .time(next),
        ])
    }

    var text: String {
        switch outcome {
        case .done(let report): return "\(LocalTime.minute(startedAt))  \(report.summary)\n"
        case .failed(let error, let next):
            let why = Sentences.joined([
                SafeText.line(said(Phrase(reading: error.message))), "[\(SafeText.line(error.code.word))]",
                next.map { said("Next try: \(LocalTime.minute($0)).") },
            ])
            return "\(LocalTime.minute(startedAt))  \(why)\n"
        }
    }
}

extension SyncReport {
    var json: JSONValue {
        .members([
            "pushed_count": .count(pushedCount), "applied_count": .count(appliedCount),
            "applied_with_conflicts_count": .count(conflictingCount), "parked_count": .count(parkedCount),
            "pulled_count": .count(pulledCount), "is_complete": .bool(isComplete),
            "checkpoint": .integer(Int64(clamping: checkpoint)),
            "decide_count": .count(decideCount), "review_count": .count(reviewCount),
            "parked_total": .count(parkedTotal), "pending_count": .count(pendingCount),
            "fork_count": .count(forkCount), "renamed_count": .count(renamedCount),
            "is_server_restored": .bool(isServerRestored), "returned_count": .count(returnedCount),
            "news_count": .count(newsCount), "sent_bytes": .count(sentBytes), "received_bytes": .count(receivedBytes),
            "is_limit_reached": .bool(isLimitReached), "next_bytes": nextBytes.map { .count($0) } ?? .null,
        ])
    }

    /// The first line.
    var summary: String {
        let (sent, fetched) = (said(pushedCount, "change-set"), said(pulledCount, "record"))
        guard !isLimitReached else {
            let bytes = ByteText.size(Int64(sentBytes + receivedBytes))
            return said("Sent \(sent), fetched \(fetched), and stopped after \(bytes), as --max-bytes says.")
        }
        guard isComplete else { return said("Sent \(sent), and fetched nothing.") }
        return said("Sent \(sent), fetched \(fetched); complete up to \(checkpoint).")
    }

    /// What is left, where as many bytes have passed as were to.
    private var left: [String] {
        guard isLimitReached else { return [] }
        var lines: [String] = []
        if pendingCount > 0 {
            lines.append(
                said(pendingCount, "change-set waits for the next sync.", "change-sets wait for the next sync."))
        }
        if let nextBytes {
            lines.append(
                said("The next of them takes \(ByteText.size(Int64(nextBytes))), which is more than was left."))
        }
        if pendingCount == 0 {
            lines.append(
                said("What came is kept; the next sync goes on from there, and once all is here the tables show it."))
        }
        return lines
    }

    var text: String {
        var lines = [summary] + left
        if forkCount > 0 {
            lines.append(
                Sentences.joined([
                    said(
                        "This home is a copy of another, or was put back to an earlier day. It goes on under a new name and has lost nothing."
                    ), said(renamedCount, "change-set has a new name.", "change-sets have new names."),
                ]))
        }
        if isServerRestored {
            lines.append(
                said(
                    "The server was restored from a backup. This home keeps all it made, and gives back what the server lacks."
                ))
        }
        if returnedCount > 0 {
            lines.append(
                said("Offered \(said(returnedCount, "change-set")) again: the server took what it had lost of them."))
        }
        if parkedTotal > 0 {
            lines.append(
                said(
                    parkedTotal, "change-set is parked and needs you: `satchel status` says why.",
                    "change-sets are parked and need you: `satchel status` says why."))
        }
        if decideCount > 0 {
            lines.append(
                said(
                    decideCount, "record is in a conflict that you must decide: `satchel conflicts list`.",
                    "records are in a conflict that you must decide: `satchel conflicts list`."))
        }
        if reviewCount > 0 {
            lines.append(
                said(
                    reviewCount, "record was edited in parallel: `satchel conflicts list --severity review`.",
                    "records were edited in parallel: `satchel conflicts list --severity review`."))
        }
        if newsCount > 0 {
            lines.append(
                said(
                    newsCount, "thing was done by others that you have not seen: `satchel news`.",
                    "things were done by others that you have not seen: `satchel news`."))
        }
        if pendingCount > 0, !isLimitReached {
            lines.append(
                said(
                    pendingCount, "change-set waits for the next sync.", "change-sets wait for the next sync."))
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

/// How many bytes a sync may take, as it is typed: `200k`, `1.5m`, `300000`.
struct ByteLimit: ExpressibleByArgument {
    let bytes: Int

    /// With less there is hardly room for an edit beside what an exchange takes.
    private static let bytesMin = 10_000
    private static let units = ["": 1, "b": 1, "k": 1_000, "kb": 1_000, "m": 1_000_000, "mb": 1_000_000]

    init?(argument: String) {
        let text = argument.lowercased()
        let number = text.prefix { $0.isNumber || $0 == "." }
        guard let unit = Self.units[text.dropFirst(number.count).trimmingPrefix(" ").lowercased()],
            let count = Double(number), count * Double(unit) < 1e15
        else { return nil }
        bytes = Int(count * Double(unit))
    }

    func requireEnough() throws {
        guard bytes >= Self.bytesMin else { throw ValidationError(said("--max-bytes takes at least 10k.")) }
    }
}
