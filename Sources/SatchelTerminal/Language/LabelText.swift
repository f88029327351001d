/// What edits are called.
package enum LabelText {
    /// A label in the language of the process, where a verb gave it; what a person wrote, and labels of other programs, stay as they are.
    package static func said(_ label: String) -> String {
        let words = label.split(separator: " ", omittingEmptySubsequences: false)
        if words.count == 2, words[0] == "new" { return SatchelTerminal.said("new \(words[1])") }
        return phrase(label).map { SatchelTerminal.said($0) } ?? label
    }

    /// Whether a verb called it so, and no person.
    package static func isOfVerb(_ label: String) -> Bool {
        let words = label.split(separator: " ", omittingEmptySubsequences: false)
        return label.isEmpty || words.count == 2 && words[0] == "new" || phrase(label) != nil
    }

    private static func phrase(_ label: String) -> Phrase? {
        let known: [Phrase] = [
            Phrase("edit"), Phrase("office edit"), Phrase("apply"), Phrase("import"), Phrase("sql"), Phrase("resolve"),
            Phrase("delete"), Phrase("revive"), Phrase("note"), Phrase("photo"),
            Phrase("check-in"),
            Phrase("check-in verdict"),
            Phrase("visit plan"), Phrase("visit start"), Phrase("visit end"), Phrase("visit en_route"),
            Phrase("visit cancelled"), Phrase("visit missed"), Phrase("task add"), Phrase("task done"), Phrase("fix"),
            Phrase("retry"), Phrase("discard"),
        ]
        return known.first { $0.template == label }
    }
}
