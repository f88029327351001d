import ArgumentParser
import SatchelServer
import SatchelSync
import SatchelTerminal

/// The server's own certificate.
struct CertificateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "certificate", abstract: "Show or make the certificate that devices know the server by.",
        subcommands: [Show.self, New.self])

    /// Shows the key of a certificate.
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the key of a certificate, for `satchel trust`.",
            discussion: HelpText.flowing(
                """
                Without --certificate and --key it is the one that `init` or `certificate new` made.

                Example:
                  satchel-server certificate show --data ./office
                """))

        @OptionGroup var data: DataOptions
        @OptionGroup var pair: CertificateOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let own = OwnCertificate(dataPath: try data.path())
            let keys = try pair.keys() ?? own.keys()
            try output.show(
                json: .members([
                    "certificate": .text(pair.certificate ?? own.certificatePath), "key": .text(keys.keyText),
                    "sha256": .text(keys.keyHash), "self_signed": .bool(keys.isSelfSigned),
                ]), text: "\(keys.keyText)\n")
            output.say(
                keys.isSelfSigned
                    ? "Devices know the server by this key; a code that is made while it serves names it."
                    : "An authority vouches for this certificate: devices need not know its key.")
        }
    }

    /// Makes another certificate.
    struct New: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a fresh key and a certificate that it signs itself, in the data folder.",
            discussion: HelpText.flowing(
                """
                Devices that know the server by its key refuse another one until they are told `satchel trust KEY`. A running
                server shows it after SIGHUP.

                Example:
                  satchel-server certificate new --data ./office --host crm.example.org
                """))

        @Option(help: ArgumentHelp("A name or address of the server; may stand several times.", valueName: "name"))
        var host: [String] = []
        @Flag(help: "Put it in the place of the one that is there.")
        var replace = false
        @OptionGroup var data: DataOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let path = try data.path()
            let own = OwnCertificate(dataPath: path)
            guard replace || !own.exists else {
                throw SatchelError(
                    .dataExists, "\(own.certificatePath) is there already.",
                    remedy: "Say --replace; devices that know its key must be told the new one then.")
            }
            let keys = try own.make(hosts: host)
            try output.show(
                json: .members([
                    "certificate": .text(own.certificatePath), "key": .text(keys.keyText),
                    "sha256": .text(keys.keyHash), "self_signed": .bool(true),
                ]), text: "\(keys.keyText)\n")
            output.say("Devices that knew another key need `satchel trust \(keys.keyText)`.")
        }
    }
}

/// A certificate and its key, in files.
struct CertificateOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("The certificate chain, PEM.", valueName: "file"), completion: .file())
    var certificate: String?

    @Option(name: .long, help: ArgumentHelp("The private key, PEM.", valueName: "file"), completion: .file())
    var key: String?

    func validate() throws {
        guard (certificate == nil) == (key == nil) else {
            throw ValidationError("--certificate and --key go together.")
        }
    }

    /// What the files hold; `nil` where none are named.
    func keys() throws -> TransportKeys? {
        guard let certificate, let key else { return nil }
        return try TransportKeys(certificatePath: certificate, keyPath: key)
    }
}
