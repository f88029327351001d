/// What the argument parser says, in the language of the process: its headings, and the errors that it words itself.
package enum ParserText {
    private static let beginnings = ["OVERVIEW:", "USAGE:", "Usage:", "Error:", "Help:"]
    private static let headings = ["ARGUMENTS:", "OPTIONS:", "SUBCOMMANDS:"]
    /// What stands within lines of help.
    private static let pieces = [
        "Show the version.", "Show help information.", "(default:", "(values:", "; default:",
    ]

    /// The text with all of it that is known translated; as it is in English.
    package static func said(_ text: String) -> String {
        guard Language.current != .english else { return text }
        return text.split(separator: "\n", omittingEmptySubsequences: false).map { line(String($0)) }
            .joined(separator: "\n")
    }

    private static func line(_ line: String) -> String {
        if headings.contains(line) { return phrase(line) }
        if let beginning = beginnings.first(where: line.hasPrefix) {
            let rest = line.dropFirst(beginning.count).drop { $0 == " " }
            return phrase(beginning) + " " + Phrase(reading: String(rest)).description
        }
        let start = line.prefix { $0 == " " }
        let whole = String(line.dropFirst(start.count))
        let read = Phrase(reading: whole).description
        if read != whole { return start + read }
        return pieces.reduce(line) { $0.replacing($1, with: phrase($1)) }
    }

    private static func phrase(_ text: String) -> String { Phrase(stringLiteral: text).description }
}
