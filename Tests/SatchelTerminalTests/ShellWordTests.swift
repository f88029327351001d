import SatchelTerminal
import Testing

@Suite struct ShellWordTests {
    @Test(arguments: [
        ("./office", "./office"), ("https://crm.example.org:8443", "https://crm.example.org:8443"),
        ("Ann's tablet", "'Ann'\\''s tablet'"), ("", "''"), ("$(rm)", "'$(rm)'"), ("~/x", "'~/x'"), ("阿斯特", "'阿斯特'"),
    ]) func `a text is one word to a shell`(text: String, word: String) { #expect(ShellWord.quoted(text) == word) }
}
