import SatchelSync
import Testing

@Suite struct SafeTextTests {
    @Test(arguments: [
        ("plain 蓝门 👨‍👩‍👧", "plain 蓝门 👨‍👩‍👧"),
        ("\u{1B}[2J\u{1B}]0;owned\u{7}", "\\u{1B}[2J\\u{1B}]0;owned\\u{7}"),
        ("a\r\nb\tc", "a\\r\\nb\\tc"),
        ("\u{9B}31m", "\\u{9B}31m"),
        ("x\u{7F}\u{0}", "x\\u{7F}\\u{0}"),
        ("abc\u{202E}txt.exe\u{2066}", "abc\\u{202E}txt.exe\\u{2066}"),
        ("one\u{2028}two\u{FEFF}", "one\\u{2028}two\\u{FEFF}"),
    ]) func `characters that drive a terminal are shown by their number`(text: String, expected: String) {
        #expect(SafeText.line(text) == expected)
    }

    @Test func `lines keep line ends and nothing else`() {
        #expect(SafeText.lines("one\r\ntwo\n\nfour\u{1B}[0m\rfive") == ["one", "two", "", "four\\u{1B}[0m\\rfive"])
        #expect(SafeText.lines("") == [""])
    }

    @Test(arguments: [
        ("phone-1", "phone-1"), ("Blue Door", "'Blue Door'"), ("it's", "'it'\\''s'"), ("", "''"), ("$(rm)", "'$(rm)'"),
        ("蓝门", "'蓝门'"),
    ]) func `a shell reads quoted text back as it is`(text: String, expected: String) {
        #expect(SafeText.shellQuoted(text) == expected)
    }
}
