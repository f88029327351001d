/// What a list shows of what it found: no more than its limit, and whether that was all.
package struct ListPage<Entry> {
    /// What is shown.
    package let shown: [Entry]
    /// How many may be shown.
    package let limit: Int
    /// Whether there are more.
    package let isCut: Bool

    /// Cuts what was found by somebody who asked for one more than `limit`.
    package init(_ found: [Entry], limit: Int) {
        shown = Array(found.prefix(limit))
        self.limit = limit
        isCut = found.count > limit
    }

    /// How a list that was cut says so; `limitMax` is the most that `--limit` takes.
    package func note(limitMax: Int) -> String? {
        guard isCut else { return nil }
        let first = limit == 1 ? said("Only the first is shown") : said("The first \(limit) are shown")
        guard limit < limitMax else { return said("\(first), and no more can be; there are more.") }
        return said("\(first); there are more, and --limit \(limit + min(limit, limitMax - limit)) shows more of them.")
    }
}

extension OutputOptions {
    /// Says to standard error that a list was cut, and how to see more.
    package func say<Entry>(about page: ListPage<Entry>, limitMax: Int) {
        if let note = page.note(limitMax: limitMax) { say(note) }
    }
}
