import ArgumentParser
import SatchelServer
import SatchelSync
import SatchelTerminal

/// Explains a change-set or a record.
struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Tell on one page what the engine knew of a change-set or a record, and what it decided.",
        discussion: HelpText.flowing(
            """
            Of a change-set: what its author had seen, what each write replaced and what became of it and why, the verdict, and
            which devices are known to have it. Of a record: why each field shows what it does, and who touched it last.

            Examples:
              satchel-server explain 4cc73f09:2 --data ./office
              satchel-server explain account 3f2a --data ./office
              satchel-server explain 4cc73f09:2 --json --data ./office | jq '.holders'
            """))

    @OptionGroup var subject: ExplainArguments
    @OptionGroup var data: DataOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let (type, what) = (subject.type, subject.what)
        let reply = try await data.withAccess(purpose: "explain") {
            try await $0.perform(.explain(type: type, what: what))
        }
        guard case .explanation(let explanation) = reply else { throw SatchelError.unexpectedReply }
        try output.show(explanation)
    }
}
