/// Help as it stands in the source, made ready for a terminal of any width, in the language of the process.
package enum HelpText {
    /// Joins the lines of each paragraph to one, which the terminal breaks where it ends, and which is looked up as a whole; lines that are
    /// indented stay, but for examples that are wider than most terminals.
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
        return lines.flatMap(folded).map { line in
            line.isEmpty || line.hasPrefix(" ") ? line : broken(said(Phrase(stringLiteral: line)))
        }.joined(separator: "\n")
    }

    /// A paragraph of a script without spaces, broken where a line of a terminal ends.
    ///
    /// The argument parser breaks at spaces alone, and would take one that stands in the next paragraph. No line begins with a sign that closes,
    /// or ends with one that opens.
    package static func broken(_ paragraph: String) -> String {
        guard paragraph.contains(where: { DisplayWidth.of($0) == 2 }) else { return paragraph }
        var lines: [String] = []
        var (line, width) = ("", 0)
        var rest = paragraph[...]
        while !rest.isEmpty {
            // What stays together: a word of narrow characters, or a wide one, with the signs that go with it.
            var piece = String(rest.removeFirst())
            while let next = rest.first {
                let opens = piece.last.map { "（“「《".contains($0) } ?? false
                let stays = "，。；：、！？）”」》…".contains(next) || opens
                let isInWord = piece.last.map { $0 != " " && DisplayWidth.of($0) == 1 } ?? false
                guard stays || isInWord && next != " " && DisplayWidth.of(next) == 1 else { break }
                piece.append(rest.removeFirst())
            }
            let pieceWidth = DisplayWidth.of(piece)
            if width + pieceWidth > widthMax, !line.isEmpty {
                lines.append(line.last == " " ? String(line.dropLast()) : line)
                (line, width) = ("", 0)
                if piece == " " { continue }
            }
            line += piece
            width += pieceWidth
        }
        return (lines + [line]).joined(separator: "\n")
    }

    private static let widthMax = 78

    /// An example that is wider than most terminals, broken as a shell takes it: between words, and with a backslash at the end of a line.
    private static func folded(_ line: String) -> [String] {
        guard line.hasPrefix(" "), DisplayWidth.of(line) > widthMax else { return [line] }
        let indent = line.prefix { $0 == " " }
        var quote: Character?
        var end: String.Index?
        var place = indent.endIndex
        while place < line.endIndex, DisplayWidth.of(String(line[..<place])) <= widthMax - 2 {
            let character = line[place]
            if quote == nil, character == " " { end = place }
            if let open = quote {
                if character == open { quote = nil }
            } else if character == "\"" || character == "'" {
                quote = character
            }
            place = line.index(after: place)
        }
        guard let end else { return [line] }
        let rest = indent + "  " + line[line.index(after: end)...]
        return [line[..<end] + " \\"] + folded(String(rest))
    }
}
