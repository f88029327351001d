import ArgumentParser
import SatchelTerminal

/// What can be made to go wrong in a debug build.
struct FaultsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "faults",
        abstract: "In debug builds: name the places at which this program can be told to fail.",
        subcommands: [FaultsList.self])
}

struct FaultsList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the fault points, each with what stands there.",
        discussion: HelpText.flowing(
            """
            SATCHEL_FAULT=POINT:N:ACTION makes the program do ACTION the N-th time that it comes to POINT: kill (die at once),
            eio (the disk fails), enospc (the disk is full), stall (wait to be killed), throw (an internal error).

            Example:
              SATCHEL_FAULT=merge-logged:3:kill satchel-server serve --data ./office
            """))

    @OptionGroup var output: OutputOptions

    func run() throws { try FaultList.server.show(output) }
}
