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
}
