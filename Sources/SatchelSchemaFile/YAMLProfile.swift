/// The part of YAML that a schema file may use, checked before the YAML library sees the text.
///
/// A schema needs mappings, lists and one-line scalars. Anchors, aliases, tags, block scalars, complex keys and deep nesting
/// are what makes YAML dangerous to read (a few lines can stand for billions of nodes), so they are refused by sight. The
/// scanner follows libyaml's rules for where a token begins; where it could be misled (a quote inside bare text, a quoted
/// text that goes on in the next line) it refuses rather than guesses.
struct YAMLProfile {
    private enum State { case between, bare, comment }

    private let bytes: [UInt8]
    private var index = 0
    private var state = State.between
    private var flowDepth = 0
    private var isAfterCollection = false
    private var hasDash = false
    /// A bare text ended with its line; YAML goes on with it in the next, whatever stands there, if that is indented.
    private var mayGoOn = false

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Lists and mappings in brackets, one within the other.
    static let flowDepthMax = 8

    /// Why the text is refused; `nil` when it may go to the library.
    /// - Complexity: O(bytes).
    static func firstProblem(in bytes: [UInt8]) -> SchemaProblem? {
        var scanner = YAMLProfile(bytes)
        while scanner.index < bytes.count {
            guard let sentence = scanner.step() else { continue }
            return scanner.problem(sentence)
        }
        return nil
    }

