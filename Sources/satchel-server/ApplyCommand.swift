import ArgumentParser
import Foundation
import SatchelServer
import SatchelSync
import SatchelTerminal

/// Applies edits made at the office.
struct ApplyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply", abstract: "Apply records and edits from a file of JSON lines.",
        discussion: HelpText.flowing(
            """
            A line is a record, {"type": "account", "id": "…", "set": {"name": "Acme"}}, or a change-set,
            {"label": "…", "changes": [{"op": "update", "type": "account", "id": "…", "set": {…}}]}; op is create, update,
            delete or revive. A line that is refused does not stop the others; the command then ends with exit code 1.

            Examples:
              satchel-server apply customers.jsonl --as ann --data ./office
              satchel-server apply - --as ann --data ./office --json < edits.jsonl
            """))

    @Argument(help: "A file of JSON lines, or - for standard input.")
    var file: String

    @OptionGroup var editor: EditorOptions

    @Flag(name: .long, help: "Let an edit settle a conflict that a person must decide.")
    var settle = false

    @OptionGroup var data: DataOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let bytes = try input()
        var (applied, refused) = (0, 0)
        try await data.withAccess(purpose: "apply") { access in
            for batch in EditBatches(bytes) {
                let judged = try await perform(batch.lines, access)
                for outcome in batch.outcomes(with: judged) {
                    if outcome.problem == nil { applied += 1 } else { refused += 1 }
                    try report(outcome)
                }
            }
        }
        output.say("Applied \(applied), refused \(refused).")
        if refused > 0 { throw ExitCode(1) }
    }

    private func perform(_ lines: [ApplyRequest.Line], _ access: any OperatorAccess) async throws -> [EditOutcome] {
        let reply = try await access.perform(.apply(ApplyRequest(lines: lines, user: editor.user, settles: settle)))
        guard case .applied(let outcomes) = reply else { throw SatchelError.unexpectedReply }
        return outcomes
    }

    private func report(_ outcome: EditOutcome) throws {
        if output.json {
            try StandardStream.output.write(OutputOptions.line(outcome.json))
        } else if let problem = outcome.problem {
            try StandardStream.error.write("satchel-server: \(SafeText.line(problem.error.description))\n")
        }
    }

    private func input() throws -> [UInt8] {
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

extension EditOutcome {
    fileprivate var json: JSONValue {
        .members([
            "line": .count(line), "dot": .text(optional: dot), "verdict": .text(optional: verdict),
            "records": .texts(records), "error": problem.map { $0.error.json["error"] ?? .null } ?? .null,
        ])
    }
}
