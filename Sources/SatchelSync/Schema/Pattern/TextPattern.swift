/// What a text has to look like, as a whole: the value of a text field's `pattern:` in the schema file.
///
/// The syntax is that of RFC 9485 (I-Regexp), so the same pattern means the same in other programs: literals, `.` for anything
/// but a line's end, classes, `\p{Lu}` and the like, groups, `|`, and `*`, `+`, `?`, `{m}`, `{m,}`, `{m,n}`. An anchor, which
/// the RFC would take for a literal and most people would not, is refused. Scalars are compared, not characters: nothing is
/// normalised. Which scalar is of which general category is what the standard library's version of Unicode says.
public struct TextPattern: Hashable, Sendable, CustomStringConvertible {
    /// The pattern as it stands in the schema file.
    public let source: String
    /// What the source means.
    private let program: PatternProgram

    /// The most bytes of a pattern.
    public static let bytesMax = 256
    /// The most groups within each other.
    public static let nestingMax = 32
    /// The most states that a pattern may unfold into; `a{40}` has 40, and `a{0,40}` twice as many.
    public static let statesMax = 2_000

    /// Reads a pattern.
    /// - Throws: ``TextPatternProblem``, for the first place that cannot be read.
    public init(_ source: String) throws(TextPatternProblem) {
        var reader = try PatternReader(source)
        let shape = try reader.readPattern()
        self.source = source
        program = PatternProgram(shape, sets: reader.sets)
    }

    /// Whether the whole of `text` fits.
    ///
    /// Allocates once a call, by the size of the pattern, and never goes back in the text.
    /// - Complexity: O(*n* · *m*), *n* scalars of text and *m* states of the pattern, whatever either of them is.
    public func matches(_ text: UTF8Text) -> Bool { program.matches(text.string.unicodeScalars) }

    /// The source.
    public var description: String { source }

    /// Whether both have the same source, byte for byte.
    public static func == (left: TextPattern, right: TextPattern) -> Bool {
        UTF8Text(left.source) == UTF8Text(right.source)
    }

    /// Feeds the source's bytes to `hasher`.
    public func hash(into hasher: inout Hasher) { hasher.combine(UTF8Text(source)) }
}

/// Why a pattern cannot be read, and where.
public struct TextPatternProblem: Error, Hashable, Sendable, CustomStringConvertible {
    /// Where, in characters from 1.
    public let column: Int
    /// What is wrong there and what to write instead; a clause without an end, `"(" is never closed`.
    public let reason: String

    /// The place and the reason, worded to follow a colon.
    public var description: String { "at column \(column), \(reason)." }
}
