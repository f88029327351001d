import ArgumentParser
import Foundation
import SatchelClient
import SatchelSync
import SatchelTerminal

struct Enrol: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make this device a replica of a server, with a one-time code from the operator.",
        discussion: HelpText.flowing(
            """
            The code works once and for ten minutes; it names the key of a server that signs its own certificate. Plain
            http:// is taken for this machine alone.

            Examples:
              satchel enrol https://crm.example.org --code ABCD-EFGH-JKMN-PQRS \\
                --device "Ann's tablet"
              satchel enrol https://crm.office --code ABCD-EFGH-JKMN-PQRS --ca office-ca.pem
            """))

    @Argument(help: "The server's address.")
    var url: String
    @Option(help: "The one-time code that `satchel-server enrol-code` printed.")
    var code: String
    @Option(help: ArgumentHelp("What people call this device; its host name when not given.", valueName: "name"))
    var device: String?
    @Option(help: ArgumentHelp("Know the server by a certificate of this authority, PEM.", valueName: "file"))
    var ca: String?
    @OptionGroup var replicaOptions: ReplicaOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let replica = replicaOptions.replica
        let name = device ?? ProcessInfo.processInfo.hostName
        let enrolment = try await replica.enrol(
            serverURL: url, code: code, deviceName: name, trust: ca.map { try .authority(file: $0) })
        try output.show(
            json: .members([
                "user": .text(enrolment.user), "device": .text(enrolment.device), "server": .text(enrolment.server),
                "actor": .text(enrolment.actor.description), "home": .text(replica.home),
            ]),
            text: """
                This device is now "\(SafeText.line(enrolment.device))" of \(SafeText.line(enrolment.user)) at \
                \(SafeText.line(enrolment.server)). Run `satchel sync` to fetch the records.

                """)
    }
}
