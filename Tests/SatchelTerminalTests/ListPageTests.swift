import SatchelTerminal
import Testing

@Suite struct ListPageTests {
    @Test func `a list that was not cut says nothing`() {
        let page = ListPage([1, 2], limit: 2)
        #expect(page.shown == [1, 2] && !page.isCut)
        #expect(page.note(limitMax: 1_000) == nil)
    }

    @Test func `a list that was cut says how many it shows and how to see more`() {
        let page = ListPage([1, 2, 3], limit: 2)
        #expect(page.shown == [1, 2] && page.isCut)
        #expect(
            page.note(limitMax: 1_000) == "The first 2 are shown; there are more, and --limit 4 shows more of them.")
        #expect(page.note(limitMax: 3)?.hasSuffix("--limit 3 shows more of them.") == true)
        #expect(page.note(limitMax: 2) == "The first 2 are shown, and no more can be; there are more.")
        #expect(ListPage([1, 2], limit: 1).note(limitMax: 9)?.hasPrefix("Only the first is shown; ") == true)
    }
}
