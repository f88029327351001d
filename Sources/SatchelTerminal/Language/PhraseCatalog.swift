/// The phrases of one language, by their English templates.
///
/// Its file has two lines for each: `< ` with the English template and `> ` with the translation. Empty lines and those that begin with `#`
/// are for people.
package struct PhraseCatalog: Sendable {
    private let translations: [String: String]
    /// The templates with parts, the ones with most text of their own first, so that the first that fits fits best.
    private let readable: [Reading]

    /// A template cut at its places.
    fileprivate struct Reading: Sendable {
        let template: String
        let pieces: [String]
    }

    private static let chinese = PhraseCatalog(file: String(decoding: PackageResources.zh_txt, as: UTF8.self))

    /// The phrases of a language; `nil` for English, which needs none.
    package static func of(_ language: Language) -> PhraseCatalog? { language == .chinese ? chinese : nil }

    /// Reads a file; a line that is none of the four kinds is left out, and of two translations the first stands.
    package init(file: String) {
        var translations: [String: String] = [:]
        var template: String?
        for line in file.split(separator: "\n") {
            if line.hasPrefix("< ") {
                template = String(line.dropFirst(2))
            } else if line.hasPrefix("> "), let known = template {
                translations[known] = translations[known] ?? String(line.dropFirst(2))
                template = nil
            }
        }
        self.translations = translations
        readable = translations.keys.compactMap(Self.reading).sorted { one, two in
            let (left, right) = (one.pieces.joined().utf8.count, two.pieces.joined().utf8.count)
            return left == right ? one.template < two.template : left > right
        }
    }

    /// The templates that it has words for.
    package var templates: Set<String> { Set(translations.keys) }

    /// The translation of a template; `nil` where it has none.
    package func translation(of template: String) -> String? { translations[template] }

    /// The template that a text fits, with what stands at its places; `nil` where it fits none.
    /// - Complexity: O(templates × length).
    package func reading(_ text: String) -> (template: String, parts: [String])? {
        if translations[text] != nil { return (text, []) }
        for candidate in readable {
            if let parts = candidate.parts(in: text) { return (candidate.template, parts) }
        }
        return nil
    }

    /// A template whose places stand in order; one without a place is looked up whole, and one that is all place fits everything.
    private static func reading(_ template: String) -> Reading? {
        var pieces: [String] = []
        var rest = template[...]
        while let place = rest.firstRange(of: "{\(pieces.count + 1)}") {
            pieces.append(String(rest[..<place.lowerBound]))
            rest = rest[place.upperBound...]
        }
        guard !pieces.isEmpty else { return nil }
        pieces.append(String(rest))
        return pieces.allSatisfy(\.isEmpty) ? nil : Reading(template: template, pieces: pieces)
    }
}

extension PhraseCatalog.Reading {
    fileprivate func parts(in text: String) -> [String]? {
        guard text.hasPrefix(pieces[0]) else { return nil }
        var parts: [String] = []
        var rest = text.dropFirst(pieces[0].count)
        for piece in pieces.dropFirst().dropLast() {
            guard let found = rest.firstRange(of: piece) else { return nil }
            parts.append(String(rest[..<found.lowerBound]))
            rest = rest[found.upperBound...]
        }
        guard let last = pieces.last, rest.hasSuffix(last) else { return nil }
        parts.append(String(rest.dropLast(last.count)))
        return parts
    }
}
