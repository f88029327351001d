package import ArgumentParser
import SatchelSync

/// A sentence, or a part of one, that people read: written in English where it is said, and looked up by that in the language of the process.
///
/// What is interpolated becomes a part with a number: `"Last sync: \(age)."` is looked up as `Last sync: {1}.`, and a translation may put
/// its parts into another order. Parts stay as they are: what people typed is never translated.
package struct Phrase: Hashable, Sendable, ExpressibleByStringInterpolation, CustomStringConvertible {
    /// The English text with `{1}`, `{2}` … for its parts.
    package let template: String
    /// What stands in the place of those.
    package let parts: [String]

    /// Puts text between parts.
    package struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var template = ""
        fileprivate var parts: [String] = []

        package init(literalCapacity: Int, interpolationCount: Int) {
            template.reserveCapacity(literalCapacity + 3 * interpolationCount)
            parts.reserveCapacity(interpolationCount)
        }

        package mutating func appendLiteral(_ literal: String) { template += literal }

        package mutating func appendInterpolation(_ part: some CustomStringConvertible) {
            parts.append(part.description)
            template += "{\(parts.count)}"
        }
    }

    package init(stringLiteral value: String) { (template, parts) = (value, []) }

    package init(stringInterpolation: StringInterpolation) {
        (template, parts) = (stringInterpolation.template, stringInterpolation.parts)
    }

    /// A number and its noun, as `3 records`; `plural` is the noun with an `s` where it is not given.
    ///
    /// Both may carry a verb, as in `record waits` and `records wait`.
    package init(_ count: some BinaryInteger, _ noun: String, _ plural: String? = nil) {
        template = "{1} \(count == 1 ? noun : plural ?? noun + "s")"
        parts = ["\(count)"]
    }

    /// Text that was worded elsewhere, by a lower layer or by the server: looked up by the template that it fits.
    ///
    /// Text that fits none stays as it is.
    package init(reading text: String) {
        let read = PhraseCatalog.of(.current)?.reading(text)
        (template, parts) = (read?.template ?? "{1}", read?.parts ?? [text])
    }

    /// The phrase in the language of the process; in English where that has no words for it.
    package var description: String {
        (PhraseCatalog.of(.current)?.translation(of: template) ?? template).filled(with: parts)
    }
}

/// A phrase in the language of the process.
package func said(_ phrase: Phrase) -> String { phrase.description }

/// A number and its noun in the language of the process, as `3 records`.
package func said(_ count: some BinaryInteger, _ noun: String, _ plural: String? = nil) -> String {
    Phrase(count, noun, plural).description
}

extension ArgumentHelp {
    /// Help in the language of the process.
    package static func said(_ phrase: Phrase, name: String? = nil) -> ArgumentHelp {
        ArgumentHelp(stringLiteral: phrase.description).named(name)
    }

    private func named(_ name: String?) -> ArgumentHelp {
        var help = self
        help.valueName = name
        return help
    }
}

extension String {
    /// The text with its `{1}`, `{2}` … replaced by parts, in one pass: a part that looks like a place stays as it is.
    fileprivate func filled(with parts: [String]) -> String {
        guard !parts.isEmpty else { return self }
        var result = ""
        var rest = self[...]
        while let open = rest.firstIndex(of: "{") {
            result += rest[..<open]
            rest = rest[open...]
            guard let close = rest.firstIndex(of: "}"), let number = Int(rest[rest.index(after: open)..<close]),
                parts.indices.contains(number - 1)
            else {
                result += "{"
                rest = rest.dropFirst()
                continue
            }
            result += parts[number - 1]
            rest = rest[rest.index(after: close)...]
        }
        return result + rest
    }
}
