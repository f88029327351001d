import ArgumentParser
import Foundation
import SatchelClient
import SatchelTerminal

struct Photo: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Record pictures.", subcommands: [PhotoAdd.self])
}

struct PhotoAdd: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Record a picture of a visit or an account: name, size and SHA-256 of its file.",
        discussion: HelpText.flowing(
            """
            The row syncs like every other; the file stays where it is.

            Example:
              satchel photo add shelf.jpg --of 77c1 caption="Aisle 3"
            """))

    @Argument(help: "The file.")
    var file: String
    @Option(
        name: .customLong("of"),
        help: ArgumentHelp("The id of the visit or account, or a unique ending of it.", valueName: "id"))
    var about: String
    @OptionGroup var replicaOptions: ReplicaOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var fields: AssignmentArguments

    func run() throws {
        let picture = PhotoFile(name: URL(filePath: file).lastPathComponent, bytes: try FileInput.bytes(of: file))
        let outcome = try replicaOptions.replica.addPhoto(picture, about: about, assignments: try fields.parsed())
        try output.show(outcome, verb: "Added photo")
    }
}
