import ArgumentParser
import SatchelServer
import SatchelSync
import SatchelTerminal

/// Makes a store.
struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Make a new store in an empty folder.",
        discussion: HelpText.flowing(
            """
            Without --schema the store gets the CRM schema that Satchel ships: account, contact, opportunity, visit and more.
            The folder gets a key and a certificate that it signs itself, for servers that have no other.

            Examples:
              satchel-server init --data ./office
              satchel-server init --data ./office --name "Acme North" --schema our.yaml
            """))

    @OptionGroup var data: DataOptions
    @OptionGroup var output: OutputOptions

    @Option(name: .long, help: ArgumentHelp("What people call the server.", valueName: "name"))
    var name = "Satchel server"

    @Option(name: .long, help: ArgumentHelp("A schema file in YAML.", valueName: "file"), completion: .file())
    var schema: String?

    func run() async throws {
        let path = try data.path()
        let source = try schema.map { try readFile($0, what: "schema file") }
        let identity = try StoreMaker.make(path: path, name: name, schemaSource: source)
        try OwnCertificate(dataPath: path).make()
        try output.show(
            json: .members([
                "name": .text(identity.name), "epoch": .text(identity.epoch), "actor": .text(identity.actor),
                "schema_version": .integer(Int64(identity.schemaVersion)), "data": .text(path),
            ]),
            text: "Made the store \"\(identity.name)\" in \(path).\n")
        output.say("Next: satchel-server user add NAME --data \(path)")
    }
}
