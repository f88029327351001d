import ArgumentParser
import Foundation
import SatchelClient
import SatchelSync
import SatchelTerminal

struct Apply: ParsableCommand, StoppableCommand {
    static let configuration = CommandConfiguration(
        abstract: said("Make the edits of a file of JSON lines."),
        discussion: HelpText.flowing(
            """
            A line is a record, {"type": "account", "id": "…", "set": {"name": "Acme"}}, or a change-set,
            {"label": "…", "at": "…", "changes": [{"op": "update", "type": "account", "id": "…", "set": {…}}]}; op is create,
            update, delete or revive. Each becomes a change-set of this device; "at" is kept as the time of the edit. A line that
            is refused does not stop the others; the command then ends with exit code 1.

            Examples:
              satchel apply day.jsonl
              satchel apply - --json < day.jsonl
            """))

    @Argument(help: .said("A file of JSON lines, or - for standard input."), completion: .file())
    var file: String
    @Flag(help: .said("Write over the values of conflicts that a person must decide."))
    var settle = false
    @OptionGroup var replicaOptions: ReplicaOptions
    @OptionGroup var output: OutputOptions

    var stopped: String { said("Stopped. The edits made so far are kept: `satchel queue list` shows them.") }

    func run() throws {
        let bytes = try FileInput.bytes(of: file)
        var (made, refused) = (0, 0)
        let progress = Progress(output)
        let total = bytes.count { $0 == UInt8(ascii: "\n") } + (bytes.last == UInt8(ascii: "\n") ? 0 : 1)
        try replicaOptions.replica.apply(bytes, settles: settle) { lines in
            for line in lines {
                switch line.result {
                case .success(let outcome):
                    made += 1
                    if output.json { try print(line: line.number, outcome: outcome, error: nil) }
                case .failure(let error):
                    refused += 1
                    if output.json {
                        try print(line: line.number, outcome: nil, error: error)
                    } else {
                        progress.finish()
                        try StandardStream.error.write("satchel: \(SafeText.line(error.said))\n")
                    }
                }
            }
            let done = min(lines.last?.number ?? total, total)
            progress.report(said("Line \(done) of \(total)"), .init("apply", done: done, of: total))
        }
        progress.finish()
        output.say(said("Made \(said(made, "edit")), refused \(refused)."))
        if refused > 0 { throw ExitCode(1) }
    }

    private func print(line: Int, outcome: EditOutcome?, error: SatchelError?) throws {
        try StandardStream.output.write(
            OutputOptions.line(
                .members([
                    "line": .count(line), "dot": .text(optional: outcome?.dot.description),
                    "records": .texts((outcome?.records ?? []).map(\.description)),
                    "error": error.map { $0.json["error"] ?? .null } ?? .null,
                ])))
    }
}

/// What a command reads from a file that a person names.
enum FileInput {
    /// The bytes of a file, or of standard input for `-`.
    ///
    /// - Throws: ``SatchelError`` `invalid_request` where it cannot be read.
    static func bytes(of file: String) throws -> [UInt8] {
        do {
            let data =
                try file == "-" ? FileHandle.standardInput.readToEnd() ?? Data() : Data(contentsOf: URL(filePath: file))
            return Array(data)
        } catch {
            throw SatchelError(
                .invalidRequest, "The file \(file) cannot be read.", remedy: "Check the path and who may read it.",
                cause: error)
        }
    }
}
