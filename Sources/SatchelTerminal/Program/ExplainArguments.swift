package import ArgumentParser
package import SatchelInspection

/// What `explain` is asked about: a change-set, or a record with its type or without.
package struct ExplainArguments: ParsableArguments {
    /// One or two words.
    @Argument(
        help: .said(
            "A change-set as log and ledger print it; or a record: its type and id, or its id, or an ending of it.",
            name: "dot|record"))
    package var words: [String]

    /// Nothing said yet.
    package init() {}

    /// Refuses what can only be a slip.
    package func validate() throws {
        guard (1...2).contains(words.count) else {
            throw ValidationError("Name a change-set, or a record by [TYPE] ID.")
        }
        if words.count == 2, DotName.isMeant(by: words[1]) {
            throw ValidationError("A change-set is named without a type: \(words[1]).")
        }
    }

    /// The type of the record; `nil` where none is named.
    package var type: String? { words.count == 2 ? words[0] : nil }

    /// The change-set or the record.
    package var what: String { words.last ?? "" }
}

extension OutputOptions {
    /// Prints an explanation, its instants as `times` shows them.
    /// - Throws: What printing throws.
    package func show(_ explanation: Explanation, times: ShownTimes = .utc) throws {
        try show(
            json: explanation.json, text: ExplanationText(style: style, width: width, times: times).show(explanation))
    }
}
