package import ArgumentParser
package import SatchelSync

extension ParsableCommand {
    /// The refusal of a first word, or of the word after a group of commands, that is no command; `nil` where all are.
    ///
    /// The argument parser would rather complain of the first option that the group does not know.
    package static func unknownCommand(in arguments: [String]) -> SatchelError? {
        var group: any ParsableCommand.Type = self
        for (depth, word) in arguments.enumerated() {
            let commands = group.configuration.subcommands
            guard !commands.isEmpty, group.configuration.defaultSubcommand == nil, !word.hasPrefix("-") else {
                return nil
            }
            if word == "help", depth == 0 { return unknownCommand(in: Array(arguments.dropFirst())) }
            guard let next = commands.first(where: { $0.isCalled(word) }) else {
                let words = commands.filter { $0.configuration.shouldDisplay }.map { $0._commandName }
                return SatchelError(
                    .invalidRequest, "Unknown command \"\(Excerpt.of(word))\".",
                    remedy: NearWord.question(word, among: words)
                        + "The commands are: \(words.joined(separator: ", ")).")
            }
            group = next
        }
        return nil
    }

    /// How many of the first words name commands.
    static func verbCount(in arguments: [String]) -> Int {
        guard let word = arguments.first,
            let next = configuration.subcommands.first(where: { $0.isCalled(word) })
        else { return 0 }
        return 1 + next.verbCount(in: Array(arguments.dropFirst()))
    }

    /// The program and the verbs that arguments begin with: what help about them is asked for with.
    static func commandPath(of arguments: [String]) -> String {
        let verbs = arguments.prefix(verbCount(in: arguments))
        return ([configuration.commandName ?? _commandName] + verbs).joined(separator: " ")
    }

    private static func isCalled(_ word: String) -> Bool {
        _commandName == word || configuration.aliases.contains(word)
    }
}
