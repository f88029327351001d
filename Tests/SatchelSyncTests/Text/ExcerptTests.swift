import SatchelSync
import Testing

@Suite struct ExcerptTests {
    @Test(arguments: [
        ("", ""), ("phone", "phone"), ("蓝门", "蓝门"), ("a\u{0}b\n\u{1B}[2J\u{7F}", "a␀b␊␛[2J␡"),
        ("\u{9B}31m", "\u{FFFD}31m"),
    ]) func `a short text is shown whole, with control characters as pictures`(text: String, shown: String) {
        #expect(Excerpt.of(text) == shown)
    }

    @Test func `a long text is shown by its beginning, whatever it consists of`() {
        #expect(Excerpt.of(String(repeating: "x", count: 80)) == String(repeating: "x", count: 80))
        #expect(Excerpt.of(String(repeating: "x", count: 81)) == String(repeating: "x", count: 80) + "…")
        let marks = "e" + String(repeating: "\u{301}", count: 1_000_000)
        #expect(Excerpt.of(marks).utf8.count < 200)
    }

    @Test func `a failure keeps the beginning and the end of a message without bounds`() {
        let error = SatchelError(.invalidValue, "Field \"\(String(repeating: "é", count: 500_000))\" takes text.")
        #expect(error.message.utf8.count < 4_000)
        #expect(error.message.hasPrefix("Field \"é") && error.message.hasSuffix("é\" takes text."))
        let ordinary = String(repeating: "A problem. ", count: 400)
        #expect(SatchelError(.invalidSchema, ordinary).message == ordinary)
    }
}