    /// Takes one character or one quoted text; says what is wrong with it, and stays there, if it is refused.
    private mutating func step() -> String? {
        if let name = refusedCharacter() { return "The file has \(name); a schema file is plain text." }
        let byte = bytes[index]
        if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
            endLine()
            return nil
        }
        switch state {
        case .comment:
            index += 1
            return nil
        case .bare: return stepInBareText(byte)
        case .between: return stepBetweenTokens(byte)
        }
    }

    private mutating func endLine() {
        // Bare text in brackets goes on in the next line; outside them a new line is looked at afresh.
        if state == .bare, flowDepth == 0 { mayGoOn = true }
        if state == .comment || flowDepth == 0 { state = .between }
        hasDash = false
        index += 1
    }

    private mutating func stepInBareText(_ byte: UInt8) -> String? {
        switch byte {
        case UInt8(ascii: "#") where isBlank(at: index - 1): state = .comment
        case UInt8(ascii: ":") where isBlank(at: index + 1), UInt8(ascii: ",") where flowDepth > 0: state = .between
        case UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "{"), UInt8(ascii: "}"):
            guard flowDepth > 0 else { break }
            state = .between
            return stepBetweenTokens(byte)
        case UInt8(ascii: "?") where flowDepth > 0:
            return "A \"?\" in brackets stands outside quotes; put the text in double quotes."
        case UInt8(ascii: "'"), UInt8(ascii: "\""):
            return "A quote stands inside bare text; put the whole text in quotes."
        default: break
        }
        index += 1
        return nil
    }

    private mutating func stepBetweenTokens(_ byte: UInt8) -> String? {
        switch byte {
        case UInt8(ascii: " "), UInt8(ascii: "\t"):
            index += 1
            return nil
        case UInt8(ascii: "#"):
            state = .comment
            index += 1
            return nil
        case UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "["), UInt8(ascii: "{"), UInt8(ascii: ","),
            UInt8(ascii: "]"), UInt8(ascii: "}"):
            if mayGoOn { return "The bare text of the line before may go on here; put that text in quotes." }
            return stepAtBracketOrQuote(byte)
        case UInt8(ascii: ":") where flowDepth > 0 || isBlank(at: index + 1):
            if isAfterCollection { return "A key is one word, not a list or a mapping." }
        case UInt8(ascii: "-") where isBlank(at: index + 1):
            if hasDash { return "A list stands directly in a list." }
            hasDash = true
        case UInt8(ascii: "-"), UInt8(ascii: "."):
            if let length = documentMarkerLength() { index += length - 1 } else { state = .bare }
        default:
            if let name = refusedIndicator(byte) { return "The file uses \(name); a schema file does without." }
            state = .bare
        }
        isAfterCollection = false
        mayGoOn = false
        index += 1
        return nil
    }

    private mutating func stepAtBracketOrQuote(_ byte: UInt8) -> String? {
        switch byte {
        case UInt8(ascii: "'"), UInt8(ascii: "\""): return takeQuotedText(byte)
        case UInt8(ascii: "["), UInt8(ascii: "{"):
            guard flowDepth < Self.flowDepthMax else { return "Brackets nest at most \(Self.flowDepthMax) deep." }
            flowDepth += 1
        case UInt8(ascii: "]"), UInt8(ascii: "}"):
            flowDepth = max(0, flowDepth - 1)
            isAfterCollection = true
            index += 1
            return nil
        default: break
        }
        isAfterCollection = false
        index += 1
        return nil
    }

    /// What YAML would take `byte` for at the beginning of a token, where a schema file may not use it.
    private func refusedIndicator(_ byte: UInt8) -> String? {
        switch byte {
        case UInt8(ascii: "&"): "an anchor (&)"
        case UInt8(ascii: "*"): "an alias (*)"
        case UInt8(ascii: "!"): "a tag (!)"
        case UInt8(ascii: "|"), UInt8(ascii: ">"): "a block text (| or >)"
        case UInt8(ascii: "%"): "a directive (%)"
        case UInt8(ascii: "@"), UInt8(ascii: "`"): "a reserved character (@ or `) outside quotes"
        case UInt8(ascii: "?") where flowDepth > 0 || isBlank(at: index + 1): "an explicit key (?)"
        default: nil
        }
    }

    private mutating func takeQuotedText(_ quote: UInt8) -> String? {
        let start = index
        index += 1
        while index < bytes.count, bytes[index] != UInt8(ascii: "\n"), bytes[index] != UInt8(ascii: "\r") {
            if let name = refusedCharacter() { return "The file has \(name); a schema file is plain text." }
            if bytes[index] == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
                index += 1
                // Anything else that is escaped is left for the loop to look at.
                if index < bytes.count, bytes[index] == quote || bytes[index] == UInt8(ascii: "\\") { index += 1 }
                continue
            }
            let isQuote = bytes[index] == quote
            index += 1
            guard isQuote else { continue }
            guard quote == UInt8(ascii: "'"), index < bytes.count, bytes[index] == quote else {
                isAfterCollection = false
                return nil
            }
            index += 1
        }
        index = start
        return "A quoted text begins here and does not end on its line."
    }

    /// The three characters of `---` or `...` at the beginning of a line.
    private func documentMarkerLength() -> Int? {
        let isAtLineStart =
            index == 0 || bytes[index - 1] == UInt8(ascii: "\n") || bytes[index - 1] == UInt8(ascii: "\r")
        guard isAtLineStart, index + 2 < bytes.count, bytes[index + 1] == bytes[index],
            bytes[index + 2] == bytes[index], isBlank(at: index + 3)
        else { return nil }
        return 3
    }

    /// The name of a character that no schema file needs: control characters, and what YAML takes for a line end and editors do not.
    private func refusedCharacter() -> String? {
        let byte = bytes[index]
        switch byte {
        case 0x00: return "a NUL character"
        case 0x09, 0x0A, 0x0D: return nil
        case 0x01...0x1F, 0x7F: return "a control character"
        case 0xC2 where index + 1 < bytes.count && bytes[index + 1] < 0xA0: return "a control character"
        case 0xE2 where index + 2 < bytes.count && bytes[index + 1] == 0x80 && bytes[index + 2] & 0xFE == 0xA8:
            return "a Unicode line separator"
        case 0xEF where index + 2 < bytes.count && bytes[index + 1] == 0xBB && bytes[index + 2] == 0xBF:
            return "a byte order mark after its beginning"
        default: return nil
        }
    }

    /// Whether a blank, a line end or the end of the text stands there.
    private func isBlank(at place: Int) -> Bool {
        guard place >= 0, place < bytes.count else { return true }
        return bytes[place] == UInt8(ascii: " ") || bytes[place] == UInt8(ascii: "\t")
            || bytes[place] == UInt8(ascii: "\n") || bytes[place] == UInt8(ascii: "\r")
    }

    private func problem(_ sentence: String) -> SchemaProblem {
        var line = 1
        var lineStart = 0
        for place in 0..<index {
            let isLineEnd =
                bytes[place] == UInt8(ascii: "\n")
                || bytes[place] == UInt8(ascii: "\r")
                    && (place + 1 >= bytes.count || bytes[place + 1] != UInt8(ascii: "\n"))
            if isLineEnd { (line, lineStart) = (line + 1, place + 1) }
        }
        let column = bytes[lineStart..<index].count { $0 & 0xC0 != 0x80 } + 1
        return SchemaProblem(sentence, line: line, column: column)
    }
}
