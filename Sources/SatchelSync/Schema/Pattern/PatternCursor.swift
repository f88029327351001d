/// A place in a pattern, and what is read there without looking further: escapes and classes.
struct PatternCursor {
    /// In scalars from 0.
    private(set) var position = 0
    private let scalars: [Unicode.Scalar]

    init(_ source: String) { scalars = Array(source.unicodeScalars) }

    /// The scalar at the place; `nil` at the end.
    var next: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

    /// Goes past the next scalar.
    mutating func advance() { position += 1 }

    /// Goes past `scalar` where it is the next.
    mutating func skip(_ scalar: Unicode.Scalar) -> Bool {
        guard next == scalar else { return false }
        position += 1
        return true
    }

    /// Says what is wrong at a place, by default the present one.
    func problem(_ reason: String, at position: Int? = nil) -> TextPatternProblem {
        var before = String.UnicodeScalarView()
        before.append(contentsOf: scalars.prefix(position ?? self.position))
        return TextPatternProblem(column: String(before).count + 1, reason: reason)
    }

    /// Scalars that stand for themselves or for each other.
    enum Escape {
        case scalar(Unicode.Scalar), categories(CategorySet)

        /// The escape outside of a class.
        var set: ScalarSet {
            switch self {
            case .scalar(let scalar): ScalarSet(ranges: [scalar.value...scalar.value])
            case .categories(let categories): ScalarSet(ranges: [], categories: categories)
            }
        }
    }

    /// Reads what a backslash, which is next, introduces.
    mutating func readEscape() throws(TextPatternProblem) -> Escape {
        let start = position
        advance()
        guard let letter = next else {
            throw problem(#""\" ends the pattern; write "\\" for the character"#, at: start)
        }
        advance()
        switch letter {
        case "n": return .scalar("\n")
        case "r": return .scalar("\r")
        case "t": return .scalar("\t")
        case "(", ")", "*", "+", "-", ".", "?", "[", "\\", "]", "^", "{", "|", "}": return .scalar(letter)
        case "p": return .categories(try readCategories(after: start))
        case "P": return .categories(try readCategories(after: start).complement)
        default: throw problem(#""\\#(letter)" is no escape; \#(Self.advice(on: letter))"#, at: start)
        }
    }

    private static func advice(on letter: Unicode.Scalar) -> String {
        switch letter {
        case "d": #"write "[0-9]", or "\p{Nd}" for the digits of all scripts"#
        case "D": #"write "[^0-9]", or "\P{Nd}" for none of the digits of all scripts"#
        case "w": #"write "[A-Za-z0-9_]", or "[\p{L}\p{N}_]" for the letters of all scripts"#
        case "W": #"write "[^A-Za-z0-9_]", or "[^\p{L}\p{N}_]" for none of the letters of all scripts"#
        case "s": #"write "[ \t\r\n]""#
        case "S": #"write "[^ \t\r\n]""#
        case "b", "B": "a pattern covers the whole text and has no word boundaries"
        case "$": #"write "[$]""#
        case "0"..."9", "A"..."Z", "a"..."z": #"there are "\n", "\r", "\t", "\p{…}" and "\P{…}""#
        default: #"write "\#(letter)" alone"#
        }
    }

    private mutating func readCategories(after start: Int) throws(TextPatternProblem) -> CategorySet {
        let letter = scalars[start + 1]
        guard skip("{") else {
            throw problem(#""\\#(letter)" takes a category in braces, as in "\\#(letter){Lu}""#, at: start)
        }
        var name = ""
        while let next, next != "}", name.utf8.count <= 2 {
            name.unicodeScalars.append(next)
            advance()
        }
        guard skip("}"), let categories = CategorySet(named: name) else {
            throw problem(
                #""\\#(letter){" takes a general category of Unicode, as in "\\#(letter){L}" or "\\#(letter){Lu}""#,
                at: start)
        }
        return categories
    }

    /// Reads a class, whose bracket is next.
    mutating func readClass() throws(TextPatternProblem) -> ScalarSet {
        let start = position
        advance()
        let isNegated = skip("^")
        let first = position
        var ranges: [ClosedRange<UInt32>] = []
        var categories: CategorySet = []
        while !skip("]") {
            guard let next else { throw problem(#""[" is never closed; write "\[" for the character"#, at: start) }
            if next == "-" {
                try readHyphen(isFirst: position == first)
                ranges.append(next.value...next.value)
                continue
            }
            let lowPosition = position
            switch try readMember() {
            case .categories(let named): categories.formUnion(named)
            case .scalar(let low): ranges.append(try readRange(from: low, at: lowPosition))
            }
        }
        guard position > first + 1 else {
            throw problem(#""[\#(isNegated ? "^" : "")]" takes nothing; write "\]" for the character "]""#, at: start)
        }
        return ScalarSet(ranges: ranges, categories: categories, isNegated: isNegated)
    }

    /// Reads one member of a class, which is not at its end.
    private mutating func readMember() throws(TextPatternProblem) -> Escape {
        if next == "\\" { return try readEscape() }
        if next == "[" { throw problem(#""[" in a class is written "\[""#) }
        advance()
        return .scalar(scalars[position - 1])
    }

    /// Goes past a hyphen that stands for itself: the first or the last of a class.
    private mutating func readHyphen(isFirst: Bool) throws(TextPatternProblem) {
        let start = position
        advance()
        guard isFirst || next == "]" || next == nil else {
            throw problem(#""-" has no range here; write "\-" for the character"#, at: start)
        }
    }

    /// Reads the rest of a range, if it is one.
    private mutating func readRange(
        from low: Unicode.Scalar, at start: Int
    ) throws(TextPatternProblem) -> ClosedRange<UInt32> {
        guard next == "-", position + 1 < scalars.count, scalars[position + 1] != "]" else {
            return low.value...low.value
        }
        advance()
        guard next != "-", case .scalar(let high) = try readMember() else {
            throw problem(#"a range ends with a character, as in "a-z"; write "\-" for the character "-""#, at: start)
        }
        guard low <= high else {
            throw problem(#"the range "\#(low)-\#(high)" runs backwards"#, at: start)
        }
        return low.value...high.value
    }
}
