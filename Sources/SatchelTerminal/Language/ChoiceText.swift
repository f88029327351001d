/// The words of enums in the language of the process, as far as it has words for them.
package enum ChoiceText {
    /// What a word of a field is called in a language, as `status` and `done`; `nil` where it is called so.
    package static func name(of word: String, in field: String, language: Language = .current) -> String? {
        PhraseCatalog.of(language)?.translation(of: "choice \(field).\(word)")
    }

    /// The same, or the word.
    package static func said(_ word: String, in field: String) -> String { name(of: word, in: field) ?? word }
}
