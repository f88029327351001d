import SatchelSync
import SatchelTerminal
import Testing

/// Phrases, and the file of their translations.
@Suite struct PhraseTests {
    private static let catalog = PhraseCatalog(
        file: """
            # for people

            < Last sync: {1}.
            > 上次同步：{1}。
            < {1} of {2}
            > {2}的{1}
            < {1} is
            > {1}是
            < Nothing waits.
            > 没有等待的内容。
            """)

    @Test func `parts are numbered in the order in which they are written`() {
        let phrase: Phrase = "Sent \(3) of \("a {2}"); \(1 + 1)"
        #expect(phrase.template == "Sent {1} of {2}; {3}")
        #expect(phrase.parts == ["3", "a {2}", "2"])
        // What looks like a place in a part stays as it was typed.
        #expect(phrase.description == "Sent 3 of a {2}; 2")
    }

    @Test(arguments: [(1, "1 record waits"), (0, "0 records wait"), (2, "2 records wait")])
    func `a number goes with the form of its noun`(count: Int, text: String) {
        #expect(Phrase(count, "record waits", "records wait").description == text)
    }

    @Test func `text that was worded elsewhere finds the template that says most of it`() {
        #expect(Self.catalog.reading("Last sync: 5 min ago.")?.parts == ["5 min ago"])
        #expect(Self.catalog.reading("Nothing waits.")?.template == "Nothing waits.")
        #expect(Self.catalog.reading("one of two")?.parts == ["one", "two"])
        #expect(Self.catalog.reading("one") == nil)
    }

    @Test func `a translation may put parts into another order`() {
        #expect(Self.catalog.translation(of: "{1} of {2}") == "{2}的{1}")
    }

    @Test func `Chinese has every place of its English`() throws {
        let chinese = try #require(PhraseCatalog.of(.chinese))
        #expect(chinese.templates.count > 300)
        for template in chinese.templates.sorted() {
            let translation = chinese.translation(of: template) ?? ""
            for number in 1...9 where template.contains("{\(number)}") != translation.contains("{\(number)}") {
                Issue.record("place \(number) of: \(template)")
            }
        }
    }

    @Test(
        arguments: [
            ([], ["LANG": "zh_CN.UTF-8"], Language.chinese), ([], ["LANG": "C.UTF-8"], .english),
            ([], ["LC_ALL": "en_US.UTF-8", "LANG": "zh_CN.UTF-8"], .english),
            ([], ["LC_ALL": "", "LANG": "zh"], .chinese),
            (["sync", "--language", "zh"], [:], .chinese), (["--language=en"], ["LANG": "zh_CN"], .english),
            (["note", "3f2a", "--", "--language", "zh"], [:], .english), (["--language"], ["LANG": "zh"], .chinese),
        ] as [([String], [String: String], Language)])
    func `the language is that of the option, else of the environment`(
        arguments: [String], environment: [String: String], language: Language
    ) {
        #expect(Language.wanted(by: arguments) { environment[$0] } == language)
    }

    @Test func `a language before the verb is spoken and taken out, and one that is none is refused`() throws {
        for arguments in [["--language", "zh", "status"], ["--language=zh", "status"], ["status"]] {
            #expect(try Language.droppingFirst(of: arguments) == ["status"])
        }
        #expect(try Language.droppingFirst(of: ["--language", "zh"]) == [])
        #expect(try Language.droppingFirst(of: ["status", "--language", "xx"]) == ["status", "--language", "xx"])
        for arguments in [["--language", "xx", "status"], ["--language=", "status"], ["--language"]] {
            let error = #expect(throws: SatchelError.self) { try Language.droppingFirst(of: arguments) }
            #expect(error?.isWrongUsage == true && error?.message.hasPrefix("The languages are en and zh; got") == true)
        }
    }

    @Test func `sentences have a gap between them, but behind a Chinese full stop`() {
        #expect(Sentences.joined(["One.", nil, "Two."]) == "One. Two.")
        #expect(Sentences.joined(["一。", "二。", "[code]"]) == "一。二。[code]")
        #expect(Sentences.joined([]) == "")
    }
}
