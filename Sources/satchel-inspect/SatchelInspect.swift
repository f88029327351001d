import ArgumentParser
import SatchelSync
import SatchelTerminal

/// The conflict inspector's program.
struct SatchelInspect: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "satchel-inspect",
        abstract: "Look at what was written side by side, and decide.",
        discussion: HelpText.flowing(
            """
            Reads a device's home (--home), a server's data folder (--data, through its socket while it runs), or a
            server (--server, after `satchel-inspect enrol`). Shows for each field in conflict the value before, every
            value that stands, by whom, when, on which device and having seen what, and which one the tables show.

            Exit codes: 0 done; 1 failed; 3 somebody must decide (list); 64 wrong usage.

            Examples:
              satchel-inspect list --data /srv/satchel
              satchel-inspect show account 3f2a --data /srv/satchel
              satchel-inspect resolve account 3f2a phone --take 2 --reason "Called them" \\
                --data /srv/satchel --as office
              satchel-inspect list --server https://crm.example.org
            """),
        version: SatchelVersion.current,
        subcommands: [ListConflicts.self, ShowConflict.self, ResolveConflict.self, EnrolInspector.self])
}
