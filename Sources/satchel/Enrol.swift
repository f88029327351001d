import ArgumentParser
import Foundation
import SatchelClient
import SatchelSync
import SatchelTerminal

struct Enrol: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: said("Make this device a replica of a server, with a one-time code from the operator."),
        discussion: HelpText.flowing(
            """
            The code works once and for ten minutes; it names the key of a server that signs its own certificate. Plain
            http:// is taken for this machine alone.

            Examples:
              satchel enrol https://crm.example.org --code ABCD-EFGH-JKMN-PQRS \\
                --device "Ann's tablet"
              satchel enrol https://crm.office --code ABCD-EFGH-JKMN-PQRS --ca office-ca.pem

            A service of systemd, for this user alone, can keep the home in sync by itself (`satchel sync --watch`). On a terminal you are asked, unless
            --install-service or --no-service says it. It runs while you are logged in; `loginctl enable-linger` has it run always.
            """))

    @Argument(help: .said("The server's address."))
    var url: String
    @Option(help: .said("The one-time code that `satchel-server enrol-code` printed."))
    var code: String
    @Option(help: .said("What people call this device; its host name when not given.", name: "name"))
    var device: String?
    @Option(help: .said("Know the server by a certificate of this authority, PEM.", name: "file"), completion: .file())
    var ca: String?
    @Flag(help: .said("Install a service of systemd that keeps the home in sync, and ask nothing."))
    var installService = false
    @Flag(help: .said("Install no service, and ask nothing."))
    var noService = false
    @OptionGroup var replicaOptions: ReplicaOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard !installService || !noService else {
            throw ValidationError(said("--install-service and --no-service exclude each other."))
        }
    }

    func run() async throws {
        let replica = replicaOptions.replica
        let name = device ?? ProcessInfo.processInfo.hostName
        let enrolment = try await replica.enrol(
            serverURL: url, code: code, deviceName: name, trust: ca.map { try .authority(file: $0) })
        let names = [enrolment.device, enrolment.user, enrolment.server].map(SafeText.line)
        let text =
            Sentences.joined([
                said("This device is now \"\(names[0])\" of \(names[1]) at \(names[2])."),
                said("Run `satchel sync` to fetch the records."),
            ]) + "\n"
        // Before anything is asked or can go wrong.
        if !output.json { try StandardStream.output.write(text) }
        let service = HomeService(enrolment, home: replica.home, output: output)
        let path = installService || !noService && service.isWanted() ? try service.install() : nil
        guard output.json else { return }
        try output.show(
            json: .members([
                "user": .text(enrolment.user), "device": .text(enrolment.device), "server": .text(enrolment.server),
                "actor": .text(enrolment.actor.description), "home": .text(replica.home),
                "service": .text(optional: path),
            ]), text: text)
    }
}
