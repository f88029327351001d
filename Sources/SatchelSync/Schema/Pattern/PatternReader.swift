/// Reads the syntax of RFC 9485, section 4.
struct PatternReader {
    /// The sets that the pattern names, each once.
    private(set) var sets: [ScalarSet] = []
    private var cursor: PatternCursor
    /// How many groups are open.
    private var depth = 0

    init(_ source: String) throws(TextPatternProblem) {
        let byteCount = source.utf8.count
        guard byteCount <= TextPattern.bytesMax else {
            var bytes = 0
            let kept = source.unicodeScalars.prefix { scalar in
                bytes += UTF8.width(scalar)
                return bytes <= TextPattern.bytesMax
            }
            throw PatternCursor(String(kept)).problem(
                "the pattern passes \(TextPattern.bytesMax) bytes, it has \(byteCount)", at: kept.count)
        }
        cursor = PatternCursor(source)
    }

    /// Reads all of the pattern.
    mutating func readPattern() throws(TextPatternProblem) -> PatternShape {
        let shape = try readChoice()
        guard cursor.next == nil else {
            throw cursor.problem(#"")" closes nothing; write "\)" for the character"#)
        }
        return shape
    }

    private mutating func readChoice() throws(TextPatternProblem) -> PatternShape {
        var parts = [try readSequence()]
        var stateCount = parts[0].stateCount
        while cursor.skip("|") {
            let start = cursor.position
            let part = try readSequence()
            parts.append(part)
            stateCount += part.stateCount + 1
            try checkStates(stateCount, at: start)
        }
        return parts.count == 1 ? parts[0] : .choice(parts)
    }

    private mutating func readSequence() throws(TextPatternProblem) -> PatternShape {
        var parts: [PatternShape] = []
        var stateCount = 0
        while let next = cursor.next, next != "|", next != ")" {
            let start = cursor.position
            let part = try readPiece()
            if case .nothing = part { continue }
            parts.append(part)
            stateCount += part.stateCount
            try checkStates(stateCount, at: start)
        }
        if parts.count > 1 { return .sequence(parts) }
        return parts.first ?? .nothing
    }

    /// Reads a scalar, a class or a group, and how often it stands there.
    private mutating func readPiece() throws(TextPatternProblem) -> PatternShape {
        let part = try readAtom()
        let start = cursor.position
        guard let counts = try readCounts() else { return part }
        if let next = cursor.next, "*+?{".unicodeScalars.contains(next) {
            throw cursor.problem(#""\#(next)" repeats what is repeated already; put that in parentheses"#)
        }
        if case .nothing = part { return .nothing }
        switch counts {
        case (_, 0?): return .nothing
        case (1, 1?): return part
        default:
            let repeated = PatternShape.repeated(part, least: counts.least, most: counts.most)
            try checkStates(repeated.stateCount, at: start)
            return repeated
        }
    }

    private mutating func readCounts() throws(TextPatternProblem) -> (least: Int, most: Int?)? {
        if cursor.skip("*") { return (0, nil) }
        if cursor.skip("+") { return (1, nil) }
        if cursor.skip("?") { return (0, 1) }
        let start = cursor.position
        guard cursor.skip("{") else { return nil }
        let least = try readCount()
        var most = least
        if let least, cursor.skip(",") {
            most = try readCount()
            if let most, most < least {
                throw cursor.problem("the least count, \(least), is above the most, \(most)", at: start)
            }
        }
        guard let least, cursor.skip("}") else {
            throw cursor.problem(
                #""{" takes a count, as in {3}, {3,} or {3,5}; write "\{" for the character"#, at: start)
        }
        return (least, most)
    }

    private mutating func readCount() throws(TextPatternProblem) -> Int? {
        let start = cursor.position
        var count: Int?
        while let next = cursor.next, ("0"..."9").contains(next) {
            count = (count ?? 0) * 10 + Int(next.value - 0x30)
            guard count ?? 0 <= TextPattern.statesMax else {
                throw cursor.problem("a count is at most \(TextPattern.statesMax)", at: start)
            }
            cursor.advance()
        }
        return count
    }

    private mutating func readAtom() throws(TextPatternProblem) -> PatternShape {
        guard let next = cursor.next else { return .nothing }
        switch next {
        case "(": return try readGroup()
        case "[": return one(try cursor.readClass())
        case "\\": return one(try cursor.readEscape().set)
        case "*", "+", "?", "{":
            throw cursor.problem(#""\#(next)" has nothing before it to repeat; write "\\#(next)" for the character"#)
        case "]", "}": throw cursor.problem(#""\#(next)" closes nothing; write "\\#(next)" for the character"#)
        case "^", "$":
            let literal = next == "^" ? #"\^"# : "[$]"
            throw cursor.problem(
                #""\#(next)" is no anchor, a pattern covers the whole text as it is; write "\#(literal)" for the character"#
            )
        default:
            cursor.advance()
            guard next == "." else { return one(ScalarSet(ranges: [next.value...next.value])) }
            return one(ScalarSet(ranges: [0x0A...0x0A, 0x0D...0x0D], isNegated: true))
        }
    }

    private mutating func readGroup() throws(TextPatternProblem) -> PatternShape {
        let start = cursor.position
        guard depth < TextPattern.nestingMax else {
            throw cursor.problem("groups are more than \(TextPattern.nestingMax) deep", at: start)
        }
        cursor.advance()
        if cursor.next == "?" {
            throw cursor.problem(#""(?" is no group; write "(" alone, nothing is captured"#, at: start)
        }
        depth += 1
        let shape = try readChoice()
        depth -= 1
        guard cursor.skip(")") else {
            throw cursor.problem(#""(" is never closed; write "\(" for the character"#, at: start)
        }
        return shape
    }

    private mutating func one(_ set: ScalarSet) -> PatternShape {
        if let known = sets.firstIndex(of: set) { return .one(set: known) }
        sets.append(set)
        return .one(set: sets.count - 1)
    }

    private func checkStates(_ count: Int, at position: Int) throws(TextPatternProblem) {
        guard count <= TextPattern.statesMax else {
            throw cursor.problem("the pattern passes \(TextPattern.statesMax) states; repeat less", at: position)
        }
    }
}
