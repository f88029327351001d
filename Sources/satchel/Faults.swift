import ArgumentParser
import SatchelTerminal

/// What can be made to go wrong in a debug build.
struct Faults: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: said("In debug builds: name the places at which this program can be told to fail."),
        subcommands: [List.self])

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: said("List the fault points, each with what stands there."),
            discussion: HelpText.flowing(
                """
                SATCHEL_FAULT=POINT:N:ACTION makes the program do ACTION the N-th time that it comes to POINT: kill (die at once),
                eio (the disk fails), enospc (the disk is full), stall (wait to be killed), throw (an internal error).

                Example:
                  SATCHEL_FAULT=replica-commits:1:kill satchel set account 3f2a phone=5551234
                """))

        @OptionGroup var output: OutputOptions

        func run() throws { try FaultList.device.show(output) }
    }
}
