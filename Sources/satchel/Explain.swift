import ArgumentParser
import SatchelClient
import SatchelInspection
import SatchelTerminal

struct Explain: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: said("Tell on one page what this device knows of an edit or a record, and what was decided."),
        discussion: HelpText.flowing(
            """
            Of an own edit: what its author had seen, what it replaced, what became of each value and why, and whether the
            server has it. Of others' edits: what still stands. Of a record: why each field shows what it does. Answers without
            a network.

            Examples:
              satchel explain 4cc73f09:2
              satchel explain account 3f2a
              satchel explain 3f2a --json | jq '.fields[].decision'
            """))

    @OptionGroup var subject: ExplainArguments
    @OptionGroup var replicaOptions: ReplicaOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        try output.show(try replicaOptions.replica.explain(typeName: subject.type, subject.what), times: .here)
    }
}
