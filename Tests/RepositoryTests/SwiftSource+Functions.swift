extension SwiftSource {
    /// A function, initialiser or subscript that has a body.
    struct Function: Equatable {
        /// The line of its name, from 1.
        let line: Int
        /// From that line to the one with the closing brace, both counted.
        let lineCount: Int
    }

    /// Every function of the file, nested ones too, in the order of their names.
    var functions: [Function] {
        var meter = FunctionMeter()
        var index = 0
        while index < code.count {
            let start = index
            while index < code.count, WordSearch.isWordByte(code[index]) { index += 1 }
            if index > start {
                meter.take(word: code[start..<index], after: start > 0 ? code[start - 1] : 0)
            } else {
                meter.take(mark: code[index])
                index += 1
            }
        }
        return meter.functions.sorted { $0.line < $1.line }
    }
}

/// Counts lines between a function's name and its closing brace, in one pass over the words and marks of a file.
private struct FunctionMeter {
    private(set) var functions: [SwiftSource.Function] = []
    private var line = 1
    /// Parentheses and brackets that are open, since the innermost brace.
    private var parentheses = 0
    /// A function whose body has not begun, and the parentheses it stands in.
    private var pending: (line: Int, parentheses: Int)?
    /// Open braces: the line of the function whose body each is, if it is one, and what was open and pending around it.
    private var braces: [(functionLine: Int?, parentheses: Int, pending: (line: Int, parentheses: Int)?)] = []

    private static let functionWords = ["func", "init", "deinit", "subscript"].map { Array($0.utf8) }
    private static let otherWords = ["var", "let", "case", "struct", "enum", "extension"].map { Array($0.utf8) }

    mutating func take(word: ArraySlice<UInt8>, after previous: UInt8) {
        // `.init(…)` is a call, and a word in backticks is a name.
        guard previous != UInt8(ascii: "."), previous != UInt8(ascii: "`") else { return }
        if Self.functionWords.contains(where: { $0.elementsEqual(word) }) {
            // In `func subscript…` the first word counts; a pending one without a body was a requirement.
            if pending?.line != line { pending = (line, parentheses) }
        } else if let open = pending, open.parentheses == parentheses, open.line < line,
            Self.otherWords.contains(where: { $0.elementsEqual(word) })
        {
            pending = nil
        }
    }

    mutating func take(mark: UInt8) {
        switch mark {
        case UInt8(ascii: "\n"): line += 1
        case UInt8(ascii: "("), UInt8(ascii: "["): parentheses += 1
        case UInt8(ascii: ")"), UInt8(ascii: "]"): parentheses -= 1
        case UInt8(ascii: "{"):
            let isBody = pending?.parentheses == parentheses
            braces.append((isBody ? pending?.line : nil, parentheses, isBody ? nil : pending))
            (pending, parentheses) = (nil, 0)
        case UInt8(ascii: "}"):
            guard let closed = braces.popLast() else { return }
            (pending, parentheses) = (closed.pending, closed.parentheses)
            if let start = closed.functionLine { functions.append(.init(line: start, lineCount: line - start + 1)) }
        default: break
        }
    }
}
