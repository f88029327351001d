import Foundation

/// The phrases that the sources of a program say to people, by their templates, as the file of translations names them.
enum PhraseSources {
    /// What is said by `said`, `Phrase` and the help of options, and the paragraphs of help; `file` says where.
    static func said(in folders: [String]) -> [(template: String, file: String)] {
        Repository.files(under: folders).filter { $0.path.hasSuffix(".swift") }.flatMap { file in
            let text = SwiftText(file.text)
            let literals = text.literals(after: [/said\(\s*$/, /Phrase\(\s*$/, /Phrase = \s*$/, /, as: $/, /verb: $/])
            return (literals + text.paragraphs()).map { ($0, file.path) }
        }
    }

    /// The sentences of errors: literals that begin with a capital or a place and end as a sentence does.
    static func errors(in folders: [String]) -> [(template: String, file: String)] {
        Repository.files(under: folders).filter { $0.path.hasSuffix(".swift") }.flatMap { file in
            SwiftText(file.text).literals(after: [
                /(?:SatchelError|Violation|Rejection|wrongUsage|refusal)\([^"]*$/, /remedy:\s*$/, /sentence:\s*$/,
                /remedy:[^"]*[?:]\s*$/, /(?:sentence|message):[^"]*[?:]\s*$/,
            ]).filter { $0.contains(" ") && $0.first?.isLowercase == false }.map { ($0, file.path) }
        }
    }
}

/// A source file, as far as its literals go.
private struct SwiftText {
    private let characters: [Character]

    init(_ text: String) {
        // Comments have no literals.
        characters = Array(text.replacing(/(?m)^\s*\/\/.*$/, with: ""))
    }

    /// The templates of the literals on one line before which one of the patterns stands.
    func literals(after patterns: [Regex<Substring>]) -> [String] {
        var found: [String] = []
        var index = 0
        while index < characters.count {
            guard characters[index] == "\"" else {
                index += 1
                continue
            }
            if characters[index...].starts(with: "\"\"\"") {
                index = (end(of: "\"\"\"", from: index + 3) ?? characters.count - 3) + 3
                continue
            }
            let before = String(characters[max(0, index - 160)..<index])
            let (template, next) = literal(at: index)
            if patterns.contains(where: { before.firstMatch(of: $0) != nil }) { found.append(template) }
            // What is interpolated may say something too.
            index += 1
            if index < next, !characters[index..<next].contains("\"") || next - index <= 1 { index = next }
            if index < next { index = advance(from: index, to: next) }
        }
        return found
    }

    /// The next quote within an interpolation before `end`; `end` where there is none.
    private func advance(from start: Int, to end: Int) -> Int {
        var index = start
        while index < end {
            if characters[index] == "\\", index + 1 < end, characters[index + 1] == "(" {
                var depth = 1
                index += 2
                while depth > 0, index < end {
                    if characters[index] == "\"" { return index }
                    if characters[index] == "(" { depth += 1 }
                    if characters[index] == ")" { depth -= 1 }
                    index += 1
                }
            } else {
                index += characters[index] == "\\" ? 2 : 1
            }
        }
        return end
    }

    /// The template of a literal that begins at a quote, and the place behind it.
    private func literal(at start: Int) -> (template: String, next: Int) {
        var template = ""
        var places = 0
        var index = start + 1
        while index < characters.count, characters[index] != "\"", characters[index] != "\n" {
            guard characters[index] == "\\", index + 1 < characters.count else {
                template.append(characters[index])
                index += 1
                continue
            }
            if characters[index + 1] == "(" {
                places += 1
                template += "{\(places)}"
                index = interpolationEnd(from: index + 2)
            } else {
                template.append(characters[index + 1] == "n" ? "\n" : characters[index + 1])
                index += 2
            }
        }
        return (template, min(index + 1, characters.count))
    }

    /// The place behind the parenthesis that closes an interpolation.
    private func interpolationEnd(from start: Int) -> Int {
        var depth = 1
        var index = start
        while depth > 0, index < characters.count {
            switch characters[index] {
            case "\"": index = literal(at: index).next
            case "(":
                depth += 1
                index += 1
            case ")":
                depth -= 1
                index += 1
            default: index += 1
            }
        }
        return index
    }

    private func end(of mark: String, from start: Int) -> Int? {
        var index = start
        while index < characters.count {
            if characters[index...].starts(with: mark) { return index }
            index += 1
        }
        return nil
    }

    /// The paragraphs of help, each joined to one line.
    func paragraphs() -> [String] {
        let text = String(characters)
        return text.matches(of: /(?s)flowing\(\s*"""\n(.*?)\n( *)"""/).flatMap { match in
            let indent = match.2.count
            var lines: [String] = []
            var joins = false
            for line in match.1.split(separator: "\n", omittingEmptySubsequences: false) {
                let line = String(line.dropFirst(min(indent, line.prefix { $0 == " " }.count)))
                let isProse = !line.isEmpty && !line.hasPrefix(" ")
                if isProse, joins, let last = lines.popLast() {
                    lines.append("\(last) \(line)")
                } else {
                    lines.append(line)
                }
                joins = isProse
            }
            return lines.filter { !$0.isEmpty && !$0.hasPrefix(" ") }
        }
    }
}
