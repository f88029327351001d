/// Help as it stands in the source, made ready for a terminal of any width, in the language of the process.
package enum HelpText {
    /// Joins the lines of each paragraph to one, which the terminal breaks where it ends, and which is looked up as a whole; lines that are
    /// indented stay.
    package static func flowing(_ text: String) -> String {
        var lines: [String] = []
        var joins = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let isProse = !line.isEmpty && !line.hasPrefix(" ")
            if isProse, joins, let last = lines.popLast() {
                lines.append("\(last) \(line)")
            } else {
                lines.append(String(line))
            }
            joins = isProse
        }
        return lines.map { $0.isEmpty || $0.hasPrefix(" ") ? $0 : said(Phrase(stringLiteral: $0)) }.joined(
            separator: "\n")
    }
}
