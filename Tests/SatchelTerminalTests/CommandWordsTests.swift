import ArgumentParser
import SatchelSync
import SatchelTerminal
import Testing

private struct Program: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "satchel", subcommands: [Status.self, Conflicts.self, Hidden.self])

    struct Status: ParsableCommand {
        static let configuration = CommandConfiguration(aliases: ["st"])
        @Option var home: String?
        @Argument var words: [String] = []
    }

    struct Conflicts: ParsableCommand {
        static let configuration = CommandConfiguration(subcommands: [List.self])

        struct List: ParsableCommand { @Option var home: String? }
    }

    struct Hidden: ParsableCommand {
        static let configuration = CommandConfiguration(shouldDisplay: false)
    }
}

@Suite struct CommandWordsTests {
    private func moved(_ arguments: [String], hasLanguages: Bool = true) throws -> [String] {
        try LeadingOptions.movedBehindVerb(
            in: arguments, of: Program.self, names: ["--home"], hasLanguages: hasLanguages)
    }

    @Test func `options before the verb are taken as if they stood right behind it`() throws {
        for (typed, meant) in [
            (["--home", "X", "status"], ["status", "--home", "X"]),
            (["--home=X", "status", "a"], ["status", "--home=X", "a"]),
            (["--home", "X", "conflicts", "list", "--", "a"], ["conflicts", "list", "--home", "X", "--", "a"]),
            (["--language", "zh", "--home", "X", "--language=en", "st"], ["st", "--home", "X"]),
            (["status", "--home", "X"], ["status", "--home", "X"]), (["--home", "X", "--help"], ["--help"]),
            (["--other", "X", "status"], ["--other", "X", "status"]), ([], []),
        ] { #expect(try moved(typed) == meant) }
        #expect(try moved(["--language", "zh", "status"], hasLanguages: false) == ["--language", "zh", "status"])
        #expect(throws: SatchelError.self) { try moved(["--home"]) }
    }

    @Test func `a word that is no command is named, with those that are, whatever options follow`() {
        for arguments in [["nonsense"], ["nonsense", "--home", "X"], ["nonsense", "status"]] {
            let error = Program.unknownCommand(in: arguments)
            #expect(error?.code == .invalidRequest)
            #expect(error?.message == "Unknown command \"nonsense\".")
            #expect(error?.remedy == "The commands are: status, conflicts.")
        }
    }

    @Test func `a word that is no command has no help`() {
        #expect(Program.unknownCommand(in: ["help", "staus"])?.remedy?.hasPrefix("Did you mean status? ") == true)
        #expect(
            Program.unknownCommand(in: ["help", "conflicts", "lst"])?.remedy
                == "Did you mean list? The commands are: list.")
    }

    @Test func `a slip is asked about`() {
        #expect(
            Program.unknownCommand(in: ["staus"])?.remedy == "Did you mean status? The commands are: status, conflicts."
        )
    }

    @Test func `a word after a group of commands is looked up in the group`() {
        let error = Program.unknownCommand(in: ["conflicts", "nonsense", "--home", "X"])
        #expect(error?.message == "Unknown command \"nonsense\".")
        #expect(error?.remedy == "The commands are: list.")
        #expect(Program.unknownCommand(in: ["conflicts", "help"])?.message == "Unknown command \"help\".")
    }

    @Test(arguments: [
        [], ["status"], ["st", "--home", "X"], ["status", "nonsense"], ["conflicts"], ["conflicts", "list", "x"],
        ["hidden"], ["help", "status"], ["help"], ["--help"], ["--nonsense"], ["conflicts", "--help", "nonsense"],
        ["--", "nonsense"],
    ]) func `everything else is left to the parser`(arguments: [String]) {
        #expect(Program.unknownCommand(in: arguments) == nil)
    }
}
