import ArgumentParser
import Foundation
import SatchelClient
import SatchelSync
import SatchelTerminal

/// The rep's program.
struct Satchel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "satchel",
        abstract: said("Record visits and edit customers on this device; sync when there is a network."),
        discussion: HelpText.flowing(
            """
            Everything you type is on the disk before the command ends, and waits in a queue until the server has it.
            Records are named by their id, or by any unique ending of it of four or more characters.

            Exit codes: 0 done; 1 failed, nothing changed that the message does not name; 3 done and a person is needed
            (sync, status, ready, queue list, conflicts list); 4 no network, work kept (sync); 64 wrong usage.

            Examples:
              satchel enrol https://crm.example.org --code ABCD-EFGH-JKMN-PQRS
              satchel new account name=Aster phone=5551234 tags+=vip
              satchel visit start 3f2a purpose="Spring order"
              satchel sync
              satchel status
            """),
        version: SatchelVersion.current,
        subcommands: [
            Enrol.self, Trust.self, Ready.self, Today.self, News.self, Visit.self, CheckIn.self, NoteCommand.self,
            TaskCommand.self,
            Photo.self, New.self, SetFields.self, Delete.self, Revive.self, Undo.self, Show.self, List.self,
            Search.self, Log.self, Explain.self, Export.self, SQLCommand.self, Sync.self, Status.self, Queue.self,
            Conflicts.self, Apply.self, Ledger.self, Repair.self, Digest.self, SchemaCommand.self, Faults.self,
        ])
}

/// Which replica a command works on.
struct ReplicaOptions: ParsableArguments {
    @Option(
        help: .said("The replica's home folder; SATCHEL_HOME, or ~/.local/share/satchel, when not given.", name: "dir"),
        completion: .directory)
    var home: String?
    @Option(
        help: .said("The language: en or zh; that of LC_ALL, LC_MESSAGES or LANG when not given.", name: "language"))
    var language: Language?

    func validate() throws {
        if home == "" { throw ValidationError(said("--home names no folder.")) }
    }

    /// The option as it was given, for commands that people copy.
    var repeated: [String] { home.map { ["--home \(ShellWord.quoted($0))"] } ?? [] }

    /// The replica; nothing is opened yet.
    var replica: Replica {
        Replica(home: home ?? Replica.defaultHome(environment: ProcessInfo.processInfo.environment))
    }
}
