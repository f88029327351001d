import SatchelTerminal
import Testing

@Suite struct HelpTextTests {
    @Test func `paragraphs flow, and what is indented stays`() {
        let text = HelpText.flowing(
            """
            Answers from this device alone,
            without a network.

            Examples:
              satchel status
              satchel status --json | jq \\
                '.parked'

            It ends.
            """)
        #expect(
            text == """
                Answers from this device alone, without a network.

                Examples:
                  satchel status
                  satchel status --json | jq \\
                    '.parked'

                It ends.
                """)
        #expect(HelpText.flowing("") == "")
    }

    @Test func `a paragraph without spaces is broken where a terminal ends, and no sign begins a line`() {
        let sentence = "对自己的编辑：作者当时看到了什么、替换了什么（见 show），以及 satchel explain 说了什么。"
        let lines = HelpText.broken(sentence + sentence + sentence).split(separator: "\n").map(String.init)
        #expect(lines.count > 3)
        for line in lines {
            #expect(DisplayWidth.of(line) <= 78 && !line.hasPrefix(" ") && !line.hasSuffix(" "), "\(line)")
            #expect(line.first.map { "，。；：、）".contains($0) } == false && !line.hasSuffix("（"), "\(line)")
        }
        #expect(lines.joined().filter { $0 != " " } == (sentence + sentence + sentence).filter { $0 != " " })
        for count in 1...80 {
            let text = String(repeating: "人", count: count) + "处理（sync、status），而（queue）还在。"
            let words = HelpText.broken(text).split(separator: "\n")
            #expect(words.contains { $0.contains("（sync、") } && words.contains { $0.contains("status），") }, "\(words)")
        }
        #expect(HelpText.broken("Plain words.") == "Plain words.")
    }

    @Test func `an example that is too wide is broken as a shell takes it`() {
        let text = HelpText.flowing(
            """
            Examples:
              satchel export visit --where 'started_at >= 2026-03-01' --as jsonl --output visits-of-march.jsonl
              satchel visit end --outcome "Ordered forty blue ones and a red one, to be there by Easter, or not at all"
            """)
        #expect(
            text == """
                Examples:
                  satchel export visit --where 'started_at >= 2026-03-01' --as jsonl \\
                    --output visits-of-march.jsonl
                  satchel visit end --outcome \\
                    "Ordered forty blue ones and a red one, to be there by Easter, or not at all"
                """)
    }
}
