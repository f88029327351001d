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
