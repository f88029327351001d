import SatchelSync
import SatchelTestSupport
import Testing

@Suite struct TextPatternTests {
    /// A pattern, and texts that fit and do not.
    struct Example: Sendable, CustomTestStringConvertible {
        let source: String
        let fits: [String]
        let others: [String]
        var testDescription: String { source }

        init(_ source: String, fits: [String], others: [String]) {
            self.source = source
            self.fits = fits
            self.others = others
        }
    }

    static let examples = [
        Example("", fits: [""], others: ["a", "\n"]),
        Example("abc", fits: ["abc"], others: ["", "ab", "abcd", "xabc", "ABC", "abc\n"]),
        Example("é", fits: ["\u{E9}"], others: ["e\u{301}", "e"]),
        Example("e\u{301}", fits: ["e\u{301}"], others: ["\u{E9}", "e"]),
        Example("-,:/'\"@#%&=~!<>;_` ", fits: ["-,:/'\"@#%&=~!<>;_` "], others: [""]),
        // A point is one scalar, whichever character it makes, and not the end of a line.
        Example(".", fits: ["a", "é", "😀", "\0", "\u{2028}"], others: ["", "\n", "\r", "ab", "e\u{301}", "👍🏽"]),
        Example("a.c", fits: ["abc", "a.c", "a c"], others: ["ac", "abbc", "a\nc"]),
        // Escapes.
        Example(#"\n\r\t"#, fits: ["\n\r\t"], others: ["nrt", "\\n\\r\\t"]),
        Example(
            #"\(\)\*\+\-\.\?\[\\\]\^\{\|\}"#, fits: [#"()*+-.?[\]^{|}"#],
            others: ["", #"\(\)\*\+\-\.\?\[\\\]\^\{\|\}"#]),
        Example(#"a\.b"#, fits: ["a.b"], others: ["axb"]),
        // Classes.
        Example("[a-z0-9_-]", fits: ["a", "m", "z", "0", "9", "_", "-"], others: ["", "A", "`", "{", "/", ":", "aa"]),
        Example("[-a]", fits: ["-", "a"], others: ["b", ","]),
        Example("[--]", fits: ["-"], others: [",", "."]),
        Example("[-]", fits: ["-"], others: [",", ""]),
        Example(#"[a\-z]"#, fits: ["a", "-", "z"], others: ["b", "\\"]),
        Example("[^a-c]", fits: ["d", "é", "\n", "^"], others: ["a", "b", "c", "", "dd"]),
        Example("[^^]", fits: ["a"], others: ["^"]),
        Example("[a^]", fits: ["a", "^"], others: ["b"]),
        Example("[$^.*+?(){}|]+", fits: ["$^.*+?(){}|"], others: ["a", "\\", "[", "]"]),
        Example(#"[\[\]\\\n]"#, fits: ["[", "]", "\\", "\n"], others: ["n", ""]),
        Example(#"[!-\]]"#, fits: ["!", "A", "\\", "]"], others: ["^", " "]),
        Example("[α-ω]", fits: ["α", "λ", "ω"], others: ["a", "Α", "\u{3CA}"]),
        Example("[😀-😎]", fits: ["😁"], others: ["😏", "a"]),
        Example("[^α-ω]", fits: ["a", "Ω", "😀"], others: ["β"]),
        // Categories.
        Example(#"\p{L}+"#, fits: ["Zoë", "Łódź", "日本"], others: ["", "a1", "a b", "e\u{301}", "_"]),
        Example(#"\p{Lu}\p{Ll}*"#, fits: ["A", "Éa", "Straße"], others: ["a", "AB", "é"]),
        Example(#"\P{L}"#, fits: ["1", " ", "٣", "😀"], others: ["a", "é", ""]),
        Example(#"\p{Nd}{2}"#, fits: ["12", "٣٤", "1٤"], others: ["1", "Ⅷ1", "½½", "ab"]),
        Example(#"[\p{L}\p{M}'-]+"#, fits: ["O'Brien-e\u{301}"], others: ["O Brien", "1"]),
        Example(#"[^\p{L}\p{N}]"#, fits: [" ", "€", "😀"], others: ["a", "é", "1", "٣"]),
        Example(#"[\P{L}a]"#, fits: ["a", "1", "٣"], others: ["b", "é"]),
        Example(#"[\p{L}\P{L}]"#, fits: ["a", "1", "\n", "😀"], others: [""]),
        Example(
            #"\p{Sc}|\p{Zs}|\p{Pd}|\p{Cc}"#, fits: ["€", "$", "\u{A0}", "–", "\u{1}"], others: ["a", "_", "\u{2028}"]),
        // Groups and alternation.
        Example("a|b|cd", fits: ["a", "b", "cd"], others: ["", "c", "ab", "acd"]),
        Example("a|", fits: ["a", ""], others: ["|", "aa"]),
        Example("|", fits: [""], others: ["|"]),
        Example("()", fits: [""], others: ["()"]),
        Example("a(b|c)d", fits: ["abd", "acd"], others: ["ad", "abcd", "ab", "cd"]),
        Example("(ab|a)(bc|c)", fits: ["abc", "abbc", "ac"], others: ["ab", "abcc"]),
        Example("((((x))))", fits: ["x"], others: ["", "xx"]),
        // Quantifiers.
        Example("a*", fits: ["", "a", "aaaa"], others: ["b", "ab"]),
        Example("a+", fits: ["a", "aaaa"], others: ["", "b"]),
        Example("a?", fits: ["", "a"], others: ["aa"]),
        Example("ab*", fits: ["a", "abbb"], others: ["abab"]),
        Example("(ab)*", fits: ["", "ab", "abab"], others: ["a", "aba", "abb"]),
        Example("a{3}", fits: ["aaa"], others: ["", "aa", "aaaa"]),
        Example("a{2,}", fits: ["aa", "aaaaaa"], others: ["", "a"]),
        Example("a{2,4}", fits: ["aa", "aaa", "aaaa"], others: ["", "a", "aaaaa"]),
        Example("a{0,2}b", fits: ["b", "ab", "aab"], others: ["aaab"]),
        Example("a{0,}", fits: ["", "aaa"], others: ["b"]),
        Example("a{1}b{1,1}", fits: ["ab"], others: ["aab", "abb", ""]),
        Example("xa{0}", fits: ["x"], others: ["xa"]),
        Example("(a|b{0,0})c{007}", fits: ["accccccc", "ccccccc"], others: ["a", "c"]),
        Example("(a{2}){3}", fits: ["aaaaaa"], others: ["aaaa", "aaaaa", "aaaaaaa"]),
        Example("(a?){3}", fits: ["", "a", "aaa"], others: ["aaaa"]),
        Example("(a*)+", fits: ["", "aaa"], others: ["b"]),
        Example("(){2000}", fits: [""], others: ["a"]),
        Example("((((|)*)+){600})?", fits: [""], others: ["a"]),
        // Fields as one would write them.
        Example(
            #"[A-Z]{2}[0-9]{2}( ?[0-9A-Z]{4}){2,7}( ?[0-9A-Z]{1,3})?"#,
            fits: ["DE89 3704 0044 0532 0130 00", "GB29NWBK60161331926819"],
            others: ["DE89", "de89 3704 0044 0532 0130 00"]),
        Example(
            #"[^@ ]+@[a-z0-9-]+(\.[a-z0-9-]+)+"#, fits: ["ann.lee@example.com"],
            others: ["ann@example", "ann lee@example.com", "ann@@example.com"]),
        Example(#"\+?[0-9][0-9 ()/-]{4,20}"#, fits: ["+49 30 1234-0", "030/12345"], others: ["+", "call me", "+49"]),
    ]

    @Test(arguments: examples) func `a pattern takes whole texts that fit and no others`(example: Example) throws {
        let pattern = try TextPattern(example.source)
        for text in example.fits { #expect(pattern.matches(UTF8Text(text)), "\(text.debugDescription)") }
        for text in example.others { #expect(!pattern.matches(UTF8Text(text)), "\(text.debugDescription)") }
    }

    @Test(arguments: [
        ("Lu", "AÉ"), ("Ll", "aß"), ("Lt", "ǅ"), ("Lm", "ʰ"), ("Lo", "日ª"), ("Mn", "\u{301}"), ("Mc", "\u{903}"),
        ("Me", "\u{20DD}"), ("Nd", "0٣"), ("Nl", "Ⅷ"), ("No", "½"), ("Pc", "_‿"), ("Pd", "-–"), ("Ps", "(["),
        ("Pe", ")]"),
        ("Pi", "«"), ("Pf", "»"), ("Po", "!¿"), ("Sm", "+±"), ("Sc", "$€"), ("Sk", "^¨"), ("So", "©😀"),
        ("Zs", " \u{A0}"),
        ("Zl", "\u{2028}"), ("Zp", "\u{2029}"), ("Cc", "\u{1}\u{85}"), ("Cf", "\u{AD}"), ("Co", "\u{E000}"),
        ("Cn", "\u{378}\u{10FFFF}"),
    ])
    func `a category takes its scalars alone and a letter takes its categories`(name: String, scalars: String) throws {
        let (own, others) = (try TextPattern("\\p{\(name)}"), try TextPattern("\\P{\(name)}"))
        let (wide, narrow) = (try TextPattern("[\\p{\(name.prefix(1))}]"), try TextPattern("[^\\p{\(name.prefix(1))}]"))
        for scalar in scalars.unicodeScalars {
            let text = UTF8Text(String(scalar))
            #expect(own.matches(text) && !others.matches(text), "U+\(String(scalar.value, radix: 16))")
            #expect(wide.matches(text) && !narrow.matches(text), "U+\(String(scalar.value, radix: 16))")
        }
    }

    @Test func `the source is kept and compared by its bytes`() throws {
        let (one, two) = (try TextPattern("caf\u{E9}"), try TextPattern("cafe\u{301}"))
        #expect(one != two && Set([one, two, one]).count == 2)
        let (choice, set) = (try TextPattern("a|b"), try TextPattern("[ab]"))
        #expect(choice != set)
        let same = try TextPattern("a|b")
        #expect(choice == same && choice.hashValue == same.hashValue)
        #expect(one.source.utf8.elementsEqual("caf\u{E9}".utf8) && choice.description == "a|b")
    }

    @Test func `what is still within the limits is taken`() throws {
        #expect(
            try TextPattern(String(repeating: "a", count: 256)).matches(UTF8Text(String(repeating: "a", count: 256))))
        let deep = String(repeating: "(", count: 32) + "a" + String(repeating: ")", count: 32)
        #expect(try TextPattern(deep).matches("a"))
        #expect(try TextPattern("a{2000}").matches(UTF8Text(String(repeating: "a", count: 2_000))))
        #expect(try TextPattern("(a{1000}|b{999})").matches(UTF8Text(String(repeating: "b", count: 999))))
        #expect(try TextPattern("((a{10}){10}){20}").matches(UTF8Text(String(repeating: "a", count: 2_000))))
    }

    @Test(arguments: [
        "(a*)*b", "(a|a)*b", "(a+)+b", "(a|aa)+b", "(a*)*(a*)*(a*)*b", "(.*a){8}b", "(()|a*)*b", "((a?){9})+b",
    ])
    func `a long text that nearly fits is read once`(source: String) throws {
        let pattern = try TextPattern(source)
        let many = String(repeating: "a", count: 64 * 1_024 - 1)
        #expect(pattern.matches(UTF8Text(many + "b")))
        #expect(!pattern.matches(UTF8Text(many + "a")))
        #expect(!pattern.matches(UTF8Text(many + "c")))
    }

    @Test func `a pattern of many states reads each scalar once`() throws {
        let pattern = try TextPattern("((a{0,30}){0,30})*b")
        let many = String(repeating: "a", count: 1_000)
        #expect(pattern.matches(UTF8Text(many + "b")))
        #expect(!pattern.matches(UTF8Text(many)))
    }
}
