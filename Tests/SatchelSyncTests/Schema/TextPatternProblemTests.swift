import SatchelSync
import SatchelTestSupport
import Testing

@Suite struct TextPatternProblemTests {
    /// A pattern that cannot be read, and what is said about it.
    struct Mistake: Sendable, CustomTestStringConvertible {
        let source: String
        let message: String
        var testDescription: String { source.count > 40 ? "\(source.prefix(40))…" : source }

        init(_ source: String, _ message: String) {
            self.source = source
            self.message = message
        }
    }

    static let mistakes = [
        // Groups.
        Mistake("a(b", #"at column 2, "(" is never closed; write "\(" for the character."#),
        Mistake("((a)", #"at column 1, "(" is never closed; write "\(" for the character."#),
        Mistake("ab)c", #"at column 3, ")" closes nothing; write "\)" for the character."#),
        Mistake("é😀)", #"at column 3, ")" closes nothing; write "\)" for the character."#),
        Mistake("e\u{301})", #"at column 2, ")" closes nothing; write "\)" for the character."#),
        Mistake("a(?:b)", #"at column 2, "(?" is no group; write "(" alone, nothing is captured."#),
        Mistake(String(repeating: "(", count: 33), "at column 33, groups are more than 32 deep."),
        // Quantifiers.
        Mistake("*a", #"at column 1, "*" has nothing before it to repeat; write "\*" for the character."#),
        Mistake("a|+", #"at column 3, "+" has nothing before it to repeat; write "\+" for the character."#),
        Mistake("(|?)", #"at column 3, "?" has nothing before it to repeat; write "\?" for the character."#),
        Mistake("{3}", #"at column 1, "{" has nothing before it to repeat; write "\{" for the character."#),
        Mistake("a**", #"at column 3, "*" repeats what is repeated already; put that in parentheses."#),
        Mistake("a+?", #"at column 3, "?" repeats what is repeated already; put that in parentheses."#),
        Mistake("a{2}{3}", #"at column 5, "{" repeats what is repeated already; put that in parentheses."#),
        Mistake("a{}", #"at column 2, "{" takes a count, as in {3}, {3,} or {3,5}; write "\{" for the character."#),
        Mistake("a{,3}", #"at column 2, "{" takes a count, as in {3}, {3,} or {3,5}; write "\{" for the character."#),
        Mistake("a{3", #"at column 2, "{" takes a count, as in {3}, {3,} or {3,5}; write "\{" for the character."#),
        Mistake("a{3,4x}", #"at column 2, "{" takes a count, as in {3}, {3,} or {3,5}; write "\{" for the character."#),
        Mistake("a{-1}", #"at column 2, "{" takes a count, as in {3}, {3,} or {3,5}; write "\{" for the character."#),
        Mistake("ab{5,3}", "at column 3, the least count, 5, is above the most, 3."),
        Mistake("a{2001}", "at column 3, a count is at most 2000."),
        Mistake("(){1,99999999999999999999999}", "at column 6, a count is at most 2000."),
        // Characters that mean something.
        Mistake("a]", #"at column 2, "]" closes nothing; write "\]" for the character."#),
        Mistake("a}", #"at column 2, "}" closes nothing; write "\}" for the character."#),
        Mistake(
            "^a",
            #"at column 1, "^" is no anchor, a pattern covers the whole text as it is; write "\^" for the character."#),
        Mistake(
            "a$",
            #"at column 2, "$" is no anchor, a pattern covers the whole text as it is; write "[$]" for the character."#),
        // Escapes.
        Mistake(#"a\"#, #"at column 2, "\" ends the pattern; write "\\" for the character."#),
        Mistake(#"\d+"#, #"at column 1, "\d" is no escape; write "[0-9]", or "\p{Nd}" for the digits of all scripts."#),
        Mistake(
            #"\D"#,
            #"at column 1, "\D" is no escape; write "[^0-9]", or "\P{Nd}" for none of the digits of all scripts."#),
        Mistake(
            #"\w"#,
            #"at column 1, "\w" is no escape; write "[A-Za-z0-9_]", or "[\p{L}\p{N}_]" for the letters of all scripts."#
        ),
        Mistake(
            #"\W"#,
            #"at column 1, "\W" is no escape; write "[^A-Za-z0-9_]", or "[^\p{L}\p{N}_]" for none of the letters of "#
                + "all scripts."),
        Mistake(#"a\s"#, #"at column 2, "\s" is no escape; write "[ \t\r\n]"."#),
        Mistake(#"\S"#, #"at column 1, "\S" is no escape; write "[^ \t\r\n]"."#),
        Mistake(
            #"\ba"#, #"at column 1, "\b" is no escape; a pattern covers the whole text and has no word boundaries."#),
        Mistake(#"\$"#, #"at column 1, "\$" is no escape; write "[$]"."#),
        Mistake(#"(a)\1"#, #"at column 4, "\1" is no escape; there are "\n", "\r", "\t", "\p{…}" and "\P{…}"."#),
        Mistake(#"[\x]"#, #"at column 2, "\x" is no escape; there are "\n", "\r", "\t", "\p{…}" and "\P{…}"."#),
        Mistake(#"a\/b"#, #"at column 2, "\/" is no escape; write "/" alone."#),
        // Categories.
        Mistake(#"\pL"#, #"at column 1, "\p" takes a category in braces, as in "\p{Lu}"."#),
        Mistake(#"a\P"#, #"at column 2, "\P" takes a category in braces, as in "\P{Lu}"."#),
        Mistake(
            #"\p{}"#, #"at column 1, "\p{" takes a general category of Unicode, as in "\p{L}" or "\p{Lu}"."#),
        Mistake(
            #"\P{Lx}"#, #"at column 1, "\P{" takes a general category of Unicode, as in "\P{L}" or "\P{Lu}"."#),
        Mistake(
            #"\p{Greek}"#, #"at column 1, "\p{" takes a general category of Unicode, as in "\p{L}" or "\p{Lu}"."#),
        Mistake(
            #"\p{Lu"#, #"at column 1, "\p{" takes a general category of Unicode, as in "\p{L}" or "\p{Lu}"."#),
        // Classes.
        Mistake("a[b", #"at column 2, "[" is never closed; write "\[" for the character."#),
        Mistake("[a-", #"at column 1, "[" is never closed; write "\[" for the character."#),
        Mistake("[", #"at column 1, "[" is never closed; write "\[" for the character."#),
        Mistake("[]a]", #"at column 1, "[]" takes nothing; write "\]" for the character "]"."#),
        Mistake("[^]", #"at column 1, "[^]" takes nothing; write "\]" for the character "]"."#),
        Mistake("[a[b]", #"at column 3, "[" in a class is written "\["."#),
        Mistake("[a-[]", #"at column 4, "[" in a class is written "\["."#),
        Mistake("[a-c-e]", #"at column 5, "-" has no range here; write "\-" for the character."#),
        Mistake("[--a]", #"at column 3, "-" has no range here; write "\-" for the character."#),
        Mistake(#"[\p{L}-z]"#, #"at column 7, "-" has no range here; write "\-" for the character."#),
        Mistake(
            #"[a-\p{L}]"#,
            #"at column 2, a range ends with a character, as in "a-z"; write "\-" for the character "-"."#),
        Mistake(
            "[a--]", #"at column 2, a range ends with a character, as in "a-z"; write "\-" for the character "-"."#),
        Mistake("[0z-a]", #"at column 3, the range "z-a" runs backwards."#),
        // Sizes.
        Mistake(String(repeating: "é", count: 129), "at column 129, the pattern passes 256 bytes, it has 258."),
        Mistake("x" + String(repeating: "é", count: 128), "at column 129, the pattern passes 256 bytes, it has 257."),
        Mistake("x(ab){1001}", "at column 6, the pattern passes 2000 states; repeat less."),
        Mistake("a{1,1001}", "at column 2, the pattern passes 2000 states; repeat less."),
        Mistake("((((a{40}){40}){40}){40}){40}", "at column 16, the pattern passes 2000 states; repeat less."),
        Mistake("a{1000}b{1001}", "at column 8, the pattern passes 2000 states; repeat less."),
        Mistake("a{1000}|b{1000}", "at column 9, the pattern passes 2000 states; repeat less."),
    ]

    @Test(arguments: mistakes) func `a pattern that cannot be read says where and what to write`(mistake: Mistake)
        throws
    {
        let problem = try #require(throws: TextPatternProblem.self) { try TextPattern(mistake.source) }
        #expect(problem.description == mistake.message)
        #expect(problem.description == "at column \(problem.column), \(problem.reason).")
    }

    @Test func `any text is a pattern or has a problem within it`() {
        var reads = 0
        forAll(cases: 20_000) { random, replay in
            let pieces = [
                "a", "-", "^", "[", "]", "(", ")", "|", "*", "+?", "{2", "{3,}", "}", ",", "\\", "p{L", "d", "é",
                "\u{301}",
            ]
            let source = (0..<random.pick(in: 0...12)).map { _ in random.pick(from: pieces) }.joined()
            do throws(TextPatternProblem) {
                _ = try TextPattern(source).matches("aa-é")
                reads += 1
            } catch {
                #expect((1...(source.count + 1)).contains(error.column), "\(source.debugDescription) \(replay)")
                #expect(!error.reason.isEmpty && !error.reason.hasSuffix("."), "\(source.debugDescription) \(replay)")
            }
        }
        if Seeds.replayed == nil { #expect(reads > 100) }
    }
}
