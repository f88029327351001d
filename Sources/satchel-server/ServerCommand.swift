import ArgumentParser
import SatchelSync
import SatchelTerminal

/// The operator's server and tools.
struct ServerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "satchel-server",
        abstract: "Keep a Satchel store: serve devices, add users, edit at the office, look into conflicts.",
        discussion: HelpText.flowing(
            """
            Each command works on the store in --data, through the running server when there is one.

            Examples:
              satchel-server init --data /var/lib/satchel --name "Acme North"
              satchel-server user add ann --data /var/lib/satchel
              satchel-server enrol-code ann --data /var/lib/satchel
              satchel-server serve --data /var/lib/satchel --port 8443 \\
                --certificate cert.pem --key key.pem

            Exit codes: 0 done; 1 failed, nothing changed that the message does not name; 3 done and a person is needed (conflicts
            list, parked list, verify, drill); 64 wrong usage.
            """),
        version: SatchelVersion.current,
        subcommands: [
            InitCommand.self, ServeCommand.self, UserCommand.self, EnrolCodeCommand.self, DeviceCommand.self,
            CertificateCommand.self, AlarmsCommand.self,
            ApplyCommand.self, ImportCommand.self, ShowCommand.self, ListCommand.self, ConflictsCommand.self,
            ParkedCommand.self, BackupCommand.self, RestoreCommand.self, RecoveryCommand.self, DrillCommand.self,
            ExplainCommand.self, LedgerCommand.self, DigestCommand.self, CheckCommand.self, VerifyCommand.self,
            FaultsCommand.self,
        ])
}
