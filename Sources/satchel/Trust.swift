import ArgumentParser
import SatchelClient
import SatchelSync
import SatchelTerminal

struct Trust: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: said("Show by what this device knows its server, or change it."),
        discussion: HelpText.flowing(
            """
            A server whose certificate an authority signed is known by its host's name, and may renew the certificate. One that
            signs its own is known by its key, which the enrolment code named: when it gets another key, ask the operator for
            it (`satchel-server certificate show`), and not over the same line.

            Examples:
              satchel trust
              satchel trust 7M2K-90QX-W3TB-4FZE-K8AC-J5DH
              satchel trust --ca office-ca.pem
            """))

    @Argument(help: .said("The key, as `satchel-server certificate show` prints it."))
    var key: String?
    @Option(help: .said("Know it by a certificate of this authority, PEM.", name: "file"), completion: .file())
    var ca: String?
    @Flag(help: .said("Know it by a certificate of an authority that the system trusts."))
    var system = false
    @OptionGroup var replicaOptions: ReplicaOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard [key != nil, ca != nil, system].count(where: \.self) <= 1 else {
            throw ValidationError(said("Say only one of KEY, --ca and --system."))
        }
    }

    func run() async throws {
        let replica = replicaOptions.replica
        if let trust = try wanted() { try replica.setServerTrust(trust) }
        let (url, trust) = try replica.serverTrust()
        try output.show(
            json: .members([
                "server": .text(url), "trust": .text(trust.name), "key": .text(optional: trust.key),
            ]), text: trust.sentence(about: url))
    }

    private func wanted() throws -> ServerTrust? {
        if let key { return try .key(key) }
        if let ca { return try .authority(file: ca) }
        return system ? .system : nil
    }
}

extension ServerTrust {
    /// What `trust` says.
    fileprivate func sentence(about url: String) -> String {
        let server = SafeText.line(url)
        let phrase: Phrase =
            if url.lowercased().hasPrefix("http://") {
                "\(server) is on this machine, and known by nothing else."
            } else if let key {
                "\(server) is known by its key \(key)."
            } else if self == .system {
                "\(server) is known by a certificate of an authority that the system trusts."
            } else {
                "\(server) is known by a certificate of its own authority."
            }
        return said(phrase) + "\n"
    }
}
