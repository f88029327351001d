/// What the argument parser says, in the language of the process: its headings, and the errors that it words itself.
package enum ParserText {
    private static let beginnings = ["OVERVIEW:", "USAGE:", "Usage:", "Error:", "Help:"]
    private static let headings = ["ARGUMENTS:", "OPTIONS:", "SUBCOMMANDS:"]
    /// What stands within lines of help.
    private static let pieces = ["Show the version.", "Show help information."]

    /// The text with all of it that is known translated; as it is in English.
    package static func said(_ text: String) -> String {
        guard Language.current != .english else { return text }
        return bracketed(text).split(separator: "\n", omittingEmptySubsequences: false).map { line(String($0)) }
            .joined(separator: "\n")
    }

    /// The text with what an option takes, and has where it is not given, in the brackets of the language; line ends within stay.
    private static func bracketed(_ text: String) -> String {
        text.replacing(/(?<before>.)?(?<gap>\s)\((?<word>values|default):(?<rest>[^()]*)\)/) { match in
            let rest = match.rest.replacing(/;(\s+)default: ?/) { phrase("; default:") + ($0.1 == " " ? "" : $0.1) }
            let opening = phrase("(\(match.word):") + (rest.first == " " ? rest.dropFirst() : rest[...])
            let before = match.before.map(String.init) ?? ""
            return before + ("。：".contains(before) && match.gap == " " ? "" : String(match.gap)) + opening + phrase(")")
        }
    }

    private static func line(_ line: String) -> String {
        if headings.contains(line) { return phrase(line) }
        if let beginning = beginnings.first(where: line.hasPrefix) {
            let rest = line.dropFirst(beginning.count).drop { $0 == " " }
            // Verbs, options and places are typed as they are.
            if ["USAGE:", "Usage:"].contains(beginning) {
                return Sentences.joined([phrase(beginning), String(rest)])
            }
            let words = rest.replacing("' and '", with: "' \(phrase("and")) '").replacing(
                "' or '", with: "' \(phrase("or")) '")
            return Sentences.joined([phrase(beginning), Phrase(reading: String(words)).description])
        }
        let start = line.prefix { $0 == " " }
        let whole = String(line.dropFirst(start.count))
        // In a list a verb or an option stands first, and what is said of it has been translated where it was said.
        if start.isEmpty || whole.hasPrefix("See '") {
            let read = Phrase(reading: whole).description
            if read != whole { return start + read }
        }
        return pieces.reduce(line) { $0.replacing($1, with: phrase($1)) }
    }

    private static func phrase(_ text: String) -> String { Phrase(stringLiteral: text).description }
}
